"""The adviser's main job, whole: a call, an offer, who is ready and why, a person, a pathway."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser

ADVISER = "claire.vautrelin@demo.example"
REFERENT = "nadia.lourquin@demo.example"
SAVED = re.compile("Enregistré", re.IGNORECASE)


def day(offset: int) -> str:
    """A day counted from today, as a date field takes it."""
    return (clock.today() + timedelta(days=offset)).isoformat()


def fill(page: Page, label: str, value: str) -> None:
    """Type in a field that saves itself, and wait until it says so."""
    field = page.get_by_label(label, exact=True)
    with page.expect_response(lambda answer: "/champ/" in answer.url):
        field.fill(value)
        field.blur()
    # The answer may bring another field up to date: a person types the next one after that.
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    page.wait_for_timeout(150)


def capture_by_phone(visitor: Visitor) -> str:
    """Capture an offer while listening; a closed tab loses nothing (T-UX-02). Its address."""
    page = visitor.page
    visitor.go("/offres/nouvelle")
    page.get_by_role("button", name="Commencer").click()
    fill(page, "Métier", "maçon VRD")
    expect(page.locator("#choix-title")).to_contain_text("Ouvrier / Ouvrière en voiries")
    address = page.url
    fill(page, "Nombre de postes", "2")
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_label("Nombre de postes")).to_have_value("2")
    fill(page, "Lieu de travail", "Marquion")
    fill(page, "Date souhaitée", day(40))
    fill(page, "Au plus tard", day(90))
    fill(page, "Entreprise", "Voiries Artésiennes")
    page.locator("#choix-employer").get_by_role("button").first.click()
    page.get_by_label("Contrat").select_option("cdd")
    return address


def write_what_is_refused(page: Page) -> None:
    """A text that sets people aside is flagged with its reason as it is typed (T-OFF-05)."""
    text = page.get_by_label("Ce que l’employeur dit du poste")
    text.fill("Nous cherchons un jeune homme dynamique.")
    expect(page.locator("#champ-de-description")).to_contain_text(re.compile("âge|sexe"))
    with page.expect_response(lambda answer: "/champ/" in answer.url):
        text.fill("Travail en équipe de trois, sur le chantier du canal.")
        text.blur()


def say_what_is_needed(page: Page) -> None:
    """Take what the trade usually asks, then move one requirement: the count follows (T-OFF-06)."""
    page.get_by_role("button", name="Reprendre ce que le métier demande d’habitude").click()
    row = page.get_by_role("group", name="Remblayer par couches")
    expect(row.get_by_label("dès le premier jour")).to_be_checked()
    before = page.locator("#vivier").inner_text()
    with page.expect_response(lambda answer: "/champ/" in answer.url):
        row.get_by_text("en poste").click()
    expect(page.locator("#vivier")).not_to_have_text(before, use_inner_text=True)


def share_and_open(page: Page) -> None:
    """Say who may see the offer, who agreed in the firm, and open it."""
    page.get_by_label("Partenaires, sans le nom").check()
    fill(page, "Qui, dans l’entreprise, accepte le partage\u00a0?", "Mme Harnecourt, gérante")
    fill(page, "Accord donné le", day(0))
    fill(page, "Valable jusqu’au", day(21))
    page.get_by_role("button", name="Qualifier et ouvrir").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Maçon VRD")


def present_the_first(visitor: Visitor) -> None:
    """Read why, propose, record the agreement, transmit."""
    page = visitor.page
    first = page.locator(".person-line").first
    first.get_by_role("link", name="Pourquoi").click()
    expect(page.locator("[id^=pourquoi-]").first).to_contain_text("acquis")
    visitor.check_accessibility()
    first.get_by_role("checkbox").check()
    page.get_by_role("button", name="Proposer les personnes cochées").click()
    visitor.check_accessibility()
    page.get_by_label("au téléphone").check()
    page.get_by_role("button", name="Noter son accord").click()
    page.get_by_role("button", name=re.compile("Transmettre")).click()
    expect(page.locator("main")).to_contain_text("transmise")
    visitor.check_accessibility()


def test_the_adviser_goes_from_a_call_to_a_person_presented(visitor: Visitor) -> None:
    visitor.sign_in(ADVISER)
    capture_by_phone(visitor)
    visitor.check_accessibility()
    write_what_is_refused(visitor.page)
    say_what_is_needed(visitor.page)
    share_and_open(visitor.page)
    visitor.check_accessibility()
    present_the_first(visitor)


def test_the_referent_composes_a_pathway_and_records_the_agreement(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in(REFERENT)
    visitor.go("/personnes")
    page.locator("main table a, main .person-name").first.click()
    page.get_by_role("link", name="Parcours", exact=True).first.click()
    page.get_by_role("button", name="Composer un parcours").first.click()
    visitor.check_accessibility()
    page.locator("main a[href*='offre=']").first.click()
    visitor.check_accessibility()
    page.get_by_role("button", name="Proposer ce parcours").first.click()
    visitor.check_accessibility()
    page.get_by_role("button", name=re.compile("accord", re.IGNORECASE)).first.click()
    page.get_by_label("en rendez-vous").check()
    page.get_by_label("Ses mots").fill("D’accord, on commence comme ça.")
    visitor.check_accessibility()
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("accepté")
    page.get_by_role("link", name=re.compile("Imprimer")).first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    visitor.check_accessibility()


def test_the_main_job_is_done_without_scripts(visitor_without_scripts: Visitor) -> None:
    """T-ACC-01 for professionals: forms and links alone are enough."""
    visitor, page = visitor_without_scripts, visitor_without_scripts.page
    visitor.sign_in(ADVISER)
    visitor.go("/offres/nouvelle")
    page.get_by_role("button", name="Commencer").click()
    page.get_by_label("Métier", exact=True).fill("maçon VRD")
    page.get_by_label("Lieu de travail").fill("Marquion")
    page.get_by_label("Date souhaitée").fill(day(40))
    page.get_by_label("Au plus tard").fill(day(90))
    page.get_by_label("Contrat").select_option("cdd")
    page.get_by_label("Entreprise", exact=True).fill("000000001000010")
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(page.locator("#champ-employer")).to_contain_text("SIRET")
    page.get_by_label("Entreprise", exact=True).fill("Voiries Artésiennes Réunies")
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    page.get_by_role("button", name="Reprendre ce que le métier demande d’habitude").click()
    page.get_by_label("Partenaires, sans le nom").check()
    page.get_by_label("Qui, dans l’entreprise, accepte le partage\u00a0?").fill("La gérante")
    page.get_by_label("Accord donné le").fill(day(0))
    page.get_by_role("button", name="Qualifier et ouvrir").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Maçon VRD")
    page.locator(".person-line").first.get_by_role("link", name="Pourquoi").click()
    expect(page.locator("main")).to_contain_text("Comment ça marche")
    page.go_back()
    page.locator(".person-line").first.get_by_role("checkbox").check()
    page.get_by_role("button", name="Proposer les personnes cochées").click()
    page.get_by_label("au téléphone").check()
    page.get_by_role("button", name="Noter son accord").click()
    expect(page.locator("main")).to_contain_text("accord donné")
