"""What is written once a message was decided on, sent, refused, or said."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.calls.queries import record_call, settle_calls
from portal.messages.decisions import (
    MOST_TRIES,
    Cancel,
    Decision,
    Doubt,
    Postpone,
    Say,
    after_quiet_hours,
    wait_after,
)
from portal.models import CallReason, MessageChannel, MessageKind, MessageState, OutboxMessage
from portal.today.tasks import working_days_after

log = logging.getLogger(__name__)

#: What has not left, and is in nobody's hands.
WAITING = (MessageState.TO_SEND, MessageState.TO_CALL)
_IN_HANDS = OutboxMessage.state == MessageState.SENDING
_UNKNOWN = "l’envoi a été interrompu : on ne sait pas si le courriel est parti"
_WIPED = "(effacé)"


def apply(row: OutboxMessage, decision: Decision, *, keep_codes: bool = False) -> None:
    """Write a decision other than sending; ``keep_codes``: those that are not sent are shown."""
    if isinstance(decision, Postpone):
        _release(row, MessageState.TO_SEND)
        row.next_try_at = decision.until
    elif isinstance(decision, Say):
        _release(row, MessageState.TO_CALL)
        row.error = decision.why
        if not keep_codes:
            _wipe(row)
    elif isinstance(decision, Cancel):
        _release(row, MessageState.CANCELLED)
        row.error = decision.why
        _wipe(row)
    elif isinstance(decision, Doubt):
        mark_uncertain(row, _UNKNOWN)


def mark_sent(row: OutboxMessage, reference: str, now: datetime) -> None:
    """The provider has it; a code is not kept."""
    _release(row, MessageState.SENT)
    row.sent_at = now
    row.provider_ref = reference or None
    row.error = None
    _wipe(row)


def mark_uncertain(row: OutboxMessage, why: str) -> None:
    """A human says whether it arrived; nothing sends it again by itself."""
    _release(row, MessageState.UNCERTAIN)
    row.error = why
    _wipe(row)


def try_later(
    session: Session,
    row: OutboxMessage,
    why: str,
    asked: timedelta | None,
    now: datetime,
    draw: random.Random,
) -> None:
    """Wait longer each time; after eight tries somebody calls."""
    if row.tries >= MOST_TRIES:
        mark_failed(session, row, why, now)
        return
    _release(row, MessageState.TO_SEND)
    wanted = now + wait_after(row.tries, asked, draw)
    row.next_try_at = wanted if row.asked_for else after_quiet_hours(wanted)
    row.error = why
    if row.channel is MessageChannel.EMAIL:
        # Known not to have gone: the next try is not a doubt.
        row.handed_at = None


def mark_failed(session: Session, row: OutboxMessage, why: str, now: datetime) -> None:
    """It will not go: somebody calls, the next working day at the latest, if it is still time."""
    _release(row, MessageState.FAILED)
    row.error = why
    _wipe(row)
    if row.expires_at is None or row.expires_at > now:
        ask_call(session, row, CallReason.NOT_REACHED, now)


def take_back(session: Session, key: str, *, why: str) -> None:
    """What a message asks was answered: if it has not left, it does not, and nobody calls because
    it could not."""
    row = session.scalar(select(OutboxMessage).where(OutboxMessage.key == key))
    if row is None:
        return
    cancel_unsent(session, OutboxMessage.id == row.id, why=why)
    end_tries(session, OutboxMessage.id == row.id)
    settle_calls(session, reason=CallReason.NOT_REACHED, subject=row, outcome=why)


def cancel_unsent(session: Session, *which: ColumnElement[bool], why: str | None = None) -> None:
    """Cancel those that no provider has.

    A message that a worker has taken is among them until it is written that it is handed over: the
    transaction that writes it reads the state again, and finds that there is nothing to send.
    """
    unsent = OutboxMessage.state.in_(WAITING) | (_IN_HANDS & OutboxMessage.handed_at.is_(None))
    session.execute(
        update(OutboxMessage)
        .where(*which, unsent)
        .values(state=MessageState.CANCELLED, error=why, claimed_by=None, claimed_until=None)
        .execution_options(synchronize_session="fetch")
    )


def end_tries(session: Session, *which: ColumnElement[bool]) -> None:
    """Of what the provider may have nothing is known: if it does not take it, it had its time."""
    session.execute(
        update(OutboxMessage)
        .where(*which, _IN_HANDS)
        .values(expires_at=clock.now())
        .execution_options(synchronize_session="fetch")
    )


def ask_call(session: Session, row: OutboxMessage, reason: CallReason, now: datetime) -> None:
    """Ask that the recipient be called; an account is told by its administrator."""
    if row.person is None and row.contact is None:
        log.warning("message %s to an account could not be sent", row.id)
        return
    record_call(
        session,
        reason=reason,
        due_on=working_days_after(now.astimezone(clock.PARIS).date(), 1),
        person=row.person,
        establishment=row.contact.establishment if row.contact else None,
        contact=row.contact,
        organisation_id=row.organisation_id,
        subject=row,
        note=row.to_say,
    )


def _release(row: OutboxMessage, state: MessageState) -> None:
    row.state = state
    row.claimed_by = None
    row.claimed_until = None


def _wipe(row: OutboxMessage) -> None:
    """A code is good for somebody else as long as it can be read."""
    if row.kind is MessageKind.CODE:
        row.body = _WIPED
