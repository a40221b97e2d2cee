"""A keyboard, a voice, a small allowance of data: how the person's pages behave in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as NetworkError

from portal.db import Database
from portal.models import InvitationState, Person
from tests.browser.conftest import Visitor
from tests.browser.town import Town, heading, open_town, press
from tests.portal.recipients.own_space import followed, invitation
from tests.support.factories import Factory

pytestmark = pytest.mark.browser

FIRST_VISIT, NEXT_PAGE = 60_000, 15_000
EVERYDAY = (
    "commun.base.compter",
    "commun.base.plan_simple",
    "commun.etre.equipe",
    "commun.etre.dehors",
    "commun.base.fiche",
    "commun.base.ordinateur",
)
PAGES = ("/moi", "/moi/savoir-faire", "/moi/pistes", "/moi/contacts", "/moi/parcours")
_FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one);
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [one.outerHTML.slice(0, 80), seen];
}"""
_ACTIONS = """() => [...document.querySelectorAll("a[href], button, input, summary")]
  .filter((one) => one.type !== "hidden" && one.checkVisibility()).length"""


@pytest.fixture
def town(database: Database, tmp_path: Path, browser: Browser, axe_source: str) -> Iterator[Town]:
    """A portal with one person in it."""
    with open_town(database, tmp_path, browser, axe_source) as found:
        yield found


@pytest.fixture
def person(town: Town) -> Person:
    """Somebody who has a rendez-vous and cards to answer."""
    return somebody(town)


def somebody(town: Town) -> Person:
    """A person followed by a référent, invited in three days."""
    with town.database.transaction() as session:
        make = Factory(session)
        for code in EVERYDAY:
            make.skill(code)
        space = followed(make)
        invitation(make, space, days=3, state=InvitationState.ACCEPTED)
        session.flush()
        session.expunge_all()
    return space.person


def test_the_keyboard_reaches_every_action_and_shows_where_it_is(
    town: Town, person: Person
) -> None:
    """T-ACC-02: each press of « Tab » lands on something else, with a ring around it."""
    with town.visit() as visitor:
        town.let_in(visitor, person)
        for path in PAGES:
            visitor.go(path)
            expected = visitor.page.evaluate(_ACTIONS)
            reached = [_next(visitor.page) for _ in range(expected)]
            assert all(reached), path
            assert len({html for html, _ in reached}) == expected, (path, reached)
            assert [html for html, seen in reached if not seen] == [], path


def _next(page: Page) -> Any:
    page.keyboard.press("Tab")
    return page.evaluate(_FOCUS)


def test_after_an_answer_the_focus_and_the_voice_follow(town: Town, person: Person) -> None:
    """T-ACC-02: the next card’s sentence takes the focus, the live region says it is noted."""
    with town.visit() as visitor:
        town.let_in(visitor, person)
        visitor.go("/moi/savoir-faire")
        page = visitor.page
        first = heading(page).inner_text()
        page.locator("main form button.big").first.focus()
        page.keyboard.press("Enter")
        expect(heading(page)).not_to_have_text(first)
        expect(heading(page)).to_be_focused()
        expect(page.locator("#live")).to_have_text(re.compile("C’est noté"))


def test_after_leaving_nothing_of_the_person_comes_back(
    database: Database, tmp_path: Path, browser: Browser, axe_source: str
) -> None:
    """On a shared phone: neither « back » nor a page without a network shows them."""
    with ExitStack() as served:
        town = served.enter_context(open_town(database, tmp_path, browser, axe_source))
        person = somebody(town)
        visitor = served.enter_context(town.visit())
        page = visitor.page
        town.let_in(visitor, person)
        visitor.go("/moi")
        page.wait_for_function("() => navigator.serviceWorker.controller")
        visitor.go("/moi/contacts")
        visitor.go("/moi")
        assert person.first_name in page.inner_text("main")
        press(page, "Sortir")
        page.wait_for_url("**/sorti")
        page.go_back()
        page.wait_for_load_state()
        assert person.first_name not in page.inner_text("body")
        town.cut()
        for path in ("/moi", "/moi/contacts"):
            with suppress(NetworkError):
                page.goto(f"{town.address}{path}")
            assert person.first_name not in page.inner_text("body")
        # The browser complains of answers that do not come: the portal is gone.
        visitor.failures.clear()


@dataclass
class Meter:
    """What a browser received, told by the browser itself."""

    bytes: float = 0
    hosts: set[str] = field(default_factory=set)

    def attach(self, page: Page) -> None:
        """Count every answer, from the network alone."""
        client = page.context.new_cdp_session(page)
        client.send("Network.enable")
        client.on("Network.loadingFinished", self._finished)
        client.on("Network.requestWillBeSent", self._asked)

    def _finished(self, event: dict[str, Any]) -> None:
        self.bytes += event["encodedDataLength"]

    def _asked(self, event: dict[str, Any]) -> None:
        host = urlsplit(event["request"]["url"]).hostname
        if host:
            self.hosts.add(host)

    def of(self, visitor: Visitor, path: str) -> float:
        """What opening this page cost."""
        before = self.bytes
        visitor.go(path)
        visitor.page.wait_for_load_state("networkidle")
        return self.bytes - before


def test_a_small_allowance_of_data_is_enough(
    town: Town, person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """T-ACC-03: 60 kB for the first visit, 15 kB for the next pages, from one host."""
    meter = Meter()
    # Without the worker, which would answer from what it keeps: the network alone is measured.
    with town.visit(workers=False) as visitor:
        town.let_in(visitor, person)
        meter.attach(visitor.page)
        weights = {path: meter.of(visitor, path) for path in PAGES}
        page = visitor.page
        visitor.go("/moi/savoir-faire")
        read = meter.bytes
        press(page, re.compile("."))
        page.wait_for_load_state("networkidle")
        weights["« Ce que je sais faire », one answer"] = meter.bytes - read
    whole = first_visit_with_worker(town, person)
    with capsys.disabled():
        print(f"\n  first visit, the worker's own requests included: {whole / 1000:.1f} kB")
        for path, weight in weights.items():
            print(f"  {path}: {weight / 1000:.1f} kB")
    first, *following = weights.values()
    assert 0 < first <= FIRST_VISIT
    assert 0 < max(following) <= NEXT_PAGE
    assert whole <= FIRST_VISIT
    assert meter.hosts == {"localhost"}


def first_visit_with_worker(town: Town, person: Person) -> int:
    """What the portal answers to a phone that never came, until its first page is kept."""
    before = town.sent
    with town.visit() as visitor:
        town.let_in(visitor, person)
        visitor.go("/moi")
        visitor.page.wait_for_function("() => navigator.serviceWorker.controller")
        visitor.page.wait_for_load_state("networkidle")
    return town.sent - before
