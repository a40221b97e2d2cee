"""What each requirement of an offer costs in people."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from matching.by_offer import judge_offer
from matching.groups import ONE_STEP, READY
from matching.index import Index
from matching.records import Offer, Requirement, RequirementKind
from matching.travel import Ints


class Counts(NamedTuple):
    """People in reach in groups 1 and 2."""

    ready: int
    one_step: int


class RequirementEffect(NamedTuple):
    """One requirement: the counts as it stands, and under two softer kinds."""

    requirement: Requirement
    now: Counts
    if_desired: Counts
    if_planned: Counts


def simulate(index: Index, offer: Offer) -> tuple[RequirementEffect, ...]:
    """One effect per requirement of the offer, in the order of the offer."""
    among, _ = index.people.around(offer.commune, index.communes)
    now = _counts(index, offer, among)
    rows = range(len(offer.requirements))
    return tuple(_effect(index, offer, row, now, among) for row in rows)


def _effect(index: Index, offer: Offer, row: int, now: Counts, among: Ints) -> RequirementEffect:
    requirement = offer.requirements[row]
    if not requirement.decides:
        return RequirementEffect(requirement, now, now, now)
    # Neither kind decides the group, so the two counts come from one computation.
    softened = replace(requirement, kind=RequirementKind.TRAINING_PLANNED)
    others = (*offer.requirements[:row], softened, *offer.requirements[row + 1 :])
    then = _counts(index, replace(offer, requirements=others), among)
    return RequirementEffect(requirement, now, then, then)


def _counts(index: Index, offer: Offer, among: Ints) -> Counts:
    judged = judge_offer(
        offer,
        index.people,
        index.sessions,
        index.communes,
        index.taxonomy,
        index.today.toordinal(),
        among=among,
    )
    group = judged.verdicts.group
    return Counts(int(np.sum(group == READY)), int(np.sum(group == ONE_STEP)))
