"""A referent proposes five of their people to a cohort in a few taps (T-UX-01)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser

REFERENT = "nadia.lourquin@demo.example"
HUB = "thomas.corvignel@demo.example"
MATCHING = re.compile(r"\d+.personnes de votre portefeuille correspondent")


class Clicks:
    """Counts what a person taps."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def tap(self, role: str, name: str | re.Pattern[str], number: int = 0) -> None:
        """Tap the control of this name."""
        self.page.get_by_role(role, name=name).nth(number).click()  # type: ignore[arg-type]
        self.count += 1


def propose_five(visitor: Visitor) -> int:
    """From « Ma journée » to five people proposed; how many taps it took."""
    page, clicks = visitor.page, Clicks(visitor.page)
    expect(page.get_by_text(MATCHING).first).to_be_visible()
    clicks.tap("button", re.compile("^Choisir et proposer"))
    for number in range(5):
        clicks.tap("checkbox", re.compile("^Proposer"), number)
    clicks.tap("button", "Proposer les personnes cochées")
    return clicks.count


def test_t_ux_01_five_people_are_proposed_in_twelve_clicks_at_most(visitor: Visitor) -> None:
    visitor.sign_in(REFERENT)
    before = visitor.page.url
    assert propose_five(visitor) <= 12
    expect(visitor.page.get_by_text(re.compile("5.personnes proposées"))).to_be_visible()
    assert visitor.page.url != before
    visitor.check_accessibility()


def test_t_ux_01_holds_on_a_phone(phone_visitor: Visitor) -> None:
    phone_visitor.sign_in(REFERENT)
    assert propose_five(phone_visitor) <= 12
    expect(phone_visitor.page.get_by_text(re.compile("5.personnes proposées"))).to_be_visible()


def test_t_ux_01_holds_without_scripts(visitor_without_scripts: Visitor) -> None:
    visitor_without_scripts.sign_in(REFERENT)
    assert propose_five(visitor_without_scripts) <= 12
    proposed = visitor_without_scripts.page.get_by_text(re.compile("5.personnes proposées"))
    expect(proposed).to_be_visible()


@pytest.mark.parametrize(
    "page",
    [
        "Invitations",
        "Personnes à proposer",
        "Réunions",
        "Sélection",
        "Lieux d’immersion",
        "Postes promis",
        "Équité",
    ],
)
def test_the_pages_about_people_pass_the_audit(visitor: Visitor, page: str) -> None:
    visitor.sign_in(HUB)
    visitor.go("/hubs")
    visitor.page.get_by_role("link", name=re.compile("Poseurs de canalisations")).first.click()
    tabs = visitor.page.get_by_role("navigation", name=re.compile("Pages de la cohorte"))
    tabs.get_by_role("link", name=page, exact=True).click()
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    visitor.check_accessibility()
