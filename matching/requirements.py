"""One requirement, one person: met, unknown or gap.

A skill and a credential are judged by the same comparison. What a person is known to
hold is a number: the level of a skill, the last valid day of a credential (``FOREVER``
when it never expires, ``ABSENT`` when it is known to be absent). What is required is a
threshold: a level, or the day on which the credential must still be valid. A number at
or above the threshold is met, a lower one is a gap, no number at all is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.records import DECIDING_KINDS, Person, Prerequisite, RequirementKind
from matching.travel import Bools, Ints

UNHEARD = -1
ABSENT = 0
FOREVER = 2**31 - 1

MET, UNKNOWN, GAP = 0, 1, 2
Outcomes = NDArray[np.int8]
# Whether a kind decides the group, and whether it is only desired; a prerequisite decides.
_PARTS: Mapping[RequirementKind | None, tuple[bool, bool]] = {None: (True, False)} | {
    kind: (kind in DECIDING_KINDS, kind is RequirementKind.DESIRED) for kind in RequirementKind
}
GroupOf = Callable[[str], str | None]
Key = TypeVar("Key")


class SubjectKind(StrEnum):
    """What a requirement is about."""

    SKILL = "skill"
    CREDENTIAL = "credential"


class Subject(NamedTuple):
    """A skill or a credential, whatever the level or the date."""

    kind: SubjectKind
    id: str


class Outcome(StrEnum):
    """The class of a requirement for a person."""

    MET = "met"
    UNKNOWN = "unknown"
    GAP = "gap"


OUTCOMES = (Outcome.MET, Outcome.UNKNOWN, Outcome.GAP)


def subject_of(need: Prerequisite) -> Subject:
    """What a requirement is about."""
    if need.skill is not None:
        return Subject(SubjectKind.SKILL, need.skill)
    return Subject(SubjectKind.CREDENTIAL, str(need.credential))


def level_of(need: Prerequisite) -> int:
    """The level a session must teach to cover the requirement; 0 for a credential."""
    return need.level or 0


def threshold_of(need: Prerequisite, on: int) -> int:
    """What a fact must reach, for a requirement judged on day ``on`` (an ordinal)."""
    return on if need.level is None else need.level


def classify(facts: Ints, thresholds: Ints) -> Outcomes:
    """``MET``, ``UNKNOWN`` or ``GAP`` for each fact against its threshold (same shapes)."""
    outcome = np.where(facts >= thresholds, MET, GAP)
    return np.where(facts < 0, UNKNOWN, outcome).astype(np.int8)


def facts_of(person: Person) -> dict[Subject, int]:
    """What is known of a person, as numbers. A credential held wins over one said absent."""
    facts = {Subject(SubjectKind.CREDENTIAL, c): ABSENT for c in person.no_credentials}
    for credential, expiry in person.credentials.items():
        last_day = FOREVER if expiry is None else expiry.toordinal()
        facts[Subject(SubjectKind.CREDENTIAL, credential)] = last_day
    for skill, level in person.skills.items():
        facts[Subject(SubjectKind.SKILL, skill)] = level
    return facts


def best_by_group(person: Person, group_of: GroupOf) -> dict[str, int]:
    """The best level a person holds in each group of skills."""
    best: dict[str, int] = {}
    for skill, level in person.skills.items():
        group = group_of(skill)
        if group is not None and level > best.get(group, UNHEARD):
            best[group] = level
    return best


@dataclass(frozen=True, slots=True)
class RequirementTable:
    """All the requirements of many owners (offers, or sessions), one row each.

    ``owner``, ``subject``, ``threshold``, ``group`` (-1: none), ``decides`` and ``desired``
    have one element per requirement, in the order of the owners.
    """

    owners: int
    owner: Ints
    subject: Ints
    threshold: Ints
    group: Ints
    decides: Bools
    desired: Bools
    subjects: Mapping[Subject, int]
    groups: Mapping[str, int]

    @classmethod
    def build(
        cls, owned: Sequence[tuple[Sequence[Prerequisite], int]], group_of: GroupOf
    ) -> RequirementTable:
        """From, for each owner, its requirements and the day (ordinal) they are judged on."""
        subjects: dict[Subject, int] = {}
        groups: dict[str, int] = {}
        rows: list[tuple[int, int, int, int, bool, bool]] = []
        known: dict[tuple[str | None, str | None], tuple[int, int]] = {}
        for owner, (needs, on) in enumerate(owned):
            for need in needs:
                about = (need.skill, need.credential)
                if about not in known:
                    group = group_of(need.skill) if need.skill is not None else None
                    known[about] = (
                        subjects.setdefault(subject_of(need), len(subjects)),
                        -1 if group is None else groups.setdefault(group, len(groups)),
                    )
                number, family = known[about]
                decides, desired = _PARTS[getattr(need, "kind", None)]
                at = on if need.level is None else need.level
                rows.append((owner, number, at, family, decides, desired))
        flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=6 * len(rows))
        owner_of, subject, threshold, group_ids, decide, desire = flat.reshape(-1, 6).T.copy()
        return cls(
            len(owned),
            owner_of,
            subject,
            threshold,
            group_ids,
            decide.astype(np.bool_),
            desire.astype(np.bool_),
            subjects,
            groups,
        )

    def taking(self, owners: Ints) -> RequirementTable:
        """The rows of these owners alone, given in order; subjects and groups keep numbers."""
        number = np.full(self.owners, -1, dtype=np.int64)
        number[owners] = np.arange(len(owners))
        kept = self.rows_of(owners)
        return RequirementTable(
            len(owners),
            number[self.owner[kept]],
            self.subject[kept],
            self.threshold[kept],
            self.group[kept],
            self.decides[kept],
            self.desired[kept],
            self.subjects,
            self.groups,
        )

    def rows_of(self, owners: Ints) -> Ints:
        """The numbers of the rows of these owners."""
        wanted = np.zeros(self.owners, dtype=np.bool_)
        wanted[owners] = True
        return np.flatnonzero(wanted[self.owner])

    def then(self, others: RequirementTable) -> RequirementTable:
        """The rows, and after them those of other owners."""
        subjects, subject = _merged(self.subjects, others.subjects)
        groups, group = _merged(self.groups, others.groups)
        # Group -1 (none) reads the spare last cell.
        group = np.append(group, -1)
        return RequirementTable(
            self.owners + others.owners,
            np.append(self.owner, others.owner + self.owners),
            np.append(self.subject, subject[others.subject]),
            np.append(self.threshold, others.threshold),
            np.append(self.group, group[others.group]),
            np.append(self.decides, others.decides),
            np.append(self.desired, others.desired),
            subjects,
            groups,
        )

    def outcomes(self, facts: Mapping[Subject, int]) -> Outcomes:
        """The class of every row for one person."""
        return classify(_spread(facts, self.subjects)[self.subject], self.threshold)

    def backed(self, outcomes: Outcomes, best: Mapping[str, int]) -> Bools:
        """Which unknown rows a skill of the same group backs, at the level or above."""
        levels = _spread(best, self.groups)
        # Group -1 (none) reads the spare last cell, which is below every threshold.
        backed: Bools = levels[self.group] >= self.threshold
        backed &= outcomes == UNKNOWN
        return backed

    def count(self, rows: Bools) -> Ints:
        """How many of the chosen rows each owner has."""
        return np.bincount(self.owner[rows], minlength=self.owners)


def _merged(known: Mapping[Key, int], others: Mapping[Key, int]) -> tuple[dict[Key, int], Ints]:
    """The names known and the others after them, and the number of each of the others."""
    numbers = dict(known)
    found = [numbers.setdefault(name, len(numbers)) for name in others]
    return numbers, np.array(found, dtype=np.int64)


def _spread(known: Mapping[Key, int], numbers: Mapping[Key, int]) -> Ints:
    """A vector by number, ``UNHEARD`` where nothing is known, with one spare cell at the end."""
    vector = np.full(len(numbers) + 1, UNHEARD, dtype=np.int64)
    for key, value in known.items():
        number = numbers.get(key)
        if number is not None:
            vector[number] = value
    return vector


def backing_skills(need: Prerequisite, person: Person, group_of: GroupOf) -> tuple[str, ...]:
    """The person's skills of the same group at the required level or above, sorted."""
    group = group_of(need.skill) if need.skill is not None else None
    if group is None:
        return ()
    return tuple(
        sorted(
            skill
            for skill, level in person.skills.items()
            if level >= level_of(need) and group_of(skill) == group
        )
    )
