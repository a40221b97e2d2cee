"""A référent with a person, in Chromium: every page of the file, the interview, the questions."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from portal.db import Database
from portal.models import Account, Person, Referral, SkillAssertion
from tests.browser.conftest import PHONE, WIDE, Visitor, visiting

pytestmark = pytest.mark.browser

REFERENT = "nadia.lourquin@demo.example"
PAGES = ("", "/competences", "/pistes", "/suivi", "/statuts", "/projet", "/identite", "/archiver")


@pytest.fixture
def files(demo_database: Database) -> tuple[str, str]:
    """The addresses of the least and the best known person of the référent."""
    asked = (
        select(func.count(SkillAssertion.id))
        .where(SkillAssertion.person_id == Person.id)
        .scalar_subquery()
    )
    with demo_database.session() as session:
        referent = session.scalars(select(Account).where(Account.email == REFERENT)).one()
        ids = session.scalars(
            select(Person.public_id)
            .join(Referral)
            .where(
                Referral.account_id == referent.id,
                Referral.end.is_(None),
                Person.commune_code.is_not(None),
                Person.modes.contains("car"),
            )
            .order_by(asked, Person.public_id)
        ).all()
    return f"/personnes/{ids[0]}", f"/personnes/{ids[-1]}"


# As high as the longest page: the navigation bar of a phone then covers no field, which axe
# would take for a target too small.
TALL_PHONE = {**PHONE, "height": 8000}


@pytest.mark.parametrize("size", [WIDE, TALL_PHONE], ids=["desk", "phone"])
def test_every_page_of_a_file_is_accessible_and_fits(
    browser: Browser, server: str, axe_source: str, files: tuple[str, str], size: dict[str, int]
) -> None:
    with visiting(browser, server, axe_source, size=size) as visitor:
        visitor.sign_in(REFERENT)
        paths = [f"{file}{page}" for file in files for page in PAGES]
        paths += ["/personnes/nouvelle", "/personnes?qui=partage"]
        paths += ["/personnes/pret-pour?metier=maçon&lieu=Arras"]
        for path in paths:
            visitor.go(path)
            visitor.check_accessibility()
            visitor.check_no_sideways_scroll()


def interview(page: Page) -> None:
    """Add a practised trade, then answer two of its cards."""
    if not page.get_by_label("Métier", exact=True).is_visible():
        page.get_by_text("Ajouter un métier exercé").click()
    page.get_by_label("Métier", exact=True).fill("plaquiste")
    page.get_by_role("button", name="Ajouter ce métier").click()
    expect(page.get_by_text("Ses gestes sont proposés")).to_be_visible()
    cards = page.locator(".ability-cards .card")
    cards.nth(0).get_by_text("Sans aide", exact=True).click()
    cards.nth(1).get_by_text("Ne sait pas", exact=True).click()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page.get_by_text("2 réponses enregistrées.").first).to_be_visible()


def answer_a_question(page: Page) -> None:
    """The first useful question, in one click."""
    before = page.locator("form:has([name=code]) legend").first.inner_text()
    page.locator("form:has([name=code]) button").first.click()
    expect(page.locator(".saved, .notice-success").first).to_contain_text("Réponse enregistrée")
    expect(page.locator("form:has([name=code]) legend").filter(has_text=before)).to_have_count(0)


def test_the_interview_and_the_questions_happen_in_place(
    visitor: Visitor, files: tuple[str, str]
) -> None:
    visitor.sign_in(REFERENT)
    visitor.go(f"{files[0]}/competences")
    interview(visitor.page)
    visitor.check_accessibility()
    visitor.go(f"{files[0]}/pistes")
    address = visitor.page.url
    answer_a_question(visitor.page)
    assert visitor.page.url == address
    expect(visitor.page.locator("#live")).to_contain_text("Réponse enregistrée")
    assert "saved" in visitor.page.evaluate("document.activeElement.className")
    visitor.check_accessibility()


def test_the_interview_and_the_questions_work_without_scripts(
    visitor_without_scripts: Visitor, files: tuple[str, str]
) -> None:
    visitor = visitor_without_scripts
    visitor.sign_in(REFERENT)
    visitor.go(f"{files[0]}/competences")
    interview(visitor.page)
    visitor.go(f"{files[0]}/pistes")
    answer_a_question(visitor.page)


def test_the_portfolio_is_filtered_in_place_and_its_address_can_be_sent(
    visitor: Visitor, files: tuple[str, str]
) -> None:
    visitor.sign_in(REFERENT)
    visitor.go("/personnes")
    page = visitor.page
    page.get_by_label("Nom", exact=True).fill("zzzz")
    page.get_by_label("Nom", exact=True).press("Enter")
    expect(page.get_by_text("Personne ne correspond")).to_be_visible()
    assert "nom=zzzz" in page.url
    page.reload()
    expect(page.get_by_text("Personne ne correspond")).to_be_visible()
    expect(page.get_by_label("Nom", exact=True)).to_have_value("zzzz")
