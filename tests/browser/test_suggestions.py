"""The suggestions of everyone computed again: from a desk, a phone, without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.db import Database
from portal.jobs import queue
from portal.models import JobState
from tests.browser.conftest import PHONE, WIDE, Visitor, visiting

pytestmark = pytest.mark.browser

ADMIN = "yann.tursart@demo.example"


class Worker:
    """The worker of the server, one step at a time."""

    def __init__(self, database: Database) -> None:
        self.database = database
        held = queue.claim(database)
        assert held is not None
        self.held = held

    def tell(self, done: int, total: int) -> bool:
        return queue.record_progress(
            self.database, self.held, phase="calcul", done=done, total=total
        )

    def close(self, state: JobState, message: str | None = None) -> None:
        with self.database.transaction() as session:
            queue.close(session, self.held, state, message)


def open_from_imports(visitor: Visitor) -> Page:
    page = visitor.page
    visitor.sign_in(ADMIN)
    visitor.go("/imports/")
    page.get_by_role("link", name="Propositions de tous").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Propositions de tous")
    return page


def check(visitor: Visitor) -> None:
    visitor.check_accessibility()
    visitor.check_no_sideways_scroll()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_followed_to_its_end_then_cancelled(
    browser: Browser, server: str, axe_source: str, demo_database: Database, size: Any
) -> None:
    with visiting(browser, server, axe_source, size=size) as visitor:
        page = open_from_imports(visitor)
        check(visitor)
        page.get_by_role("button", name="Recalculer les propositions de tous").click()
        expect(page.get_by_text("En attente de son tour")).to_be_visible()
        worker = Worker(demo_database)
        worker.tell(12_400, 50_000)
        # Nobody touches the page: it asks by itself.
        expect(page.get_by_text("12 400 personnes sur 50 000")).to_be_visible()
        bar = page.get_by_role("progressbar", name="Calcul des propositions")
        expect(bar).to_have_attribute("value", "12400")
        check(visitor)
        worker.close(JobState.DONE)
        expect(page.locator("#calcul .notice")).to_have_text("Le calcul est allé à son terme.")
        expect(page.locator("[hx-trigger]")).to_have_count(0)
        page.get_by_role("button", name="Recalculer les propositions de tous").click()
        worker = Worker(demo_database)
        page.get_by_role("button", name="Annuler").click()
        expect(page.get_by_text("Annulation demandée")).to_be_visible()
        assert worker.tell(2_000, 50_000)
        worker.close(JobState.CANCELLED, "Annulé. Les autres gardent leurs propositions.")
        expect(page.locator("#calcul .notice")).to_contain_text(
            "Les autres gardent leurs propositions."
        )
        check(visitor)


def test_without_scripts_by_reloading(
    visitor_without_scripts: Visitor, demo_database: Database
) -> None:
    page = open_from_imports(visitor_without_scripts)
    page.get_by_role("button", name="Recalculer les propositions de tous").click()
    worker = Worker(demo_database)
    worker.tell(1_000, 4_000)
    page.get_by_role("link", name="Actualiser").click()
    expect(page.get_by_text("1 000 personnes sur 4 000")).to_be_visible()
    page.get_by_role("button", name="Annuler").click()
    expect(page.get_by_text("Annulation demandée")).to_be_visible()
    worker.close(JobState.CANCELLED, "Annulé.")
    page.get_by_role("link", name="Actualiser").click()
    expect(page.get_by_role("button", name="Recalculer les propositions de tous")).to_be_visible()
