"""The dates of a cohort's phases, planned backward from the training (§3.5).

The lengths are dated data (``data/phases.csv``, INV-07). A phase moved by hand is pinned: it stays
where it was put, those before it are planned from it, and what does not fit any more is listed.
Phases after the training follow its end, each on its own: moving hires moves nobody's invitation.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.hubs.rules import ENDED_COHORT_STATES
from portal.locks import lock_row
from portal.matchmaking import cohorts as engine
from portal.models import Cohort, CohortPhase, CohortState, PhaseKind, TrainingSession
from portal.text import N_, typeset
from portal.web.filters import date_short

_FILE = Path(__file__).parent / "data" / "phases.csv"
_WEEK = timedelta(weeks=1)
_DAY = timedelta(days=1)
MOST_WEEKS = 52

_C = CohortState
#: The phases that have begun in each state: their past is no conflict.
_STATES_OF_PHASES = (
    (PhaseKind.SOURCING, _C.OPEN),
    (PhaseKind.INFORMATION, _C.INFORMATION),
    (PhaseKind.SELECTION, _C.SELECTION),
    (PhaseKind.IMMERSION, _C.IMMERSION),
    (PhaseKind.PREPARATION, _C.PREPARATION),
    (PhaseKind.TRAINING, _C.TRAINING),
    (PhaseKind.HIRING, _C.HIRING),
    (PhaseKind.FOLLOW_UP, _C.FOLLOW_UP),
)
_ORDER = list(_C)


class PlanError(ValueError):
    """What was asked of the dates cannot stand; the message is for the reader."""


@dataclass(frozen=True, slots=True)
class PhaseLength:
    """How long a phase is, and where it stands from the start or the end of the training."""

    kind: PhaseKind
    after_training: bool
    rule: engine.PhaseRule
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Every phase in the order of time, what does not fit, and the last day to invite."""

    phases: Sequence[engine.Phase]
    conflicts: Sequence[engine.DateConflict]
    act_before: date | None


@cache
def _lengths() -> tuple[PhaseLength, ...]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_length(row) for row in csv.DictReader(file))


def _length(row: Mapping[str, str]) -> PhaseLength:
    kind = PhaseKind(row["phase"])
    return PhaseLength(
        kind,
        row["anchor"] == "end",
        engine.PhaseRule(
            kind.value, int(row["weeks_before"]), int(row["weeks"]), row["recruits"] == "1"
        ),
        date.fromisoformat(row["valid_from"]),
        date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
    )


def lengths_on(day: date) -> list[PhaseLength]:
    """The lengths in force on a day; a new version adds lines to the file."""
    return [
        length
        for length in _lengths()
        if length.valid_from <= day and (length.valid_until is None or length.valid_until >= day)
    ]


def plan(cohort: Cohort, today: date) -> Plan:
    """The dates of every phase of a cohort that has a session, as they stand today."""
    training = _training_of(cohort)
    pinned = {row.kind: row for row in cohort.phases if row.pinned}
    lengths = lengths_on(today)
    begun = {phase.value for phase in _begun(cohort.state)}
    before = _schedule(
        training.start, [x for x in lengths if not x.after_training], pinned, today, begun
    )
    after = [
        _schedule(engine.open_on_or_after(training.end + _DAY), [length], pinned, today, begun)
        for length in lengths
        if length.after_training
    ]
    during = engine.Phase(PhaseKind.TRAINING.value, training.start, training.end)
    return Plan(
        [*before.phases, during, *(phase for found in after for phase in found.phases)],
        [*before.conflicts, *(conflict for found in after for conflict in found.conflicts)],
        before.act_before,
    )


def _training_of(cohort: Cohort) -> TrainingSession:
    if cohort.session is None:
        raise PlanError(_("Choisissez d’abord la session de formation."))
    return cohort.session


