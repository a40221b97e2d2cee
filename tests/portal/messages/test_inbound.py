"""What comes back by SMS: signed, kept once, understood, or left to a human."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.messages import inbound
from portal.messages.inbound import Incoming, receive, sign
from portal.messages.replies import understand
from portal.messages.sending import send_due
from portal.models import (
    CallReason,
    CallRequest,
    Introduction,
    IntroductionState,
    Invitation,
    InvitationKind,
    InvitationState,
    MessageKind,
    MessageState,
    OutboxMessage,
    Person,
    ReceivedSms,
    Role,
    SmsMeaning,
)
from tests.portal.messages.conftest import Write
from tests.support.client import client_for
from tests.support.factories import Factory
from tests.support.messages import NOON, settings_for

PHONE = "+33639981234"
KEY = "clé de test pour les SMS"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1", SmsMeaning.YES),
        ("OUI", SmsMeaning.YES),
        ("Yes", SmsMeaning.YES),
        ("Так", SmsMeaning.YES),
        ("1 ТАК", SmsMeaning.YES),
        ("نعم", SmsMeaning.YES),
        ("١", SmsMeaning.YES),
        ("Ні.", SmsMeaning.NO),
        ("٢ لا", SmsMeaning.NO),
        ("3 ПЕРЕДЗВОНІТЬ", SmsMeaning.CALL_ME),
        ("Передзвоніть мені", SmsMeaning.CALL_ME),
        ("3 call me back", SmsMeaning.CALL_ME),
        ("اتصلوا بي", SmsMeaning.CALL_ME),
        ("СТОП", SmsMeaning.STOP),
        ("так ні", SmsMeaning.UNCLEAR),
        ("не так", SmsMeaning.UNCLEAR),
        ("oui merci", SmsMeaning.YES),
        ("Oui, merci !", SmsMeaning.YES),
        ("1 oui", SmsMeaning.YES),
        ("Bonjour oui", SmsMeaning.YES),
        ("d’accord", SmsMeaning.YES),
        ("2", SmsMeaning.NO),
        ("Non.", SmsMeaning.NO),
        ("3", SmsMeaning.CALL_ME),
        ("RAPPELEZ-MOI", SmsMeaning.CALL_ME),
        ("rappelez moi svp", SmsMeaning.CALL_ME),
        ("3 RAPPELEZ MOI", SmsMeaning.CALL_ME),
        ("Rappel", SmsMeaning.CALL_ME),
        ("STOP", SmsMeaning.STOP),
        ("stop sms", SmsMeaning.STOP),
        ("Arrêt", SmsMeaning.STOP),
        ("ARRÊTER", SmsMeaning.STOP),
        ("start", SmsMeaning.START),
        ("Yes, thank you", SmsMeaning.YES),
        ("Call me back please", SmsMeaning.CALL_ME),
        ("Добрий день, так, дякую!", SmsMeaning.YES),
        ("نعم، شكرًا", SmsMeaning.YES),
        ("من فضلك اتصلوا بي", SmsMeaning.CALL_ME),
        ("oui mais pas jeudi", SmsMeaning.UNCLEAR),
        ("oui ou non", SmsMeaning.UNCLEAR),
        ("12", SmsMeaning.UNCLEAR),
        ("merci", SmsMeaning.UNCLEAR),
        ("ne stop pas", SmsMeaning.UNCLEAR),
        ("", SmsMeaning.UNCLEAR),
        ("👍", SmsMeaning.UNCLEAR),
        ("oui " * 200, SmsMeaning.UNCLEAR),
    ],
)
def test_what_an_answer_means(text: str, meaning: SmsMeaning) -> None:
    assert understand(text) is meaning


def incoming(text: str, reference: str = "r1", phone: str = PHONE) -> Incoming:
    return Incoming(reference, phone, text, NOON)


def take(session: Session, text: str, **values: Any) -> ReceivedSms | None:
    with clock.frozen_at(NOON + timedelta(hours=1)):
        row = receive(session, incoming(text, **values))
    session.commit()
    return row


@pytest.fixture
def person(make: Factory) -> Person:
    return make.person(referent=make.account(Role.REFERENT), phone="0639981234")


def invite(make: Factory, person: Person, at: datetime = NOON + timedelta(days=3)) -> Invitation:
    row: Invitation = make.add(
        Invitation(
            person=person,
            kind=InvitationKind.VISIT,
            title="une visite de chantier",
            starts_at=at,
            organisation_id=person.owner_id,
        )
    )
    return row


def asked(
    session: Session,
    database: Database,
    settings: Settings,
    write: Write,
    to: Person,
    **values: Any,
) -> OutboxMessage:
    row = write(to, **values)
    assert send_due(database, settings, NOON) == 1
    session.refresh(row)
    assert row.state is MessageState.SENT
    return row


def reasons(session: Session) -> list[CallReason]:
    return list(session.scalars(select(CallRequest.reason).order_by(CallRequest.id)))


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("1", InvitationState.ACCEPTED),
        ("non", InvitationState.DECLINED),
        ("3", InvitationState.CALL_ASKED),
    ],
)
def test_1_2_3_move_the_invitation(
    database: Database,
    session: Session,
    sms_settings: Settings,
    make: Factory,
    write: Write,
    person: Person,
    text: str,
    state: InvitationState,
) -> None:
    invitation = invite(make, person)
    message = asked(session, database, sms_settings, write, person, subject=invitation)
    row = take(session, text)
    assert row is not None
    assert (row.person_id, row.message_id) == (person.id, message.id)
    session.refresh(invitation)
    assert invitation.state is state
    if text == "3":
        assert reasons(session) == [CallReason.CALL_ME]


def test_yes_to_an_agreement_is_the_agreement(
    database: Database,
    session: Session,
    sms_settings: Settings,
    make: Factory,
    write: Write,
    person: Person,
) -> None:
    adviser = make.account(Role.ADVISER)
    with clock.frozen_at(NOON):
        offer = make.offer(adviser)
    introduction = make.add(
        Introduction(
            person=person,
            offer=offer,
            organisation_id=adviser.memberships[0].organisation_id,
            state=IntroductionState.AGREEMENT_ASKED,
        )
    )
    asked(
        session, database, sms_settings, write, person,
        kind=MessageKind.AGREEMENT, subject=introduction,
    )  # fmt: skip
    take(session, "oui merci")
    session.refresh(introduction)
    assert introduction.state is IntroductionState.AGREED


def test_the_latest_question_decides_between_two_who_share_a_phone(
    database: Database,
    session: Session,
    sms_settings: Settings,
    make: Factory,
    write: Write,
    person: Person,
) -> None:
    other = make.person(referent=make.account(Role.REFERENT), phone="0639981234")
    first, second = invite(make, person), invite(make, other)
    asked(session, database, sms_settings, write, person, subject=first)
    asked(session, database, sms_settings, write, other, subject=second)
    take(session, "1")
    session.refresh(first)
    session.refresh(second)
    assert (first.state, second.state) == (InvitationState.SENT, InvitationState.ACCEPTED)


def test_without_a_question_or_too_late_a_human_reads(
    database: Database,
    session: Session,
    sms_settings: Settings,
    make: Factory,
    write: Write,
    person: Person,
) -> None:
    take(session, "1")
    call = session.scalars(select(CallRequest)).one()
    assert (call.reason, call.person_id, call.note) == (CallReason.TO_READ, person.id, "1")
    past = invite(make, person, NOON - timedelta(days=1))
    asked(session, database, sms_settings, write, person, subject=past)
    take(session, "2", reference="r2")
    session.refresh(past)
    assert past.state is InvitationState.SENT
    assert set(reasons(session)) == {CallReason.TO_READ}


def test_an_unclear_sms_is_read_and_3_alone_is_called(session: Session, person: Person) -> None:
    take(session, "je peux venir avec mon fils ?")
    take(session, "3", reference="r2")
    calls = session.scalars(select(CallRequest).order_by(CallRequest.id)).all()
    assert [call.reason for call in calls] == [CallReason.TO_READ, CallReason.CALL_ME]
    assert calls[0].note == "je peux venir avec mon fils ?"
    assert {call.due_on.isoformat() for call in calls} == {"2027-03-10"}


def test_stop_and_start(session: Session, make: Factory, person: Person) -> None:
    twin = make.person(phone="0639981234")
    take(session, "STOP")
    session.refresh(twin)
    session.refresh(person)
    assert person.messages_stopped_at is not None
    assert twin.messages_stopped_at is not None
    take(session, "start", reference="r2")
    session.refresh(person)
    assert person.messages_stopped_at is None
    assert reasons(session) == []


def test_stop_of_a_contact_is_kept_and_taken_back(session: Session, make: Factory) -> None:
    contact = make.contact(make.establishment(owner=make.organisation()), phone="0639981234")
    row = take(session, "STOP")
    assert row is not None
    assert (row.contact_id, row.unclaimed) == (contact.id, False)
    session.refresh(contact)
    assert contact.messages_stopped_at is not None
    assert reasons(session) == []
    take(session, "start", reference="r2")
    session.refresh(contact)
    assert contact.messages_stopped_at is None


def test_a_firm_that_answers_is_read_by_its_platform(session: Session, make: Factory) -> None:
    platform = make.organisation()
    contact = make.contact(make.establishment(owner=platform), phone="0639981234")
    row = take(session, "ok pour mardi")
    assert row is not None
    assert row.contact_id == contact.id
    assert session.scalars(select(CallRequest.organisation_id)).one() == platform.id


def test_a_number_of_nobody_is_kept(session: Session) -> None:
    row = take(session, "bonjour")
    assert row is not None
    assert (row.person_id, reasons(session), row.unclaimed) == (None, [], True)


def test_the_same_sms_counts_once_even_at_once(any_database: Database) -> None:
    with any_database.session() as session:
        make = Factory(session)
        make.person(referent=make.account(Role.REFERENT), phone="0639981234")
        session.commit()

    def one(_number: int) -> bool:
        with any_database.transaction() as own:
            return receive(own, incoming("je ne sais pas")) is not None

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [False, False, False, True]
    with any_database.session() as session:
        assert session.scalar(select(func.count(ReceivedSms.id))) == 1
        assert len(reasons(session)) == 1


@pytest.fixture
def open_app(settings: Settings, database: Database) -> Flask:
    """The portal with CSRF on and an inbound key."""
    return create_app(replace(settings, messages=settings_for()), database)


def post(app: Flask, body: bytes, header: str) -> int:
    headers = {inbound.SIGNATURE_HEADER: header, "Content-Type": "application/json"}
    return client_for(app).post("/messages/recus", data=body, headers=headers).status_code


def test_the_address_of_the_provider(open_app: Flask, session: Session, person: Person) -> None:
    session.commit()
    body = json.dumps({"id": "r9", "from": PHONE, "text": "STOP", "at": "2027-03-09T10:00:00Z"})
    data, now = body.encode(), clock.now()
    assert post(open_app, data, sign(KEY, data, now)) == 204
    assert post(open_app, data, sign(KEY, data, now)) == 204
    row = session.scalars(select(ReceivedSms)).one()
    assert (row.meaning, row.phone, row.received_at) == (SmsMeaning.STOP, PHONE, NOON)


def test_what_the_provider_did_not_sign_is_refused(open_app: Flask, session: Session) -> None:
    data, now = b'{"id": "r1", "from": "+33639981234", "text": "STOP"}', clock.now()
    good = sign(KEY, data, now)
    for header in (
        "",
        "t=,v1=",
        "t=abc,v1=00",
        "t=1,t=" + "9" * 40 + ",v1=0",
        "t=999999999999,v1=0",  # the year 33658, which no date holds
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        sign("another key, another key", data, now),
        sign(KEY, data + b" ", now),
        sign(KEY, data, now - timedelta(minutes=6)),
        sign(KEY, data, now + timedelta(minutes=6)),
        "é=é",
    ):
        assert post(open_app, data, header) == 401, header
    assert session.scalar(select(func.count(ReceivedSms.id))) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        b'{"id": 3, "from": "+33639981234", "text": "1"}',
        b'{"id": "r", "from": "12", "text": "1"}',
        b'{"id": "r", "from": "+33639981234", "text": null}',
        b'{"id": "' + b"r" * 200 + b'", "from": "+33639981234", "text": "1"}',
        b'{"id": "r\\u0000", "from": "+33639981234", "text": "1"}',
        b'{"id": "r\\ud800", "from": "+33639981234", "text": "1"}',
        b"\xff\xfe",
    ],
)
def test_what_cannot_be_read_is_refused(open_app: Flask, body: bytes) -> None:
    assert post(open_app, body, sign(KEY, body, clock.now())) == 400


def test_an_instant_before_all_time_is_now(open_app: Flask, session: Session) -> None:
    body = b'{"id": "r", "from": "+33639981234", "text": "1", "at": "0001-01-01T00:00:00+14:00"}'
    assert post(open_app, body, sign(KEY, body, clock.now())) == 204
    row = session.scalars(select(ReceivedSms)).one()
    assert row.received_at > clock.now() - timedelta(minutes=1)


def test_too_large_or_without_a_key(open_app: Flask, app: Flask) -> None:
    body = b"x" * (1024 * 1024 + 1)
    assert post(open_app, body, sign(KEY, body, clock.now())) == 413
    assert post(app, b"{}", sign(KEY, b"{}", clock.now())) == 404
