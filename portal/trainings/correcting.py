"""Corrections of what the catalogue does not say or says wrong.

A corrected session is marked: imports leave it as it was corrected. Each correction is an event
with its author, and says what stood before.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.enrolments.seats import Seating, count_taken
from portal.locks import lock_row
from portal.models import (
    CredentialType,
    FactOrigin,
    RecruitmentState,
    SessionCredential,
    SessionPrerequisite,
    SessionSkill,
    Skill,
    TrainingSession,
)
from portal.trainings.rules import Taken, can_hold

LEVELS = (1, 2, 3)


class CorrectionError(ValueError):
    """What was sent cannot stand; the caller says it in French."""


class TooFewSeatsError(CorrectionError):
    """The seats given to people, and those said to be left, are more than there would be."""

    def __init__(self, taken: int) -> None:
        super().__init__(f"{taken} seats are given")
        self.taken = taken


def record_item(
    session: Session,
    actor: Actor,
    *,
    row: TrainingSession,
    taken: Taken,
    kind: str,
    code: str,
    level: int | None,
) -> str:
    """Add an item, or change its level; give its label.

    Raises :class:`CorrectionError` for an unknown item, one that cannot stand there, or a skill
    without a level from 1 to 3.
    """
    model: Any = {"skill": Skill, "credential": CredentialType}.get(kind)
    found = session.get(model, code) if model and can_hold(taken, kind) else None
    if found is None or (kind == "skill" and level not in LEVELS):
        raise CorrectionError
    before = _place(row, taken, found, level)
    _mark(session, actor, row, "added", taken=taken.value, code=code, level=level, before=before)
    return str(found.label)


def _place(
    row: TrainingSession,
    taken: Taken,
    found: Skill | CredentialType,
    level: int | None,
) -> int | None:
    """Set the item where it stands; give the level it had there."""
    known: Any = find_item(row, taken, found.code)
    if taken is Taken.DELIVERED:
        if known is None:
            known = SessionCredential(credential_code=found.code, origin=FactOrigin.ENTERED)
            row.credentials.append(known)
        known.origin = FactOrigin.ENTERED
        return None
    before: int | None = known.level if known else None
    if taken is Taken.TAUGHT:
        if known is None:
            known = SessionSkill(skill_code=found.code, level=level, origin=FactOrigin.ENTERED)
            row.skills.append(known)
        known.origin, known.level = FactOrigin.ENTERED, level
    elif known is not None:
        known.level = level if isinstance(found, Skill) else None
    elif isinstance(found, Skill):
        row.prerequisites.append(SessionPrerequisite(skill_code=found.code, level=level))
    else:
        row.prerequisites.append(SessionPrerequisite(credential_code=found.code))
    return before


def find_item(
    row: TrainingSession, taken: Taken, code: str
) -> SessionSkill | SessionCredential | SessionPrerequisite | None:
    """What stands there under this code."""
    if taken is Taken.TAUGHT:
        return next((item for item in row.skills if item.skill_code == code), None)
    if taken is Taken.DELIVERED:
        return next((item for item in row.credentials if item.credential_code == code), None)
    return next(
        (item for item in row.prerequisites if code in (item.skill_code, item.credential_code)),
        None,
    )


def record_removal(
    session: Session, actor: Actor, *, row: TrainingSession, taken: Taken, code: str
) -> None:
    """Take an item away; raises :class:`CorrectionError` when it is not there."""
    item: Any = find_item(row, taken, code)
    if item is None:
        raise CorrectionError
    rows: dict[Taken, list[Any]] = {
        Taken.TAUGHT: row.skills,
        Taken.DELIVERED: row.credentials,
        Taken.REQUIRED: row.prerequisites,
    }
    rows[taken].remove(item)
    origin = getattr(item, "origin", None)
    _mark(
        session,
        actor,
        row,
        "removed",
        taken=taken.value,
        code=code,
        origin=origin.value if origin else None,
    )


def record_seats(
    session: Session,
    actor: Actor,
    *,
    row: TrainingSession,
    recruitment: RecruitmentState,
    seats: int | None,
    seats_left: int | None,
) -> None:
    """Set the seats and the state of recruitment; a full session has no seat left.

    Under the lock of the session (INV-02); a seat that appears goes to who waits. Raises
    :class:`TooFewSeatsError` for fewer seats than were given, or more left than the others leave.
    """
    lock_row(session, row)
    if recruitment is RecruitmentState.FULL:
        seats_left = 0
    taken = count_taken(session, row)
    if seats is not None and taken + (seats_left or 0) > seats:
        raise TooFewSeatsError(taken)
    before = {
        "recruitment": row.recruitment.value,
        "seats": row.seats,
        "seats_left": row.seats_left,
    }
    row.recruitment_corrected |= recruitment is not row.recruitment
    row.recruitment, row.seats, row.seats_left = recruitment, seats, seats_left
    _mark(session, actor, row, "seats", before=before, seats=seats, seats_left=seats_left)
    with Seating(session, row, actor):
        pass


def _mark(
    session: Session, actor: Actor, row: TrainingSession, what: str, **details: object
) -> None:
    row.corrected = True
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=row,
        name="session_corrected",
        reason=what,
        details=dict(details),
    )
    session.flush()