def weeks_of(row: CohortPhase) -> int:
    """How many weeks a phase lasts, one begun counting whole."""
    return -(-((row.end - row.start).days + 1) // 7)


def _begun(state: CohortState) -> list[PhaseKind]:
    reached = _ORDER.index(state)
    return [phase for phase, opened in _STATES_OF_PHASES if _ORDER.index(opened) <= reached]


def _schedule(
    start: date,
    lengths: Sequence[PhaseLength],
    pinned: Mapping[PhaseKind, CohortPhase],
    today: date,
    begun: set[str],
) -> engine.Schedule:
    rules = [length.rule for length in lengths]
    moved = {
        length.rule.code: pinned[length.kind].start for length in lengths if length.kind in pinned
    }
    weeks = {kind.value: weeks_of(row) for kind, row in pinned.items()}
    return engine.plan_backward(start, rules, today, moved, begun, weeks=weeks)


def conflict_text(conflict: engine.DateConflict) -> str:
    """A conflict as a sentence that says what to look at."""
    kinds = engine.ConflictKind
    names = {
        "phase": PhaseKind(conflict.phase).label,
        "day": date_short(conflict.day),
        "other": PhaseKind(conflict.with_phase).label if conflict.with_phase else "",
        "open": date_short(conflict.suggestion),
    }
    texts = {
        kinds.OVERLAP: N_(
            "«\u00a0%(phase)s\u00a0» déborde sur «\u00a0%(other)s\u00a0», qui commence le %(day)s."
        ),
        kinds.AFTER_START: N_(
            "«\u00a0%(phase)s\u00a0» finit le %(day)s, après le début de la formation."
        ),
        kinds.PAST: N_(
            "«\u00a0%(phase)s\u00a0» devait commencer le %(day)s\u00a0: cette date est passée."
        ),
        kinds.CLOSED_DAY: N_(
            "«\u00a0%(phase)s\u00a0» commence le %(day)s, un jour non ouvré."
            " Premier jour ouvré\u00a0: %(open)s."
        ),
        kinds.NO_OPEN_DAY: N_(
            "«\u00a0%(phase)s\u00a0», à partir du %(day)s, n’a aucun jour ouvré."
        ),
    }
    return typeset(_(texts[conflict.kind], **names))


def record_plan(session: Session, cohort: Cohort, today: date) -> None:
    """Write the dates of every phase again; call it whenever the session or a phase moves."""
    known = {row.kind: row for row in cohort.phases}
    for phase in plan(cohort, today).phases:
        kind = PhaseKind(phase.code)
        row = known.get(kind)
        if row is None:
            cohort.phases.append(CohortPhase(kind=kind, start=phase.start, end=phase.end))
        else:
            row.start, row.end = phase.start, phase.end
    session.flush()
    session.expire(cohort, ["phases"])


def follow_sessions(session: Session, today: date) -> int:
    """Upkeep: plan again the cohorts whose session an import moved; how many. The caller commits.

    The stored dates of the training are compared: pinned phases stay, and what fits no more shows.
    """
    training = and_(
        CohortPhase.kind == PhaseKind.TRAINING,
        or_(CohortPhase.start != TrainingSession.start, CohortPhase.end != TrainingSession.end),
    )
    moved = session.scalars(
        select(Cohort)
        .join(Cohort.session)
        .where(Cohort.state.not_in(ENDED_COHORT_STATES), Cohort.phases.any(training))
        .order_by(Cohort.id)
    ).all()
    for cohort in moved:
        lock_row(session, cohort)
        record_plan(session, cohort, today)
        record_event(session, actor=None, subject=cohort, name="session_moved")
    return len(moved)


def pin_phase(
    session: Session,
    actor: Actor,
    cohort: Cohort,
    kind: PhaseKind,
    *,
    start: date,
    weeks: int,
    today: date,
) -> None:
    """Put a phase where somebody wants it and plan the others again.

    Raises :class:`PlanError` for the training, whose dates are those of its session.
    """
    row = _movable(session, cohort, kind)
    before = row.start
    row.start, row.end, row.pinned = start, start + weeks * _WEEK - _DAY, True
    _replan(session, actor, cohort, "phase_moved", kind, today, before)


def free_phase(
    session: Session, actor: Actor, cohort: Cohort, kind: PhaseKind, *, today: date
) -> None:
    """Let a pinned phase follow the plan again."""
    row = _movable(session, cohort, kind)
    before = row.start
    row.pinned = False
    _replan(session, actor, cohort, "phase_freed", kind, today, before)


def _movable(session: Session, cohort: Cohort, kind: PhaseKind) -> CohortPhase:
    lock_row(session, cohort)
    row = next((phase for phase in cohort.phases if phase.kind is kind), None)
    if row is None or kind is PhaseKind.TRAINING:
        raise PlanError(_("Les dates de la formation sont celles de sa session."))
    return row


def _replan(
    session: Session,
    actor: Actor,
    cohort: Cohort,
    name: str,
    kind: PhaseKind,
    today: date,
    before: date,
) -> None:
    record_plan(session, cohort, today)
    after = next(row.start for row in cohort.phases if row.kind is kind)
    record_event(
        session,
        actor=actor,
        subject=cohort,
        name=name,
        details={"phase": kind.value, "before": before.isoformat(), "after": after.isoformat()},
    )
