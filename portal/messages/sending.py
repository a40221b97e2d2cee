"""Sending what is committed, once: claim, hand over, settle, each in a transaction of its own.

``handed_at`` is committed just before the provider is called. A worker that dies before it leaves
a message that another sends. One that dies after it leaves a doubt: an SMS is tried again with the
same key, which the provider knows; an e-mail waits for a human.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from portal import clock
from portal.config import Settings
from portal.db import Database
from portal.messages import claims, settling
from portal.messages.decisions import Send, decide
from portal.messages.facts import address_now, gather_facts, text_to_send
from portal.messages.providers import (
    Envelope,
    PermanentError,
    Provider,
    SendingError,
    TemporaryError,
    UncertainError,
    provider_for,
)
from portal.models import MessageChannel

log = logging.getLogger(__name__)

#: How many messages one call handles at most, so that jobs have their turn.
MOST_AT_ONCE = 20

Providers = Callable[[Settings, MessageChannel], Provider | None]
# Jitter, so that what failed together is not tried again together.
_draw = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the sending of one message needs."""

    database: Database
    settings: Settings
    providers: Providers
    worker: str
    now: datetime


def send_due(
    database: Database,
    settings: Settings,
    now: datetime | None = None,
    *,
    providers: Providers = provider_for,
) -> int:
    """Handle the messages that are due; how many. Never raises: what failed is tried later.

    The batch ends with the first provider that does not answer: the others wait for the next one.
    """
    worker = f"{socket.gethostname()[:16]}:{os.getpid()}:{secrets.token_hex(4)}"
    done = 0
    try:
        while done < MOST_AT_ONCE:
            # Read again for each: a slow provider must not give the next one a lease that is over.
            desk = _Desk(database, settings, providers, worker, now or clock.now())
            claim = claims.claim_next(database, worker, desk.now)
            if claim is None:
                break
            done += 1
            if not _handle(desk, claim):
                break
    except SQLAlchemyError as error:
        log.error("the outbox cannot be read or written (%s); trying again", type(error).__name__)
    except Exception as error:  # one message that cannot be read must not end the worker
        log.error("a message cannot be prepared (%s); it waits for its lease", type(error).__name__)
    return done


def _handle(desk: _Desk, claim: claims.Claim) -> bool:
    """Decide and do; False when the provider did not answer."""
    ready = _prepare(desk, claim)
    if ready is None:
        return True
    envelope, provider, channel = ready
    failure: SendingError | None = None
    reference = ""
    try:
        reference = provider.send(envelope)
    except SendingError as error:
        failure = error
    except Exception as error:  # a defect of an adapter must not stop the others
        log.error("message %s: %s in the adapter", claim.message_id, type(error).__name__)
        failure = _unknown(channel, error)
    _settle(desk, claim, reference, failure)
    return not isinstance(failure, TemporaryError)


def _prepare(desk: _Desk, claim: claims.Claim) -> tuple[Envelope, Provider, MessageChannel] | None:
    """The envelope, once it is committed that it is handed over; None if it does not go now."""
    with desk.database.transaction() as session:
        row = claims.held_message(session, claim)
        if row is None:
            return None
        provider = desk.providers(desk.settings, row.channel)
        facts = gather_facts(session, row, desk.now, provided=provider is not None)
        # The demonstration shows every text on the screen, so that one can try the doors.
        decision = decide(replace(facts, can_be_said=facts.can_be_said or desk.settings.demo))
        if provider is None or not isinstance(decision, Send):
            settling.apply(row, decision, keep_codes=desk.settings.demo)
            return None
        row.address = address_now(row)
        row.handed_at = desk.now
        row.tries += 1
        text = text_to_send(desk.settings, row)
        envelope = Envelope(row.public_id, row.address or "", text, row.title or "")
        return envelope, provider, row.channel


def _settle(desk: _Desk, claim: claims.Claim, reference: str, failure: SendingError | None) -> None:
    """Write what came of it, unless another worker has taken the message since."""
    with desk.database.transaction() as session:
        row = claims.held_message(session, claim)
        if row is None:
            log.warning("message %s was taken over while it was sent", claim.message_id)
        elif failure is None:
            settling.mark_sent(row, reference, desk.now)
        elif isinstance(failure, UncertainError):
            settling.mark_uncertain(row, str(failure))
        elif isinstance(failure, PermanentError):
            settling.mark_failed(session, row, str(failure), desk.now)
        else:
            asked = failure.retry_after if isinstance(failure, TemporaryError) else None
            settling.try_later(session, row, str(failure), asked, desk.now, _draw)


def _unknown(channel: MessageChannel, error: Exception) -> SendingError:
    """Whether it went is unknown: an SMS may be tried again with its key, an e-mail may not."""
    reason = f"erreur de notre part ({type(error).__name__})"
    return TemporaryError(reason) if channel is MessageChannel.SMS else UncertainError(reason)
