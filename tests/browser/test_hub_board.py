"""The board of a cohort of forty, moved by keyboard and by tap, with scripts and without."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from portal import clock
from portal.db import Database
from portal.hubs import commitments, planning
from portal.models import (
    Account,
    CohortState,
    CommitmentReason,
    MembershipState,
    Role,
)
from tests.browser.conftest import PHONE, WIDE, Visitor, visiting
from tests.support.cohort_people import Hub
from tests.support.factories import Factory

pytestmark = pytest.mark.browser

HUB = "thomas.corvignel@demo.example"
S = MembershipState
STATES = (
    S.SOURCED,
    S.TOLD,
    S.PRESENT,
    S.SELECTED,
    S.IMMERSION_DONE,
    S.PREPARING,
    S.READY,
    S.ADMITTED,
)


@pytest.fixture
def cohort(demo_database: Database) -> str:
    """The address of a cohort of forty people whose employer took jobs back."""
    with demo_database.transaction() as session:
        make = Factory(session)
        coordinator = session.scalars(select(Account).filter_by(email=HUB)).one()
        hub = Hub(make, coordinator, make.account(Role.REFERENT))
        training = make.session_of_training()
        monday = clock.today() + timedelta(days=140 - clock.today().weekday())
        training.start, training.end = monday, monday + timedelta(days=67)
        row = hub.cohort(training=training, state=CohortState.SELECTION)
        keeps, loses = hub.commitment(row, jobs=8), hub.commitment(row, jobs=4)
        hub.places(keeps, capacity=3)
        planning.record_plan(session, row, clock.today())
        for number in range(40):
            person = hub.person(first_name=f"Personne{number:02}")
            hub.member(row, STATES[number % len(STATES)], person)
        commitments.lose_jobs(
            session, hub.actor, loses, jobs=1, reason=CommitmentReason.MARKET_LOST
        )
        return f"/hubs/{row.public_id}"


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_the_pages_of_a_cohort_are_accessible_and_fit(
    browser: Browser, server: str, axe_source: str, cohort: str, size: dict[str, int]
) -> None:
    with visiting(browser, server, axe_source, size=size) as visitor:
        visitor.sign_in(HUB)
        for page in ("/hubs", "/hubs/nouvelle", cohort, f"{cohort}/engagements", f"{cohort}/dates"):
            visitor.go(page)
            visitor.check_accessibility()
            visitor.check_no_sideways_scroll()
        for page in (f"{cohort}/session", f"{cohort}/modifier"):
            visitor.go(page)
            visitor.check_accessibility()
        visitor.go(cohort)
        visitor.page.get_by_role("link", name=re.compile("^Personne05")).first.click()
        visitor.check_accessibility()
        visitor.page.get_by_role("link", name="Noter une sortie").click()
        visitor.check_accessibility()
        visitor.check_no_sideways_scroll()


def test_people_are_ticked_and_moved_by_keyboard(visitor: Visitor, cohort: str) -> None:
    page = visitor.page
    visitor.sign_in(HUB)
    visitor.go(cohort)
    for number in ("00", "08"):
        page.get_by_role("checkbox", name=re.compile(f"Personne{number}")).focus()
        page.keyboard.press("Space")
    bar = page.locator("#cibles")
    expect(bar).to_contain_text("Déplacer 2 personnes vers")
    expect(bar.locator("option")).to_have_count(2)  # told, or an exit: nothing else is legal
    bar.get_by_role("button", name="Déplacer").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#etat-told .count")).to_have_text("7")
    expect(page.locator("#etat-sourced .count")).to_have_text("3")
    # The focus goes on to the next one of the list that was being worked on.
    expect(page.locator(":focus")).to_contain_text("Personne16")


def test_one_tap_moves_one_person(visitor: Visitor, cohort: str) -> None:
    visitor.sign_in(HUB)
    visitor.go(cohort)
    visitor.page.get_by_role("button", name=re.compile("admise.*Personne06")).click()
    expect(visitor.page.locator("#etat-admitted .count")).to_have_text("6")


def test_without_scripts_the_same_board_moves_people(
    visitor_without_scripts: Visitor, cohort: str
) -> None:
    page = visitor_without_scripts.page
    visitor_without_scripts.sign_in(HUB)
    visitor_without_scripts.go(cohort)
    for number in ("00", "08", "16"):
        page.get_by_role("checkbox", name=re.compile(f"Personne{number}")).check()
    page.get_by_label("Déplacer les personnes cochées vers").select_option("told")
    page.get_by_role("button", name="Déplacer", exact=True).click()
    expect(page.locator("#etat-told .count")).to_have_text("8")
    page.get_by_role("link", name=re.compile("Sortie.*Personne01")).click()
    page.get_by_label("a renoncé").check()
    page.get_by_label("Raison").select_option("job_found")
    page.get_by_label("Ce qui suit").fill("Point à un mois")
    page.get_by_role("button", name="Noter la sortie").click()
    expect(page.locator("#etat-told .count")).to_have_text("7")
