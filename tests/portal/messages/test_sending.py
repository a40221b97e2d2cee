"""Sending through a real provider of SMS and a real mail server on loopback."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.config import Settings
from portal.db import Database
from portal.doors.links import address_of, make_link
from portal.messages.outbox import Text
from portal.messages.sending import send_due
from portal.models import (
    ContactPreference,
    LinkPurpose,
    MessageKind,
    MessageState,
)
from tests.portal.messages.conftest import Write
from tests.support.factories import Factory
from tests.support.messages import NOON, Mailbox, SmsGateway


def test_an_sms_goes_to_the_provider_with_its_key(
    database: Database, session: Session, sms_settings: Settings, gateway: SmsGateway, write: Write
) -> None:
    row = write(text=Text(sms="Ça va ? Réponse « oui » à 8 h…", to_say="x"))
    assert send_due(database, sms_settings, NOON) == 1
    session.refresh(row)
    assert row.state is MessageState.SENT
    assert (row.sent_at, row.tries, row.provider_ref) == (NOON, 1, f"p-{row.public_id}")
    assert gateway.asked == [
        {
            "id": row.public_id,
            "to": row.address,
            "from": "Departement",
            "text": 'Ça va ? Réponse "oui" à 8 h...',
        }
    ]
    assert row.address is not None
    assert row.address.startswith("+336")
    assert gateway.headers[0]["Idempotency-Key"] == row.public_id
    assert gateway.headers[0]["Authorization"] == "Bearer jeton"
    assert send_due(database, sms_settings, NOON) == 0


def test_a_mail_goes_to_the_server_with_a_steady_id(
    database: Database,
    session: Session,
    mail_settings: Settings,
    box: Mailbox,
    make: Factory,
    write: Write,
) -> None:
    to = make.person(email="amina@exemple.test", contact_preference=ContactPreference.EMAIL)
    row = write(to)
    assert send_due(database, mail_settings, NOON) == 1
    session.refresh(row)
    assert row.state is MessageState.SENT
    (mail,) = box.mails
    assert mail["Message-ID"] == f"<{row.public_id}@ecluse.example>" == row.provider_ref
    assert mail["To"] == "amina@exemple.test"
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("Demain", "auto-generated")
    assert mail["Date"]
    assert mail.get_content().strip().replace("\r\n", "\n") == "Bonjour,\n\nà demain."


def test_the_link_is_made_into_an_address_when_it_is_sent(
    database: Database,
    session: Session,
    sms_settings: Settings,
    gateway: SmsGateway,
    make: Factory,
    write: Write,
) -> None:
    person = make.person(phone="0639980001")
    with clock.frozen_at(NOON):
        link = make_link(session, purpose=LinkPurpose.PERSON_SPACE, to=person)
    row = write(person, text=Text(sms="Voir : {link}", to_say="x"), link=link)
    send_due(database, sms_settings, NOON)
    assert gateway.asked[0]["text"] == f"Voir : {address_of(sms_settings, link)}"
    session.refresh(row)
    assert row.body == "Voir : {link}"


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (MessageKind.ACCESS, MessageState.CANCELLED),
        (MessageKind.REMINDER, MessageState.TO_CALL),
    ],
)
@pytest.mark.parametrize("change", ["revoked", "expired"])
def test_a_link_that_opens_nothing_is_not_sent(
    database: Database,
    session: Session,
    sms_settings: Settings,
    gateway: SmsGateway,
    make: Factory,
    write: Write,
    change: str,
    kind: MessageKind,
    state: MessageState,
) -> None:
    person = make.person(phone="0639980001")
    with clock.frozen_at(NOON):
        link = make_link(session, purpose=LinkPurpose.PERSON_SPACE, to=person)
    row = write(person, text=Text(sms="Voir : {link}", to_say="x"), link=link, kind=kind)
    if change == "revoked":
        link.revoked_at = NOON
    else:
        link.expires_at = NOON
    session.commit()
    send_due(database, sms_settings, NOON)
    session.refresh(row)
    assert (row.state, gateway.asked) == (state, [])


def test_nothing_set_up_is_said_by_telephone(
    database: Database, session: Session, settings: Settings, write: Write
) -> None:
    row, code = write(), write(kind=MessageKind.CODE, text=Text(sms="Code 123456", to_say="Aider"))
    send_due(database, settings, NOON)
    session.refresh(row)
    session.refresh(code)
    assert row.state is code.state is MessageState.TO_CALL
    assert "123456" not in code.body


def test_a_code_is_not_kept_once_sent(
    database: Database, session: Session, sms_settings: Settings, gateway: SmsGateway, write: Write
) -> None:
    row = write(kind=MessageKind.CODE, text=Text(sms="Code 123456"), asked_for=True)
    send_due(database, sms_settings, NOON)
    session.refresh(row)
    assert gateway.asked[0]["text"] == "Code 123456"
    assert row.state is MessageState.SENT
    assert "123456" not in row.body
