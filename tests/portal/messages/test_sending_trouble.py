"""What keeps a message from leaving: providers down, quiet hours, limits, defects."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.messages.decisions import MOST_TRIES
from portal.messages.facts import text_to_send
from portal.messages.outbox import Text
from portal.messages.sending import send_due
from portal.models import (
    CallReason,
    CallRequest,
    ContactPreference,
    MessageChannel,
    MessageKind,
    MessageState,
    OutboxMessage,
)
from tests.portal.messages.conftest import Write
from tests.support.factories import Factory
from tests.support.messages import NOON, Mailbox, SmsGateway, paris, settings_for

MINUTE = timedelta(minutes=1)


def test_a_provider_that_is_down_loses_nothing(
    database: Database, session: Session, settings: Settings, gateway: SmsGateway, write: Write
) -> None:
    down = replace(settings, messages=replace(settings_for(gateway), sms_url="http://127.0.0.1:9/"))
    rows = [write() for _ in range(3)]
    assert send_due(database, down, NOON) == 1
    states = select(OutboxMessage.state).order_by(OutboxMessage.id)
    assert set(session.scalars(states)) == {MessageState.TO_SEND}
    session.refresh(rows[0])
    assert timedelta(seconds=48) <= rows[0].next_try_at - NOON <= timedelta(seconds=72)
    up = replace(settings, messages=settings_for(gateway))
    assert send_due(database, up, NOON + 2 * MINUTE) == 3
    assert len(gateway.delivered) == 3


@pytest.mark.parametrize("status", [408, 429, 500, 503, 401, 302])
def test_a_temporary_answer_is_tried_again_after_what_the_provider_asks(
    database: Database,
    session: Session,
    sms_settings: Settings,
    gateway: SmsGateway,
    write: Write,
    status: int,
) -> None:
    row = write()
    gateway.answers = [(status, {"Retry-After": "600"})]
    send_due(database, sms_settings, NOON)
    session.refresh(row)
    assert (row.state, row.next_try_at) == (MessageState.TO_SEND, NOON + 10 * MINUTE)
    send_due(database, sms_settings, NOON + 11 * MINUTE)
    session.refresh(row)
    assert (row.state, row.tries) == (MessageState.SENT, 2)
    keys = {headers["Idempotency-Key"] for headers in gateway.headers}
    assert keys == {row.public_id}


def test_a_refused_number_is_called(
    database: Database, session: Session, sms_settings: Settings, gateway: SmsGateway, write: Write
) -> None:
    row = write()
    gateway.answers = [(422, {})]
    send_due(database, sms_settings, NOON)
    session.refresh(row)
    assert row.state is MessageState.FAILED
    call = session.scalars(select(CallRequest)).one()
    assert (call.reason, call.person_id) == (CallReason.NOT_REACHED, row.person_id)
    assert call.note == "Demain"


def test_after_eight_tries_somebody_calls(
    database: Database, session: Session, sms_settings: Settings, gateway: SmsGateway, write: Write
) -> None:
    row, now = write(), NOON
    gateway.answers = [(503, {})] * 20
    waits = []
    for _ in range(MOST_TRIES):
        send_due(database, sms_settings, now)
        session.refresh(row)
        waits.append(row.next_try_at - now)
        now = max(row.next_try_at, now)
    assert (row.state, row.tries, len(gateway.asked)) == (MessageState.FAILED, 8, 8)
    assert waits[0] < 2 * MINUTE < 3 * MINUTE < waits[3]
    assert session.scalars(select(CallRequest.reason)).all() == [CallReason.NOT_REACHED]


def test_mail_answers(
    database: Database,
    session: Session,
    mail_settings: Settings,
    box: Mailbox,
    make: Factory,
    write: Write,
) -> None:
    def one(at: timedelta) -> OutboxMessage:
        to = make.person(email="amina@exemple.test", contact_preference=ContactPreference.EMAIL)
        row = write(to, at=NOON + at)
        send_due(database, mail_settings, NOON + at)
        session.refresh(row)
        return row

    box.recipient_answers = ["550 inconnu"]
    assert one(MINUTE).state is MessageState.FAILED
    box.answers = ["554 refusé"]
    assert one(2 * MINUTE).state is MessageState.FAILED
    box.answers = ["451 plus tard"]
    later = one(3 * MINUTE)
    assert (later.state, later.handed_at) == (MessageState.TO_SEND, None)
    send_due(database, mail_settings, NOON + timedelta(minutes=10))
    session.refresh(later)
    assert (later.state, len(box.mails)) == (MessageState.SENT, 1)


def test_a_mail_server_lost_after_the_text_leaves_a_doubt_that_is_never_settled_alone(
    database: Database,
    session: Session,
    mail_settings: Settings,
    box: Mailbox,
    make: Factory,
    write: Write,
) -> None:
    to = make.person(email="amina@exemple.test", contact_preference=ContactPreference.EMAIL)
    row = write(to)
    box.drop = True
    send_due(database, mail_settings, NOON)
    session.refresh(row)
    assert row.state is MessageState.UNCERTAIN
    send_due(database, mail_settings, NOON + timedelta(hours=4))
    assert len(box.mails) == 1


def test_quiet_hours_wait_for_eight_except_for_what_is_asked_for(
    database: Database, session: Session, sms_settings: Settings, gateway: SmsGateway, write: Write
) -> None:
    night = NOON + timedelta(hours=11)
    held, code = write(at=night), write(at=night, kind=MessageKind.CODE, asked_for=True)
    send_due(database, sms_settings, night)
    session.refresh(held)
    session.refresh(code)
    assert (held.state, code.state) == (MessageState.TO_SEND, MessageState.SENT)
    assert paris(held.next_try_at).isoformat() == "2027-03-10T08:00:00+01:00"
    send_due(database, sms_settings, held.next_try_at)
    session.refresh(held)
    assert held.state is MessageState.SENT


def test_three_messages_a_week_to_a_person(
    database: Database,
    session: Session,
    sms_settings: Settings,
    gateway: SmsGateway,
    make: Factory,
    write: Write,
) -> None:
    person = make.person(phone="0639980001")
    rows = [write(person) for _ in range(4)]
    soon = write(person, expires_at=NOON + timedelta(days=2))
    code = write(person, kind=MessageKind.CODE, asked_for=True)
    assert send_due(database, sms_settings, NOON) == 6
    for row in (*rows, soon, code):
        session.refresh(row)
    assert [row.state for row in rows] == [MessageState.SENT] * 3 + [MessageState.TO_SEND]
    assert rows[3].next_try_at == NOON + timedelta(days=7)
    assert (soon.state, code.state) == (MessageState.TO_CALL, MessageState.SENT)
    send_due(database, sms_settings, NOON + timedelta(days=7))
    session.refresh(rows[3])
    assert rows[3].state is MessageState.SENT


def test_whoever_is_gone_or_has_stopped_is_not_written_to(
    database: Database,
    session: Session,
    sms_settings: Settings,
    gateway: SmsGateway,
    make: Factory,
    write: Write,
) -> None:
    archived, stopped = write(), write()
    silent = write(text=Text(sms="Bonjour"))
    contact = make.contact(make.establishment())
    left = write(contact)
    late = write(expires_at=NOON)
    assert archived.person
    assert stopped.person
    assert silent.person
    archived.person.archived_at = NOON
    stopped.person.messages_stopped_at = silent.person.messages_stopped_at = NOON
    contact.active = False
    session.commit()
    send_due(database, sms_settings, NOON)
    states = []
    for row in (archived, stopped, silent, left, late):
        session.refresh(row)
        states.append(row.state.value)
    assert states == ["cancelled", "to_call", "cancelled", "cancelled", "cancelled"]
    assert gateway.asked == []


def test_a_contact_who_has_stopped_is_called(
    database: Database,
    session: Session,
    sms_settings: Settings,
    gateway: SmsGateway,
    make: Factory,
    write: Write,
) -> None:
    contact = make.contact(make.establishment())
    before, code = write(contact), write(contact, asked_for=True)
    contact.messages_stopped_at = NOON
    after = write(contact)
    session.commit()
    send_due(database, sms_settings, NOON)
    for row in (before, code):
        session.refresh(row)
    assert (before.state, after.state) == (MessageState.TO_CALL, MessageState.TO_CALL)
    assert code.state is MessageState.SENT
    assert len(gateway.asked) == 1


def test_a_request_that_fails_sends_nothing(
    database: Database,
    session: Session,
    sms_settings: Settings,
    gateway: SmsGateway,
    make: Factory,
) -> None:
    from portal.messages.outbox import write_message
    from portal.web.guards import public
    from portal.web.session import db_session

    person_id = make.person(phone="0639980001").id
    session.commit()

    app = create_app(sms_settings, database)  # a route is added to it
    app.config["WTF_CSRF_ENABLED"] = False

    @app.post("/essai/<int:status>", endpoint="essai")
    @public
    def essai(status: int) -> tuple[str, int]:
        from portal.models import Person

        to = db_session().get(Person, person_id)
        assert to is not None
        text = Text(sms="Bonjour")
        write_message(
            db_session(), key=f"essai:{status}", kind=MessageKind.LEAD, to=to, text=text,
            organisation_id=None,
        )  # fmt: skip
        return "", status

    client = app.test_client()
    assert client.post("/essai/422").status_code == 422
    assert send_due(database, sms_settings) == 0
    assert client.post("/essai/200").status_code == 200
    row = session.scalars(select(OutboxMessage)).one()
    send_due(database, sms_settings, row.next_try_at.replace(hour=12) + timedelta(days=1))
    assert [body["text"] for body in gateway.asked] == ["Bonjour"]


def test_a_defect_of_an_adapter_stops_nothing(
    database: Database, session: Session, settings: Settings, write: Write
) -> None:
    class Broken:
        def send(self, _envelope: object) -> str:
            raise RuntimeError("boom")

    row = write()
    assert send_due(database, settings, NOON, providers=lambda *_: Broken()) == 1
    session.refresh(row)
    assert (row.channel, row.state) == (MessageChannel.SMS, MessageState.TO_SEND)


@pytest.mark.parametrize("email", ["amina@@exemple.test", "amina exemple", "ami na@exemple.test"])
def test_an_address_that_is_none_is_called_without_a_doubt(
    database: Database,
    session: Session,
    mail_settings: Settings,
    make: Factory,
    write: Write,
    email: str,
) -> None:
    row = write(make.person(email=email, contact_preference=ContactPreference.EMAIL))
    send_due(database, mail_settings, NOON)
    session.refresh(row)
    assert (row.state, row.error) == (MessageState.FAILED, "adresse inutilisable")
    assert session.scalars(select(CallRequest.reason)).all() == [CallReason.NOT_REACHED]


def test_after_a_slow_provider_the_next_message_has_a_whole_lease(
    database: Database,
    session: Session,
    settings: Settings,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [write(), write()]
    now = [NOON]
    leases: list[timedelta] = []

    class Slow:
        def send(self, _envelope: object) -> str:
            with database.session(read_only=True) as reading:
                until = reading.scalars(select(OutboxMessage.claimed_until)).all()
            leases.extend(lease - now[0] for lease in until if lease is not None)
            now[0] += 2 * MINUTE
            return "p"

    monkeypatch.setattr(clock, "now", lambda: now[0])
    assert send_due(database, settings, providers=lambda *_: Slow()) == 2
    assert leases == [3 * MINUTE] * 2
    session.expire_all()
    assert [row.sent_at for row in rows] == [NOON, NOON + 2 * MINUTE]


def test_a_message_that_cannot_be_prepared_does_not_end_the_worker(
    database: Database,
    session: Session,
    sms_settings: Settings,
    gateway: SmsGateway,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken, sound = write(), write(at=NOON + MINUTE)

    def text(settings: Settings, row: OutboxMessage) -> str:
        if row.id == broken.id:
            raise LookupError("defect")
        return text_to_send(settings, row)

    monkeypatch.setattr("portal.messages.sending.text_to_send", text)
    assert send_due(database, sms_settings, NOON + MINUTE) == 1
    assert send_due(database, sms_settings, NOON + MINUTE) == 1
    session.expire_all()
    assert (broken.state, sound.state) == (MessageState.SENDING, MessageState.SENT)
