"""Browsers that came in through a door: a random token in a cookie, its digest in the database.

A person's browser and an employer's are never the same visit: entering one leaves the other.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Flask, Response, g, request
from flask_login import current_user
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.access.people import PersonAccess, access_to
from portal.access.roles import Capability
from portal.models import (
    AnswerChannel,
    DoorLink,
    DoorSession,
    EmployerContact,
    Establishment,
    LinkPurpose,
    Person,
)
from portal.web.session import database, db_session
from portal.web.settings import current_settings

_TOUCH_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class PersonVisitor:
    """The person in front of the screen; ``helper``: the professional who is beside them."""

    person: Person
    row: DoorSession
    helper: Actor | None = None

    @property
    def confirmed(self) -> bool:
        """Whether more than a link tells that it is this person."""
        return self.row.confirmed_at is not None

    @property
    def channel(self) -> AnswerChannel:
        """How an answer given in this visit was given."""
        return AnswerChannel.BESIDE if self.helper else AnswerChannel.SPACE


@dataclass(frozen=True, slots=True)
class EmployerVisitor:
    """Somebody of an establishment: a contact who followed a link, or a named account."""

    establishment: Establishment
    contact: EmployerContact | None = None
    actor: Actor | None = None
    link: DoorLink | None = None

    @property
    def name(self) -> str:
        """Who it is, in words."""
        if self.actor is not None:
            return self.actor.account.full_name
        return self.contact.name if self.contact else self.establishment.name

    def may(self, purpose: LinkPurpose) -> bool:
        """Whether the visit serves this purpose: the whole space serves all of them."""
        mine = self.link.purpose if self.link else LinkPurpose.EMPLOYER_SPACE
        return mine in (purpose, LinkPurpose.EMPLOYER_SPACE)


def digest_of(token: str) -> str:
    """What the database keeps of a browser's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_door(
    db: Session,
    *,
    person: Person | None = None,
    contact: EmployerContact | None = None,
    link: DoorLink | None = None,
    helper: Actor | None = None,
    confirmed: bool,
    lasts: timedelta,
    idle: timedelta,
    language: str | None = None,
) -> DoorSession:
    """Let this browser in, under a fresh token; the visit it had before ends."""
    leave(db)
    token, now = secrets.token_urlsafe(32), clock.now()
    row = DoorSession(
        digest=digest_of(token),
        person=person,
        contact=contact,
        link_id=link.id if link else None,
        helper_id=helper.account.id if helper else None,
        helper_organisation_id=helper.organisation.id if helper else None,
        agreed_at=now if helper else None,
        confirmed_at=now if confirmed else None,
        language=language,
        idle_minutes=int(idle.total_seconds() // 60),
        expires_at=now + lasts,
    )
    db.add(row)
    db.flush()
    g.door_cookie = (token, lasts)
    _forget_visit()
    return row


def leave(db: Session) -> None:
    """End this browser's visit; its cookie goes with the answer."""
    token = request.cookies.get(cookie_name())
    if token:
        db.execute(
            update(DoorSession)
            .where(DoorSession.digest == digest_of(token), DoorSession.ended_at.is_(None))
            .values(ended_at=clock.now())
        )
    g.door_cookie = (None, timedelta())
    _forget_visit()
    g.door_session = None


def _forget_visit() -> None:
    """What was read of the visit at the door of this request no longer stands."""
    g.pop("door_session", None)
    g.pop("door_helper", None)


def leave_beside(db: Session) -> None:
    """End the visit of a person that this browser's professional stands beside, if there is one.

    A professional who signs out, or acts for another structure, must not find it again on return.
    """
    row = _door_session()
    if row is not None and row.helper_id is not None:
        leave(db)


def end_visits(db: Session, *, person_id: int | None = None, contact_id: int | None = None) -> None:
    """End every visit of a person or of a contact, on every browser."""
    column = DoorSession.person_id if person_id is not None else DoorSession.contact_id
    db.execute(
        update(DoorSession)
        .where(column == (person_id or contact_id), DoorSession.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def end_light_visits(db: Session, *, person_id: int) -> None:
    """End the visits of a person that a link alone opened."""
    db.execute(
        update(DoorSession)
        .where(
            DoorSession.person_id == person_id,
            DoorSession.ended_at.is_(None),
            DoorSession.confirmed_at.is_(None),
        )
        .values(ended_at=clock.now())
    )


def person_visitor() -> PersonVisitor | None:
    """The person this browser belongs to, if they came in and are still accompanied."""
    row = _door_session()
    person = row.person if row else None
    if row is None or person is None or person.archived_at or person.objected_at:
        return None
    if row.helper_id is None:
        return PersonVisitor(person, row)
    # Asked once a request: the language of the page, its guard and its view all ask who is there.
    if "door_helper" not in g:
        g.door_helper = _helper_of(row, person)
    helper = cast("Actor | None", g.door_helper)
    return PersonVisitor(person, row, helper) if helper else None


def employer_visitor() -> EmployerVisitor | None:
    """The employer this browser belongs to: a named account first, then a link that was opened."""
    if current_user.is_authenticated:
        actor: Actor = current_user.actor
        establishment = actor.organisation.establishment
        if actor.can(Capability.EMPLOYER_CARDS) and establishment is not None:
            return EmployerVisitor(establishment, actor=actor)
    row = _door_session()
    if row is None or row.contact is None or not row.contact.active:
        return None
    return EmployerVisitor(row.contact.establishment, row.contact, link=_link_of(row))


def _helper_of(row: DoorSession, person: Person) -> Actor | None:
    """The professional beside, who must still be signed in there and follow the person."""
    if not current_user.is_authenticated:
        return None
    actor: Actor = current_user.actor
    same = (actor.account.id, actor.organisation.id) == (row.helper_id, row.helper_organisation_id)
    if not same or access_to(db_session(), actor, person.id) < PersonAccess.WRITE:
        return None
    return actor


def _link_of(row: DoorSession) -> DoorLink | None:
    return db_session().get(DoorLink, row.link_id) if row.link_id is not None else None


def _door_session() -> DoorSession | None:
    if "door_session" not in g:
        g.door_session = _load(request.cookies.get(cookie_name()))
    return cast("DoorSession | None", g.door_session)


def _load(token: str | None) -> DoorSession | None:
    if not token:
        return None
    row = db_session().scalar(
        select(DoorSession)
        .where(DoorSession.digest == digest_of(token), DoorSession.ended_at.is_(None))
        .options(
            joinedload(DoorSession.person).joinedload(Person.commune),
            joinedload(DoorSession.contact).joinedload(EmployerContact.establishment),
        )
    )
    now = clock.now()
    if row is None or not _is_alive(row, now):
        return None
    if now - row.seen_at > _TOUCH_EVERY:
        g.door_to_touch = row.id
    return row


def _is_alive(row: DoorSession, now: datetime) -> bool:
    return now < row.expires_at and now - row.seen_at < timedelta(minutes=row.idle_minutes)


def cookie_name() -> str:
    """The name of the cookie that holds the token, bound to this host over HTTPS."""
    return "__Host-ecluse-door" if current_settings().secure_cookies else "ecluse-door"


def cookie_options() -> dict[str, Any]:
    """How the cookies of a visit are set: out of reach of scripts and of other sites."""
    return {
        "secure": current_settings().secure_cookies,
        "httponly": True,
        "samesite": "Lax",
        "path": "/",
    }


def _finish(response: Response) -> Response:
    """Set or clear the cookie of an answer that succeeded, and push back the idle limit."""
    token, lasts = g.pop("door_cookie", ("", timedelta()))
    if response.status_code < 400:
        if token:
            response.set_cookie(cookie_name(), token, max_age=lasts, **cookie_options())
        elif token is None:
            response.delete_cookie(cookie_name(), **cookie_options())
    touched = g.pop("door_to_touch", None)
    if touched is not None:
        with database().transaction() as db:
            db.execute(
                update(DoorSession).where(DoorSession.id == touched).values(seen_at=clock.now())
            )
    return response


def init_app(app: Flask) -> None:
    """Attach the cookie and the idle limit."""
    app.after_request(_finish)
