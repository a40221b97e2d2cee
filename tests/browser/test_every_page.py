"""Every main page, in Chromium: no axe violation, no script error, nothing too wide."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import PHONE, WIDE, visiting

pytestmark = pytest.mark.browser

ADVISER, REFERENT = "claire.vautrelin@demo.example", "nadia.lourquin@demo.example"
PAGES = {
    ADVISER: ["/", "/offres", "/offres/nouvelle", "/personnes", "/formations", "/grands-projets"],
    REFERENT: ["/", "/personnes", "/parcours", "/offres", "/positionnements", "/immersions"],
    "yann.tursart@demo.example": ["/imports/", "/comptes/"],
    "thomas.corvignel@demo.example": ["/", "/embauches?vue=current", "/grands-projets/csne"],
    "anne.walcourt@demo.example": ["/besoins", "/besoins/metiers/F1302"],
    "julie.courlaine@demo.example": ["/", "/candidats", "/mes-immersions", "/mes-embauches"],
    "mireille.florival@demo.example": ["/journal-acces/"],
}


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
