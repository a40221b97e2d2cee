"""The access link that a person is sent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.doors.links import make_link
from portal.doors.texts import person_link_text
from portal.messages.outbox import write_message
from portal.models import LinkPurpose, MessageKind, OutboxMessage, Person


def send_person_link(session: Session, *, person: Person, by: Actor) -> OutboxMessage:
    """Send a link to the space of a person whose file the actor may write."""
    link = make_link(session, purpose=LinkPurpose.PERSON_SPACE, to=person, made_by_id=by.account.id)
    record_event(session, actor=by, subject=person, name="access_link_sent")
    return write_message(
        session,
        key=f"door-link:{link.public_id}",
        kind=MessageKind.ACCESS,
        to=person,
        text=person_link_text(person),
        organisation_id=by.organisation.id,
        by_id=by.account.id,
        link=link,
        expires_at=link.expires_at,
    )
