"""A shared computer: what stays in the browser of a professional who looks back, then leaves."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visitor


def test_a_tab_keeps_no_list_of_people(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in("nadia.lourquin@demo.example")
    visitor.go("/personnes")
    whole = page.get_by_role("region", name="Personnes trouvées").get_by_role("link").first
    page.get_by_label("Nom", exact=True).fill("zzz")
    page.get_by_label("Nom", exact=True).press("Enter")
    page.wait_for_url("**nom=zzz**")
    kept = page.evaluate("() => [...Object.values(sessionStorage), ...Object.values(localStorage)]")
    assert not any("/personnes/" in text for text in kept)
    page.go_back()
    expect(page.get_by_label("Nom", exact=True)).to_have_value("")
    expect(whole).to_be_visible()
    page.go_forward()
    expect(page.get_by_label("Nom", exact=True)).to_have_value("zzz")
    page.get_by_role("banner").locator("summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/compte/connexion")
    page.go_back()
    expect(page.get_by_role("button", name="Se connecter", exact=True)).to_be_visible()
