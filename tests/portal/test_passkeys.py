"""Passkeys: what they open, what they refuse, and that each answer serves once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.passwords import hash_password
from portal.models import Account, AccountPasskey, DomainEvent, Role
from tests.support.authenticator import Device
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory

PASSWORD = "une phrase assez longue"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=clock.PARIS)
SITE = "http://localhost:8000"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.frozen_at(NOON):
        yield


@pytest.fixture
def account(make: Factory, session: Session) -> Account:
    account = make.account(email="camille@exemple.test")
    account.password_hash = hash_password(PASSWORD)
    session.commit()
    return account


@pytest.fixture
def named(app: Flask) -> Flask:
    """The portal under a name, which passkeys need."""
    from dataclasses import replace

    app.config["SETTINGS"] = replace(app.config["SETTINGS"], public_url=SITE)
    return app


def give_password(client: CheckingClient, **data: str) -> Any:
    return client.post(
        "/compte/connexion", data={"email": "camille@exemple.test", "password": PASSWORD, **data}
    )


def is_signed_in(client: CheckingClient) -> bool:
    return client.get("/compte/").status_code == 200


def ask_new_passkey(client: CheckingClient, password: str = PASSWORD) -> Any:
    return client.post("/compte/securite/cle/demande", json={"password": password})


def add_passkey(client: CheckingClient, device: Device) -> Any:
    options = ask_new_passkey(client).get_json()
    return client.post("/compte/securite/cle", json={**device.make(options), "label": "Téléphone"})


def use_passkey(client: CheckingClient, device: Device) -> Any:
    options = client.post("/compte/connexion/cle/demande").get_json()
    return client.post("/compte/connexion/cle", json=device.answer(options))


def test_a_passkey_opens_the_account_without_password_or_code(
    named: Flask, session: Session, account: Account
) -> None:
    client, visitor = client_for(named), client_for(named)
    sign_in(client, session, account)
    device = Device(SITE, "localhost")
    assert add_passkey(client, device).status_code == 200
    assert "Téléphone" in client.get("/compte/securite").get_data(as_text=True)
    with clock.frozen_at(NOON + timedelta(minutes=1)):
        assert use_passkey(visitor, device).get_json() == {"target": "/"}
        assert is_signed_in(visitor)
    names = set(session.scalars(select(DomainEvent.name)))
    assert "passkey_added" in names


def test_a_browser_left_open_adds_no_passkey(
    named: Flask, session: Session, account: Account
) -> None:
    client, device = client_for(named), Device(SITE, "localhost")
    sign_in(client, session, account)
    wrong: list[Any] = [{}, {"password": "x"}, {"password": 3}, {"password": "\ud800"}, []]
    for data in wrong:
        assert client.post("/compte/securite/cle/demande", json=data).status_code == 422
    options = client.post(
        "/compte/connexion/cle/demande"
    ).get_json()  # the door's, given to anybody
    creation = {
        "rp": {"id": "localhost"},
        "challenge": options["challenge"],
        "user": {"id": "", "name": "", "displayName": ""},
    }
    made = {**device.make(creation), "label": "Voleur"}
    assert client.post("/compte/securite/cle", json=made).status_code == 422
    assert session.scalar(select(AccountPasskey.id)) is None


def test_the_password_of_a_new_passkey_is_not_guessed_at_leisure(
    named: Flask, session: Session, account: Account
) -> None:
    client = client_for(named)
    sign_in(client, session, account)
    answers = [ask_new_passkey(client, f"essai {n}").status_code for n in range(6)]
    assert answers == [422] * 5 + [429]
    assert ask_new_passkey(client).status_code == 429


def test_the_password_serves_for_one_passkey_of_five_minutes(
    named: Flask, session: Session, account: Account
) -> None:
    client, device = client_for(named), Device(SITE, "localhost")
    sign_in(client, session, account)
    options = ask_new_passkey(client).get_json()
    with clock.frozen_at(NOON + timedelta(minutes=6)):
        made = {**device.make(options), "label": ""}
        assert client.post("/compte/securite/cle", json=made).status_code == 422
    assert add_passkey(client, device).status_code == 200
    again = {**Device(SITE, "localhost").make(options), "label": ""}
    assert client.post("/compte/securite/cle", json=again).status_code == 422


def test_who_changes_their_password_is_told_of_the_passkeys_that_stay(
    named: Flask, session: Session, account: Account
) -> None:
    client = client_for(named)
    sign_in(client, session, account)
    add_passkey(client, Device(SITE, "localhost"))
    other = "une autre phrase longue"
    data = {"current": PASSWORD, "password": other, "again": other}
    answer = client.post("/compte/mot-de-passe", data=data)
    assert answer.location == "/compte/securite"
    page = client.get(answer.location).get_data(as_text=True)
    assert "1 clé d’accès ouvre encore votre compte" in page
    assert "Retirer" in page


@pytest.mark.parametrize(
    "device",
    [
        Device("http://autre.example", "localhost"),
        Device(SITE, "autre.example"),
        Device(SITE, "localhost", verifies=False),
    ],
    ids=["another site", "another name", "screen not unlocked"],
)
def test_a_passkey_made_elsewhere_or_without_its_holder_is_refused(
    named: Flask, session: Session, account: Account, device: Device
) -> None:
    client = client_for(named)
    sign_in(client, session, account)
    assert add_passkey(client, device).status_code == 422
    assert session.scalar(select(AccountPasskey)) is None


def test_an_answer_that_was_copied_opens_nothing(
    named: Flask, session: Session, account: Account
) -> None:
    client, visitor, thief = client_for(named), client_for(named), client_for(named)
    sign_in(client, session, account)
    device = Device(SITE, "localhost")
    add_passkey(client, device)
    with clock.frozen_at(NOON + timedelta(minutes=1)):
        options = visitor.post("/compte/connexion/cle/demande").get_json()
        copied = visitor.get_cookie("ecluse")
        assert copied is not None
        answer = device.answer(options)
        with clock.frozen_at(NOON + timedelta(minutes=2)):
            assert visitor.post("/compte/connexion/cle", json=answer).status_code == 200
            thief.set_cookie("ecluse", copied.value)
            assert thief.post("/compte/connexion/cle", json=answer).status_code == 422
        assert not is_signed_in(thief)


def test_guesses_made_elsewhere_shut_no_passkey_out(
    named: Flask, session: Session, account: Account
) -> None:
    """Answers that name nobody are counted by network, never all together."""
    client, visitor, robot = client_for(named), client_for(named), client_for(named)
    sign_in(client, session, account)
    device = Device(SITE, "localhost")
    add_passkey(client, device)
    for number in range(50):
        caller = {"REMOTE_ADDR": f"10.1.0.{number}"}
        robot.post("/compte/connexion/cle", json={"id": "x"}, environ_overrides=caller)
    with clock.frozen_at(NOON + timedelta(minutes=1)):
        assert use_passkey(visitor, device).status_code == 200
    answers = [robot.post("/compte/connexion/cle", json={"id": "x"}).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_an_old_or_missing_challenge_is_refused(
    named: Flask, session: Session, account: Account
) -> None:
    client, visitor = client_for(named), client_for(named)
    sign_in(client, session, account)
    device = Device(SITE, "localhost")
    add_passkey(client, device)
    options = visitor.post("/compte/connexion/cle/demande").get_json()
    with clock.frozen_at(NOON + timedelta(minutes=6)):
        late = visitor.post("/compte/connexion/cle", json=device.answer(options))
        assert late.status_code == 422
    assert client_for(named).post("/compte/connexion/cle", json={"id": 3}).status_code == 422


def test_a_removed_passkey_opens_nothing(named: Flask, session: Session, account: Account) -> None:
    client, visitor = client_for(named), client_for(named)
    sign_in(client, session, account)
    device = Device(SITE, "localhost")
    add_passkey(client, device)
    row = session.scalar(select(AccountPasskey))
    assert row is not None
    client.post(f"/compte/securite/cle/{row.public_id}/retirer")
    with clock.frozen_at(NOON + timedelta(minutes=1)):
        assert use_passkey(visitor, device).status_code == 422


def test_an_account_opened_again_is_opened_by_no_old_key(
    named: Flask, make: Factory, session: Session, account: Account
) -> None:
    client, visitor, administrator = (client_for(named) for _ in range(3))
    sign_in(client, session, account)
    device = Device(SITE, "localhost")
    add_passkey(client, device)
    sign_in(administrator, session, make.account(email="admin@exemple.test", role=Role.ADMIN))
    for action in ("fermer", "rouvrir"):
        done = administrator.post(f"/comptes/{account.public_id}/{action}")
        assert done.status_code in (200, 302)
    session.refresh(account)
    assert account.active
    assert session.scalar(select(AccountPasskey.id)) is None
    with clock.frozen_at(NOON + timedelta(minutes=1)):
        assert use_passkey(visitor, device).status_code == 422


def test_nobody_removes_the_passkey_of_another(
    named: Flask, make: Factory, session: Session, account: Account
) -> None:
    client, other = client_for(named), client_for(named)
    sign_in(client, session, account)
    add_passkey(client, Device(SITE, "localhost"))
    row = session.scalar(select(AccountPasskey))
    assert row is not None
    sign_in(other, session, make.account(email="dominique@exemple.test"))
    assert other.post(f"/compte/securite/cle/{row.public_id}/retirer").status_code == 404


def test_an_address_in_numbers_holds_no_passkey(
    client: CheckingClient, session: Session, account: Account
) -> None:
    sign_in(client, session, account)
    assert client.post("/compte/securite/cle/demande").status_code == 409
    assert "HTTPS" in client.get("/compte/securite").get_data(as_text=True)


def test_a_name_that_no_database_keeps_adds_no_passkey(
    client: CheckingClient, named: Flask, session: Session, account: Account
) -> None:
    sign_in(client, session, account)
    options = ask_new_passkey(client).get_json()
    made = {**Device(SITE, "localhost").make(options), "label": "Bureau\0"}
    assert client.post("/compte/securite/cle", json=made).status_code == 422
    assert session.scalar(select(AccountPasskey.id)) is None
    client.post("/compte/connexion/cle/demande")
    assert client.post("/compte/connexion/cle", json={"id": "a\0b"}).status_code == 422
