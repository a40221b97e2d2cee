"""Reads that write nothing, the access log, proxies and keys, accounts of the demonstration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, abort
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.access.log import log_read, log_refusal
from portal.app import create_app
from portal.config import Settings, load_settings
from portal.db import Database, WriteDuringReadError
from portal.demo_guard import assert_servable
from portal.errors import InputError
from portal.models import AccessKind, AccessLog, Account, Person
from portal.web.guards import check_every_endpoint, current_actor, public, signed_in
from portal.web.session import db_session
from tests.portal.security.support import probe
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory

# Reads write nothing -------------------------------------------------------------------------


def rename_by_flush() -> str:
    account = db_session().scalars(select(Account)).first()
    assert account
    account.first_name = "Changé"
    db_session().flush()
    return "done"


def rename_in_bulk() -> str:
    db_session().execute(update(Account).values(first_name="Changé"))
    return "done"


def rename_and_forget() -> str:
    account = db_session().scalars(select(Account)).first()
    assert account
    account.first_name = "Changé"
    return "done"


@pytest.mark.parametrize("view", [rename_by_flush, rename_in_bulk, rename_and_forget])
def test_a_get_cannot_write(app: Flask, make: Factory, session: Session, view: Any) -> None:
    account = make.account()
    session.commit()
    probe(app, "/essai", public(view))
    with pytest.raises(WriteDuringReadError):
        client_for(app).get("/essai")
    session.expire_all()
    assert account.first_name == "Camille"


def test_a_refused_write_leaves_nothing(app: Flask, make: Factory, session: Session) -> None:
    account = make.account()
    session.commit()

    @public
    def half() -> tuple[str, int]:
        rename_by_flush()
        return "no", 422

    probe(app, "/essai", half, methods=["POST"])
    client_for(app).post("/essai")
    session.expire_all()
    assert account.first_name == "Camille"


def test_an_endpoint_that_does_not_say_who_may_call_it_stops_the_server(app: Flask) -> None:
    app.add_url_rule("/oubli", "oubli", lambda: "open to all")
    with pytest.raises(RuntimeError, match="oubli"):
        check_every_endpoint(app)


# The access log ------------------------------------------------------------------------------


def read_of(person: Person, *, refused: bool) -> Any:
    @signed_in
    def show() -> str:
        if refused:
            log_refusal(current_actor(), person.id, "essai")
            abort(404)
        log_read(current_actor(), [person.id], AccessKind.FILE, "essai")
        return "ok"

    return show


@pytest.mark.parametrize(
    ("refused", "status", "kind"),
    [(False, 200, AccessKind.FILE), (True, 404, AccessKind.REFUSED)],
    ids=["read", "refused"],
)
def test_reads_and_refusals_are_logged(
    app: Flask, make: Factory, session: Session, refused: bool, status: int, kind: AccessKind
) -> None:
    """INV-17, T-SEC-03."""
    account, person = make.account(), make.person()
    probe(app, "/essai", read_of(person, refused=refused))
    client = sign_in(client_for(app), session, account)
    assert client.get("/essai").status_code == status
    entry = session.scalars(select(AccessLog)).one()
    assert (entry.account_id, entry.person_id, entry.kind) == (account.id, person.id, kind)
    assert (entry.organisation_id, entry.endpoint) == (
        account.memberships[0].organisation_id,
        "essai",
    )


def test_a_page_that_cannot_be_logged_is_not_served(
    app: Flask, make: Factory, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, person = make.account(), make.person()
    probe(app, "/essai", read_of(person, refused=False))
    client = sign_in(client_for(app), session, account)

    def broken(_database: Database) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("portal.web.session.write_pending", broken)
    with pytest.raises(OSError, match="disk full"):
        client.get("/essai")
    assert session.scalar(select(func.count(AccessLog.id))) == 0


# Behind proxies ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "seen"), [(0, "127.0.0.1"), (1, "198.51.100.3"), (2, "203.0.113.9")]
)
def test_the_caller_is_read_behind_the_proxies_we_trust_and_no_further(
    settings: Settings, database: Database, proxies: int, seen: str
) -> None:
    app = create_app(replace(settings, trusted_proxies=proxies), database)

    @public
    def who() -> str:
        from flask import request

        return str(request.remote_addr)

    probe(app, "/qui", who)
    forged = {"X-Forwarded-For": "192.0.2.66, 203.0.113.9, 198.51.100.3"}
    assert app.test_client().get("/qui", headers=forged).get_data(as_text=True) == seen


@pytest.mark.parametrize("text", ["-1", "deux", "1.5", "٣"])
def test_a_wrong_number_in_the_environment_is_said(
    home: Any, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("ECLUSE_TRUSTED_PROXIES", text)
    with pytest.raises(InputError, match="ECLUSE_TRUSTED_PROXIES"):
        load_settings(home)


def test_a_short_secret_key_is_refused(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECLUSE_SECRET_KEY", "short")
    with pytest.raises(InputError, match="ECLUSE_SECRET_KEY"):
        load_settings(home)


def test_the_key_is_made_once_and_read_by_its_owner_alone(
    home: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ECLUSE_SECRET_KEY", raising=False)
    first, second = load_settings(home), load_settings(home)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) == 64
    assert (home / "secret.key").stat().st_mode & 0o077 == 0
    assert first.secret_key not in repr(first)


# Demonstration accounts ----------------------------------------------------------------------


def test_a_server_refuses_a_database_with_demonstration_accounts(
    make: Factory, session: Session, settings: Settings
) -> None:
    make.account()
    assert_servable(session, settings)
    make.account(demo=True)
    with pytest.raises(InputError, match="ecluse demo"):
        assert_servable(session, settings)
    assert_servable(session, replace(settings, demo=True))


@pytest.mark.parametrize("address", ["/?a=%00", "/compte/connexion?a=1&a=%00", "/l/x%00y"])
def test_the_character_that_no_database_keeps_is_refused(
    client: CheckingClient, address: str
) -> None:
    assert client.get(address).status_code == 400
    form = {"email": ["a@exemple.test", "\0"], "password": "x"}
    assert client.post("/compte/connexion", data=form).status_code == 400
