"""What people send back by SMS: kept once, understood, and done or left to a human."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib import import_module
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.calls.queries import record_call
from portal.db import insert_if_absent, new_public_id
from portal.messages.replies import understand
from portal.models import (
    CallReason,
    EmployerContact,
    MessageKind,
    MessageState,
    OutboxMessage,
    Person,
    ReceivedSms,
    SmsMeaning,
)
from portal.models.base import Base
from portal.phones import e164, national
from portal.today.tasks import working_days_after

log = logging.getLogger(__name__)

SIGNATURE_HEADER = "X-Ecluse-Signature"
_WINDOW = timedelta(minutes=5)
#: Digits of a date that Python can hold, far after any of ours.
_LONGEST_SECONDS = 11
_LONGEST_TEXT = 2_000
_LONGEST_REFERENCE = 120
_ANSWERS_KEPT = timedelta(days=30)
_ASKING = (
    MessageKind.INVITATION,
    MessageKind.REMINDER,
    MessageKind.AGREEMENT,
    MessageKind.LEAD,
)
_ANSWERING = (SmsMeaning.YES, SmsMeaning.NO, SmsMeaning.CALL_ME)

Answer = Callable[..., bool | None]
#: Table of the subject → « module:function » that records 1, 2 or 3; loaded when one comes:
#: features are above the messages that they write. Each takes ``session``, ``subject_id``,
#: ``person``, ``meaning`` and what is written here, asks by itself that the person be called, and
#: returns False or raises IllegalTransitionError when it records nothing.
ANSWERS: dict[str, tuple[str, dict[str, str]]] = {
    "invitation": ("portal.invitations.answering:answer_by_sms", {}),
    "introduction": ("portal.recipients.leads:answer_by_sms", {"subject_kind": "introduction"}),
    "job_offer": ("portal.recipients.leads:answer_by_sms", {"subject_kind": "job_offer"}),
}


class RefusedError(Exception):
    """The request is not one of the provider's, or says nothing that can be read."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An SMS as the provider gives it."""

    reference: str
    phone: str
    text: str = field(repr=False)
    at: datetime


