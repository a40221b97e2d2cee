"""What a cohort does to the seats of its session: one seat, seen from both sides (INV-02).

The caller holds the lock of the cohort; every function here then takes the one of the session,
always in that order. The cohort tells the session, never the other way round
(docs/decisions/0009-seats.md).
"""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError, Machine
from portal.enrolments import rules
from portal.enrolments.actions import check_scheme, said_at
from portal.enrolments.habilitations import check_convention
from portal.enrolments.rules import COHORT_MACHINE, ENROLMENT_MACHINE
from portal.enrolments.seats import Seating, check_can_admit
from portal.models import (
    SEATED_STATES,
    CohortMembership,
    Enrollment,
    EnrollmentReason,
    EnrollmentState,
    ExitReason,
    TrainingSession,
)

_S, _R, _X = EnrollmentState, EnrollmentReason, ExitReason
_REASONS = {
    _X.NOT_LIKED: _R.NOT_SUITED,
    _X.JOB_FOUND: _R.JOB_FOUND,
    _X.OTHER_TRAINING: _R.OTHER_SESSION,
    _X.HEALTH_FAMILY: _R.HEALTH_FAMILY,
    _X.CHILDCARE: _R.CHILDCARE,
    _X.TRAVEL: _R.DISTANCE,
    _X.MONEY: _R.MONEY,
    _X.UNREACHABLE: _R.UNREACHABLE,
}
#: Not sent to the organisation yet, or given up: the gates of a positioning are still to pass.
_TO_SEND = rules.PRIVATE_STATES | {_S.CANCELLED}


def get_enrolment(session: Session, membership: CohortMembership) -> Enrollment | None:
    """The positioning of a member in the session of the cohort, as it is in the database now."""
    return session.scalar(
        select(Enrollment)
        .where(
            Enrollment.session_id == membership.cohort.session_id,
            Enrollment.person_id == membership.person_id,
        )
        .execution_options(populate_existing=True)
    )


def admit(session: Session, actor: Actor | None, membership: CohortMembership) -> None:
    """Give the member a seat of the session, or raise :class:`IllegalTransitionError`.

    The positioning is made, or brought to the admission, with the answer that the person gave to
    the cohort. What the session settled on the way (a hold that ended) stays when it is refused:
    the admissions of several people go on in the same transaction.
    """
    row = _session_of(membership)
    check_can_admit(row)
    with Seating(session, row, actor) as seats:
        seats.settle()
        enrolment = get_enrolment(session, membership)
        refused = _refusal(session, seats, membership, enrolment)
        if refused is None:
            enrolment = enrolment or _make(session, actor, membership)
            _seat(session, actor, seats, membership, enrolment)
    if refused is not None:
        raise refused


def _session_of(membership: CohortMembership) -> TrainingSession:
    row = membership.cohort.session
    if row is None:
        raise TypeError("the cohort has no session")
    return row


def _refusal(
    session: Session,
    seats: Seating,
    membership: CohortMembership,
    enrolment: Enrollment | None,
) -> IllegalTransitionError | None:
    """Why no seat is given, None when one is (or was already)."""
    try:
        _check(session, seats, membership, enrolment)
    except IllegalTransitionError as refused:
        return refused
    return None


def _check(
    session: Session,
    seats: Seating,
    membership: CohortMembership,
    enrolment: Enrollment | None,
) -> None:
    row = _session_of(membership)
    if enrolment is not None and enrolment.state in SEATED_STATES:
        return
    if enrolment is None or enrolment.state in _TO_SEND:
        check_scheme(row.scheme, row.start)
        check_convention(session, membership.prescriber, row.scheme, clock.today())
    if enrolment is not None and enrolment.state is not _S.SELECTED:
        _check_follows(COHORT_MACHINE, enrolment, _S.SELECTED)
    held = enrolment is not None and enrolment.hold_until is not None
    if not held and seats.free() < 1:
        raise IllegalTransitionError(_("La session de formation n’a plus de place."))


def _make(session: Session, actor: Actor | None, membership: CohortMembership) -> Enrollment:
    made = Enrollment(
        person_id=membership.person_id,
        session_id=membership.cohort.session_id,
        prescriber_id=membership.prescriber_id,
        by_id=actor.account.id if actor else membership.by_id,
        state=_S.SUGGESTED,
    )
    session.add(made)
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=made,
        name="made_by_cohort",
        to_state=_S.SUGGESTED.value,
        details=_source(membership),
    )
    return made


