"""Six-digit codes: what they open, what they refuse, and that each one serves once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts import totp
from portal.accounts.passwords import hash_password
from portal.models import Account, AccountTotp, Role
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


def with_codes(client: CheckingClient, session: Session, account: Account) -> pyotp.TOTP:
    """Turn codes on as the page does, and sign out; the application that holds the secret."""
    sign_in(client, session, account)
    client.post("/compte/securite/code")
    secret = totp.pending_secret(session, "for tests only", account)
    assert secret is not None
    application = pyotp.TOTP(secret)
    answer = client.post("/compte/securite/code/verifier", data={"code": application.at(NOON)})
    assert answer.status_code == 302
    return application


def give_password(client: CheckingClient, **data: str) -> Any:
    return client.post(
        "/compte/connexion", data={"email": "camille@exemple.test", "password": PASSWORD, **data}
    )


def give_code(client: CheckingClient, code: str) -> Any:
    return client.post("/compte/connexion/code", data={"code": code})


def is_signed_in(client: CheckingClient) -> bool:
    return client.get("/compte/").status_code == 200


def test_nothing_is_asked_before_a_first_code_is_right(
    client: CheckingClient, app: Flask, session: Session, account: Account
) -> None:
    sign_in(client, session, account)
    client.post("/compte/securite/code")
    assert client.post("/compte/securite/code/verifier", data={"code": "000000"}).status_code == 422
    visitor = client_for(app)
    assert give_password(visitor).location == "/"
    assert is_signed_in(visitor)


def test_the_password_alone_no_longer_opens(
    client: CheckingClient, app: Flask, session: Session, account: Account
) -> None:
    application = with_codes(client, session, account)
    visitor = client_for(app)
    answer = give_password(visitor, suite="/offres")
    assert answer.location == "/compte/connexion/code"
    assert not is_signed_in(visitor)
    with clock.frozen_at(NOON + timedelta(minutes=1)):
        assert give_code(visitor, application.at(clock.now())).location == "/offres"
        assert is_signed_in(visitor)


def test_a_code_serves_once(
    client: CheckingClient, app: Flask, session: Session, account: Account
) -> None:
    application = with_codes(client, session, account)
    with clock.frozen_at(NOON + timedelta(minutes=1)):
        code = application.at(clock.now())
        first, second = client_for(app), client_for(app)
        give_password(first)
        give_password(second)
        assert give_code(first, code).status_code == 302
        assert give_code(second, code).status_code == 422
        assert not is_signed_in(second)


@pytest.mark.parametrize("minutes", [-2, 2])
def test_a_code_of_another_minute_is_refused(
    client: CheckingClient, app: Flask, session: Session, account: Account, minutes: int
) -> None:
    application = with_codes(client, session, account)
    visitor = client_for(app)
    with clock.frozen_at(NOON + timedelta(minutes=5)):
        give_password(visitor)
        wrong = application.at(clock.now() + timedelta(minutes=minutes))
        assert give_code(visitor, wrong).status_code == 422


def test_a_spare_code_replaces_the_phone_once(
    client: CheckingClient, app: Flask, session: Session, account: Account
) -> None:
    with_codes(client, session, account)
    page = client.get("/compte/securite").get_data(as_text=True)
    codes = [part.split("<")[0] for part in page.split("<li><code>")[1:]]
    assert len(codes) == 10
    assert codes[0] not in client.get("/compte/securite").get_data(as_text=True)
    for attempt, status in ((codes[0].upper(), 302), (codes[0], 422), (codes[1], 302)):
        visitor = client_for(app)
        give_password(visitor)
        assert give_code(visitor, attempt).status_code == status


def test_codes_cannot_be_guessed_at_leisure(
    client: CheckingClient, app: Flask, session: Session, account: Account
) -> None:
    application = with_codes(client, session, account)
    visitor = client_for(app)
    give_password(visitor)
    answers = [give_code(visitor, f"{n:06}").status_code for n in range(6)]
    assert answers == [422] * 5 + [429]
    assert give_code(visitor, application.at(clock.now())).status_code == 429


@pytest.mark.parametrize("code", ["١٢٣٤٥٦", "é23456", "", "\ufeff123456"])
def test_what_is_no_code_is_only_wrong(
    client: CheckingClient, app: Flask, session: Session, account: Account, code: str
) -> None:
    with_codes(client, session, account)
    visitor = client_for(app)
    give_password(visitor)
    assert give_code(visitor, code).status_code == 422
    assert not is_signed_in(visitor)


@pytest.mark.parametrize("code", ["١٢٣٤٥٦", "é23456"])
def test_what_is_no_code_turns_nothing_on(
    client: CheckingClient, session: Session, account: Account, code: str
) -> None:
    sign_in(client, session, account)
    client.post("/compte/securite/code")
    assert client.post("/compte/securite/code/verifier", data={"code": code}).status_code == 422
    assert not totp.is_on(session, account)


def test_the_wait_between_password_and_code_ends(
    client: CheckingClient, app: Flask, session: Session, account: Account
) -> None:
    application = with_codes(client, session, account)
    visitor = client_for(app)
    give_password(visitor)
    with clock.frozen_at(NOON + timedelta(minutes=11)):
        assert give_code(visitor, application.at(clock.now())).location == "/compte/connexion"
        assert not is_signed_in(visitor)


def test_a_changed_password_ends_the_wait(
    client: CheckingClient, app: Flask, session: Session, account: Account
) -> None:
    application = with_codes(client, session, account)
    visitor = client_for(app)
    give_password(visitor)
    session.refresh(account)
    account.password_hash = hash_password("une autre phrase longue")
    session.commit()
    with clock.frozen_at(NOON + timedelta(minutes=1)):
        give_code(visitor, application.at(clock.now()))
    assert not is_signed_in(visitor)


def test_the_secret_is_not_readable_in_the_database(
    client: CheckingClient, session: Session, account: Account
) -> None:
    application = with_codes(client, session, account)
    stored = session.scalar(select(AccountTotp.secret))
    assert stored is not None
    assert application.secret not in stored
    assert totp.pending_secret(session, "another key", account) is None


def test_removing_codes_asks_for_the_password(
    client: CheckingClient, app: Flask, session: Session, account: Account
) -> None:
    with_codes(client, session, account)
    assert client.post("/compte/securite/code/retirer", data={"current": "x"}).status_code == 422
    client.post("/compte/securite/code/retirer", data={"current": PASSWORD})
    visitor = client_for(app)
    assert give_password(visitor).location == "/"


def test_an_administrator_frees_somebody_who_lost_their_phone(
    client: CheckingClient, app: Flask, make: Factory, session: Session, account: Account
) -> None:
    with_codes(client, session, account)
    administrator = client_for(app)
    sign_in(administrator, session, make.account(email="admin@exemple.test", role=Role.ADMIN))
    page = administrator.get(f"/comptes/{account.public_id}").get_data(as_text=True)
    assert "Téléphone perdu" in page
    administrator.post(f"/comptes/{account.public_id}/securite/retirer")
    assert not is_signed_in(client)
    assert give_password(client_for(app)).location == "/"
