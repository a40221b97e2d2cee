"""The questions worth asking a person: whose answer moves most offers out of « to check »."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from math import lcm
from typing import NamedTuple

import numpy as np

from matching.groups import TO_CHECK
from matching.index import Index
from matching.ordering import Interest
from matching.ranking import interests_of
from matching.records import Person
from matching.requirements import UNKNOWN, Subject, SubjectKind
from matching.travel import Ints


class Question(NamedTuple):
    """An unknown skill or credential. ``weight``: the sum of 1/|U| over the ``pairs`` pairs."""

    kind: SubjectKind
    id: str
    weight: float
    pairs: int


def useful_questions(index: Index, person: Person, limit: int = 3) -> tuple[Question, ...]:
    """The most useful questions, best first (equal ones: skills first, then by id).

    Counted over the pairs of the person's own list in the group « to check ».
    """
    judged = index.judge_person(person)
    table, rows = index.offers, index.offers.requirements
    interest = interests_of(person, table.occupations, index.taxonomy)[table.occupation]
    listed = judged.in_reach & (interest != Interest.DISLIKED)
    to_check = listed & (judged.verdicts.group == TO_CHECK)
    asked = rows.decides & (judged.outcomes == UNKNOWN) & to_check[rows.owner]
    weights: dict[int, dict[int, int]] = defaultdict(dict)
    for number, size, pairs in _pairs_by_size(
        rows.subject[asked], rows.owner[asked], judged.terms.unknown
    ):
        weights[number][size] = pairs
    subjects = list(rows.subjects)
    exact = [(subjects[number], sizes) for number, sizes in weights.items()]
    # Weights in a common unit: whole numbers, so that equal weights are seen as equal.
    unit = lcm(*{size for sizes in weights.values() for size in sizes})
    ranked = sorted(
        (-_weight(sizes, unit), *_key(about), sum(sizes.values())) for about, sizes in exact
    )
    return tuple(
        Question(SubjectKind(kind), name, float(Fraction(-weight, unit)), pairs)
        for weight, _, kind, name, pairs in ranked[:limit]
    )


def _pairs_by_size(subject: Ints, owner: Ints, unknown: Ints) -> list[tuple[int, int, int]]:
    """For each subject and each |U|, the number of pairs where the subject is unknown.

    An offer that asks the same skill twice is still one pair for that question.
    """
    owners, most = len(unknown), int(unknown.max(initial=0)) + 1
    pair = np.unique(subject * owners + owner)
    subject, owner = np.divmod(pair, max(1, owners))
    keys, counts = np.unique(subject * most + unknown[owner], return_counts=True)
    return [(*divmod(key, most), n) for key, n in zip(keys.tolist(), counts.tolist(), strict=True)]


def _weight(sizes: dict[int, int], unit: int) -> int:
    """How many times 1/``unit``; every size divides ``unit``."""
    return sum([pairs * (unit // size) for size, pairs in sizes.items()])


def _key(about: Subject) -> tuple[bool, str, str]:
    return about.kind is not SubjectKind.SKILL, about.kind.value, about.id
