"""A failure of ours: at each door a plain page, whom to call, and nothing asked of the database."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.db import Database
from portal.models import EmployerContact, Person, Role
from portal.web import doorstep
from portal.web.guards import employer_door, person_door
from tests.support.client import CheckingClient, sign_in
from tests.support.doors import enter
from tests.support.factories import Factory

PHONE = "03 21 00 00 09"


@pytest.fixture
def client(app: Flask, client: CheckingClient) -> CheckingClient:
    """Errors are answered, as by a real server."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return client


@pytest.fixture
def person(make: Factory, session: Session) -> Person:
    row = make.person(referent=make.account(Role.REFERENT, phone=PHONE))
    session.commit()
    return row


@pytest.fixture
def contact(make: Factory, session: Session) -> EmployerContact:
    row = make.contact(make.establishment())
    row.establishment.owner = make.organisation(phone=PHONE)
    session.commit()
    return row


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of a page of each door."""

    def fail() -> str:
        raise RuntimeError("secret detail")

    for endpoint, door in (("recipients.home", person_door), ("employers.home", employer_door())):
        monkeypatch.setitem(app.view_functions, endpoint, door(lambda: fail()))


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes in cannot be read any more."""

    def fail(_token: str | None) -> None:
        raise OperationalError("select", {}, Exception("secret detail"))

    monkeypatch.setattr(doorstep, "_load", fail)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    ("language", "said", "direction"),
    [
        ("fr", "Cette page ne marche pas.", "ltr"),
        ("en", "This page is not working.", "ltr"),
        ("ar", "هذه الصفحة لا تعمل.", "rtl"),
        ("uk", "Ця сторінка не працює.", "ltr"),
    ],
)
def test_a_person_reads_plain_words_and_whom_to_call(
    client: CheckingClient,
    database: Database,
    person: Person,
    language: str,
    said: str,
    direction: str,
) -> None:
    enter(client, database, person, language=language)
    answer = client.get("/moi")
    assert answer.status_code == 500
    assert f"<h1>{said}</h1>" in answer.text
    assert f'dir="{direction}"' in answer.text
    assert 'href="tel:0321000009"' in answer.text
    assert "secret detail" not in answer.text
    assert "Le service a rencontré une panne" not in answer.text


@pytest.mark.usefixtures("broken")
def test_an_employer_reads_plain_words_and_whom_to_call(
    client: CheckingClient, database: Database, contact: EmployerContact
) -> None:
    enter(client, database, contact)
    answer = client.get("/entreprise")
    assert answer.status_code == 500
    assert "Cette page ne marche pas" in answer.text
    assert 'href="tel:0321000009"' in answer.text
    assert 'href="/entreprise"' in answer.text
    assert "secret detail" not in answer.text


@pytest.mark.usefixtures("no_database")
@pytest.mark.parametrize("path", ["/moi", "/moi/contacts", "/entreprise"])
def test_the_page_is_there_when_the_database_is_not(
    client: CheckingClient, database: Database, person: Person, path: str
) -> None:
    enter(client, database, person)
    answer = client.get(path)
    assert answer.status_code == 500
    assert "Cette page ne marche pas" in answer.text
    assert "tel:" not in answer.text


def test_what_was_sent_is_said_lost(
    client: CheckingClient, database: Database, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(client, database, person)

    def fail(*_args: object, **_values: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("portal.recipients.contacts.record_call", fail)
    answer = client.post("/moi/contacts/rappel")
    assert answer.status_code == 500
    assert "Votre réponse n’est pas gardée." in answer.text
    assert "Rien n’est perdu." not in answer.text


@pytest.mark.usefixtures("broken")
def test_beside_a_professional_too(
    app: Flask,
    client: CheckingClient,
    database: Database,
    session: Session,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sign_in(client, session, person.referrals[0].account)
    enter(client, database, person)
    _forget_signed_in(app, monkeypatch)
    answer = client.get("/moi")
    assert answer.status_code == 500
    assert "Cette page ne marche pas." in answer.text


def test_a_professional_reads_theirs_when_the_database_is_out_of_reach(
    app: Flask,
    client: CheckingClient,
    session: Session,
    make: Factory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sign_in(client, session, make.account(Role.REFERENT))
    _forget_signed_in(app, monkeypatch)
    answer = client.get("/personnes")
    assert answer.status_code == 500
    assert "Le service a rencontré une panne" in answer.text


def _forget_signed_in(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is signed in cannot be read any more."""

    def fail(_token: str) -> None:
        raise OperationalError("select", {}, Exception("secret detail"))

    manager = app.login_manager  # type: ignore[attr-defined]
    monkeypatch.setattr(manager, "_user_callback", fail)
