"""Which moves a pathway and its steps may make, and how many hours a week it may ask.

Pure: steps and dates in, decisions out (domain reference §4.3 and INV-05).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from portal.access.transitions import Machine
from portal.models import (
    CURRENT_PATHWAY_STATES,
    BreakdownReason,
    PathwayState,
    PathwayStep,
    StepKind,
    StepState,
)

_P, _S = PathwayState, StepState

PATHWAY = Machine[PathwayState](
    {
        _P.DRAFT: frozenset({_P.PROPOSED, _P.REPLACED}),
        _P.PROPOSED: frozenset({_P.ACCEPTED, _P.DECLINED, _P.REPLACED}),
        _P.ACCEPTED: frozenset({_P.IN_PROGRESS, _P.BROKEN, _P.REPLACED}),
        _P.IN_PROGRESS: frozenset({_P.PAUSED, _P.REACHED, _P.BROKEN, _P.REPLACED}),
        _P.PAUSED: frozenset({_P.IN_PROGRESS, _P.BROKEN, _P.REPLACED}),
    }
)

STEP = Machine[StepState](
    {
        _S.TO_DO: frozenset({_S.IN_PROGRESS, _S.DONE, _S.CANCELLED}),
        _S.IN_PROGRESS: frozenset({_S.DONE, _S.CANCELLED}),
    }
)

MOST_WEEKLY_HOURS = 48
USUAL_WEEKLY_HOURS = 35
MOST_OTHER_STEPS = 6

#: Why a proposal is not wanted: what the person can say of something not begun.
DECLINE_REASONS = tuple(
    reason
    for reason in BreakdownReason
    if reason not in (BreakdownReason.UNREACHABLE, BreakdownReason.CANCELLED)
)
#: Steps one can shape by hand. Questions and barriers follow what is known of the person.
REMOVABLE_KINDS = frozenset({StepKind.IMMERSION, StepKind.TRAINING, StepKind.OTHER})
CHANGEABLE_KINDS = REMOVABLE_KINDS | {StepKind.HIRE}
#: Milestones: one day on which something must be known or solved; they occupy nobody.
MILESTONES = frozenset({StepKind.CHECK, StepKind.BARRIER})
EDITABLE_STATES = CURRENT_PATHWAY_STATES | {_P.DRAFT, _P.PROPOSED}
_OPEN_STEPS = (_S.TO_DO, _S.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Load:
    """What a week asks from ``day`` on: the hours known, and the steps whose hours are not."""

    day: date
    hours: float
    titles: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def is_too_much(self) -> bool:
        """Refused (INV-05)."""
        return self.hours > MOST_WEEKLY_HOURS

    @property
    def is_heavy(self) -> bool:
        """Said, not refused (INV-05)."""
        return self.hours > USUAL_WEEKLY_HOURS

    @property
    def is_uncertain(self) -> bool:
        """Several steps share the week and the hours of one are not known."""
        return bool(self.unknown) and len(self.titles) > 1


def weekly_loads(steps: Iterable[PathwayStep]) -> list[Load]:
    """The hours a week from each day on which a step begins; a job goes on after its first day."""
    busy = [s for s in steps if s.kind not in MILESTONES and s.state in _OPEN_STEPS]
    return [_load(busy, day) for day in sorted({step.start for step in busy})]


def _load(steps: Sequence[PathwayStep], day: date) -> Load:
    there = [s for s in steps if s.start <= day and (s.kind is StepKind.HIRE or day <= s.end)]
    return Load(
        day=day,
        hours=sum(s.weekly_hours or 0 for s in there),
        titles=tuple(s.title for s in there),
        unknown=tuple(s.title for s in there if s.weekly_hours is None),
    )


def is_open(step: PathwayStep) -> bool:
    """Neither done nor cancelled."""
    return step.state in _OPEN_STEPS


def is_late(step: PathwayStep, today: date) -> bool:
    """It should have begun, or ended, and nobody has said so."""
    if step.state is _S.TO_DO:
        return step.start < today
    return step.state is _S.IN_PROGRESS and step.end < today


def next_step(steps: Iterable[PathwayStep]) -> PathwayStep | None:
    """The first step, in the order of the pathway, that is neither done nor cancelled."""
    return next((step for step in steps if is_open(step)), None)


def next_step_states(pathway_state: PathwayState, step: PathwayStep) -> list[StepState]:
    """Where a step may go now; the hire goes with the pathway, and a milestone is done at once."""
    if pathway_state is not _P.IN_PROGRESS or step.kind is StepKind.HIRE:
        return []
    allowed = [target for target in StepState if STEP.allows(step.state, target)]
    return [t for t in allowed if not (step.kind in MILESTONES and t is _S.IN_PROGRESS)]


def in_order(steps: Iterable[PathwayStep]) -> list[PathwayStep]:
    """The order of time; on one day milestones come first and the hire last."""
    rank = {StepKind.CHECK: 0, StepKind.BARRIER: 1, StepKind.HIRE: 3}
    return sorted(steps, key=lambda s: (s.start, rank.get(s.kind, 2), s.end, s.title))
