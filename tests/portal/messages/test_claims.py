"""Whose message is next: asked at each second, whatever was sent before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text

from portal.db import Database
from portal.messages.claims import LEASE, claim_next
from portal.models import MessageChannel, MessageKind, MessageState, OutboxMessage
from tests.portal.messages.conftest import writer
from tests.support.factories import Factory
from tests.support.messages import NOON
from tests.support.postgres import PostgresServer

_SENT = 4_000
# psycopg prepares a statement once it was asked five times.
_TIMES = 8


@pytest.fixture
def postgres_database(migrated_postgres: PostgresServer) -> Iterator[Database]:
    """A PostgreSQL of its own: what is known of its tables stays with it."""
    migrated_postgres.recreate("claims", template="migrated")
    database = Database(migrated_postgres.url_of("claims"))
    yield database
    database.dispose()


def _is_sent(person_id: int, number: int) -> dict[str, Any]:
    return {
        "key": f"sent:{number}",
        "kind": MessageKind.INVITATION,
        "channel": MessageChannel.SMS,
        "state": MessageState.SENT,
        "person_id": person_id,
        "body": "Bonjour, à demain.",
        "next_try_at": NOON - timedelta(minutes=number),
    }


def _read_one_by_one(connection: Connection) -> int:
    """How many rows of messages were read by going through the whole table."""
    connection.execute(text("SELECT pg_stat_force_next_flush()"))
    connection.commit()
    read = "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'outbox_message'"
    found = connection.scalar(text(read))
    connection.commit()
    assert isinstance(found, int)
    return found


def test_nothing_to_send_is_known_without_what_was_sent(postgres_database: Database) -> None:
    with postgres_database.session() as session:
        person = Factory(session).person()
        session.execute(insert(OutboxMessage), [_is_sent(person.id, n) for n in range(_SENT)])
        session.commit()
        session.execute(text("ANALYZE outbox_message"))
        session.commit()
    with postgres_database.engine.connect() as connection:
        before = _read_one_by_one(connection)
    for _ in range(_TIMES):
        assert claim_next(postgres_database, "worker", NOON) is None
    with postgres_database.engine.connect() as connection:
        assert _read_one_by_one(connection) == before


def test_the_message_of_a_worker_that_died_goes_first(any_database: Database) -> None:
    with any_database.session() as session:
        write = writer(session, Factory(session))
        first, second, third = (write(at=NOON + timedelta(minutes=n)).id for n in (1, 0, 2))
    now = NOON + timedelta(minutes=3)
    taken = [claim_next(any_database, "dies", now) for _ in range(2)]
    assert [one and one.message_id for one in taken] == [second, first]
    after = [claim_next(any_database, "lives", now + 2 * LEASE) for _ in range(4)]
    assert [one and one.message_id for one in after] == [second, first, third, None]
