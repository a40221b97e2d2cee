"""What holds for every page: headers, CSRF, cookies, sizes, reads that write nothing, the log."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, abort
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.access.log import log_read, log_refusal
from portal.accounts.passwords import hash_password
from portal.app import create_app
from portal.config import Settings, load_settings
from portal.db import Database, WriteDuringReadError
from portal.demo_guard import assert_servable
from portal.errors import InputError
from portal.models import AccessKind, AccessLog, Account, Person, Role
from portal.web.guards import check_every_endpoint, current_actor, public, signed_in
from portal.web.session import db_session
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory
from tests.support.html import problems

PASSWORD = "une phrase assez longue"


def probe(app: Flask, path: str, view: Any, **options: Any) -> None:
    """Add a route for the test, before the first request."""
    app.add_url_rule(path, path.strip("/").replace("/", "_"), view, **options)


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    """A portal of the test's own, as routes are added to it."""
    app = create_app(settings, database)
    app.config["WTF_CSRF_ENABLED"] = False
    return app


# Headers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/compte/connexion", 200),
        ("/comment-ca-marche", 200),
        ("/compte/", 302),
        ("/nulle-part", 404),
        ("/static/css/ecluse.css", 200),
        ("/static/nulle-part.css", 404),
    ],
)
def test_every_response_carries_the_security_headers(
    client: CheckingClient, path: str, status: int
) -> None:
    with client.get(path) as response:
        headers = response.headers
    assert response.status_code == status
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Server" not in headers or "Werkzeug" not in headers["Server"]


def test_pages_are_not_kept_by_caches_but_static_files_are(client: CheckingClient) -> None:
    assert client.get("/compte/connexion").headers["Cache-Control"] == "no-store"
    with client.get("/static/css/ecluse.css") as response:
        assert "max-age" in response.headers["Cache-Control"]


def test_a_failure_shows_a_french_page_with_the_headers(
    settings: Settings, database: Database
) -> None:
    app = create_app(replace(settings, testing=False), database)

    @public
    def fail() -> str:
        raise RuntimeError("secret detail")

    probe(app, "/panne", fail)
    response = app.test_client().get("/panne")
    page = response.get_data(as_text=True)
    assert response.status_code == 500
    assert "Le service a rencontré une panne" in page
    assert "secret detail" not in page
    assert not problems(page)
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("scheme", "sent"), [("http", False), ("https", True)], ids=["http", "https"]
)
def test_https_is_kept_once_used(client: CheckingClient, scheme: str, sent: bool) -> None:
    response = client.get("/compte/connexion", base_url=f"{scheme}://localhost")
    assert ("Strict-Transport-Security" in response.headers) is sent


# Cookies -------------------------------------------------------------------------------------


def session_cookie(settings: Settings, database: Database, base_url: str) -> str:
    app = create_app(settings, database)
    response = app.test_client().get("/compte/connexion", base_url=base_url)
    return response.headers["Set-Cookie"]


def test_the_cookie_of_a_server_is_bound_to_its_host_and_to_https(
    settings: Settings, database: Database
) -> None:
    cookie = session_cookie(replace(settings, secure_cookies=True), database, "https://ecluse.test")
    assert cookie.startswith("__Host-ecluse=")
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= parts
    assert not any(part.startswith("Domain") for part in parts)


