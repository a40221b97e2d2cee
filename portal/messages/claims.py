"""Whose message it is to send: one worker at a time, on both databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
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
    """Take the oldest message that is due, or whose worker has died; None when there is none."""
    wanted = _wanted(now)
    with database.session(read_only=True) as session:
        if session.scalar(select(OutboxMessage.id).where(wanted).limit(1)) is None:
            return None  # nothing to write: the one write lock of SQLite is left to others
    until = now + LEASE
    with database.transaction() as session:
        candidate = (
            select(OutboxMessage.id)
            .where(wanted)
            .order_by(OutboxMessage.next_try_at, OutboxMessage.id)
            .limit(1)
            # Ignored by SQLite, which has a single writer anyway.
            .with_for_update(skip_locked=True)
        )
        found = session.scalar(
            update(OutboxMessage)
            .where(OutboxMessage.id == candidate.scalar_subquery(), wanted)
            .values(state=MessageState.SENDING, claimed_by=worker, claimed_until=until)
            .returning(OutboxMessage.id)
            .execution_options(synchronize_session=False)
        )
    return Claim(found, worker, until) if found is not None else None


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


def _wanted(now: datetime) -> ColumnElement[bool]:
    state = OutboxMessage.state
    return or_(
        and_(state == MessageState.TO_SEND, OutboxMessage.next_try_at <= now),
        and_(state == MessageState.SENDING, OutboxMessage.claimed_until < now),
    )
