"""A convention in Chromium: the law speaks as one writes; without scripts, once it is sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal import clock
from portal.db import Database
from portal.models import Account, Establishment, Person, Referral
from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser
REFERENT = "nadia.lourquin@demo.example"


@pytest.fixture
def address(demo_database: Database) -> str:
    """The form for a person of the référent's portfolio, in a firm of the demonstration."""
    with demo_database.session() as session:
        person = session.scalars(
            select(Person.public_id)
            .join(Referral)
            .join(Account, Account.id == Referral.account_id)
            .where(Account.email == REFERENT, Referral.end.is_(None))
            .order_by(Person.external_ref)
        ).first()
        firm = session.scalars(select(Establishment.public_id).order_by(Establishment.id)).first()
    return f"/immersions/nouvelle?personne={person}&entreprise={firm}"


def fill_in(page: Page, days: int) -> None:
    """Everything the form needs, for as many days."""
    start = clock.today() + timedelta(days=21)
    page.get_by_label("Objectifs").fill("Voir si le métier convient")
    page.get_by_label("Horaires").fill("Du lundi au vendredi, 8 h à 16 h")
    page.get_by_label("Tâches confiées").fill("Préparer le chantier")
    page.get_by_label("Tuteur dans l’entreprise").fill("Bruno Caslier")
    page.get_by_label("L’entreprise déclare").check()
    page.get_by_label("Du (obligatoire)").fill(start.isoformat())
    page.get_by_label("Au (obligatoire)").fill((start + timedelta(days=days)).isoformat())


def test_the_law_speaks_while_the_convention_is_written(visitor: Visitor, address: str) -> None:
    page = visitor.page
    visitor.sign_in(REFERENT)
    visitor.go(address)
    fill_in(page, days=40)
    page.get_by_label("Au (obligatoire)").blur()
    rules = page.locator("#regles")
    expect(rules).to_contain_text("La loi ne le permet pas ainsi")
    expect(rules).to_contain_text("D5135-3")
    visitor.check_accessibility()
    fill_in(page, days=11)
    page.get_by_label("Au (obligatoire)").blur()
    expect(rules).to_contain_text("Toutes les règles sont respectées")
    page.get_by_role("button", name="Enregistrer et contrôler").click()
    expect(page.get_by_role("status")).to_contain_text("toutes les règles sont respectées")
    page.get_by_role("button", name="Passer à la signature").click()
    expect(page.get_by_text("Signatures attendues")).to_be_visible()
    visitor.check_accessibility()
    visitor.check_no_sideways_scroll()


def test_without_scripts_the_reasons_come_with_the_page(
    visitor_without_scripts: Visitor, address: str
) -> None:
    page = visitor_without_scripts.page
    visitor_without_scripts.sign_in(REFERENT)
    visitor_without_scripts.go(address)
    fill_in(page, days=40)
    page.get_by_role("button", name="Enregistrer et contrôler").click()
    expect(page.locator("#regles")).to_contain_text("D5135-3")
    fill_in(page, days=11)
    page.get_by_role("button", name="Enregistrer et contrôler").click()
    expect(page.get_by_role("button", name="Passer à la signature")).to_be_visible()
