"""A portal on loopback with its outbox, a provider of SMS, and a clock the test moves."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Locator, Page
from sqlalchemy.orm import Session
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

from portal import clock
from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.invitations.reminding import plan_reminders
from portal.messages.gsm7 import is_gsm7, length
from portal.messages.sending import send_due
from portal.models import EmployerContact, Person
from tests.browser.conftest import PHONE, Visitor, visiting
from tests.support.doors import enter
from tests.support.messages import SmsGateway, settings_for, sms_gateway
from tests.support.samples import SECRET_KEY

LINK = re.compile(r"https?://\S+/l/[\w.~-]+")
SIX_DIGITS = re.compile(r"\b\d{3} ?\d{3}\b")
LONGEST_SMS = 160
#: Milliseconds that anything on loopback may take, even on a busy machine.
SOON = 10_000


class Jar:
    """What ``enter`` needs of a client: a place for the cookie."""

    name = value = ""

    def set_cookie(self, name: str, value: str) -> None:
        """Keep it."""
        self.name, self.value = name, value


@dataclass
class Town:
    """The portal, who is written to, and what time it is there: ten o’clock today at first.

    No message leaves at night: the clock of the portal does not depend on when the tests run.
    """

    database: Database
    gateway: SmsGateway
    browser: Browser
    axe_source: str
    address: str = ""
    #: Cuts the network: the portal answers nobody any more.
    cut: Callable[[], None] = field(init=False)
    #: Bytes answered so far, to pages and to the service worker, headers included.
    sent: int = 0
    app: Flask = field(init=False)
    settings: Settings = field(init=False)
    now: datetime = field(
        default_factory=lambda: datetime.combine(clock.today(), time(10), tzinfo=clock.PARIS)
    )

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer a request at the hour of the portal."""

        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            self.sent += sum(len(name) + len(value) + len(": \r\n") for name, value in headers)
            return start_response(status, headers, *rest)

        with clock.frozen_at(self.now), closing(ClosingIterator(self.app(environ, begin))) as told:
            body = b"".join(told)
        self.sent += len(body)
        return [body]

    def build(self, home: Path, port: int) -> None:
        """Make the application, once the port is known: links in messages bear it."""
        self.address = f"http://localhost:{port}"
        self.settings = Settings(
            home=home,
            database_url=str(self.database.engine.url),
            secret_key=SECRET_KEY,
            secure_cookies=False,
            public_url=self.address,
            messages=settings_for(self.gateway),
        )
        self.app = create_app(self.settings, self.database)

    def day(self, offset: int) -> str:
        """A day counted from the portal's, as a date field takes it."""
        return (self.now.astimezone(clock.PARIS).date() + timedelta(days=offset)).isoformat()

    def pass_to(self, days: int, hour: int) -> None:
        """Let time pass: some days from today, at an hour of Paris; reminders are planned."""
        today = self.now.astimezone(clock.PARIS).date()
        moment = datetime.combine(today + timedelta(days=days), time(hour), tzinfo=clock.PARIS)
        self.now = moment + timedelta(minutes=1)
        with (
            self.app.app_context(),
            clock.frozen_at(self.now),
            self.database.transaction() as session,
        ):
            plan_reminders(session, clock.today())

    def deliver(self) -> None:
        """Send what is due, as the worker does."""
        with self.app.app_context(), clock.frozen_at(self.now):
            while send_due(self.database, self.settings):
                pass

    def messages_to(self, phone: str) -> list[str]:
        """Every SMS that the provider delivered to a number, oldest first."""
        wanted = phone.replace(" ", "")[-9:]
        sent = self.gateway.delivered.values()
        return [body["text"] for body in sent if body["to"].endswith(wanted)]

    def last_message(self, phone: str) -> str:
        """Deliver, then the last SMS to a number: one SMS, of plain letters."""
        self.deliver()
        text = self.messages_to(phone)[-1]
        assert is_gsm7(text), text
        assert length(text) <= LONGEST_SMS, text
        return text

    def link_to(self, phone: str) -> str:
        """The address that the last SMS bears."""
        text = self.last_message(phone)
        found = LINK.search(text)
        assert found is not None, text
        return found.group()

    def code_to(self, phone: str) -> str:
        """The six digits that the last SMS bears."""
        text = self.last_message(phone)
        found = SIX_DIGITS.search(text)
        assert found is not None, text
        return found.group()

    def read(self, what: Callable[[Session], Any]) -> Any:
        """What a query finds, at the hour of the portal."""
        with (
            self.app.test_request_context(),
            clock.frozen_at(self.now),
            self.database.session() as session,
        ):
            return what(session)

    @contextmanager
    def visit(
        self, *, size: Any = PHONE, scripts: bool = True, workers: bool = True
    ) -> Iterator[Visitor]:
        """A fresh browser window on the portal, of a phone unless said otherwise."""
        with visiting(
            self.browser, self.address, self.axe_source, scripts=scripts, size=size, workers=workers
        ) as visitor:
            visitor.page.set_default_timeout(SOON)
            yield visitor

    def let_in(
        self,
        visitor: Visitor,
        bearer: Person | EmployerContact,
        language: str | None = None,
        *,
        confirmed: bool = True,
    ) -> None:
        """Give the browser a visit of this person or contact."""
        jar: Any = Jar()
        with clock.frozen_at(self.now):
            enter(jar, self.database, bearer, language=language, confirmed=confirmed)
        visitor.page.context.add_cookies(
            [{"name": jar.name, "value": jar.value, "url": self.address}]
        )


@contextmanager
def open_town(database: Database, home: Path, browser: Browser, axe_source: str) -> Iterator[Town]:
    """Serve the portal over this database until the end of the block."""
    with sms_gateway() as gateway:
        town = Town(database, gateway, browser, axe_source)
        httpd = make_server("127.0.0.1", 0, town, threaded=True)
        town.build(home, httpd.port)
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()

        def cut() -> None:
            httpd.shutdown()
            httpd.server_close()

        town.cut = cut
        try:
            yield town
        finally:
            cut()
            thread.join()


def heading(page: Page) -> Locator:
    """The title of the page."""
    return page.get_by_role("heading", level=1)


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """Press a button, by its whole name unless it is a pattern."""
    page.get_by_role("button", name=name, exact=isinstance(name, str)).first.click()


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    """Follow a link, by its whole name unless it is a pattern."""
    page.get_by_role("link", name=name, exact=isinstance(name, str)).first.click()


def shot(page: Page, name: str) -> None:
    """Keep a picture of the page in the folder that ``ECLUSE_SHOTS`` names, to be looked at."""
    folder = os.environ.get("ECLUSE_SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
