"""The three who act on a cohort, and what they do on every screen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.db import Database
from portal.models import Account, Cohort, CohortMembership, MembershipState
from tests.browser.conftest import Visitor

HUB = "thomas.corvignel@demo.example"
REFERENT = "nadia.lourquin@demo.example"
ORGANISER = "bruno.hellevant@demo.example"


@dataclass
class Journey:
    """The three who act, each at their own browser, and the cohort they work on."""

    database: Database
    hub: Visitor
    referent: Visitor
    organiser: Visitor
    cohort: str = ""
    session: str = ""
    names: list[str] = field(default_factory=list)

    def open(self, visitor: Visitor, tab: str = "") -> None:
        """Open a page of the cohort."""
        visitor.go(f"/hubs/{self.cohort}{tab}")

    def advance(self, state: str) -> None:
        """Take the cohort to its next state, from its header."""
        self.open(self.hub)
        self.hub.page.get_by_role("button", name=re.compile(f"Passer à .*{state}")).click()
        expect(
            self.hub.page.get_by_text(re.compile(f"La cohorte passe à .*{state}"))
        ).to_be_visible()

    def state_of(self, name: str) -> MembershipState:
        """Where somebody stands, as the database says it."""
        with self.database.transaction() as session:
            rows = session.scalars(
                select(CohortMembership).join(Cohort).where(Cohort.public_id == self.cohort)
            )
            return next(row.state for row in rows if row.person.short_name == name)


def day(offset: int) -> str:
    """A day counted from today, as a date field takes it."""
    return (clock.today() + timedelta(days=offset)).isoformat()


def labelled(where: Page | Locator, label: str) -> Locator:
    """The field of this label, obligatory or not."""
    return where.get_by_label(re.compile(rf"^{re.escape(label)}( \(obligatoire\))?$"))


def said(visitor: Visitor, words: str) -> None:
    """The page says so."""
    expect(visitor.page.locator("body")).to_contain_text(re.compile(words, re.IGNORECASE))


def tap(radio: Locator) -> None:
    """Tap a choice drawn as a segment: its input is under its words."""
    radio.check(force=True)


def unfold(page: Page, words: str) -> None:
    """Open what is folded under these words, unless it is open."""
    folded = page.locator("details:not([open]) > summary", has_text=words)
    if folded.count():
        folded.first.click()


def actor_of(session: Session, email: str) -> Actor:
    """A demonstration account in its first place."""
    account = session.scalars(select(Account).where(Account.email == email)).one()
    return Actor(account, account.memberships[0])


def members(session: Session, at: Journey, names: list[str]) -> list[CohortMembership]:
    """The people of these names in the cohort."""
    rows = session.scalars(
        select(CohortMembership).join(Cohort).where(Cohort.public_id == at.cohort)
    ).all()
    return [row for row in rows if row.person.short_name in names]


def card(at: Journey, name: str) -> Locator:
    """The card of somebody on the board."""
    return at.hub.page.locator(".board-card").filter(has=at.hub.page.get_by_role("link", name=name))


def settled(page: Page) -> None:
    """The board is drawn again and the focus is where the portal puts it."""
    page.wait_for_function(
        "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
    )
    page.wait_for_timeout(150)


def press(at: Journey, name: str, state: str) -> None:
    """Move one person with the keyboard."""
    page = at.hub.page
    page.get_by_role("button", name=re.compile(rf"^{state}\s:\s{name}")).press("Enter")
    expect(card(at, name)).not_to_contain_text(f"→ {state}")
    settled(page)


def move_together(at: Journey, state: str, names: tuple[str, ...]) -> None:
    """Tick people with the space bar, and move them in one go."""
    page = at.hub.page
    for name in names:
        page.get_by_role("checkbox", name=f"Cocher {name}").press("Space")
    expect(page.get_by_label(f"Déplacer {len(names)} personnes vers")).to_be_visible()
    page.locator("#vers").select_option(label=state)
    page.get_by_role("button", name="Déplacer", exact=True).click()
    for name in names:
        expect(page.get_by_role("checkbox", name=f"Cocher {name}")).not_to_be_checked()
    settled(page)
    assert {at.state_of(name).label for name in names} == {state}
