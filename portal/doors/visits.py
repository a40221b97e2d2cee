"""How long each way of coming in lasts, and what it opens."""

from __future__ import annotations

from datetime import timedelta

from flask import request
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.doors.passes import record_pass
from portal.locks import hold_row
from portal.models import DoorLink, DoorSession, PassOutcome, Person, PersonCode
from portal.web.doorstep import employer_visitor, open_door, person_visitor
from portal.web.language import COOKIE, is_language

LIGHT = timedelta(days=30)
OWN_PHONE = timedelta(days=30)
SHARED_PHONE = timedelta(hours=2)
EMPLOYER, EMPLOYER_IDLE = timedelta(hours=12), timedelta(hours=2)
BESIDE, BESIDE_IDLE = timedelta(hours=2), timedelta(minutes=30)


def enter_by_link(session: Session, link: DoorLink) -> DoorSession:
    """Open the visit of a link that was just taken: light for a person, a day for an employer."""
    record_pass(session, PassOutcome.OPENED, link=link)
    if link.person is not None:
        return open_door(
            session,
            person=link.person,
            link=link,
            confirmed=False,
            lasts=LIGHT,
            idle=LIGHT,
            language=_language_of(link.person),
        )
    return open_door(
        session,
        contact=link.contact,
        link=link,
        confirmed=True,
        lasts=EMPLOYER,
        idle=EMPLOYER_IDLE,
    )


def enter_by_code(session: Session, code: PersonCode, *, own_phone: bool) -> DoorSession:
    """Open the visit of a printed code."""
    code.last_used_at = clock.now()
    record_pass(session, PassOutcome.OPENED, bearer=code.person)
    lasts = OWN_PHONE if own_phone else SHARED_PHONE
    return open_door(
        session,
        person=code.person,
        confirmed=True,
        lasts=lasts,
        idle=lasts,
        language=_language_of(code.person),
    )


def enter_beside(session: Session, actor: Actor, *, person: Person) -> DoorSession:
    """Open the space with the person beside, who said aloud that they agree."""
    hold_row(session, person)
    record_event(session, actor=actor, subject=person, name="opened_beside")
    return open_door(
        session,
        person=person,
        helper=actor,
        confirmed=True,
        lasts=BESIDE,
        idle=BESIDE_IDLE,
        language=person.language,
    )


def came_by(link: DoorLink) -> bool:
    """Whether the living visit of this browser was opened by this link."""
    if link.person_id is not None:
        visitor = person_visitor()
        return visitor is not None and visitor.row.link_id == link.id
    employer = employer_visitor()
    return employer is not None and employer.link is not None and employer.link.id == link.id


def _language_of(person: Person) -> str | None:
    chosen = request.cookies.get(COOKIE)
    return chosen if chosen is not None and is_language(chosen) else person.language
