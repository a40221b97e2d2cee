"""The person's space in a browser: read by everybody, on a small phone, without a network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from werkzeug.serving import make_server

from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.models import InvitationState, PathwayState, Person
from tests.browser.conftest import PHONE, Visitor, visiting
from tests.portal.recipients.own_space import followed, invitation, pathway
from tests.support.doors import enter
from tests.support.factories import Factory

PAGES = ("/moi", "/moi/contacts", "/moi/parcours", "/moi/hors-ligne")
_KEPT = """async () => {
  const pages = await caches.open("ecluse-pages");
  return (await pages.keys()).map((request) => new URL(request.url).pathname);
}"""
_TEXTS = """async () => {
  const pages = await caches.open("ecluse-pages");
  const kept = await Promise.all((await pages.keys()).map((request) => pages.match(request)));
  return Promise.all(kept.map((answer) => answer.text()));
}"""
_VOICE = """
const voice = { lang: "fr-FR", localService: true };
window.said = [];
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => [voice], speaking: false, cancel() {}, addEventListener() {},
  speak(words) { window.said.push(words.text); },
} });
"""


class Portal:
    """A portal one can cut the network of, and two people who have a space in it."""

    def __init__(self, database: Database, home: Path) -> None:
        settings = Settings(
            home=home, database_url="given", secret_key="for tests", secure_cookies=False
        )
        self.database = database
        self.app = create_app(settings, database)
        self.port = 0
        with database.transaction() as session:
            make = Factory(session)
            first, second = followed(make), followed(make, first_name="Bruno")
            invitation(make, first, days=3, state=InvitationState.ACCEPTED)
            pathway(make, first, PathwayState.IN_PROGRESS)
            pathway(make, first)
            session.flush()
            session.expunge_all()
        self.person, self.other = first.person, second.person

    @property
    def address(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def served(self) -> Iterator[None]:
        """Answer, always at the same address, until the end of the block."""
        httpd = make_server("127.0.0.1", self.port, self.app, threaded=True)
        self.port = httpd.port
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            httpd.shutdown()
            thread.join()
            httpd.server_close()

    def let_in(self, visitor: Visitor, person: Person, language: str = "fr") -> None:
        """Give the browser a visit of this person."""
        jar = _Jar()
        visitor.server = self.address
        enter(jar, self.database, person, language=language)  # type: ignore[arg-type]
        visitor.page.context.add_cookies(
            [{"name": jar.name, "value": jar.value, "url": self.address}]
        )


class _Jar:
    """What ``enter`` needs of a client: a place for the cookie."""

    name = value = ""

    def set_cookie(self, name: str, value: str) -> None:
        self.name, self.value = name, value


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Portal:
    """The portal, not yet served."""
    return Portal(database, tmp_path)


@pytest.fixture
def visit(portal: Portal, browser: Browser, axe_source: str) -> Callable[..., Any]:
    """Open a browser window on the portal."""

    def open_window(**options: Any) -> Any:
        return visiting(browser, portal.address, axe_source, **options)

    return open_window


def test_a_page_enlarged_four_times_still_fits(portal: Portal, visit: Callable[..., Any]) -> None:
    with portal.served(), visit(size={"width": 320, "height": 256}) as visitor:
        portal.let_in(visitor, portal.person)
        for page in PAGES:
            visitor.go(page)
            # 320 px is a window of 1280 px at 400 %; the text alone may be twice as large too.
            visitor.page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
            visitor.check_no_sideways_scroll()


def test_without_scripts_the_yes_is_given_all_the_same(
    portal: Portal, visit: Callable[..., Any]
) -> None:
    with portal.served(), visit(size=PHONE, scripts=False) as visitor:
        portal.let_in(visitor, portal.person)
        visitor.go("/moi/contacts")
        visitor.page.get_by_role("button", name="Rappelez-moi").click()
        assert "On vous appelle avant" in visitor.page.inner_text("main")


def test_pages_that_were_read_are_read_again_without_a_network(
    portal: Portal, visit: Callable[..., Any]
) -> None:
    with visit(size=PHONE) as visitor:
        with portal.served():
            _come_in(portal, visitor, portal.person)
            visitor.go("/moi/contacts")
        page = visitor.page
        page.goto(f"{portal.address}/moi")
        assert page.inner_text("h1") == "Ma prochaine étape"
        assert page.locator("#kept").is_visible()
        assert page.inner_text("#kept").startswith("Pas de réseau. Page de ")
        page.goto(f"{portal.address}/moi/parcours")
        assert page.inner_text("h1") == "Pas de réseau"


def test_somebody_else_never_sees_what_was_kept(portal: Portal, visit: Callable[..., Any]) -> None:
    with visit(size=PHONE) as visitor:
        with portal.served():
            _come_in(portal, visitor, portal.person)
            portal.let_in(visitor, portal.other)
            visitor.go("/moi/contacts")
            assert "/moi" not in visitor.page.evaluate(_KEPT)
        visitor.page.goto(f"{portal.address}/moi")
        assert visitor.page.inner_text("h1") == "Pas de réseau"


def test_somebody_who_comes_in_at_once_takes_the_place(
    portal: Portal, visit: Callable[..., Any]
) -> None:
    with portal.served(), visit(size=PHONE) as visitor:
        portal.let_in(visitor, portal.person)
        visitor.go("/moi")
        portal.let_in(visitor, portal.other)
        _read_until_served(visitor, "/moi/contacts")
        visitor.go("/moi/parcours")
        visitor.page.wait_for_timeout(500)
        texts = visitor.page.evaluate(_TEXTS)
        assert texts
        assert not any(portal.person.first_name in text for text in texts)


def test_leaving_or_a_visit_that_ended_empties_what_was_kept(
    portal: Portal, visit: Callable[..., Any]
) -> None:
    with portal.served(), visit(size=PHONE) as visitor:
        page = visitor.page
        _come_in(portal, visitor, portal.person)
        page.context.clear_cookies()
        visitor.go("/moi")
        assert page.url.endswith("/moi/entrer")
        assert page.evaluate(_KEPT) == []
        portal.let_in(visitor, portal.person)
        visitor.go("/moi")
        _wait_until_kept(visitor)
        page.get_by_role("button", name="Sortir").click()
        page.wait_for_url("**/sorti")
        assert page.evaluate(_KEPT) == []


def _read_until_served(visitor: Visitor, path: str) -> None:
    """Read a page until the worker serves it.

    A page left while the worker is being fetched ends that; the next page asks for it again.
    """
    for _ in range(10):
        visitor.go(path)
        with suppress(PlaywrightTimeoutError):
            visitor.page.wait_for_function("() => navigator.serviceWorker.controller", timeout=3000)
            return
    pytest.fail("no worker serves the pages")


def _come_in(portal: Portal, visitor: Visitor, person: Person) -> None:
    """Enter, and wait until the first page is kept."""
    portal.let_in(visitor, person)
    visitor.go("/moi")
    _wait_until_kept(visitor)


def _wait_until_kept(visitor: Visitor) -> None:
    """Wait until the first page is kept: a promise is no answer for ``wait_for_function``."""
    for _ in range(100):
        if "/moi" in visitor.page.evaluate(_KEPT):
            return
        visitor.page.wait_for_timeout(50)
    raise AssertionError("the first page was not kept")


def test_a_page_is_read_aloud_where_there_is_a_voice(
    portal: Portal, visit: Callable[..., Any]
) -> None:
    with portal.served(), visit(size=PHONE) as visitor:
        portal.let_in(visitor, portal.person)
        visitor.go("/moi")
        assert visitor.page.locator("[data-speak]").is_hidden()
        visitor.page.add_init_script(_VOICE)
        visitor.go("/moi")
        visitor.page.get_by_role("button", name="Écouter").click()
        said = visitor.page.evaluate("() => window.said")
        assert len(said) == 1
        assert said[0].startswith("Ma prochaine étape. On vous propose")
