"""The journey of a small firm, on a phone at 6:45 (domain reference §3.3): one link, three cards.

Two people are presented, the firm opens the link of a real SMS, tests one of them, meets the
other, tells how the test went, then that a hire comes late. Nothing names a status (T-SEC-01).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.db import Database
from portal.doors.contacts import main_contact
from portal.messages.events import write_due
from portal.messages.gsm7 import forbidden_words
from portal.models import (
    Account,
    Immersion,
    ImmersionState,
    Introduction,
    IntroductionState,
    JobOffer,
    OfferState,
    Person,
)
from portal.phones import is_mobile
from tests.browser.conftest import PHONE, Visitor
from tests.browser.town import Town, heading, open_town, press, shot

pytestmark = pytest.mark.browser

ADVISER = "claire.vautrelin@demo.example"
PRESENTED = 2


@pytest.fixture
def town(
    demo_database: Database, tmp_path: Path, browser: Browser, axe_source: str
) -> Iterator[Town]:
    """The portal over the demonstration."""
    with open_town(demo_database, tmp_path, browser, axe_source) as found:
        yield found


@dataclass(frozen=True)
class Search:
    """An offer of the adviser nobody is presented for, and the mobile number of its firm."""

    public_id: str
    firm: str
    phone: str


def search_of(town: Town) -> Search:
    """The first such offer with two people who are ready, or nearly."""

    def find(session: Session) -> Search:
        account = session.scalars(select(Account).where(Account.email == ADVISER)).one()
        actor = Actor(account, account.memberships[0])
        offers = session.scalars(
            select(JobOffer)
            .where(
                JobOffer.adviser_id == account.id,
                JobOffer.state == OfferState.OPEN,
                JobOffer.max_introductions >= PRESENTED,
                JobOffer.fresh_until > clock.today() + timedelta(days=3),
                JobOffer.id.not_in(select(Introduction.offer_id)),
            )
            .order_by(JobOffer.id)
        )
        for offer in offers:
            assert offer.establishment is not None
            contact = main_contact(session, offer.establishment)
            view = mm.people_for_offer(session, actor, offer)
            lines = sum(len(group.lines) for group in view.groups[:2])
            if contact and contact.phone and is_mobile(contact.phone) and lines >= PRESENTED:
                return Search(offer.public_id, offer.establishment.name, contact.phone)
        raise AssertionError("the demonstration has no such offer")

    found: Search = town.read(find)
    return found


def present_two(desk: Visitor, search: Search) -> None:
    """The adviser proposes two people, notes that each agreed, transmits each."""
    page = desk.page
    desk.go(f"/offres/{search.public_id}")
    for number in range(PRESENTED):
        page.locator(".person-line").nth(number).get_by_role("checkbox").check()
    press(page, "Proposer les personnes cochées")
    page.wait_for_url(re.compile("#mises-en-relation"))
    links = page.locator("a[href^='/mises-en-relation/']")
    addresses = dict.fromkeys(link.get_attribute("href") or "" for link in links.all())
    assert len(addresses) == PRESENTED
    for address in addresses:
        desk.go(address)
        page.get_by_label("au téléphone").check()
        press(page, "Noter son accord")
        press(page, re.compile("Transmettre"))
        expect(page.locator("main")).to_contain_text("transmise")


def open_the_link(town: Town, phone: Visitor, search: Search) -> None:
    """One SMS for both; on a new phone the six digits of a second one."""
    page = phone.page
    page.goto(town.link_to(search.phone))
    assert len(town.messages_to(search.phone)) == 1
    expect(heading(page)).to_have_text(search.firm)
    shot(page, "c-01-link")
    press(page, "Voir")
    shot(page, "c-02-code")
    page.locator("[name=code]").fill(town.code_to(search.phone))
    press(page, "Entrer")
    expect(heading(page)).to_have_text("Personnes proposées")


def read_the_cards(town: Town, phone: Visitor, search: Search) -> None:
    """Two cards; nothing of them names who they are, nor what is nobody’s business (T-SEC-01)."""
    page = phone.page
    section = page.locator("section.sought").filter(has=page.locator("article"))
    expect(section.locator("article")).to_have_count(PRESENTED)
    shot(page, "c-03-cards")
    html = page.content()
    assert forbidden_words(page.inner_text("main")) == []
    for secret in town.read(lambda session: secrets_of(session, search)):
        assert secret not in html, secret


def secrets_of(session: Session, search: Search) -> list[str]:
    """What the page may not hold of the people presented."""
    people = session.scalars(
        select(Person)
        .join(Introduction, Introduction.person_id == Person.id)
        .join(JobOffer, JobOffer.id == Introduction.offer_id)
        .where(JobOffer.public_id == search.public_id)
    ).all()
    assert len(people) == PRESENTED
    return [told for person in people for told in _secrets(person)]


def _secrets(person: Person) -> list[str]:
    told = [person.last_name, person.phone, person.email, person.public_id, person.external_ref]
    if person.birth_date:
        told += [person.birth_date.isoformat(), f"{person.birth_date:%d/%m/%Y}"]
    return [text for text in told if text]


def try_two_weeks(town: Town, desk: Visitor, phone: Visitor, search: Search) -> str:
    """« Je teste deux semaines »: filled in, sent, prepared, and nothing goes to be signed."""
    page = phone.page
    press(page, re.compile("Je teste deux semaines"))
    shot(page, "c-04-try")
    page.locator("[name=tutor_name]").fill("Bruno Caslier")
    page.locator("[name=no_replacement]").check()
    press(page, "Envoyer la demande")
    expect(page.locator("main")).to_contain_text("Demande envoyée")
    expect(page.locator("main")).to_contain_text("Essai demandé")
    shot(page, "c-05-asked")

    def prepared(session: Session) -> tuple[str, ImmersionState, bool]:
        row = session.scalars(select(Immersion).order_by(Immersion.id.desc())).first()
        assert row is not None
        return row.public_id, row.state, row.prescriber_id is not None

    public_id, state, prescribed = town.read(prepared)
    assert prescribed
    assert state in (ImmersionState.DRAFT, ImmersionState.CHECKED)
    desk.go("/appels")
    expect(desk.page.locator("article").filter(has_text=search.firm)).not_to_have_count(0)
    return str(public_id)


def meet_the_other(phone: Visitor) -> None:
    """« Je rencontre », a day in one tap: then the name is known, not before."""
    page = phone.page
    phone.go("/entreprise")
    card = page.locator("article").filter(has_text="Je rencontre").last
    card.locator("summary").filter(has_text="Je rencontre").click()
    card.locator("form.taps button").first.click()
    expect(page.locator("main")).to_contain_text("Rencontre proposée le")
    shot(page, "c-06-meeting")


def assess(town: Town, phone: Visitor, search: Search, immersion: str) -> None:
    """After the test: three faces, five gestures at most, two minutes; this phone is known."""
    page = phone.page

    def end_test(session: Session) -> None:
        row = session.scalars(select(Immersion).where(Immersion.public_id == immersion)).one()
        row.state = ImmersionState.ASSESSMENT_DUE
        row.start, row.end = clock.today() - timedelta(days=13), clock.today() - timedelta(days=1)

    write_now(town, end_test)
    page.goto(town.link_to(search.phone))
    press(page, "Voir")
    faces = page.locator("input[name=objectives]")
    expect(faces).to_have_count(3)
    gestures = page.locator("fieldset:has(input[name^=geste-])")
    assert 1 <= gestures.count() <= 5
    shot(page, "c-07-assess")
    faces.first.check(force=True)
    for number in range(gestures.count()):
        gestures.nth(number).locator("input").first.check(force=True)
    page.locator("[name=by_name]").fill("Bruno Caslier")
    press(page, "Envoyer")
    expect(page.locator("main")).to_contain_text("Merci, c’est noté")


def hire_the_other(town: Town, desk: Visitor, search: Search) -> None:
    """The adviser records a contract for the person whom the firm met."""

    def met(session: Session) -> str:
        return session.scalars(
            select(Introduction.public_id)
            .join(JobOffer)
            .where(
                JobOffer.public_id == search.public_id,
                Introduction.state == IntroductionState.MEETING,
            )
        ).one()

    page = desk.page
    desk.go(f"/embauches/nouvelle?introduction={town.read(met)}")
    page.locator("[name=contract]").select_option("cdd")
    page.locator("[name=start]").fill(town.day(0))
    page.locator("[name=end_planned]").fill(town.day(170))
    page.locator("[name=weekly_hours]").fill("35")
    press(page, "Enregistrer l’embauche")
    expect(page.locator("main")).to_contain_text("35")


def tell_of_lateness(town: Town, desk: Visitor, phone: Visitor, search: Search) -> None:
    """A week later: four questions; « pas toujours à l’heure » makes the adviser call."""
    page = phone.page
    town.pass_to(8, 10)
    write_now(town, lambda _session: None)
    page.goto(town.link_to(search.phone))
    press(page, "Voir")
    questions = page.locator("form.news fieldset")
    expect(questions).to_have_count(4)
    shot(page, "c-08-news")
    for number in range(4):
        choices = questions.nth(number).locator("input")
        choices.nth(1 if number == 0 else 0).check(force=True)
    press(page, "Envoyer")
    expect(page.locator("main")).to_contain_text("Merci, c’est noté")
    desk.sign_in(ADVISER)
    desk.go("/appels")
    late = desk.page.locator("article").filter(has_text=search.firm).filter(has_text="etard")
    expect(late).not_to_have_count(0)


def write_now(town: Town, change: Callable[[Session], None]) -> None:
    """What happened meanwhile, then what the hourly task writes."""
    with (
        town.app.test_request_context(),
        clock.frozen_at(town.now),
        town.database.transaction() as session,
    ):
        change(session)
        session.flush()
        write_due(session, clock.today())


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_firm_goes_from_the_link_to_a_test_of_two_weeks(town: Town, *, scripts: bool) -> None:
    """T-ACC-01 and T-SEC-01 (journey c): from the SMS to the request, the assessment, the news."""
    search = search_of(town)
    with (
        town.visit(size=None, scripts=scripts) as desk,
        town.visit(size=PHONE, scripts=scripts) as phone,
    ):
        desk.sign_in(ADVISER)
        present_two(desk, search)
        open_the_link(town, phone, search)
        read_the_cards(town, phone, search)
        immersion = try_two_weeks(town, desk, phone, search)
        if not scripts:
            return
        meet_the_other(phone)
        assess(town, phone, search, immersion)
        hire_the_other(town, desk, search)
        tell_of_lateness(town, desk, phone, search)
