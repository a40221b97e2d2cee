"""A real server over the demonstration, a real Chromium, and axe."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from werkzeug.serving import make_server

from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.demo.structures import PASSWORD
from tests.conftest import skip_or_fail
from tests.support.databases import SqliteSlot

AXE = Path(__file__).resolve().parents[2] / "build" / "axe"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4"]
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def _demo_slot(tmp_path_factory: pytest.TempPathFactory, demo_file: Path) -> SqliteSlot:
    return SqliteSlot(tmp_path_factory.mktemp("slot") / "demo.sqlite3", demo_file)


@pytest.fixture
def demo_database(_demo_slot: SqliteSlot) -> Iterator[Database]:
    """A database of the test's own, filled with the demonstration."""
    _demo_slot.fill()
    database = _demo_slot.database()
    yield database
    database.dispose()


@pytest.fixture
def server(demo_database: Database, tmp_path: Path) -> Iterator[str]:
    """The address of the portal, served on loopback by threads."""
    settings = Settings(
        home=tmp_path,
        database_url="given",
        secret_key="for tests only",
        demo=True,
        secure_cookies=False,
    )
    app = create_app(settings, demo_database)
    httpd = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, headless."""
    path = shutil.which("chromium")
    if path is None:
        skip_or_fail("browser", "Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The text of axe-core with its French messages."""
    script, locale = AXE / "axe.min.js", AXE / "locales" / "fr.json"
    if not script.exists():
        skip_or_fail("browser", "axe-core is not there: run « make axe » (needs npm)")
    messages = locale.read_text(encoding="utf-8")
    return f"{script.read_text(encoding='utf-8')}\naxe.configure({{locale: {messages}}});"


class Visitor:
    """A person at a browser: signs in, reads, and complains of what axe finds."""

    def __init__(self, page: Page, server: str, axe_source: str) -> None:
        self.page = page
        self.server = server
        self.axe_source = axe_source
        self.failures: list[str] = []
        self.auditing = self.audited = False
        page.on("pageerror", lambda error: self.failures.append(f"script: {error}"))
        page.on("console", self._listen)

    def _listen(self, message: Any) -> None:
        # A 422 is a form that says what is wrong: the browser logs it as an error. Once axe has
        # run, refusals of its inline styles may come at any time; before, they are the page's.
        of_axe = self.audited and message.text.startswith("Applying inline style")
        expected = "422" in message.text or self.auditing or of_axe
        if message.type == "error" and not expected:
            self.failures.append(f"console: {message.text}")

    def go(self, path: str) -> None:
        """Open a page of the portal."""
        response = self.page.goto(f"{self.server}{path}")
        assert response is not None
        assert response.status == 200, f"{path}: {response.status}"

    def sign_in(self, email: str) -> None:
        """Sign in with a demonstration account."""
        self.go("/compte/connexion")
        self.page.get_by_label("Adresse électronique").fill(email)
        self.page.get_by_label("Mot de passe").fill(PASSWORD)
        self.page.get_by_role("button", name="Se connecter").click()
        self.page.wait_for_url(f"{self.server}/")

    def check_accessibility(self) -> None:
        """Run axe (WCAG 2.2 A and AA, RGAA) on the page as it stands."""
        # A window as tall as the page: the bar at the bottom of a phone then covers nothing.
        size = self.page.viewport_size or WIDE
        self.page.wait_for_load_state()
        height = self.page.evaluate("() => document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": size["width"], "height": height + 200})
        # axe itself tries inline styles, which the content security policy refuses.
        self.auditing = self.audited = True
        self.page.evaluate(self.axe_source)
        options = json.dumps({"runOnly": AXE_TAGS, "resultTypes": ["violations"]})
        found = self.page.evaluate(f"() => axe.run(document, {options})")
        # What the console says of axe arrives a little later, in the order it was said.
        with self.page.expect_console_message(lambda message: message.text == "audited"):
            self.page.evaluate("() => setTimeout(() => console.info('audited'), 60)")
        self.auditing = False
        self.page.set_viewport_size(size)
        told = [
            f"{v['id']}: {v['help']} — {[n['html'][:120] for n in v['nodes'][:3]]}"
            for v in found["violations"]
        ]
        assert not told, f"{self.page.url}\n" + "\n".join(told)

    def check_no_sideways_scroll(self) -> None:
        """Nothing sticks out of the window."""
        over = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over <= 0, f"{self.page.url}: {over} px too wide"


@contextmanager
def visiting(
    browser: Browser,
    server: str,
    axe_source: str,
    *,
    scripts: bool = True,
    size: Any = None,
    workers: bool = True,
) -> Iterator[Visitor]:
    """A fresh browser window; what its console complains of fails the test."""
    context = browser.new_context(
        java_script_enabled=scripts,
        viewport=size or WIDE,
        locale="fr-FR",
        service_workers="allow" if workers else "block",
    )
    # Without scripts axe cannot run in the page: such visits check the journey alone.
    visitor = Visitor(context.new_page(), server, axe_source)
    try:
        yield visitor
        assert not visitor.failures, visitor.failures
    finally:
        context.close()


@pytest.fixture
def visitor(browser: Browser, server: str, axe_source: str) -> Iterator[Visitor]:
    """A visitor at a desk."""
    with visiting(browser, server, axe_source) as found:
        yield found


@pytest.fixture
def phone_visitor(browser: Browser, server: str, axe_source: str) -> Iterator[Visitor]:
    """A visitor on a phone."""
    with visiting(browser, server, axe_source, size=PHONE) as found:
        yield found


@pytest.fixture
def visitor_without_scripts(browser: Browser, server: str, axe_source: str) -> Iterator[Visitor]:
    """A visitor whose browser runs no script."""
    with visiting(browser, server, axe_source, scripts=False) as found:
        yield found
