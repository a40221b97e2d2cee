"""Signed links: a random id and its signature, short enough for an SMS.

``/l/<id><signature>``: 14 characters of id (65 bits, in the database) and 16 of HMAC-SHA256
(96 bits, nowhere): an altered link is refused before the database is asked, and who reads the
database cannot make one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.config import Settings
from portal.db import new_public_id
from portal.models import (
    DoorLink,
    EmployerContact,
    LinkPurpose,
    MessageState,
    OutboxMessage,
    Person,
)

_SIGNED = 16
_ID = len(new_public_id())

#: How long a link opens its door.
VALID_FOR = {
    LinkPurpose.PERSON_SPACE: timedelta(days=7),
    LinkPurpose.PERSON_ANSWER: timedelta(days=14),
    LinkPurpose.EMPLOYER_SPACE: timedelta(days=3),
    LinkPurpose.EMPLOYER_ASSESSMENT: timedelta(days=14),
    LinkPurpose.EMPLOYER_FOLLOW_UP: timedelta(days=14),
}


def make_link(
    session: Session,
    *,
    purpose: LinkPurpose,
    to: Person | EmployerContact,
    subject: Any = None,
    made_by_id: int | None = None,
) -> DoorLink:
    """A new link for one bearer; flushed, so that its address can be written."""
    row = DoorLink(
        purpose=purpose,
        person_id=to.id if isinstance(to, Person) else None,
        contact_id=to.id if isinstance(to, EmployerContact) else None,
        subject_kind=type(subject).__tablename__ if subject is not None else None,
        subject_id=subject.id if subject is not None else None,
        made_by_id=made_by_id,
        expires_at=clock.now() + VALID_FOR[purpose],
    )
    session.add(row)
    session.flush()
    return row


def token_of(secret_key: str, link: DoorLink) -> str:
    """The end of a link's address."""
    return link.public_id + _signature(secret_key, link.public_id)


def address_of(settings: Settings, link: DoorLink) -> str:
    """The whole address of a link, as a message holds it."""
    return f"{settings.public_url}/l/{token_of(settings.secret_key, link)}"


def find_link(session: Session, secret_key: str, token: str) -> DoorLink | None:
    """The link of a token, whatever its age; None when it was altered or never existed."""
    public_id, signature = token[:_ID], token[_ID:]
    if not hmac.compare_digest(signature.encode(), _signature(secret_key, public_id).encode()):
        return None
    return session.scalar(select(DoorLink).where(DoorLink.public_id == public_id))


def revoke_links(session: Session, *, to: Person | EmployerContact) -> None:
    """Close every link of a bearer that still opens."""
    column = DoorLink.person_id if isinstance(to, Person) else DoorLink.contact_id
    session.execute(
        update(DoorLink)
        .where(column == to.id, DoorLink.used_at.is_(None), DoorLink.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def revoke_sent_links(session: Session, *, to: Person | EmployerContact) -> None:
    """Close the links of a bearer that left for the number or the mail they had.

    Those of a message that waits stay: it leaves for where the bearer is reached then.
    """
    column = DoorLink.person_id if isinstance(to, Person) else DoorLink.contact_id
    waiting = select(OutboxMessage.link_id).where(
        OutboxMessage.link_id.is_not(None), OutboxMessage.state == MessageState.TO_SEND
    )
    session.execute(
        update(DoorLink)
        .where(
            column == to.id,
            DoorLink.used_at.is_(None),
            DoorLink.revoked_at.is_(None),
            DoorLink.id.not_in(waiting),
        )
        .values(revoked_at=clock.now())
    )


def revoke_links_about(session: Session, subject: Any) -> None:
    """Close every link about a row that still opens: what it was about is no more."""
    session.execute(
        update(DoorLink)
        .where(
            DoorLink.subject_kind == type(subject).__tablename__,
            DoorLink.subject_id == subject.id,
            DoorLink.used_at.is_(None),
            DoorLink.revoked_at.is_(None),
        )
        .values(revoked_at=clock.now())
    )


def _signature(secret_key: str, public_id: str) -> str:
    digest = hmac.new(secret_key.encode(), b"door-link:" + public_id.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest.digest()).decode()[:_SIGNED]
