"""Signing in: the right password opens, the wrong one says so and opens nothing."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.accounts.passwords import hash_password
from tests.support.client import CheckingClient
from tests.support.factories import Factory

PASSWORD = "une phrase assez longue"


def test_the_right_password_opens_a_session(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    account = make.account(email="camille@exemple.test")
    account.password_hash = hash_password(PASSWORD)
    session.commit()
    response = client.post(
        "/compte/connexion", data={"email": "Camille@exemple.test", "password": PASSWORD}
    )
    assert response.status_code == 302
    assert response.location == "/"


def test_a_wrong_password_is_refused_in_french(client: CheckingClient, make: Factory) -> None:
    make.account(email="camille@exemple.test")
    make.session.commit()
    response = client.post(
        "/compte/connexion", data={"email": "camille@exemple.test", "password": "autre chose"}
    )
    assert response.status_code == 422
    assert "ne correspond pas" in response.get_data(as_text=True)