def _seat(
    session: Session,
    actor: Actor | None,
    seats: Seating,
    membership: CohortMembership,
    enrolment: Enrollment,
) -> None:
    if enrolment.state in SEATED_STATES:
        return
    if enrolment.state is _S.CANCELLED:
        enrolment.agreed_at = enrolment.agreed_channel = enrolment.admitted_at = None
        enrolment.prescriber_id = membership.prescriber_id
    if enrolment.agreed_at is None and membership.answered_on and membership.answer_channel:
        enrolment.agreed_at = said_at(membership.answered_on)
        enrolment.agreed_channel = membership.answer_channel.value
    if enrolment.state is not _S.SELECTED:
        session.flush()
        _move(session, actor, membership, enrolment, _S.SELECTED, "selected_by_cohort")
    seats.admit(enrolment)


def give_back(session: Session, actor: Actor | None, membership: CohortMembership) -> None:
    """The member was admitted by mistake: kept again, and the seat goes to who waits."""
    if get_enrolment(session, membership) is None:
        return
    with Seating(session, _session_of(membership), actor):
        enrolment = get_enrolment(session, membership)
        if enrolment is not None and enrolment.state is _S.ADMITTED:
            enrolment.admitted_at = None
            _move(session, actor, membership, enrolment, _S.SELECTED, "seat_given_back")


def end(
    session: Session, actor: Actor | None, membership: CohortMembership, reason: ExitReason
) -> None:
    """The member leaves: the positioning ends with the matching reason, its seat is free.

    What is not kept yet is left to its prescriber, and an end that is written stays.
    """
    if get_enrolment(session, membership) is None:
        return
    with Seating(session, _session_of(membership), actor) as seats:
        enrolment = get_enrolment(session, membership)
        if enrolment is None:
            return
        if enrolment.state in (_S.SELECTED, _S.ADMITTED):
            seats.leave(enrolment, _S.CANCELLED, "cancelled", _cancelled_for(reason))
        elif enrolment.state in rules.PRESENT_STATES:
            today = clock.today()
            enrolment.exit_recorded_on = today
            enrolment.ended_on = enrolment.last_present_on or today
            seats.leave(enrolment, _S.DROPPED, "dropped", _dropped_for(reason))


def _cancelled_for(reason: ExitReason) -> EnrollmentReason:
    return _REASONS.get(reason, _R.OTHER)


def _dropped_for(reason: ExitReason) -> EnrollmentReason:
    found = _cancelled_for(reason)
    return found if found in rules.DROP_REASONS else _R.OTHER


def enter(session: Session, actor: Actor | None, membership: CohortMembership) -> None:
    """The member is in training: the entry is declared today, unless it was already."""
    row, today = _session_of(membership), clock.today()
    rules.check_started(row.start, today)
    if get_enrolment(session, membership) is None:
        admit(session, actor, membership)
    with Seating(session, row, actor) as seats:
        enrolment = get_enrolment(session, membership)
        if enrolment is None or enrolment.state in rules.PRESENT_STATES | {_S.COMPLETED}:
            return
        _check_follows(ENROLMENT_MACHINE, enrolment, _S.ENTERED)
        enrolment.entered_on = today
        seats.move(enrolment, _S.ENTERED, "entered")


def complete(session: Session, actor: Actor | None, membership: CohortMembership) -> None:
    """The member stayed to the end, on the last day of the session at the latest."""
    if get_enrolment(session, membership) is None:
        return
    row = _session_of(membership)
    with Seating(session, row, actor) as seats:
        enrolment = get_enrolment(session, membership)
        if enrolment is None or enrolment.state is _S.COMPLETED:
            return
        _check_follows(ENROLMENT_MACHINE, enrolment, _S.COMPLETED)
        day = min(clock.today(), row.end)
        enrolment.ended_on = max(day, enrolment.entered_on or day)
        seats.move(enrolment, _S.COMPLETED, "completed")


def _check_follows(
    machine: Machine[EnrollmentState], enrolment: Enrollment, target: EnrollmentState
) -> None:
    """Refuse before anything is written: the others of the cohort move in this transaction."""
    if not machine.allows(enrolment.state, target):
        raise IllegalTransitionError(
            _(
                "Dans la session, le positionnement en est à «\u00a0%(state)s\u00a0»\u00a0:"
                " voyez d’abord avec l’organisme.",
                state=enrolment.state.label,
            )
        )


def _move(
    session: Session,
    actor: Actor | None,
    membership: CohortMembership,
    enrolment: Enrollment,
    target: EnrollmentState,
    name: str,
) -> None:
    details = _source(membership)
    # No query from here to the move: what is cancelled keeps its reason until its state changes.
    enrolment.reason = None
    COHORT_MACHINE.move(session, enrolment, target, actor=actor, name=name, details=details)


def _source(membership: CohortMembership) -> dict[str, str]:
    return {"cohort": membership.cohort.public_id}
