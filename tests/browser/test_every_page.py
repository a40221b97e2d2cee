"""Every main page, in Chromium: no axe violation, no script error, nothing too wide."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import PHONE, WIDE, Visitor, visiting

pytestmark = pytest.mark.browser

ADVISER, REFERENT = "claire.vautrelin@demo.example", "nadia.lourquin@demo.example"
HUB = "thomas.corvignel@demo.example"
PAGES = {
    ADVISER: ["/", "/offres", "/offres/nouvelle", "/personnes", "/formations", "/grands-projets"],
    REFERENT: ["/", "/personnes", "/parcours", "/offres", "/positionnements", "/immersions"],
    "yann.tursart@demo.example": ["/imports/", "/comptes/"],
    HUB: ["/", "/hubs", "/hubs/nouvelle", "/embauches?vue=current", "/grands-projets/csne"],
    "anne.walcourt@demo.example": ["/besoins", "/besoins/metiers/F1302"],
    "julie.courlaine@demo.example": ["/", "/entreprise", "/entreprise/accueils"],
    "mireille.florival@demo.example": ["/journal-acces/"],
}
COHORTS = ["Conducteurs d’engins", "Poseurs de canalisations", "Constructeurs de routes"]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("account", PAGES)
def test_pages_are_accessible_and_fit(
    browser: Browser, server: str, axe_source: str, account: str, size: dict[str, int]
) -> None:
    with visiting(browser, server, axe_source, size=size) as visitor:
        visitor.sign_in(account)
        for path in PAGES[account]:
            visitor.go(path)
            visitor.check_accessibility()
            visitor.check_no_sideways_scroll()


@pytest.mark.parametrize("cohort", COHORTS)
def test_pages_of_a_cohort_fit_a_phone(phone_visitor: Visitor, cohort: str) -> None:
    visitor, page = phone_visitor, phone_visitor.page
    visitor.sign_in(HUB)
    visitor.go("/hubs")
    page.get_by_role("link", name=re.compile(cohort)).first.click()
    tabs = page.get_by_role("navigation", name=re.compile("Pages de la cohorte"))
    tabs.get_by_role("link").first.wait_for()  # the click returns before the page has come
    paths = [link.get_attribute("href") or "" for link in tabs.get_by_role("link").all()]
    board = min(paths, key=len)
    members = page.locator(".board .person-name")
    firsts = [members.first.get_attribute("href") or ""] if members.count() else []
    for path in [*paths, f"{board}/modifier", f"{board}/session", *firsts]:
        visitor.go(path)
        visitor.check_accessibility()
        visitor.check_no_sideways_scroll()
