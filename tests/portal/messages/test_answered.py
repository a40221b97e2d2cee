"""A question answered while a worker holds it does not leave, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from portal import clock
from portal.config import Settings
from portal.db import Database
from portal.messages import claims
from portal.messages.providers import Envelope, PermanentError, TemporaryError
from portal.messages.sending import send_due
from portal.messages.settling import take_back
from portal.models import CallRequest, MessageState, OutboxMessage
from tests.portal.messages.conftest import writer
from tests.support.factories import Factory
from tests.support.messages import NOON

SETTINGS = Settings(home=Path(), database_url="", secret_key="for tests")


class Carrier:
    """A provider that does something, then gives a reference."""

    def __init__(self, act: Callable[[], None] = lambda: None) -> None:
        self.sent: list[str] = []
        self._act = act

    def send(self, envelope: Envelope) -> str:
        self.sent.append(envelope.key)
        self._act()
        return "p-1"


def question(database: Database) -> OutboxMessage:
    with database.session() as session:
        return writer(session, Factory(session))(key="question")


def answer(database: Database) -> None:
    with clock.frozen_at(NOON), database.transaction() as session:
        take_back(session, "question", why="la personne a répondu")


def now_of(database: Database, row: OutboxMessage) -> OutboxMessage:
    with database.session() as session:
        return session.get_one(OutboxMessage, row.id)


def test_an_answer_between_the_claim_and_the_provider_stops_it(
    any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, carrier, real = question(any_database), Carrier(), claims.claim_next

    def claim_then_answer(*asked: object) -> claims.Claim | None:
        claim = real(*asked)  # type: ignore[arg-type]
        answer(any_database)
        return claim

    monkeypatch.setattr(claims, "claim_next", claim_then_answer)
    send_due(any_database, SETTINGS, NOON, providers=lambda *_: carrier)
    assert carrier.sent == []
    found = now_of(any_database, row)
    assert (found.state, found.error) == (MessageState.CANCELLED, "la personne a répondu")
    assert (found.claimed_by, found.tries) == (None, 0)


@pytest.mark.parametrize(
    ("error", "state"),
    [(None, MessageState.SENT), (TemporaryError("down"), MessageState.CANCELLED)],
)
def test_an_answer_while_the_provider_has_it_is_not_followed_by_another_try(
    any_database: Database, error: Exception | None, state: MessageState
) -> None:
    def act() -> None:
        answer(any_database)
        if error is not None:
            raise error

    row, carrier = question(any_database), Carrier(act)
    send_due(any_database, SETTINGS, NOON, providers=lambda *_: carrier)
    later = now_of(any_database, row).next_try_at
    send_due(any_database, SETTINGS, later, providers=lambda *_: carrier)
    assert len(carrier.sent) == 1
    assert now_of(any_database, row).state is state


def test_nobody_calls_for_what_was_answered_while_it_was_refused(any_database: Database) -> None:
    def act() -> None:
        answer(any_database)
        raise PermanentError("no such number")

    question(any_database)
    send_due(any_database, SETTINGS, NOON, providers=lambda *_: Carrier(act))
    with any_database.session() as session:
        assert session.scalars(select(CallRequest)).all() == []
