"""T-ACC-01: the journey of a person who reads little, on a phone, with and without scripts.

Domain reference §3.4: invited by SMS, they answer, say what they can do, choose a job, cannot
come, tell how the first day went, see what is known of them, refuse, contest, are answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from portal.db import Database
from portal.models import (
    Account,
    ContactPreference,
    InvitationKind,
    OutboxMessage,
    Person,
    Referral,
)
from portal.recipients.leads import AT_A_TIME, list_leads
from portal.recipients.skills import SERIES, next_gesture
from tests.browser.conftest import PHONE, Visitor
from tests.browser.town import Town, follow, heading, open_town, press, shot

pytestmark = pytest.mark.browser

REFERENT = "nadia.lourquin@demo.example"
WORDS = "Je sais porter des charges."
_TO_A_PERSON = OutboxMessage.person_id.is_not(None)
ANSWER = "Vous avez raison. Nous regardons ensemble un autre métier."


@pytest.fixture
def town(
    demo_database: Database, tmp_path: Path, browser: Browser, axe_source: str
) -> Iterator[Town]:
    """The portal over the demonstration."""
    with open_town(demo_database, tmp_path, browser, axe_source) as found:
        yield found


@dataclass(frozen=True)
class Someone:
    """Who is invited: what the tests may know of them."""

    public_id: str
    first_name: str
    last_name: str
    phone: str


def someone_followed(town: Town) -> Someone:
    """A person of the referent who may be written to, has jobs to look at and cards to answer."""

    def find(session: Any) -> Someone:
        rows = session.scalars(
            select(Person)
            .join(Referral, Referral.person_id == Person.id)
            .join(Account, Account.id == Referral.account_id)
            .where(
                Account.email == REFERENT,
                Person.contact_preference == ContactPreference.SMS,
                Person.archived_at.is_(None),
                Person.id.not_in(select(OutboxMessage.person_id).where(_TO_A_PERSON)),
            )
            .order_by(Person.id)
        )
        person = next(
            row
            for row in rows
            if row.modes and len(list_leads(session, row)) == AT_A_TIME
            if next_gesture(session, row) is not None
        )
        assert person.phone is not None
        return Someone(person.public_id, person.first_name, person.last_name, person.phone)

    found: Someone = town.read(find)
    return found


def invite(
    town: Town, desk: Visitor, person: Someone, kind: InvitationKind, in_days: int, *others: int
) -> None:
    """The professional invites the person, at 14:00, some days from today."""
    page = desk.page
    desk.go(f"/invitations/nouvelle?personne={person.public_id}")
    page.locator(f"[name=kind][value={kind.value}]").check()
    page.locator("[name=on]").fill(town.day(in_days))
    page.locator("[name=hour]").fill("14:00")
    page.locator("[name=place]").fill("Base de vie du chantier")
    page.locator("[name=commune]").fill("Marquion")
    for number, other in enumerate(others, start=2):
        if not page.locator("[name=on_2]").is_visible():
            page.get_by_text("Proposer d’autres moments").click()
        page.locator(f"[name=on_{number}]").fill(town.day(other))
        page.locator(f"[name=hour_{number}]").fill("09:30")
    press(page, "Envoyer l’invitation")


def answer_from_the_message(town: Town, phone: Visitor, person: Someone) -> None:
    """The link of a real SMS, one big sentence, « Oui »; the second person of the message: none."""
    page = phone.page
    text = town.last_message(person.phone)
    assert re.search(r"1 OUI.*2 NON.*3 RAPPELEZ-MOI", text)
    assert person.last_name.upper() not in text.upper()
    page.goto(town.link_to(person.phone))
    expect(heading(page)).to_have_text(f"Bonjour {person.first_name} {person.last_name[0]}.")
    shot(page, "d-01-link")
    assert person.last_name not in page.content()
    press(page, "Oui")
    expect(heading(page)).to_have_text("C’est noté. Vous venez.")
    expect(page.locator("main")).to_contain_text("On vous appelle avant")
    shot(page, "d-02-yes")


def say_what_one_can_do(phone: Visitor) -> None:
    """Five cards, each with four answers; then one stops."""
    page = phone.page
    phone.go("/moi")
    shot(page, "d-03-home")
    follow(page, "Ce que je sais faire")
    for number in range(SERIES):
        expect(page.locator("main")).to_contain_text(f"Question {number + 1} sur {SERIES}")
        buttons = page.locator("main form button.big")
        expect(buttons).to_have_count(4)
        if number == 0:
            shot(page, "d-04-card")
        buttons.nth(number % 4).click()
    expect(heading(page)).to_have_text("Merci. C’est noté.")
    shot(page, "d-05-five")
    follow(page, "J’arrête là")
    expect(heading(page)).to_have_text("Ma prochaine étape")


def choose_a_job(phone: Visitor) -> str:
    """At most three jobs; « Pourquoi moi ? », then « Ça m’intéresse ». The job’s address."""
    page = phone.page
    phone.go("/moi/pistes")
    cards = page.locator("main section.card")
    assert 1 <= cards.count() <= AT_A_TIME
    shot(page, "d-06-leads")
    follow(page, re.compile("Voir cette piste"))
    address = page.url
    shot(page, "d-07-lead")
    follow(page, "Pourquoi moi ?")
    assert 1 <= page.locator("main p.lead").count() <= 3
    shot(page, "d-08-why")
    follow(page, "Retour")
    press(page, "Ça m’intéresse")
    expect(heading(page)).to_have_text("C’est noté")
    expect(page.locator("main")).to_contain_text("Votre conseiller vous appelle avant")
    shot(page, "d-09-interested")
    return address


def the_call_is_promised(desk: Visitor, person: Someone) -> None:
    """What the person was promised is in the professional's day and list."""
    page = desk.page
    desk.go("/appels")
    card = page.locator("article").filter(has_text=person.first_name)
    expect(card.first).to_contain_text("À appeler au plus tard le")
    desk.go("/")
    expect(page.locator("main")).to_contain_text("Appels à faire")
    shot(page, "d-10-desk-day")


