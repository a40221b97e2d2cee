"""The people of an establishment who are written to, and the links they are sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.journal import record_event
from portal.doors.devices import forget_devices
from portal.doors.links import make_link, revoke_links, revoke_sent_links
from portal.locks import hold_row
from portal.messages.outbox import Text, write_message
from portal.models import (
    DoorLink,
    EmployerContact,
    Establishment,
    LinkPurpose,
    MessageKind,
    OutboxMessage,
)
from portal.phones import normalise_phone
from portal.web.doorstep import end_visits

_KIND = {
    LinkPurpose.EMPLOYER_SPACE: MessageKind.ACCESS,
    LinkPurpose.EMPLOYER_ASSESSMENT: MessageKind.ASSESSMENT,
    LinkPurpose.EMPLOYER_FOLLOW_UP: MessageKind.FOLLOW_UP,
}
#: Whoever holds an old link may ask for a new one, at night too: few at once, few in a day.
_AGAIN = ((timedelta(minutes=15), 3), (timedelta(days=1), 10))

#: What an access link says when nothing else is to be said.
ACCESS_TEXT = Text(
    sms="Votre espace employeur : {link} Ce lien sert une fois.",
    title="Votre lien pour entrer",
    mail=(
        "Bonjour,\n\nVoici votre lien pour entrer dans votre espace employeur :\n{link}\n\n"
        "Il sert une seule fois. Ne le transmettez pas : il est à votre nom."
    ),
    to_say="Un lien vous attend. Proposer de répondre par téléphone.",
)


def main_contact(session: Session, establishment: Establishment) -> EmployerContact | None:
    """Who is written to: the oldest open contact, else one made of what the offer form kept.

    None when nobody's name, phone nor mail is known, or when every contact was closed.
    """
    rows = session.scalars(
        select(EmployerContact)
        .where(EmployerContact.establishment_id == establishment.id)
        .order_by(EmployerContact.active.desc(), EmployerContact.id)
    ).all()
    if rows:
        return rows[0] if rows[0].active else None
    if not (establishment.contact_phone or establishment.contact_email):
        return None
    row = EmployerContact(
        establishment=establishment,
        name=establishment.contact_name or establishment.name,
        phone=contact_phone(establishment.contact_phone),
        email=establishment.contact_email,
    )
    session.add(row)
    session.flush()
    return row


def contact_phone(typed: str | None) -> str | None:
    """A number as it is kept, one form for all: a STOP is found by it. What is none stays as is."""
    text = (typed or "").strip()
    return normalise_phone(text) or text or None


def send_employer_link(
    session: Session,
    *,
    contact: EmployerContact,
    purpose: LinkPurpose,
    subject: Any = None,
    organisation_id: int | None = None,
    by_id: int | None = None,
    text: Text = ACCESS_TEXT,
    kind: MessageKind | None = None,
) -> OutboxMessage:
    """Send a new link to the phone or mail on file; ``{link}`` stands for it in the text.

    ``organisation_id``: by default the platform that keeps the establishment.
    """
    link = make_link(session, purpose=purpose, to=contact, subject=subject, made_by_id=by_id)
    return _write(session, contact, link, text, kind, organisation_id)


def send_again(session: Session, link: DoorLink) -> None:
    """A new link like this one, to the same contact; nothing when several were just sent."""
    contact = link.contact
    assert contact is not None
    hold_row(session, contact)  # asked for many times at once, they are counted one at a time
    now = clock.now()
    for window, limit in _AGAIN:
        recent = session.scalar(
            select(func.count(DoorLink.id)).where(
                DoorLink.contact_id == contact.id, DoorLink.created_at > now - window
            )
        )
        if (recent or 0) >= limit:
            return
    copy = DoorLink(
        purpose=link.purpose,
        contact_id=contact.id,
        subject_kind=link.subject_kind,
        subject_id=link.subject_id,
        made_by_id=link.made_by_id,
        expires_at=now + (link.expires_at - link.created_at),
    )
    session.add(copy)
    session.flush()
    _write(session, contact, copy, ACCESS_TEXT, MessageKind.ACCESS, None, asked_for=True)


def _write(
    session: Session,
    contact: EmployerContact,
    link: DoorLink,
    text: Text,
    kind: MessageKind | None,
    organisation_id: int | None,
    *,
    asked_for: bool = False,
) -> OutboxMessage:
    return write_message(
        session,
        key=f"door-link:{link.public_id}",
        kind=kind or _KIND[link.purpose],
        to=contact,
        text=text,
        organisation_id=organisation_id or contact.establishment.owner_id,
        by_id=link.made_by_id,
        link=link,
        expires_at=link.expires_at,
        asked_for=asked_for,
    )


def close_accesses(
    session: Session, actor: Any, *, contact: EmployerContact, moved: bool = False
) -> None:
    """End what a contact has: links, browsers remembered, open visits.

    ``moved``: they are reached elsewhere, and the links of messages that wait go there.
    """
    (revoke_sent_links if moved else revoke_links)(session, to=contact)
    forget_devices(session, contact)
    end_visits(session, contact_id=contact.id)
    record_event(session, actor=actor, subject=contact, name="accesses_closed")