def test_the_cookie_of_the_demonstration_works_over_http(
    settings: Settings, database: Database
) -> None:
    cookie = session_cookie(replace(settings, demo=True), database, "http://127.0.0.1:8000")
    assert cookie.startswith("ecluse=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_cookies_are_secure_unless_it_is_the_demonstration(
    home: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ECLUSE_DATABASE_URL", "ECLUSE_SECRET_KEY", "ECLUSE_TRUSTED_PROXIES"):
        monkeypatch.delenv(name, raising=False)
    assert load_settings(home).secure_cookies
    assert not load_settings(home, demo=True).secure_cookies


# CSRF ----------------------------------------------------------------------------------------


@pytest.fixture
def guarded(settings: Settings, database: Database) -> Flask:
    """The portal with CSRF on, as it is served."""
    return create_app(settings, database)


def token_on(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found.group(1)


#: What a provider posts bears a signature: no browser sends it (tests/portal/messages).
SIGNED_INSTEAD = frozenset({"messages.receive"})
#: How a form that is too old is refused: to professionals, to the people they accompany.
OUT_OF_DATE = (
    "Cette page ne correspond plus à votre connexion",
    "La page est fermée. Rien n’est changé.",
)


def test_every_write_without_its_token_is_refused(
    guarded: Flask, make: Factory, session: Session
) -> None:
    client = sign_in(client_for(guarded), session, make.account(Role.ADMIN))
    writes = 0
    for rule in guarded.url_map.iter_rules():
        if "POST" not in (rule.methods or set()) or rule.endpoint in SIGNED_INSTEAD:
            continue
        path = re.sub(r"<(?:(\w+)[^:>]*:)?\w+>", lambda m: "1" if m[1] == "int" else "x", rule.rule)
        response = client.post(path)
        assert response.status_code == 400, rule.endpoint
        text = response.get_data(as_text=True)
        assert any(said in text for said in OUT_OF_DATE), rule.endpoint
        writes += 1
    assert writes >= 12


def test_a_form_sent_with_its_token_passes(guarded: Flask, make: Factory, session: Session) -> None:
    account = make.account(email="camille@exemple.test")
    account.password_hash = hash_password(PASSWORD)
    session.commit()
    client = client_for(guarded)
    token = token_on(client.get("/compte/connexion").get_data(as_text=True))
    response = client.post(
        "/compte/connexion",
        data={"email": account.email, "password": PASSWORD, "csrf_token": token},
    )
    assert response.status_code == 302


def test_htmx_sends_the_token_in_a_header(guarded: Flask, make: Factory, session: Session) -> None:
    client = sign_in(client_for(guarded), session, make.account())
    page = client.get("/compte/").get_data(as_text=True)
    found = re.search(r'X-CSRFToken": "([^"]+)"', page)
    assert found
    response = client.post("/compte/deconnexion", headers={"X-CSRFToken": found.group(1)})
    assert response.status_code == 302


def test_a_form_of_an_ended_session_cannot_be_replayed(
    guarded: Flask, make: Factory, session: Session
) -> None:
    account = make.account(email="camille@exemple.test")
    account.password_hash = hash_password(PASSWORD)
    session.commit()
    client = client_for(guarded)
    old = token_on(client.get("/compte/connexion").get_data(as_text=True))
    credentials = {"email": account.email, "password": PASSWORD, "csrf_token": old}
    assert client.post("/compte/connexion", data=credentials).status_code == 302
    replayed = client.post("/compte/deconnexion", data={"csrf_token": old})
    assert replayed.status_code == 400
    assert "Cette page ne correspond plus à votre connexion" in replayed.get_data(as_text=True)
    assert client.get("/compte/").status_code == 200, "still signed in: nothing was done"


# Sizes ---------------------------------------------------------------------------------------


def test_what_is_too_heavy_is_refused_with_a_french_page(
    settings: Settings, database: Database
) -> None:
    client = client_for(create_app(replace(settings, max_upload_bytes=10_000), database))
    response = client.post("/compte/connexion", data={"file": (BytesIO(b"x" * 20_000), "a.csv")})
    assert response.status_code == 413
    assert "Le fichier est trop lourd" in response.get_data(as_text=True)


def test_a_form_with_too_many_fields_is_refused(client: CheckingClient) -> None:
    fields = {f"f{number}": "" for number in range(2_100)}
    response = client.post("/compte/connexion", data=fields, content_type="multipart/form-data")
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("GET", "/personnes?nom=%00", None),
        ("GET", "/offres/%00", None),
        ("POST", "/compte/connexion", {"email": "a\0b@exemple.test", "password": "x"}),
    ],
)
def test_a_character_that_no_database_stores_is_refused(
    client: CheckingClient,
    make: Factory,
    session: Session,
    method: str,
    path: str,
    data: dict[str, str] | None,
) -> None:
    sign_in(client, session, make.account())
    response = client.open(path, method=method, data=data)
    assert response.status_code == 400
    assert "Rien n’a été enregistré" in response.get_data(as_text=True)


def test_what_the_database_already_holds_is_said_without_quoting_it(
    app: Flask, make: Factory, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    taken = make.account(email="prenom.nom@exemple.test").email
    session.commit()

    def twice() -> str:
        Factory(db_session()).account(email=taken)
        return "done"

    probe(app, "/essai", public(twice), methods=["POST"])
    response = client_for(app).post("/essai")
    assert response.status_code == 409
    assert "Content-Security-Policy" in response.headers
    assert "C’est déjà enregistré" in response.get_data(as_text=True)
    assert IntegrityError.__name__ in caplog.text
    assert taken not in caplog.text


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
