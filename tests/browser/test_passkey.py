"""A passkey in Chromium: a device that holds one is added, then opens the account by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.db import Database
from portal.demo.structures import PASSWORD
from tests.browser.conftest import WIDE
from tests.browser.town import Town, heading, open_town, press

pytestmark = pytest.mark.browser

REFERENT = "nadia.lourquin@demo.example"


@pytest.fixture
def town(
    demo_database: Database, tmp_path: Path, browser: Browser, axe_source: str
) -> Iterator[Town]:
    """The portal over the demonstration, at a name: browsers give no key to a number."""
    with open_town(demo_database, tmp_path, browser, axe_source) as found:
        yield found


def give_device(page: Page) -> None:
    """A device that knows its owner (a finger, a face) and holds passkeys."""
    client = page.context.new_cdp_session(page)
    client.send("WebAuthn.enable")
    client.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_professional_signs_in_with_a_passkey(town: Town) -> None:
    with town.visit(size=WIDE) as visitor:
        page = visitor.page
        give_device(page)
        visitor.sign_in(REFERENT)
        visitor.go("/compte/securite")
        page.locator("form[data-passkey=add] [name=label]").fill("Téléphone du bureau")
        page.locator("form[data-passkey=add] [name=password]").fill(PASSWORD)
        press(page, "Ajouter cet appareil")
        expect(page.locator("#cles + p + ul, .plain-list").first).to_contain_text(
            "Téléphone du bureau"
        )
        visitor.check_accessibility()
        page.context.clear_cookies()
        visitor.go("/compte/connexion")
        press(page, "Entrer avec une clé d’accès")
        page.wait_for_url(f"{town.address}/")
        expect(heading(page)).to_be_visible()
