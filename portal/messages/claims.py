"""Whose message it is to send: one worker at a time, on both databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, and_, select, update
from sqlalchemy.orm import Session

from portal.db import Database
from portal.models import MessageState, OutboxMessage

# Longer than the slowest provider: connection, greeting, password and answer, each bounded.
LEASE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message in the hands of a worker, until an instant."""

    message_id: int
    worker: str
    until: datetime


def claim_next(database: Database, worker: str, now: datetime) -> Claim | None:
    """Take the oldest message of a worker that has died, else the oldest that is due; or None."""
    until = now + LEASE
    for wanted in _found(database, now):
        with database.transaction() as session:
            found = session.scalar(
                update(OutboxMessage)
                # The lock is ignored by SQLite, which has a single writer anyway.
                .where(OutboxMessage.id == _oldest(wanted, locked=True), wanted)
                .values(state=MessageState.SENDING, claimed_by=worker, claimed_until=until)
                .returning(OutboxMessage.id)
                .execution_options(synchronize_session=False)
            )
        if found is not None:
            return Claim(found, worker, until)
    return None


def _found(database: Database, now: datetime) -> list[ColumnElement[bool]]:
    """Which of the two kinds there are: for none, the one write lock of SQLite is left to others.

    Each is asked alone and by its date, which is an index: asked at each second, a plan that
    expects many to wait would look for any of them through all that were ever sent.
    """
    state = OutboxMessage.state
    kinds = (
        and_(state == MessageState.SENDING, OutboxMessage.claimed_until < now),
        and_(state == MessageState.TO_SEND, OutboxMessage.next_try_at <= now),
    )
    with database.session(read_only=True) as session:
        first = session.execute(select(*map(_oldest, kinds))).one()
    return [kind for kind, key in zip(kinds, first, strict=True) if key is not None]


def _oldest(wanted: ColumnElement[bool], *, locked: bool = False) -> ScalarSelect[int]:
    by_date = OutboxMessage.next_try_at, OutboxMessage.id
    query = select(OutboxMessage.id).where(wanted).order_by(*by_date).limit(1)
    return (query.with_for_update(skip_locked=True) if locked else query).scalar_subquery()


def held_message(session: Session, claim: Claim) -> OutboxMessage | None:
    """The claimed message, locked until the transaction ends; None if another has it now.

    The lock is an UPDATE that changes nothing: SQLite has no ``FOR UPDATE``.
    """
    locked = session.scalar(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == claim.message_id,
            OutboxMessage.state == MessageState.SENDING,
            OutboxMessage.claimed_by == claim.worker,
            OutboxMessage.claimed_until == claim.until,
        )
        .values(claimed_by=claim.worker)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return session.get(OutboxMessage, locked) if locked is not None else None
