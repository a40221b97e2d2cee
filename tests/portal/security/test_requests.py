"""What holds for every request: headers, cookies, CSRF, sizes."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.passwords import hash_password
from portal.app import create_app
from portal.config import Settings, load_settings
from portal.db import Database
from portal.models import Role
from portal.web.guards import public
from portal.web.session import db_session
from tests.portal.security.support import probe
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory
from tests.support.html import problems

PASSWORD = "une phrase assez longue"


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
