"""What happens to a positioning: named transitions, dated, with their author."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.enrolments import eligibility, rules
from portal.enrolments.habilitations import check_convention
from portal.enrolments.rules import ENROLMENT_MACHINE
from portal.enrolments.seats import Seating, check_can_admit
from portal.locks import lock_row
from portal.models import (
    AgreementChannel,
    Enrollment,
    EnrollmentReason,
    EnrollmentState,
    Person,
    RecruitmentState,
    Scheme,
    TrainingSession,
)

_S = EnrollmentState


@dataclass(frozen=True, slots=True)
class Proposed:
    """What came of proposing people: those proposed now, and how many already were."""

    rows: list[Enrollment]
    known: int


def propose(
    session: Session, actor: Actor, *, training_session: TrainingSession, people: Sequence[Person]
) -> Proposed:
    """Propose a session to people the actor follows; a positioning given up is taken up again."""
    check_open(training_session)
    lock_row(session, training_session)
    known = {row.person_id: row for row in _rows_of(session, training_session, people)}
    found = [_propose_one(session, actor, training_session, p, known.get(p.id)) for p in people]
    rows = [row for row in found if row is not None]
    return Proposed(rows, len(found) - len(rows))


def check_open(row: TrainingSession) -> None:
    """One can be positioned before the end of a session that is neither cancelled nor closed."""
    if row.recruitment in (RecruitmentState.CANCELLED, RecruitmentState.CLOSED):
        raise IllegalTransitionError(
            _("Cette session ne recrute plus : elle est annulée ou close.")
        )
    if row.end < clock.today():
        raise IllegalTransitionError(_("Cette session est terminée."))


def _rows_of(
    session: Session, row: TrainingSession, people: Sequence[Person]
) -> Sequence[Enrollment]:
    return session.scalars(
        select(Enrollment)
        .where(
            Enrollment.session_id == row.id, Enrollment.person_id.in_([one.id for one in people])
        )
        .execution_options(populate_existing=True)
    ).all()


def _propose_one(
    session: Session,
    actor: Actor,
    row: TrainingSession,
    person: Person,
    known: Enrollment | None,
) -> Enrollment | None:
    """The positioning, None when there is one under way."""
    if known is None:
        made = Enrollment(
            person=person,
            session=row,
            prescriber_id=actor.organisation.id,
            by_id=actor.account.id,
            state=_S.PROPOSED,
        )
        session.add(made)
        session.flush()
        record_event(
            session, actor=actor, subject=made, name="proposed", to_state=_S.PROPOSED.value
        )
        return made
    if known.state is not _S.CANCELLED:
        return None
    known.reason = known.agreed_at = known.agreed_channel = known.admitted_at = None
    known.prescriber_id, known.by_id = actor.organisation.id, actor.account.id
    _move(session, actor, known, _S.PROPOSED, "proposed_again")
    return known


def record_agreement(
    session: Session,
    actor: Actor,
    *,
    enrolment: Enrollment,
    channel: AgreementChannel,
    on: date,
) -> None:
    """The person said yes to the actor, that day, in that way."""
    rules.check_not_to_come(on, clock.today())
    enrolment.agreed_at = said_at(on)
    enrolment.agreed_channel = channel.value
    _move(session, actor, enrolment, _S.AGREED, "agreed", channel.value)


def said_at(on: date) -> datetime:
    """The moment kept for what somebody said that day: now, or noon of a day before."""
    if on == clock.today():
        return clock.now()
    return datetime.combine(on, time(12), tzinfo=clock.PARIS)


def position(
    session: Session, actor: Actor, *, enrolment: Enrollment, external_ref: str | None = None
) -> None:
    """Say to the organisation that this person comes: agreed, and by a structure that may.

    ``external_ref``: the reference that OUIFORM gave, typed.
    """
    row = enrolment.session
    check_open(row)
    rules.check_agreement(enrolment)
    check_scheme(row.scheme, row.start)
    check_convention(session, enrolment.prescriber, row.scheme, clock.today())
    record_reference(session, actor, enrolment=enrolment, external_ref=external_ref)
    _move(session, actor, enrolment, _S.POSITIONED, "positioned")


def check_scheme(scheme: Scheme | None, on: date) -> None:
    """A scheme that the law closed takes nobody any more; what replaces it is said (T-ENR-05)."""
    closed = eligibility.closing_rule(scheme, on) if scheme else None
    if closed is not None:
        raise IllegalTransitionError(closed.message)


def record_scheme(
    session: Session, actor: Actor, *, training_session: TrainingSession, scheme: Scheme | None
) -> None:
    """Say who pays for a session; never a scheme that is closed on its first day."""
    check_scheme(scheme, training_session.start)
    before = training_session.scheme
    training_session.scheme = scheme
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=training_session,
        name="scheme_said",
        from_state=before.value if before else None,
        to_state=scheme.value if scheme else None,
    )


def record_reference(
    session: Session, actor: Actor, *, enrolment: Enrollment, external_ref: str | None
) -> None:
    """Keep the reference that OUIFORM gave; two positionings never have the same one."""
    text = (external_ref or "").strip()
    if not text or text == enrolment.external_ref:
        return
    other = session.scalar(
        select(Enrollment.id).where(
            Enrollment.external_ref == text,
            Enrollment.id != enrolment.id,
            Enrollment.prescriber_id == enrolment.prescriber_id,
        )
    )
    if other is not None:
        raise IllegalTransitionError(_("Cette référence est déjà celle d’un autre positionnement."))
    enrolment.external_ref = text
    session.flush()
    record_event(
        session, actor=actor, subject=enrolment, name="reference", details={"reference": text}
    )


def invite(session: Session, actor: Actor, *, enrolment: Enrollment) -> None:
    """Invited to the information meeting."""
    _move(session, actor, enrolment, _S.INVITED, "invited")


def record_present(session: Session, actor: Actor, *, enrolment: Enrollment) -> None:
    """Came to the information meeting."""
    _move(session, actor, enrolment, _S.PRESENT, "info_present")


def record_absent(session: Session, actor: Actor, *, enrolment: Enrollment) -> None:
    """Did not come; can be invited again."""
    _move(session, actor, enrolment, _S.ABSENT, "info_absent")


def record_candidate(session: Session, actor: Actor, *, enrolment: Enrollment) -> None:
    """Wants to enter, and is looked at (again, perhaps)."""
    enrolment.reason = None
    _move(session, actor, enrolment, _S.CANDIDATE, "candidate")


def select_person(session: Session, actor: Actor, *, enrolment: Enrollment) -> None:
    """Kept by the organisation; the seat itself is given by the admission."""
    with Seating(session, enrolment.session, actor) as seats:
        seats.refreshed(enrolment).rank = None
        seats.move(enrolment, _S.SELECTED, "selected")


def put_to_wait(session: Session, actor: Actor, *, enrolment: Enrollment) -> None:
    """Kept, behind those who wait already."""
    with Seating(session, enrolment.session, actor) as seats:
        seats.wait(seats.refreshed(enrolment))


def admit(session: Session, actor: Actor, *, enrolment: Enrollment) -> bool:
    """Give a seat if one is left, else a rank. Whether the seat was given (INV-02)."""
    check_can_admit(enrolment.session)
    rules.check_agreement(enrolment)
    with Seating(session, enrolment.session, actor) as seats:
        return seats.admit(seats.refreshed(enrolment))


def record_refusal(
    session: Session, actor: Actor, *, enrolment: Enrollment, reason: EnrollmentReason
) -> None:
    """Not kept, with a reason of the closed list."""
    with Seating(session, enrolment.session, actor) as seats:
        seats.leave(seats.refreshed(enrolment), _S.NOT_SELECTED, "not_selected", reason)


def cancel(
    session: Session, actor: Actor, *, enrolment: Enrollment, reason: EnrollmentReason
) -> None:
    """The person renounces before the first day: the seat goes to who waits (T-ENR-04)."""
    with Seating(session, enrolment.session, actor) as seats:
        seats.leave(seats.refreshed(enrolment), _S.CANCELLED, "cancelled", reason)


def record_entry(session: Session, actor: Actor, *, enrolment: Enrollment, on: date) -> None:
    """The person came on the first day, or a later one."""
    rules.check_not_to_come(on, clock.today())
    rules.check_started(enrolment.session.start, on)
    enrolment.entered_on = on
    _move(session, actor, enrolment, _S.ENTERED, "entered")


def record_completion(session: Session, actor: Actor, *, enrolment: Enrollment, on: date) -> None:
    """The person stayed to the end."""
    rules.check_exit(enrolment.entered_on, on, clock.today())
    with Seating(session, enrolment.session, actor) as seats:
        seats.refreshed(enrolment).ended_on = on
        seats.move(enrolment, _S.COMPLETED, "completed")


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A person left before the end: on which words, after which last day of presence."""

    target: EnrollmentState
    reason: EnrollmentReason
    last_present_on: date | None
    note: str | None = None


def record_breakdown(
    session: Session, actor: Actor, *, enrolment: Enrollment, breakdown: Breakdown
) -> None:
    """Keep the exit with its reason, and how soon it was known."""
    today = clock.today()
    rules.check_exit(enrolment.entered_on, breakdown.last_present_on, today)
    name = "dropped" if breakdown.target is _S.DROPPED else "excluded"
    with Seating(session, enrolment.session, actor) as seats:
        seats.refreshed(enrolment)
        enrolment.last_present_on = breakdown.last_present_on or enrolment.last_present_on
        enrolment.exit_recorded_on = today
        enrolment.ended_on = enrolment.last_present_on or today
        enrolment.note = breakdown.note or enrolment.note
        seats.leave(enrolment, breakdown.target, name, breakdown.reason)


def _move(
    session: Session,
    actor: Actor,
    enrolment: Enrollment,
    target: EnrollmentState,
    name: str,
    reason: str | None = None,
) -> None:
    ENROLMENT_MACHINE.move(session, enrolment, target, actor=actor, name=name, reason=reason)