def reminders_are_planned(desk: Visitor) -> None:
    """The page of the invitation shows what will leave by itself."""
    page = desk.page
    desk.go("/invitations")
    page.locator("main tbody a").first.click()
    written = page.get_by_role("table", name="Messages")
    expect(written.get_by_role("row").filter(has_text="appel")).not_to_have_count(0)


def cannot_come(town: Town, phone: Visitor, person: Someone) -> None:
    """Two days before, the link of the reminder; « Je ne peux pas venir », another moment."""
    page = phone.page
    town.pass_to(1, 10)
    page.goto(town.link_to(person.phone))
    expect(page.locator("main")).to_contain_text("Vous venez.")
    shot(page, "d-11-reminder")
    press(page, "Je ne peux pas venir")
    expect(page.locator("button[name=slot]")).to_have_count(2)
    shot(page, "d-12-other-date")
    page.locator("button[name=slot]").first.click()
    expect(heading(page)).to_have_text("C’est noté. Vous venez.")
    expect(page.locator("main")).to_contain_text("9 h 30".replace(" ", "\u00a0"))


def the_first_day_went_badly(town: Town, desk: Visitor, phone: Visitor, person: Someone) -> None:
    """The evening of a first day, asked by SMS: « mal » is called about the same day."""
    invite(town, desk, person, InvitationKind.IMMERSION, 1)
    page = phone.page
    town.pass_to(1, 18)
    page.goto(town.link_to(person.phone))
    press(page, "C’est moi, j’entre")
    expect(heading(page)).to_have_text("Tout s’est bien passé ?")
    shot(page, "d-13-first-day")
    press(page, "Non, mal")
    expect(page.locator("main")).to_contain_text("On vous appelle aujourd’hui.")
    desk.sign_in(REFERENT)
    desk.go("/appels")
    card = desk.page.locator("article").filter(has_text=person.first_name)
    expect(card.filter(has_text="aujourd’hui")).not_to_have_count(0)


def see_what_is_known(town: Town, phone: Visitor, person: Someone) -> None:
    """« Mes données » asks for the six digits that were really sent, then shows, then refuses."""
    page = phone.page
    phone.go("/moi/donnees")
    expect(heading(page)).to_have_text("C’est bien vous ?")
    press(page, "Recevoir mon code")
    shot(page, "d-14-code")
    page.locator("[name=code]").fill(town.code_to(person.phone))
    press(page, "C’est moi")
    phone.go("/moi/donnees")
    expect(heading(page)).to_have_text("Mes données")
    shot(page, "d-15-data")
    follow(page, "Je refuse que les employeurs voient mes informations")
    press(page, "Oui, je refuse")
    expect(page.locator("main")).to_contain_text("Les employeurs ne voient pas vos informations.")
    shot(page, "d-16-refused")


def contest(town: Town, desk: Visitor, phone: Visitor, person: Someone) -> None:
    """T-XPL-02: the person does not agree, a human answers, the person reads the answer."""
    page = phone.page
    phone.go("/moi/contester")
    page.get_by_label(re.compile(".")).last.fill(WORDS)
    press(page, "Envoyer")
    expect(page.locator("main")).to_contain_text("Réponse avant")
    shot(page, "d-17-contested")
    desk.go("/contestations")
    desk.page.locator("main a").filter(has_text=person.first_name).first.click()
    expect(desk.page.locator("main")).to_contain_text(WORDS)
    desk.page.locator("textarea").fill(ANSWER)
    press(desk.page, "Répondre")
    page.reload()
    expect(page.locator("main")).to_contain_text(ANSWER)
    shot(page, "d-18-answer")
    press(page, "J’ai lu la réponse")


def change_language_and_leave(phone: Visitor) -> None:
    """Ukrainian is kept from page to page; « Sortir » closes the space."""
    page = phone.page
    phone.go("/moi")
    press(page, "Українська")
    expect(page.locator("html")).to_have_attribute("lang", "uk")
    phone.go("/moi/contacts")
    expect(page.locator("html")).to_have_attribute("lang", "uk")
    phone.go("/moi")
    press(page, "العربية")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    shot(page, "d-19-arabic")
    press(page, "Français")
    press(page, "Sortir")
    expect(heading(page)).to_have_text("Vos pages sont fermées.")
    page.goto(f"{phone.server}/moi")
    expect(page).to_have_url(re.compile("/moi/entrer$"))
    shot(page, "d-20-entrance")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_whole_journey_of_a_person_on_a_phone(town: Town, *, scripts: bool) -> None:
    """T-ACC-01 (journey d): from the SMS to the answer to a disagreement."""
    person = someone_followed(town)
    with (
        town.visit(size=None, scripts=scripts) as desk,
        town.visit(size=PHONE, scripts=scripts) as phone,
    ):
        desk.sign_in(REFERENT)
        invite(town, desk, person, InvitationKind.VISIT, 3, 6, 8)
        answer_from_the_message(town, phone, person)
        say_what_one_can_do(phone)
        choose_a_job(phone)
        the_call_is_promised(desk, person)
        reminders_are_planned(desk)
        cannot_come(town, phone, person)
        desk.sign_in(REFERENT)
        the_first_day_went_badly(town, desk, phone, person)
        see_what_is_known(town, phone, person)
        contest(town, desk, phone, person)
        change_language_and_leave(phone)
