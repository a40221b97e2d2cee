"""Secrets that one types: six digits sent in a message, twelve printed on a sheet.

The database keeps keyed digests (HMAC-SHA256): twelve digits are few enough to be tried one after
the other by whoever reads a plain digest. A try is written *before* it is compared, in its own
transaction, so that a burst of parallel tries cannot pass under the limit.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.calls.queries import who_follows
from portal.db import Database, new_public_id
from portal.doors.texts import code_text
from portal.locks import hold_row
from portal.messages.outbox import write_message
from portal.models import (
    DoorLink,
    EmployerContact,
    MessageKind,
    OneTimeCode,
    Person,
    PersonCode,
)

Bearer = Person | EmployerContact

CODE_VALID_FOR = timedelta(minutes=10)
TRIES = 5
#: New codes: what somebody who waits may ask for, and what keeps a day of guesses hopeless.
NEW_CODES = ((timedelta(minutes=15), 3), (timedelta(days=1), 10))
PRINTED_VALID_FOR = timedelta(days=90)
_PRINTED_DIGITS = 12


def digits_of(typed: str | None) -> str:
    """The digits somebody typed, whatever stands between them."""
    return "".join(c for c in typed or "" if c.isascii() and c.isdigit())


def in_groups(digits: str) -> str:
    """« 123 456 789 012 », as it is printed and read aloud."""
    return " ".join(digits[start : start + 3] for start in range(0, len(digits), 3))


def _digest(secret_key: str, use: str, text: str) -> str:
    message = f"{use}:{text}".encode()
    return hmac.new(secret_key.encode(), message, hashlib.sha256).hexdigest()


# --- six digits ---------------------------------------------------------------------------


def send_code(
    session: Session, secret_key: str, *, to: Bearer, link: DoorLink | None = None
) -> bool:
    """Send a six-digit code to the phone or mail on file; False when too many were asked for."""
    hold_row(session, to)
    now = clock.now()
    for window, limit in NEW_CODES:
        asked = session.scalar(
            select(func.count(OneTimeCode.id)).where(
                _is_for(to), OneTimeCode.made_at > now - window
            )
        )
        if (asked or 0) >= limit:
            return False
    digits, public_id = f"{secrets.randbelow(10**6):06}", new_public_id()
    row = OneTimeCode(
        public_id=public_id,
        digest=_digest(secret_key, "one-time-code", public_id + digits),
        person_id=to.id if isinstance(to, Person) else None,
        contact_id=to.id if isinstance(to, EmployerContact) else None,
        link_id=link.id if link else None,
        expires_at=now + CODE_VALID_FOR,
    )
    session.add(row)
    session.flush()
    _write_code(session, row, to, digits)
    return True


def _write_code(session: Session, row: OneTimeCode, to: Bearer, digits: str) -> None:
    write_message(
        session,
        key=message_key(row),
        kind=MessageKind.CODE,
        to=to,
        text=code_text(to, digits),
        organisation_id=organisation_of(session, to),
        expires_at=row.expires_at,
        asked_for=True,
    )


def organisation_of(session: Session, to: Bearer) -> int | None:
    """The structure that answers for what is written to somebody."""
    if isinstance(to, EmployerContact):
        return to.establishment.owner_id
    referral = who_follows(session, to)
    return referral.organisation_id if referral else to.owner_id


def has_living_code(session: Session, *, to: Bearer, link: DoorLink | None = None) -> bool:
    """Whether a code was sent that can still be typed."""
    return living_code(session, to=to, link=link) is not None


def living_code(
    session: Session, *, to: Bearer, link: DoorLink | None = None
) -> OneTimeCode | None:
    """The code that was sent and can still be typed."""
    return _last_code(session, _is_for(to), link.id if link else None)


def message_key(row: OneTimeCode) -> str:
    """The key of the message that tells a code."""
    return f"door-code:{row.public_id}"


def try_code(
    db: Database, secret_key: str, *, to: Bearer, link: DoorLink | None = None, typed: str | None
) -> bool:
    """Whether these are the digits of the last code sent; a right code is used, once."""
    with db.transaction() as session:
        row = _last_code(session, _is_for(to), link.id if link else None)
        if row is None or not _count_try(session, row):
            return False
    right = _digest(secret_key, "one-time-code", row.public_id + digits_of(typed))
    if not hmac.compare_digest(row.digest, right):
        return False
    with db.transaction() as session:
        return _changes_one(session, OneTimeCode.used_at.is_(None), row, {"used_at": clock.now()})


def _count_try(session: Session, row: OneTimeCode) -> bool:
    return _changes_one(session, OneTimeCode.tries < TRIES, row, {"tries": OneTimeCode.tries + 1})


def _changes_one(
    session: Session, condition: ColumnElement[bool], row: OneTimeCode, values: dict[str, object]
) -> bool:
    """Change the row if the condition still holds: the database decides, not what was read."""
    statement = (
        update(OneTimeCode)
        .where(OneTimeCode.id == row.id, condition)
        .values(values)
        .returning(OneTimeCode.id)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).first() is not None


def _last_code(
    session: Session, is_for: ColumnElement[bool], link_id: int | None
) -> OneTimeCode | None:
    row = session.scalar(
        select(OneTimeCode)
        .where(is_for, OneTimeCode.link_id == link_id)
        .order_by(OneTimeCode.made_at.desc(), OneTimeCode.id.desc())
        .limit(1)
    )
    if row is None or row.used_at is not None or row.tries >= TRIES:
        return None
    return row if clock.now() < row.expires_at else None


def _is_for(to: Bearer) -> ColumnElement[bool]:
    if isinstance(to, Person):
        return OneTimeCode.person_id == to.id
    return OneTimeCode.contact_id == to.id


# --- twelve digits ------------------------------------------------------------------------


def make_person_code(session: Session, secret_key: str, actor: Actor, *, person: Person) -> str:
    """A new code to print for a person, who may write the file; the one before stops working.

    Gives the twelve digits back: they are not kept.
    """
    revoke_person_codes(session, person)
    digits = f"{secrets.randbelow(10**_PRINTED_DIGITS):0{_PRINTED_DIGITS}}"
    row = keep_person_code(session, secret_key, digits, person=person)
    row.made_by_id = actor.account.id
    record_event(session, actor=actor, subject=person, name="access_code_printed")
    session.flush()
    return digits


def keep_person_code(
    session: Session, secret_key: str, digits: str, *, person: Person
) -> PersonCode:
    """The row of twelve digits given: what is chosen at random, or by the demonstration."""
    row = PersonCode(
        digest=_digest(secret_key, "person-code", digits),
        person_id=person.id,
        expires_at=clock.now() + PRINTED_VALID_FOR,
    )
    session.add(row)
    session.flush()
    return row


def find_person_code(session: Session, secret_key: str, typed: str | None) -> PersonCode | None:
    """The printed code of these digits, whatever its age; None when there is none."""
    digits = digits_of(typed)
    if len(digits) != _PRINTED_DIGITS:
        return None
    digest = _digest(secret_key, "person-code", digits)
    return session.scalar(select(PersonCode).where(PersonCode.digest == digest))


def is_living(code: PersonCode) -> bool:
    """Whether a printed code still opens."""
    return code.revoked_at is None and clock.now() < code.expires_at


def revoke_person_codes(session: Session, person: Person) -> None:
    """Stop every printed code of a person."""
    hold_row(session, person)
    session.execute(
        update(PersonCode)
        .where(PersonCode.person_id == person.id, PersonCode.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
