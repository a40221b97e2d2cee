"""What is read of a message and its recipient at the moment of sending."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.doors.links import address_of
from portal.locks import hold_row
from portal.messages import gsm7
from portal.messages.decisions import WEEK, Facts
from portal.messages.gone import is_about_gone
from portal.models import MessageChannel, MessageKind, MessageState, OutboxMessage
from portal.phones import e164, is_mobile

LINK_MARK = "{link}"


def gather_facts(session: Session, row: OutboxMessage, now: datetime, *, provided: bool) -> Facts:
    """The facts a decision rests on; those of one person are decided one at a time."""
    if row.person is not None:
        # Two messages to one person at the same time must not both find room in the week.
        hold_row(session, row.person)
    return Facts(
        now=now,
        reachable=address_now(row) is not None,
        provided=provided,
        closed=_why_closed(session, row, now),
        link_dead=_is_link_dead(row, now),
        stopped=_has_stopped(row),
        asked_for=row.asked_for,
        can_be_said=bool(row.to_say),
        expires_at=row.expires_at,
        handed=row.handed_at is not None,
        handed_without_key=row.handed_at is not None and row.channel is MessageChannel.EMAIL,
        counted=_sent_this_week(session, row, now),
    )


def address_now(row: OutboxMessage) -> str | None:
    """Where the recipient is reached today: a number corrected since is the one that is used."""
    to = row.person or row.contact or row.account
    if to is None:
        return None
    if row.channel is MessageChannel.EMAIL:
        return to.email or None
    phone = None if row.account is not None else getattr(to, "phone", None)
    return e164(phone) if is_mobile(phone) else None


def text_to_send(settings: Settings, row: OutboxMessage) -> str:
    """The body with its working address; an SMS in an alphabet of SMS."""
    address = address_of(settings, row.link) if row.link is not None else ""
    text = row.body.replace(LINK_MARK, address)
    return gsm7.to_sms(text) if row.channel is MessageChannel.SMS else text


def _has_stopped(row: OutboxMessage) -> bool:
    """Whether who is written to answered STOP."""
    to = row.person or row.contact
    return to is not None and to.messages_stopped_at is not None


def _why_closed(session: Session, row: OutboxMessage, now: datetime) -> str | None:
    """Why it is no longer to be told, if it is not."""
    person = row.person
    if person is not None and (person.archived_at or person.objected_at):
        return "cette personne n’est plus suivie"
    if row.contact is not None and not row.contact.active:
        return "ce contact a quitté l’entreprise"
    if row.contact is not None and is_about_gone(session, row):
        return "la personne n’est plus disponible"
    if row.account is not None and not row.account.active:
        return "ce compte est fermé"
    if row.kind is MessageKind.ACCESS and _is_link_dead(row, now):
        return "le lien du message ne marche plus"
    return None


def _is_link_dead(row: OutboxMessage, now: datetime) -> bool:
    """Whether the address that the message would give opens nothing."""
    link = row.link
    return LINK_MARK in row.body and (
        link is None or link.revoked_at is not None or link.expires_at <= now
    )


def _sent_this_week(session: Session, row: OutboxMessage, now: datetime) -> list[datetime] | None:
    """When the person was sent, or is being sent, what they did not ask for, oldest first."""
    if row.person is None:
        return None
    of_person = (
        select(OutboxMessage)
        .where(
            OutboxMessage.person_id == row.person_id,
            OutboxMessage.id != row.id,
            OutboxMessage.asked_for.is_(False),
            or_(
                OutboxMessage.sent_at > now - WEEK,
                (OutboxMessage.state == MessageState.SENDING)
                & (OutboxMessage.handed_at > now - WEEK),
            ),
        )
        .limit(50)
    )
    return sorted(
        sent for other in session.scalars(of_person) if (sent := other.sent_at or other.handed_at)
    )
