"""What a professional sees of the messages, and does with those to say by telephone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.app import create_app
from portal.calls.queries import record_call
from portal.config import Settings
from portal.db import Database
from portal.doors.links import make_link, token_of
from portal.messages import queries
from portal.messages.inbound import Incoming, receive
from portal.messages.outbox import Text
from portal.models import (
    Account,
    CallReason,
    CallRequest,
    DomainEvent,
    LinkPurpose,
    MessageKind,
    MessageState,
    OutboxMessage,
    Person,
    ReceivedSms,
    Role,
)
from tests.portal.messages.conftest import Write
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory
from tests.support.queries import count_queries


@pytest.fixture
def referent(make: Factory) -> Account:
    return make.account(Role.REFERENT)


@pytest.fixture
def person(make: Factory, referent: Account) -> Person:
    return make.person(referent=referent, phone="0639981234", last_name="Bertin")


@pytest.fixture
def to_say(write: Write, person: Person, session: Session) -> OutboxMessage:
    return in_state(session, write(person, at=clock.now()), MessageState.TO_CALL)


def in_state(session: Session, row: OutboxMessage, state: MessageState) -> OutboxMessage:
    row.state = state
    session.commit()
    return row


def page(client: CheckingClient, address: str = "/messages") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_what_is_to_say_and_to_whom(
    client: CheckingClient, session: Session, referent: Account, to_say: OutboxMessage
) -> None:
    sign_in(client, session, referent)
    shown = page(client)
    assert "Amina B." in shown
    assert "Demain" in shown
    assert "06\u00a039\u00a098\u00a012\u00a034" in shown
    sheet = page(client, "/messages/a-dire")
    assert "Demain" in sheet
    fragment = client.get("/messages?vue=call", hx=True).get_data(as_text=True)
    assert "<html" not in fragment
    assert "Amina B." in fragment


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("dit", MessageState.TO_CALL, MessageState.CALLED),
        ("pas-joint", MessageState.TO_CALL, MessageState.TO_CALL),
        ("annuler", MessageState.TO_CALL, MessageState.CANCELLED),
        ("annuler", MessageState.TO_SEND, MessageState.CANCELLED),
        ("reessayer", MessageState.UNCERTAIN, MessageState.TO_SEND),
        ("reessayer", MessageState.FAILED, MessageState.TO_SEND),
        ("dit", MessageState.UNCERTAIN, MessageState.CALLED),
        ("reessayer", MessageState.SENT, MessageState.SENT),
        ("dit", MessageState.SENT, MessageState.SENT),
        ("annuler", MessageState.SENDING, MessageState.SENDING),
    ],
)
def test_what_is_done_by_hand(
    client: CheckingClient,
    session: Session,
    referent: Account,
    to_say: OutboxMessage,
    action: str,
    before: MessageState,
    after: MessageState,
) -> None:
    in_state(session, to_say, before)
    sign_in(client, session, referent)
    response = client.post(f"/messages/{to_say.public_id}/{action}", data={"vue": "call"})
    assert (response.status_code, response.location) == (303, "/messages?vue=call")
    session.refresh(to_say)
    assert to_say.state is after
    if action == "pas-joint":
        assert to_say.next_try_at > clock.now() + timedelta(hours=1)
        names = session.scalars(select(DomainEvent.name)).all()
        assert names == ["message_not_reached"]


def test_said_ends_the_task_that_asked_for_the_call(
    client: CheckingClient, session: Session, referent: Account, to_say: OutboxMessage
) -> None:
    in_state(session, to_say, MessageState.FAILED)
    record_call(
        session,
        reason=CallReason.NOT_REACHED,
        due_on=clock.today(),
        person=to_say.person,
        subject=to_say,
    )
    session.commit()
    sign_in(client, session, referent)
    client.post(f"/messages/{to_say.public_id}/dit")
    call = session.scalars(select(CallRequest)).one()
    session.refresh(call)
    assert (call.done_by_id, call.outcome) == (referent.id, "dit par téléphone")


def test_another_structure_neither_sees_nor_acts(
    client: CheckingClient, session: Session, make: Factory, to_say: OutboxMessage
) -> None:
    sign_in(client, session, make.account(Role.REFERENT))
    assert "Amina B." not in page(client)
    assert client.post(f"/messages/{to_say.public_id}/dit").status_code == 404
    session.refresh(to_say)
    assert to_say.state is MessageState.TO_CALL


def test_the_text_is_for_those_who_may_read_the_file(
    client: CheckingClient, session: Session, make: Factory, write: Write
) -> None:
    adviser = make.account(Role.ADVISER)
    shared = make.person(phone="0639981234", shared_on=clock.today())
    own = adviser.memberships[0].organisation_id
    row = write(shared, at=clock.now(), organisation_id=own)
    in_state(session, row, MessageState.TO_CALL)
    sign_in(client, session, adviser)
    shown = page(client)
    assert "Amina B." in shown
    assert "Demain" not in shown
    assert "Le texte n’est lu que par ceux qui suivent la personne" in shown


def test_messages_to_employers_are_those_of_the_platform(
    client: CheckingClient, session: Session, make: Factory, write: Write
) -> None:
    adviser = make.account(Role.ADVISER)
    firm = make.establishment(name="Travaux du Nord", owner=adviser.memberships[0].organisation)
    write(make.contact(firm), at=clock.now(), organisation_id=firm.owner_id)
    sign_in(client, session, adviser)
    assert "Travaux du Nord" in page(client, "/messages?vue=waiting")
    sign_in(client, session, make.account(Role.ADVISER))
    assert "Travaux du Nord" not in page(client, "/messages?vue=waiting")


def test_a_hub_reads_and_says_what_it_wrote_itself(
    client: CheckingClient, session: Session, make: Factory, write: Write
) -> None:
    hub = make.account(Role.HUB)
    own = hub.memberships[0].organisation_id
    ours = write(make.person(phone="0639981234"), at=clock.now(), organisation_id=own)
    theirs = write(make.person(last_name="Zola", phone="0639981235"), at=clock.now())
    gone = write(make.person(last_name="Yvon", archived_at=clock.now()), organisation_id=own)
    for row in (ours, theirs, gone):
        in_state(session, row, MessageState.TO_CALL)
    sign_in(client, session, hub)
    shown = page(client)
    assert "Amina B." in shown
    assert "Demain" in shown
    assert "/personnes/" not in shown
    assert "Amina Z." not in shown
    assert "Amina Y." not in shown
    assert "Dire un message par téléphone" in page(client, "/")
    assert client.post(f"/messages/{theirs.public_id}/dit").status_code == 404
    assert client.post(f"/messages/{ours.public_id}/dit").status_code == 303
    session.refresh(ours)
    assert ours.state is MessageState.CALLED


def test_a_printed_list_that_is_cut_says_so(
    client: CheckingClient, session: Session, referent: Account, person: Person, write: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(queries, "_PRINTED", 2)
    for _each in range(3):
        in_state(session, write(person, at=clock.now()), MessageState.TO_CALL)
    sign_in(client, session, referent)
    assert "Les 2 plus anciens, sur 3." in page(client, "/messages/a-dire")
    monkeypatch.setattr(queries, "_PRINTED", 3)
    assert "plus anciens" not in page(client, "/messages/a-dire")


def test_an_administrator_reads_what_comes_from_unknown_numbers(
    client: CheckingClient, session: Session, make: Factory
) -> None:
    at = clock.now()
    receive(session, Incoming("r1", "+33639980001", "c’est Paul, rappelez-moi svp demain", at))
    receive(session, Incoming("r2", "+33639980002", "STOP", at))
    sign_in(client, session, make.account(Role.ADMIN))
    assert "Lire un SMS d’un numéro inconnu" in page(client, "/")
    shown = page(client, "/messages/inconnus")
    assert "c’est Paul" in shown
    assert "0639980002" in shown
    for sms in session.scalars(select(ReceivedSms)).all():
        assert client.post(f"/messages/inconnus/{sms.public_id}").status_code == 303
        assert client.post(f"/messages/inconnus/{sms.public_id}").status_code == 404
    assert "Aucun SMS d’un numéro inconnu" in page(client, "/messages/inconnus")
    assert "numéro inconnu" not in page(client, "/")


def test_links_and_codes_are_shown_in_the_demonstration_alone(
    settings: Settings, database: Database, session: Session, write: Write,
    referent: Account, person: Person, client: CheckingClient,
) -> None:  # fmt: skip
    link = make_link(session, purpose=LinkPurpose.PERSON_SPACE, to=person)
    text = Text(sms="Voir : {link}", to_say="Voir")
    write(person, at=clock.now(), text=text, link=link)
    code = Text(sms="Code 123456", to_say="Aider")
    write(person, at=clock.now(), text=code, kind=MessageKind.CODE)
    token = token_of(settings.secret_key, link)
    sign_in(client, session, referent)
    shown = page(client, "/messages?vue=waiting")
    assert "123456" not in shown
    assert token not in shown
    demo = client_for(create_app(replace(settings, demo=True), database))
    sign_in(demo, session, make_other(session, referent))
    shown = page(demo, "/messages?vue=waiting")
    assert f'href="/l/{token}"' in shown
    assert "Code 123456" in shown


def make_other(session: Session, referent: Account) -> Account:
    """A colleague in the same structure: a browser has one session per account here."""
    return Factory(session).account(Role.REFERENT, referent.memberships[0].organisation)


def test_the_number_of_queries_does_not_grow(
    client: CheckingClient,
    session: Session,
    database: Database,
    make: Factory,
    referent: Account,
    write: Write,
) -> None:
    sign_in(client, session, referent)

    def measure() -> int:
        with count_queries(database.engine) as counted:
            page(client, "/messages?vue=waiting")
        return counted.count

    write(make.person(referent=referent, phone="0639981234"), at=clock.now())
    few = measure()
    for _ in range(12):
        write(make.person(referent=referent, phone="0639981234"), at=clock.now())
    assert measure() == few


def test_the_day_says_what_is_to_say_and_what_is_in_doubt(
    client: CheckingClient, session: Session, referent: Account, to_say: OutboxMessage
) -> None:
    sign_in(client, session, referent)
    assert "Dire un message par téléphone" in page(client, "/")
    in_state(session, to_say, MessageState.UNCERTAIN)
    assert "Vérifier qu’un courriel est arrivé" in page(client, "/")
    shown = page(client, "/messages?vue=doubt")
    assert "Il n’est jamais renvoyé tout seul" in shown