def sign(key: str, body: bytes, at: datetime) -> str:
    """The value of the signature header: ``t=<seconds>,v1=<HMAC-SHA256 of « seconds.body »>``."""
    seconds = str(int(at.timestamp()))
    digest = hmac.new(key.encode(), seconds.encode() + b"." + body, sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def check_signature(key: str, body: bytes, header: str, now: datetime) -> None:
    """Raise :class:`RefusedError` unless the key signed this body within five minutes of now."""
    parts = dict(part.strip().split("=", 1) for part in header.split(",") if "=" in part)
    seconds = parts.get("t", "")
    if not seconds.isascii() or not seconds.isdigit() or len(seconds) > _LONGEST_SECONDS:
        raise RefusedError("signature")
    at = datetime.fromtimestamp(int(seconds), UTC)
    expected = sign(key, body, at)
    if not hmac.compare_digest(expected.encode(), f"t={seconds},v1={parts.get('v1')}".encode()):
        raise RefusedError("signature")
    if abs(now - at) > _WINDOW:
        raise RefusedError("date")


def read_incoming(body: bytes, now: datetime) -> Incoming:
    """The SMS of a JSON body ``{id, from, text, at}``. Raises :class:`RefusedError`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedError("json") from error
    if not isinstance(found, dict):
        raise RefusedError("json")
    reference, text = found.get("id"), found.get("text")
    phone = e164(found["from"]) if isinstance(found.get("from"), str) else None
    if not isinstance(reference, str) or not 0 < len(reference) <= _LONGEST_REFERENCE:
        raise RefusedError("id")
    if not reference.isprintable():  # a database keeps neither NUL nor half a character
        raise RefusedError("id")
    if phone is None or not isinstance(text, str):
        raise RefusedError("from, text")
    clean = "".join(char for char in text[:_LONGEST_TEXT] if char == "\n" or char.isprintable())
    return Incoming(reference, phone, clean, _instant(found.get("at")) or now)


def _instant(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def receive(session: Session, incoming: Incoming) -> ReceivedSms | None:
    """Keep an SMS and do what it says; None when it was already received."""
    public_id = new_public_id()
    insert_if_absent(
        session,
        ReceivedSms,
        public_id=public_id,
        provider_ref=incoming.reference,
        phone=incoming.phone,
        body=incoming.text,
        received_at=incoming.at,
        meaning=understand(incoming.text),
    )
    row = session.scalar(select(ReceivedSms).where(ReceivedSms.public_id == public_id))
    if row is None:
        return None
    people = _people_of(session, incoming.phone)
    if row.meaning in (SmsMeaning.STOP, SmsMeaning.START):
        _stop_or_start(session, row, people)
    else:
        _answer(session, row, people)
    session.flush()
    return row


def _people_of(session: Session, phone: str) -> list[Person]:
    """The people followed who have this number, in a steady order."""
    query = select(Person).where(
        Person.phone.in_((phone, national(phone))),
        Person.archived_at.is_(None),
        Person.objected_at.is_(None),
    )
    return list(session.scalars(query.order_by(Person.id).limit(20)))


def _contacts_of(session: Session, phone: str) -> list[EmployerContact]:
    """The contacts of firms who have this number, those who are still there first."""
    query = select(EmployerContact).where(EmployerContact.phone.in_((phone, national(phone))))
    steady = query.order_by(EmployerContact.active.desc(), EmployerContact.id)
    return list(session.scalars(steady.limit(20)))


def _stop_or_start(session: Session, row: ReceivedSms, people: list[Person]) -> None:
    """The number stops, or takes messages again: everybody who has it, people and contacts."""
    contacts = _contacts_of(session, row.phone)
    stopping = row.meaning is SmsMeaning.STOP
    bearers: list[Person | EmployerContact] = [*people, *contacts]
    for bearer in bearers:
        if (bearer.messages_stopped_at is not None) == stopping:
            continue
        bearer.messages_stopped_at = clock.now() if stopping else None
        name = "messages_stopped" if stopping else "messages_resumed"
        record_event(session, actor=None, subject=bearer, name=name)
    if people:
        row.person = people[0]
    elif contacts:
        row.contact_id = contacts[0].id
    else:
        _keep_for_administrator(row)


def _keep_for_administrator(row: ReceivedSms) -> None:
    """Nobody has this number: an administrator reads it, and finds whom it is for."""
    log.warning("received SMS %s comes from a number of nobody", row.id)
    row.unclaimed = True


def _answer(session: Session, row: ReceivedSms, people: list[Person]) -> None:
    """Give 1, 2 or 3 to what the latest question was about; the rest is for a human."""
    asked = _latest_question(session, row.phone)
    person = asked.person if asked is not None else (people[0] if len(people) == 1 else None)
    row.person, row.message_id = person, asked.id if asked else None
    if person is None or row.meaning not in _ANSWERING:
        _to_read(session, row, person, people)
        return
    if asked is not None and _give(session, row.meaning, asked, person):
        return
    if row.meaning is SmsMeaning.CALL_ME:
        _ask_call(session, CallReason.CALL_ME, person, asked)
    else:
        _to_read(session, row, person)


def _latest_question(session: Session, phone: str) -> OutboxMessage | None:
    """The last message sent to this number that waits for an answer, of somebody still followed."""
    return session.scalar(
        select(OutboxMessage)
        .join(Person, Person.id == OutboxMessage.person_id)
        .where(
            OutboxMessage.address == phone,
            OutboxMessage.kind.in_(_ASKING),
            OutboxMessage.state == MessageState.SENT,
            OutboxMessage.sent_at > clock.now() - _ANSWERS_KEPT,
            Person.archived_at.is_(None),
            Person.objected_at.is_(None),
        )
        .order_by(OutboxMessage.sent_at.desc(), OutboxMessage.id.desc())
        .limit(1)
    )


def _give(session: Session, meaning: SmsMeaning, asked: OutboxMessage, person: Person) -> bool:
    """Whether the answer was recorded; one that comes too late is for a human."""
    if asked.subject_kind not in ANSWERS:
        return False
    path, more = ANSWERS[asked.subject_kind]
    module, _, name = path.partition(":")
    answer: Answer = getattr(import_module(module), name)
    try:
        with session.begin_nested():
            subject = {"subject_id": asked.subject_id, **more}
            done = answer(session, person=person, meaning=meaning, **subject)
    except IllegalTransitionError:
        return False
    return done is not False


def _to_read(
    session: Session, row: ReceivedSms, person: Person | None, others: list[Person] | None = None
) -> None:
    """A human reads it: who follows the person, or each who could have written it.

    From a number of nobody followed, the firm's adviser reads it; from an unknown one, an
    administrator.
    """
    for one in [person] if person is not None else others or []:
        _ask_call(session, CallReason.TO_READ, one, None, note=row.body)
    if person is None and not others:
        _to_read_of_contact(session, row)


def _to_read_of_contact(session: Session, row: ReceivedSms) -> None:
    contact = next(iter(_contacts_of(session, row.phone)), None)
    if contact is None:
        _keep_for_administrator(row)
        return
    row.contact_id = contact.id
    record_call(
        session,
        reason=CallReason.TO_READ,
        due_on=working_days_after(clock.today(), 1),
        establishment=contact.establishment,
        contact=contact,
        note=row.body,
    )


def _ask_call(
    session: Session,
    reason: CallReason,
    person: Person,
    asked: OutboxMessage | None,
    note: str | None = None,
) -> None:
    record_call(
        session,
        reason=reason,
        due_on=working_days_after(clock.today(), 1),
        person=person,
        organisation_id=asked.organisation_id if asked else None,
        account_id=asked.by_id if asked else None,
        subject=_subject(session, asked),
        note=note,
    )


def _subject(session: Session, asked: OutboxMessage | None) -> Any:
    """The row a message is about, if it is still there."""
    if asked is None or asked.subject_kind is None:
        return None
    for mapper in Base.registry.mappers:
        if getattr(mapper.class_, "__tablename__", None) == asked.subject_kind:
            return session.get(mapper.class_, asked.subject_id)
    return None
