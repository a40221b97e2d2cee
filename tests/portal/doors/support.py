"""What the tests of the doors share: addresses of links, codes received, passes noted."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.doors.links import make_link, token_of
from portal.models import (
    DoorLink,
    DoorPass,
    DoorSession,
    EmployerContact,
    Invitation,
    InvitationKind,
    LinkPurpose,
    MessageKind,
    OutboxMessage,
    PassOutcome,
    Person,
)
from tests.support.factories import Factory

KEY = "for tests only"


def path_of(link: DoorLink) -> str:
    """The address of a link on this site."""
    return f"/l/{token_of(KEY, link)}"


def link_for(
    session: Session,
    bearer: Person | EmployerContact,
    purpose: LinkPurpose | None = None,
    subject: Any = None,
) -> DoorLink:
    """A committed link."""
    usual = LinkPurpose.PERSON_SPACE if isinstance(bearer, Person) else LinkPurpose.EMPLOYER_SPACE
    link = make_link(session, purpose=purpose or usual, to=bearer, subject=subject)
    session.commit()
    return link


def outcomes(session: Session) -> list[PassOutcome]:
    """What came of every presentation, in order."""
    session.expire_all()
    return list(session.scalars(select(DoorPass.outcome).order_by(DoorPass.id)))


def visits(session: Session) -> list[DoorSession]:
    """The visits that were opened, in order."""
    session.expire_all()
    return list(session.scalars(select(DoorSession).order_by(DoorSession.id)))


def messages(session: Session, kind: MessageKind) -> list[OutboxMessage]:
    """The messages of a kind, in order."""
    session.expire_all()
    query = select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    return list(session.scalars(query))


def last_code(session: Session) -> str:
    """The six digits of the last code message."""
    body = messages(session, MessageKind.CODE)[-1].body
    found = re.search(r"\b(\d{3}) (\d{3})\b", body)
    assert found, body
    return "".join(found.groups())


def invitation(make: Factory, person: Person, **values: Any) -> Invitation:
    """An invitation of next week."""
    values = {
        "kind": InvitationKind.INFORMATION,
        "title": "une réunion d’information",
        "starts_at": clock.now() + timedelta(days=7),
        "organisation_id": person.owner_id,
        **values,
    }
    row: Invitation = make.add(Invitation(person_id=person.id, **values))
    return row
