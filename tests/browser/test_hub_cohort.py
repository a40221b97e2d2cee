"""A cohort of the demonstration, from a draft to hires and their follow-up, by those who act."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from portal import clock
from portal.db import Database
from portal.models import CohortMeeting
from tests.browser.cohort import gathering, training
from tests.browser.cohort.journey import HUB, ORGANISER, REFERENT, Journey, said
from tests.browser.conftest import Visitor, visiting

pytestmark = pytest.mark.browser


@pytest.fixture
def journey(
    browser: Browser, server: str, axe_source: str, demo_database: Database
) -> Iterator[Journey]:
    """Everybody signed in."""
    with ExitStack() as windows:

        def enter(account: str) -> Visitor:
            visitor = windows.enter_context(visiting(browser, server, axe_source))
            visitor.sign_in(account)
            return visitor

        yield Journey(demo_database, enter(HUB), enter(REFERENT), enter(ORGANISER))


def test_a_cohort_goes_from_a_draft_to_hires(journey: Journey) -> None:
    """Issue 3: sourcing, information, selection, immersion, training, hires, follow-up."""
    gathering.create_the_draft(journey)
    gathering.open_the_cohort(journey)
    gathering.plan_the_invitations(journey)
    gathering.propose_people(journey)
    gathering.collect_answers(journey)
    gathering.hold_a_meeting(journey)
    gathering.select_people(journey)
    training.place_in_immersion(journey)
    training.move_on_the_board(journey)
    training.position_in_the_session(journey)
    training.give_the_seats(journey)
    training.train(journey)
    training.promise_the_jobs(journey)
    training.certify(journey)
    training.hire(journey)


def test_people_move_and_presences_are_noted_without_scripts(
    visitor_without_scripts: Visitor, demo_database: Database
) -> None:
    """T-ACC-01 for a coordinator: forms and links alone run a cohort."""
    visitor, page = visitor_without_scripts, visitor_without_scripts.page
    visitor.sign_in(HUB)
    visitor.go("/hubs")
    page.get_by_role("link", name=re.compile("Constructeurs de routes")).first.click()
    board = page.url
    told = page.get_by_role("region", name=re.compile("^Prévenue"))
    name = told.locator(".person-name").first.inner_text()
    told.get_by_role("checkbox").first.check()
    page.locator("#vers").select_option(label="intéressée")
    page.get_by_role("button", name="Déplacer", exact=True).click()
    interested = page.get_by_role("region", name=re.compile("^Intéressée"))
    expect(interested).to_contain_text(name)
    hold_today(demo_database)
    visitor.go(f"{board.removeprefix(visitor.server)}/reunions")
    page.get_by_role("button", name=re.compile("est là$")).first.click()
    expect(page.get_by_role("button", name=re.compile("présente$"))).to_have_count(1)
    page.get_by_role("button", name="Clore les présences").click()
    said(visitor, "présences closes")
    visitor.go(board.removeprefix(visitor.server))
    expect(page.get_by_role("region", name=re.compile("^Présente à l’information"))).to_be_visible()


def hold_today(database: Database) -> None:
    """The day of the first meeting to come is there: no browser waits for it."""
    with database.transaction() as session:
        query = select(CohortMeeting).where(CohortMeeting.held.is_(False))
        row = session.scalars(query.order_by(CohortMeeting.on)).first()
        assert row is not None
        row.on = clock.today()
