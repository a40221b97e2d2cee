"""Presence week by week, and what was obtained: it feeds what is known of the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.enrolments import rules
from portal.enrolments.queries import unexplained_of
from portal.enrolments.rules import ENROLMENT_MACHINE
from portal.models import (
    AssertionSource,
    AttendanceWeek,
    BlockResult,
    Enrollment,
    EnrollmentState,
    ProofState,
    SessionCredential,
    SessionSkill,
)
from portal.people.queries.abilities import CredentialFact, record_credential, record_levels
from portal.people.rules import expiry_after

HALF_DAYS = 10
_MOST_HALF_DAYS = 14


@dataclass(frozen=True, slots=True)
class Week:
    """Half-days of a week: due, attended, and missed without a reason given."""

    monday: date
    due: int
    attended: int
    unexplained: int


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def record_week(session: Session, actor: Actor, *, enrolment: Enrollment, week: Week) -> None:
    """Keep a week; said again, it replaces what was said. The first one starts the training."""
    if enrolment.state not in rules.PRESENT_STATES:
        raise IllegalTransitionError(_("La présence se note à partir de l’entrée en formation."))
    _check_week(enrolment, week)
    row = session.scalar(
        select(AttendanceWeek).filter_by(enrollment_id=enrolment.id, monday=week.monday)
    )
    if row is None:
        row = AttendanceWeek(enrollment_id=enrolment.id, monday=week.monday)
        session.add(row)
    row.due, row.attended, row.unexplained = week.due, week.attended, week.unexplained
    row.by_id = actor.account.id
    session.flush()
    if enrolment.state is EnrollmentState.ENTERED:
        ENROLMENT_MACHINE.move(
            session, enrolment, EnrollmentState.IN_PROGRESS, actor=actor, name="in_progress"
        )


def _check_week(enrolment: Enrollment, week: Week) -> None:
    if week.monday != monday_of(week.monday):
        raise IllegalTransitionError(_("Une semaine commence un lundi."))
    rules.check_not_to_come(week.monday, clock.today())
    entered = enrolment.entered_on or enrolment.session.start
    if week.monday < monday_of(entered) or week.monday > enrolment.session.end:
        raise IllegalTransitionError(_("Cette semaine n’est pas dans la formation."))
    if not 0 <= week.due <= _MOST_HALF_DAYS or min(week.attended, week.unexplained) < 0:
        raise IllegalTransitionError(_("Le nombre de demi-journées n’est pas possible."))
    if week.attended + week.unexplained > week.due:
        raise IllegalTransitionError(
            _("Présences et absences dépassent les demi-journées prévues.")
        )


def record_absences_seen(session: Session, actor: Actor, *, enrolment: Enrollment) -> None:
    """The prescriber has spoken with the person: the alert waits for two more absences."""
    total = unexplained_of(session, [enrolment.id]).get(enrolment.id, 0)
    enrolment.absences_seen = total
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=enrolment,
        name="absences_seen",
        details={"unexplained": total},
    )


def record_block(
    session: Session, actor: Actor, *, enrolment: Enrollment, block: str, obtained: bool, on: date
) -> BlockResult:
    """A block of the certification, obtained or not yet; said again, it replaces."""
    _check_result(enrolment, on)
    name = " ".join(block.split())
    row = session.scalar(
        select(BlockResult).filter_by(enrollment_id=enrolment.id, block=name)
    ) or BlockResult(enrollment_id=enrolment.id, block=name)
    row.obtained, row.assessed_on, row.by_id = obtained, on, actor.account.id
    session.add(row)
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=enrolment,
        name="block",
        details={"block": name, "obtained": obtained},
    )
    return row


def record_assessed(
    session: Session,
    actor: Actor,
    *,
    enrolment: Enrollment,
    levels: Mapping[str, int],
    on: date,
) -> int:
    """What the trainers saw the person do, of what the session teaches; how many skills."""
    _check_result(enrolment, on)
    taught = {row.skill_code for row in list_taught(session, enrolment)}
    kept = [(code, level) for code, level in levels.items() if code in taught and 0 <= level <= 3]
    return record_levels(
        session,
        actor,
        person=enrolment.person,
        levels=kept,
        source=AssertionSource.ASSESSED,
        on=on,
        evidence=_evidence(enrolment),
    )


def record_certified(session: Session, actor: Actor, *, enrolment: Enrollment, on: date) -> int:
    """The whole certification: its skills are certified, its licences held. How many of both."""
    _check_result(enrolment, on)
    skills = [(row.skill_code, row.level) for row in list_taught(session, enrolment)]
    count = record_levels(
        session,
        actor,
        person=enrolment.person,
        levels=skills,
        source=AssertionSource.CERTIFIED,
        on=on,
        evidence=_evidence(enrolment),
    )
    delivered = list_delivered(session, enrolment)
    for row in delivered:
        expires = expiry_after(on, row.credential.validity_years)
        fact = CredentialFact(row.credential_code, True, on, expires, ProofState.VERIFIED)
        record_credential(session, actor, person=enrolment.person, fact=fact)
    record_event(
        session, actor=actor, subject=enrolment, name="certified", details={"on": on.isoformat()}
    )
    return count + len(delivered)


def list_taught(session: Session, enrolment: Enrollment) -> list[SessionSkill]:
    """The skills the session teaches."""
    query = select(SessionSkill).where(SessionSkill.session_id == enrolment.session_id)
    return list(session.scalars(query.order_by(SessionSkill.skill_code)))


def list_delivered(session: Session, enrolment: Enrollment) -> list[SessionCredential]:
    """The licences and certificates the session delivers."""
    query = select(SessionCredential).where(SessionCredential.session_id == enrolment.session_id)
    return list(session.scalars(query.order_by(SessionCredential.credential_code)))


def _check_result(enrolment: Enrollment, on: date) -> None:
    rules.check_not_to_come(on, clock.today())
    if enrolment.state not in rules.TRAINED_STATES:
        raise IllegalTransitionError(_("La personne n’est pas entrée dans cette formation."))
    if enrolment.entered_on is not None and on < enrolment.entered_on:
        raise IllegalTransitionError(_("Cette date précède l’entrée en formation."))


def _evidence(enrolment: Enrollment) -> str:
    return enrolment.session.action.program.title[:255]
