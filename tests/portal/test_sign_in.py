"""Signing in: the right password opens, the wrong one says so and opens nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.passwords import hash_password
from portal.models import Account, AccountSession, LoginAttempt
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory

PASSWORD = "une phrase assez longue"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=clock.PARIS)


@pytest.fixture
def account(make: Factory, session: Session) -> Account:
    account = make.account(email="camille@exemple.test")
    account.password_hash = hash_password(PASSWORD)
    session.commit()
    return account


def attempt(
    client: CheckingClient,
    email: str = "camille@exemple.test",
    password: str = "autre chose",
    address: str = "192.0.2.7",
    **data: str,
) -> tuple[int, str]:
    """Try to sign in; the status and the page."""
    response = client.post(
        "/compte/connexion",
        data={"email": email, "password": password, **data},
        environ_overrides={"REMOTE_ADDR": address},
    )
    return response.status_code, response.get_data(as_text=True)


def is_signed_in(client: CheckingClient) -> bool:
    return client.get("/compte/").status_code == 200


def test_the_right_password_opens_a_session(client: CheckingClient, account: Account) -> None:
    response = client.post(
        "/compte/connexion", data={"email": "Camille@exemple.test", "password": PASSWORD}
    )
    assert response.status_code == 302
    assert response.location == "/"
    assert is_signed_in(client)


def test_a_wrong_password_is_refused_in_french(client: CheckingClient, account: Account) -> None:
    status, page = attempt(client)
    assert status == 422
    assert "ne correspond pas" in page
    assert not is_signed_in(client)


def test_the_answer_does_not_tell_whether_an_account_exists(
    client: CheckingClient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The token of the form says the second it was signed.
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _signer: 1_800_000_000)
    _, known = attempt(client)
    _, unknown = attempt(client, email="personne@exemple.test")
    assert known.replace("camille@exemple.test", "") == unknown.replace("personne@exemple.test", "")


def test_the_wait_does_not_tell_whether_an_account_exists(
    client: CheckingClient, account: Account
) -> None:
    with clock.frozen_at(NOON):
        pages = [
            [attempt(client, email, address=address) for _ in range(6)][-1]
            for email, address in (
                ("camille@exemple.test", "192.0.2.1"),
                ("personne@exemple.test", "192.0.2.2"),
            )
        ]
    assert pages[0][0] == pages[1][0] == 429
    assert "12\u00a0h\u00a001" in pages[0][1]
    assert "12\u00a0h\u00a001" in pages[1][1]


def test_a_closed_account_cannot_sign_in(
    client: CheckingClient, account: Account, session: Session
) -> None:
    account.active = False
    session.commit()
    assert attempt(client, password=PASSWORD)[0] == 422


def test_an_account_that_works_nowhere_any_more_cannot_sign_in(
    client: CheckingClient, account: Account, session: Session
) -> None:
    account.memberships[0].active = False
    session.commit()
    assert attempt(client, password=PASSWORD)[0] == 422


def test_five_failures_make_the_next_attempt_wait_even_with_the_right_password(
    client: CheckingClient, account: Account
) -> None:
    with clock.frozen_at(NOON):
        assert [attempt(client)[0] for _ in range(5)] == [422] * 5
        status, page = attempt(client, password=PASSWORD)
    assert status == 429
    assert "Réessayez à partir de 12\u00a0h\u00a001" in page
    with clock.frozen_at(NOON + timedelta(seconds=61)):
        assert attempt(client, password=PASSWORD)[0] == 302


def test_the_refusal_says_when_in_a_header_too(client: CheckingClient, account: Account) -> None:
    with clock.frozen_at(NOON):
        for _ in range(5):
            attempt(client)
        response = client.post(
            "/compte/connexion",
            data={"email": account.email, "password": "x"},
            environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
        )
    assert response.headers["Retry-After"] == "60"


def test_each_further_failure_doubles_the_wait(client: CheckingClient, account: Account) -> None:
    at = NOON
    waits = []
    with clock.frozen_at(at):
        for _ in range(5):
            attempt(client)
    for _ in range(3):
        wait = 0
        while True:
            wait += 1
            with clock.frozen_at(at + timedelta(minutes=wait)):
                if attempt(client)[0] == 422:
                    break
        waits.append(wait)
        at += timedelta(minutes=wait)
    assert waits == [1, 2, 4]


def test_insisting_while_waiting_does_not_lengthen_the_wait(
    client: CheckingClient, account: Account
) -> None:
    with clock.frozen_at(NOON):
        for _ in range(30):
            attempt(client)
    with clock.frozen_at(NOON + timedelta(seconds=61)):
        assert attempt(client, password=PASSWORD)[0] == 302


def test_failures_from_one_place_do_not_shut_another_out(
    client: CheckingClient, account: Account
) -> None:
    for _ in range(6):
        attempt(client, address="192.0.2.7")
    assert attempt(client, password=PASSWORD, address="198.51.100.3")[0] == 302


def test_twenty_failures_over_many_accounts_make_an_address_wait(
    client: CheckingClient, account: Account
) -> None:
    for number in range(20):
        assert attempt(client, email=f"x{number}@exemple.test")[0] == 422
    assert attempt(client, password=PASSWORD)[0] == 429
    assert attempt(client, password=PASSWORD, address="198.51.100.3")[0] == 302


def test_a_success_does_not_erase_the_failures_of_the_address(
    client: CheckingClient, account: Account
) -> None:
    for number in range(19):
        attempt(client, email=f"x{number}@exemple.test")
    assert attempt(client, password=PASSWORD)[0] == 302
    assert attempt(client, email="y@exemple.test")[0] == 422
    assert attempt(client, email="z@exemple.test")[0] == 429


def test_guesses_spread_over_many_addresses_are_counted_too(
    client: CheckingClient, account: Account
) -> None:
    for number in range(50):
        assert attempt(client, address=f"10.1.0.{number}")[0] == 422
    assert attempt(client, password=PASSWORD, address="10.2.0.1")[0] == 429


def test_an_ipv6_subscriber_is_one_caller(client: CheckingClient, account: Account) -> None:
    for number in range(5):
        attempt(client, address=f"2001:db8:1:2::{number}")
    assert attempt(client, address="2001:db8:1:2:ffff::9")[0] == 429
    assert attempt(client, address="2001:db8:1:3::1")[0] == 422


def test_failures_are_kept_although_the_refused_request_is_rolled_back(
    client: CheckingClient, account: Account, session: Session
) -> None:
    attempt(client)
    kept = session.scalars(select(LoginAttempt)).all()
    assert [row.address for row in kept] == ["192.0.2.7"]


def test_what_was_typed_as_an_address_is_not_kept(
    client: CheckingClient, account: Account, session: Session
) -> None:
    attempt(client, email="MonMotDePasse2026!")
    keys = session.scalars(select(LoginAttempt.account_key)).all()
    assert [len(key) for key in keys] == [64]


def test_a_success_leaves_no_attempt_behind(
    client: CheckingClient, account: Account, session: Session
) -> None:
    attempt(client, password=PASSWORD)
    assert session.scalar(select(func.count(LoginAttempt.id))) == 0


def test_attempts_are_purged_after_a_day(
    client: CheckingClient, account: Account, session: Session
) -> None:
    with clock.frozen_at(NOON):
        attempt(client)
    with clock.frozen_at(NOON + timedelta(days=1, minutes=1)):
        attempt(client, email="autre@exemple.test")
    assert session.scalar(select(func.count(LoginAttempt.id))) == 1


def test_signing_in_changes_the_session_whatever_it_was(
    client: CheckingClient, account: Account, session: Session
) -> None:
    attempt(client, password=PASSWORD)
    first = client.get_cookie("ecluse")
    attempt(client, password=PASSWORD)
    second = client.get_cookie("ecluse")
    assert first is not None
    assert second is not None
    assert first.value != second.value
    hashes = session.scalars(select(AccountSession.token_hash)).all()
    assert len(set(hashes)) == 2


def test_a_session_planted_before_signing_in_does_not_survive(
    client: CheckingClient, account: Account
) -> None:
    with client.session_transaction() as planted:
        planted["planted"] = "by somebody else"
    attempt(client, password=PASSWORD)
    with client.session_transaction() as after:
        assert "planted" not in after


def test_signing_out_ends_the_session_on_the_server(
    client: CheckingClient, account: Account
) -> None:
    attempt(client, password=PASSWORD)
    cookie = client.get_cookie("ecluse")
    assert cookie is not None
    answer = client.post("/compte/deconnexion")
    assert answer.status_code == 302
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    client.set_cookie("ecluse", cookie.value)
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("after", "still_in"),
    [(timedelta(hours=1, minutes=59), True), (timedelta(hours=2, minutes=1), False)],
)
def test_an_idle_session_ends_after_two_hours(
    client: CheckingClient, account: Account, after: timedelta, still_in: bool
) -> None:
    with clock.frozen_at(NOON):
        attempt(client, password=PASSWORD)
    with clock.frozen_at(NOON + after):
        assert is_signed_in(client) is still_in


def test_an_active_session_ends_after_twelve_hours_all_the_same(
    client: CheckingClient, account: Account
) -> None:
    with clock.frozen_at(NOON):
        attempt(client, password=PASSWORD)
    for hour in range(1, 12):
        with clock.frozen_at(NOON + timedelta(hours=hour)):
            assert is_signed_in(client)
    with clock.frozen_at(NOON + timedelta(hours=12, seconds=1)):
        assert not is_signed_in(client)


def test_closing_a_structure_ends_the_sessions_in_it(
    client: CheckingClient, account: Account, session: Session
) -> None:
    sign_in(client, session, account)
    assert is_signed_in(client)
    account.memberships[0].organisation.active = False
    session.commit()
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("/comment-ca-marche?x=1", "/comment-ca-marche?x=1"),
        ("//ailleurs.example/", "/"),
        ("/\\ailleurs.example/", "/"),
        ("/\t/ailleurs.example/", "/"),
        ("https://ailleurs.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_back_to_this_site_alone(
    client: CheckingClient, account: Account, asked: str, reached: str
) -> None:
    response = client.post(
        "/compte/connexion",
        data={"email": account.email, "password": PASSWORD, "suite": asked},
    )
    assert response.location == reached


def test_a_page_asked_signed_out_comes_back_after_signing_in(
    client: CheckingClient, account: Account
) -> None:
    response = client.get("/compte/?x=1")
    assert response.status_code == 302
    page = client.get(response.location).get_data(as_text=True)
    assert 'value="/compte/?x=1"' in page


def test_a_fragment_asked_signed_out_reloads_the_whole_page(client: CheckingClient) -> None:
    response = client.get("/compte/", hx=True)
    assert response.status_code == 401
    assert response.headers["HX-Redirect"].startswith("/compte/connexion")


def test_an_account_switches_between_its_own_structures(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    from portal.models import Membership, Role

    account = make.account(Role.REFERENT)
    second = make.add(
        Membership(account=account, organisation=make.organisation(), role=Role.ADVISER)
    )
    stranger = make.account()
    sign_in(client, session, account)
    assert client.post(f"/compte/structure/{second.public_id}").status_code == 302
    assert second.organisation.name in client.get("/compte/").get_data(as_text=True)
    foreign = stranger.memberships[0].public_id
    assert client.post(f"/compte/structure/{foreign}").status_code == 404


def test_two_processes_count_together(app: object, account: Account) -> None:
    from flask import Flask

    from portal.app import create_app

    assert isinstance(app, Flask)
    other = create_app(app.config["SETTINGS"])
    other.config["WTF_CSRF_ENABLED"] = False
    clients = [client_for(app), client_for(other)]
    statuses = [attempt(clients[turn % 2])[0] for turn in range(6)]
    assert statuses == [422] * 5 + [429]
    other.extensions["ecluse_database"].dispose()
