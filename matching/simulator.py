"""What each requirement of an offer costs in people."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from matching.groups import ONE_STEP, READY
from matching.index import Index
from matching.records import Offer, Requirement, RequirementKind


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
    now = _counts(index, offer)
    return tuple(_effect(index, offer, row, now) for row in range(len(offer.requirements)))


def _effect(index: Index, offer: Offer, row: int, now: Counts) -> RequirementEffect:
    requirement = offer.requirements[row]
    if not requirement.decides:
        return RequirementEffect(requirement, now, now, now)
    # Neither kind decides the group, so the two counts come from one computation.
    softened = replace(requirement, kind=RequirementKind.TRAINING_PLANNED)
    others = (*offer.requirements[:row], softened, *offer.requirements[row + 1 :])
    then = _counts(index, replace(offer, requirements=others))
    return RequirementEffect(requirement, now, then, then)


def _counts(index: Index, offer: Offer) -> Counts:
    judged = index.judge_offer(offer)
    group = judged.verdicts.group[judged.in_reach]
    return Counts(int(np.sum(group == READY)), int(np.sum(group == ONE_STEP)))
