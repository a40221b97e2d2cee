"""Exactly once: four workers at a time, and a worker that is killed, on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from portal.config import Settings
from portal.db import Database
from portal.messages import claims
from portal.messages.claims import LEASE
from portal.messages.sending import send_due
from portal.models import ContactPreference, MessageState, OutboxMessage
from tests.portal.messages.conftest import writer
from tests.support.factories import Factory
from tests.support.messages import NOON, Mailbox, SmsGateway, settings_for
from tests.support.processes import Running

_LATER = NOON + LEASE + timedelta(seconds=1)


def start(database: Database, sms_url: str = "", smtp_port: int = 0) -> Running:
    """A sender that is ready, and waits for a line to begin."""
    url = database.engine.url.render_as_string(hide_password=False)
    module = "tests.portal.messages.sender"
    return Running(module, url, sms_url, smtp_port, NOON.isoformat())


def settings_of(database: Database, gateway: SmsGateway | None, box: Mailbox | None) -> Settings:
    url = database.engine.url.render_as_string(hide_password=False)
    base = Settings(home=Path(), database_url=url, secret_key="for tests")
    return replace(base, messages=settings_for(gateway, box, timeout=2))


def test_four_workers_send_each_message_once(any_database: Database, gateway: SmsGateway) -> None:
    with any_database.session() as session:
        make = Factory(session)
        write = writer(session, make)
        to = make.person(phone="0639981234")
        for _ in range(21):
            write()
        for _ in range(6):
            write(to)
        total = 24
    with ExitStack() as running:
        workers = [running.enter_context(start(any_database, gateway.url)) for _ in range(4)]
        assert [worker.line() for worker in workers] == ["ready"] * 4
        for worker in workers:
            worker.tell("go")
        assert [worker.wait(30) for worker in workers] == [0] * 4
    with any_database.session() as session:
        rows = session.scalars(select(OutboxMessage)).all()
    keys = Counter(body["id"] for body in gateway.asked)
    assert set(keys.values()) == {1}
    assert keys.keys() == {row.public_id for row in rows if row.state is MessageState.SENT}
    # Of the six to one person, three this week: two workers never both found the last place.
    assert len(keys) == total


def test_a_worker_killed_while_it_sends(any_database: Database, gateway: SmsGateway) -> None:
    with any_database.session() as session:
        row = writer(session, Factory(session))()
    gateway.hold = threading.Event()
    with start(any_database, gateway.url) as worker:
        assert worker.line() == "ready"
        worker.tell("go")
        assert gateway.reached.wait(20)
    gateway.hold.set()
    settings = settings_of(any_database, gateway, None)
    assert send_due(any_database, settings, NOON + LEASE / 2) == 0
    assert send_due(any_database, settings, _LATER) == 1
    with any_database.session() as session:
        found = session.get_one(OutboxMessage, row.id)
        assert (found.state, found.tries) == (MessageState.SENT, 2)
    assert [body["id"] for body in gateway.asked] == [row.public_id] * 2
    assert list(gateway.delivered) == [row.public_id]


def test_a_worker_killed_while_a_mail_goes_leaves_a_doubt(database: Database, box: Mailbox) -> None:
    with database.session() as session:
        make = Factory(session)
        mail = ContactPreference.EMAIL
        row = writer(session, make)(make.person(email="a@exemple.test", contact_preference=mail))
    reached, release = threading.Event(), threading.Event()
    box.answers = _Hanging(reached, release)
    try:
        with start(database, smtp_port=box.port) as worker:
            assert worker.line() == "ready"
            worker.tell("go")
            assert reached.wait(20)
    finally:
        release.set()
    settings = settings_of(database, None, box)
    assert send_due(database, settings, _LATER) == 1
    with database.session() as session:
        found = session.get_one(OutboxMessage, row.id)
        assert found.state is MessageState.UNCERTAIN
        assert found.error
    assert send_due(database, settings, _LATER + timedelta(days=1)) == 0


class _Hanging(list[str]):
    """Answers of a server that says when it has the text, then nothing until released."""

    def __init__(self, reached: threading.Event, release: threading.Event) -> None:
        super().__init__(["250 OK"])
        self.reached, self.release = reached, release

    def pop(self, *_: object) -> str:
        self.reached.set()
        self.release.wait(20)
        return "250 OK"


def test_a_message_claimed_and_not_handed_over_is_sent_by_another(
    any_database: Database, gateway: SmsGateway
) -> None:
    with any_database.session() as session:
        writer(session, Factory(session))()
    settings = settings_of(any_database, gateway, None)
    assert claims.claim_next(any_database, "a worker that dies", NOON) is not None
    assert send_due(any_database, settings, NOON) == 0
    assert send_due(any_database, settings, _LATER) == 1
    assert len(gateway.asked) == 1


def test_a_worker_too_slow_does_not_write_over_the_next_one(
    database: Database, gateway: SmsGateway
) -> None:
    with database.session() as session:
        row = writer(session, Factory(session))()
    settings = settings_of(database, gateway, None)

    class Slow:
        def send(self, _envelope: object) -> str:
            send_due(database, settings, _LATER)
            raise claims_error

    from portal.messages.providers import PermanentError

    claims_error = PermanentError("trop tard")
    send_due(database, settings, NOON, providers=lambda *_: Slow())
    with database.session() as session:
        found = session.get_one(OutboxMessage, row.id)
        assert (found.state, found.tries) == (MessageState.SENT, 2)


def test_nothing_due_claims_nothing(any_database: Database) -> None:
    assert claims.claim_next(any_database, "worker", NOON) is None
