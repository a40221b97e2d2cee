"""Writing a message: a row of the outbox, in the transaction of what it tells."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import has_app_context
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.message_settings import LINK_END, LINK_LENGTH
from portal.messages import gsm7
from portal.models import (
    Account,
    ContactPreference,
    DoorLink,
    EmployerContact,
    MessageChannel,
    MessageKind,
    MessageState,
    OutboxMessage,
    Person,
)
from portal.phones import is_mobile
from portal.text import typeset
from portal.web.settings import current_settings

log = logging.getLogger(__name__)

Recipient = Person | EmployerContact | Account


@dataclass(frozen=True, slots=True)
class Text:
    """What is said: the message, its title by mail, and how somebody says it on the phone.

    ``sms``: at most 160 characters of GSM-7, the address that replaces ``{link}`` included; in
    Arabic or Ukrainian at most 134.
    ``mail``: the same at more length. ``to_say`` has no link nor code.
    """

    sms: str
    title: str = ""
    mail: str = ""
    to_say: str = ""


def write_message(
    session: Session,
    *,
    key: str,
    kind: MessageKind,
    to: Recipient,
    text: Text,
    organisation_id: int | None,
    by_id: int | None = None,
    subject: Any = None,
    link: DoorLink | None = None,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    asked_for: bool = False,
    channel: MessageChannel | None = None,
) -> OutboxMessage:
    """Put a message in the outbox; with a ``key`` already there, the one that is there.

    ``subject`` is a flushed row. ``organisation_id`` answers for the message, and calls when it
    cannot be sent. Nothing is sent here: the worker sends what is committed.
    """
    if known := session.scalar(select(OutboxMessage).where(OutboxMessage.key == key)):
        return known
    wanted = channel or channel_of(to, asked_for=asked_for)
    row = OutboxMessage(
        key=key,
        kind=kind,
        **_sending(_sayable(key, wanted, to, text), to, text),
        organisation_id=organisation_id,
        by_id=by_id,
        **_about(subject),
        link_id=link.id if link else None,
        asked_for=asked_for,
        next_try_at=not_before or clock.now(),
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return row


def _sending(chosen: MessageChannel, to: Recipient, text: Text) -> dict[str, Any]:
    """Who it goes to, by which channel, and the words for it."""
    by_mail = chosen is MessageChannel.EMAIL
    return {
        "channel": chosen,
        "state": MessageState.TO_CALL if chosen is MessageChannel.CALL else MessageState.TO_SEND,
        "person_id": to.id if isinstance(to, Person) else None,
        "contact_id": to.id if isinstance(to, EmployerContact) else None,
        "account_id": to.id if isinstance(to, Account) else None,
        "address": to.email if by_mail else to.phone,
        "title": typeset(text.title) or None,
        "body": typeset(text.mail or text.sms) if by_mail else text.sms,
        "to_say": typeset(text.to_say) or None,
    }


def _about(subject: Any) -> dict[str, Any]:
    if subject is None:
        return {}
    return {"subject_kind": type(subject).__tablename__, "subject_id": subject.id}


def _sayable(key: str, channel: MessageChannel, to: Recipient, text: Text) -> MessageChannel:
    """The channel, unless an SMS would be two, or would say what no SMS says.

    The texts of the portal are short and plain, and tested; a name that comes from data may not
    be: the recipient is then told another way, and nothing fails.
    """
    if channel is not MessageChannel.SMS:
        return channel
    problems = gsm7.check(text.sms, link_length())
    if not problems:
        return channel
    log.error("message %s is not one SMS: %s", key, "; ".join(problems))
    return MessageChannel.EMAIL if to.email else MessageChannel.CALL


def link_length() -> int:
    """What a link takes in a message: in a request, with the address it will have."""
    if not has_app_context():
        return LINK_LENGTH
    return len(current_settings().public_url) + LINK_END


def channel_of(to: Recipient, *, asked_for: bool = False) -> MessageChannel:
    """How to reach somebody: as they prefer, if it can be; else what they have; else by phone."""
    if isinstance(to, Account):
        return MessageChannel.EMAIL
    if to.messages_stopped_at is not None and not asked_for:
        return MessageChannel.CALL
    if isinstance(to, Person) and to.contact_preference is ContactPreference.EMAIL and to.email:
        return MessageChannel.EMAIL
    if is_mobile(to.phone):
        return MessageChannel.SMS
    return MessageChannel.EMAIL if to.email else MessageChannel.CALL
