"""Why no scenario reaches the goal, with the nearest dates: for the unmet-needs register."""

from __future__ import annotations

from datetime import date
from math import inf

import numpy as np

from matching.pathways.plans import (
    Blocker,
    BlockReason,
    NearMiss,
    StepKind,
    UnmetNeed,
)
from matching.pathways.situation import Situation
from matching.records import Prerequisite, Session
from matching.requirements import Outcome, level_of, subject_of
from matching.sessions import SessionTable

NEAREST = 3


def job_blockers(situation: Situation) -> tuple[Blocker, ...]:
    """What keeps the job itself out of reach, whatever the training."""
    blockers = []
    commune = situation.target.commune
    if commune is not None and not situation.in_reach(situation.minutes_to([commune])[commune]):
        blockers.append(Blocker(None, BlockReason.JOB_OUT_OF_REACH))
    if situation.first_hire > situation.target.latest:
        first = date.fromordinal(situation.first_hire)
        blockers.append(Blocker(None, BlockReason.PERSON_TOO_LATE, nearest_date=first))
    return tuple(blockers)


def unmet_need(situation: Situation, table: SessionTable) -> UnmetNeed:
    """The blocking facts: the job, else the gaps that no session closes in time.

    When each gap could be closed alone, they are all listed as not fitting together.
    """
    target = situation.target
    blockers = job_blockers(situation) or _gap_blockers(situation, table)
    return UnmetNeed(target.id, date.fromordinal(target.latest), blockers)


def _gap_blockers(situation: Situation, table: SessionTable) -> tuple[Blocker, ...]:
    gaps = [
        need
        for need in situation.target.needs
        if situation.outcome(need, situation.first_hire) is Outcome.GAP
    ]
    judged = [_judge(situation, need, table) for need in gaps]
    blocking = [b for b in judged if b.reason is not BlockReason.DO_NOT_FIT_TOGETHER]
    return tuple(blocking or judged)


def _judge(situation: Situation, need: Prerequisite, table: SessionTable) -> Blocker:
    mask = table.covering(subject_of(need), level_of(need))
    covering = [table.sessions[n] for n in np.flatnonzero(mask)]
    minutes = situation.minutes_to(s.commune for s in covering if s.commune is not None)
    misses = [
        _miss(situation, s, None if s.commune is None else minutes[s.commune]) for s in covering
    ]
    if not misses:
        return Blocker(need, BlockReason.NO_SESSION)
    best = min(misses, key=_closeness)
    dated = [m.end for m in misses if m.reason in _DATED]
    return Blocker(
        need,
        best.reason,
        tuple(sorted(misses, key=_closeness)[:NEAREST]),
        min(dated, default=None),
    )


_NEAREST_FIRST = (
    BlockReason.DO_NOT_FIT_TOGETHER,
    BlockReason.PREREQUISITE,
    BlockReason.ENDS_TOO_LATE,
    BlockReason.FULL,
    BlockReason.OUT_OF_REACH,
    BlockReason.STARTS_TOO_SOON,
)
_DATED = frozenset(
    {BlockReason.DO_NOT_FIT_TOGETHER, BlockReason.PREREQUISITE, BlockReason.ENDS_TOO_LATE}
)


def _closeness(miss: NearMiss) -> tuple[int, date, str]:
    return (_NEAREST_FIRST.index(miss.reason), miss.end, miss.session)


def _miss(situation: Situation, session: Session, minutes: float | None) -> NearMiss:
    """The first fault that nothing but another session could mend, the hardest first."""
    reason = _reason(situation, session, minutes)
    known = None if minutes == inf else minutes
    return NearMiss(session.id, session.start, session.end, reason, known)


def _reason(situation: Situation, session: Session, minutes: float | None) -> BlockReason:
    start, end = session.start.toordinal(), session.end.toordinal()
    if start < situation.floor(StepKind.TRAINING):
        return BlockReason.STARTS_TOO_SOON
    if minutes is not None and not situation.in_reach(minutes):
        return BlockReason.OUT_OF_REACH
    if session.seats_left <= 0:
        return BlockReason.FULL
    if end > situation.target.latest:
        return BlockReason.ENDS_TOO_LATE
    outcomes = situation.outcomes(list(session.prerequisites), start)
    if Outcome.GAP in outcomes:
        return BlockReason.PREREQUISITE
    return BlockReason.DO_NOT_FIT_TOGETHER
