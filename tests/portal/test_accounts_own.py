"""One's own account: changing the password, signing the other browsers out."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.passwords import hash_password, password_matches
from portal.models import AccountSession
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory

PASSWORD = "une phrase assez longue"
OTHER = "une tout autre phrase"


def follow(client: CheckingClient, path: str, **data: str) -> str:
    """Post, follow the redirection, and return the page."""
    return client.post(path, data=data, follow_redirects=True).get_data(as_text=True)


def test_changing_the_password_signs_the_others_out_and_keeps_this_browser(
    app: Flask, client: CheckingClient, make: Factory, session: Session
) -> None:
    account = make.account()
    account.password_hash = hash_password(PASSWORD)
    session.commit()
    credentials = {"email": account.email, "password": PASSWORD}
    other = client_for(app)
    for browser in (client, other):
        assert browser.post("/compte/connexion", data=credentials).status_code == 302
    page = follow(client, "/compte/mot-de-passe", current=PASSWORD, password=OTHER, again=OTHER)
    assert "Votre mot de passe est changé" in page
    assert other.get("/compte/").status_code == 302
    session.expire_all()
    assert password_matches(account.password_hash, OTHER)
    alive = session.scalars(select(AccountSession).where(AccountSession.revoked_at.is_(None)))
    assert len(alive.all()) == 1


@pytest.mark.parametrize(
    ("current", "password", "again", "message"),
    [
        ("faux", OTHER, OTHER, "pas votre mot de passe actuel"),
        (PASSWORD, OTHER, PASSWORD, "ne sont pas les mêmes"),
        (PASSWORD, "motdepasse2026", "motdepasse2026", "plus courants"),
        (PASSWORD, "camille-camille", "camille-camille", "votre nom"),
    ],
)
def test_a_refused_change_of_password_changes_nothing(
    client: CheckingClient,
    make: Factory,
    session: Session,
    current: str,
    password: str,
    again: str,
    message: str,
) -> None:
    account = make.account()
    account.password_hash = hash_password(PASSWORD)
    sign_in(client, session, account)
    response = client.post(
        "/compte/mot-de-passe", data={"current": current, "password": password, "again": again}
    )
    assert response.status_code == 422
    assert message in response.get_data(as_text=True)
    session.expire_all()
    assert password_matches(account.password_hash, PASSWORD)
    assert client.get("/compte/").status_code == 200


def test_guessing_the_present_password_is_slowed_down_too(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    account = make.account()
    account.password_hash = hash_password(PASSWORD)
    sign_in(client, session, account)
    data = {"current": "faux", "password": OTHER, "again": OTHER}
    for _ in range(5):
        client.post("/compte/mot-de-passe", data=data)
    page = client.post("/compte/mot-de-passe", data=data | {"current": PASSWORD})
    assert page.status_code == 422
    assert "Trop d’essais" in page.get_data(as_text=True)


def test_the_other_browsers_are_signed_out_on_demand(
    app: Flask, client: CheckingClient, make: Factory, session: Session
) -> None:
    account = make.account()
    account.password_hash = hash_password(PASSWORD)
    session.commit()
    other = client_for(app)
    for browser in (client, other):
        browser.post("/compte/connexion", data={"email": account.email, "password": PASSWORD})
    assert "1 autre navigateur" in client.get("/compte/").get_data(as_text=True)
    page = follow(client, "/compte/connexions/fermer")
    assert "Aucun autre navigateur" in page
    assert other.get("/compte/").status_code == 302
