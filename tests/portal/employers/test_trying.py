"""« Je teste deux semaines »: judged by the law, kept for the prescriber, silent on the person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.access.actor import Actor
from portal.immersions import recording
from portal.models import (
    CallReason,
    CallRequest,
    Immersion,
    ImmersionObject,
    ImmersionState,
    IntroductionState,
    OrganisationKind,
)
from tests.portal.employers.conftest import LAST_NAME, Firm
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.queries import count_queries

S = IntroductionState


def url_of(firm: Firm) -> str:
    return f"/entreprise/personnes/{firm.introduction.public_id}/essai"


def asked(**changes: str) -> dict[str, str]:
    """The form as it comes filled in, with what one changes."""
    start = clock.today() + timedelta(days=14)
    return {
        "start": start.isoformat(),
        "end": (start + timedelta(days=11)).isoformat(),
        "weekly_hours": "35",
        "schedule": "8 h à 16 h",
        "tutor_name": "Paul Renard",
        "tutor_contact": "06 39 98 12 34",
        "tasks": "Poser un tuyau",
        "no_replacement": "y",
    } | changes


def the_immersion(firm: Firm) -> Immersion:
    firm.session.expire_all()
    return firm.session.scalars(select(Immersion)).one()


def test_the_page_is_filled_in_and_sent_as_it_is(browser: CheckingClient, firm: Firm) -> None:
    page = browser.get(url_of(firm)).text
    assert "Tester deux semaines avec Nadia" in page
    assert LAST_NAME not in page
    assert "Poser un tuyau" in page or "tp.poser" in page
    response = browser.post(url_of(firm), data=asked())
    assert (response.status_code, response.location) == (303, "/entreprise")
    row = the_immersion(firm)
    assert firm.state() is S.IMMERSION
    assert row.state is ImmersionState.CHECKED
    assert row.object is ImmersionObject.RECRUIT
    assert row.establishment_id == firm.establishment.id
    assert row.support_id == firm.introduction.organisation_id
    assert row.prescriber is not None
    assert row.prescriber.kind is OrganisationKind.DEPARTEMENT, "T-PMS-05: never the platform"
    call = firm.session.scalars(select(CallRequest)).one()
    assert (call.reason, call.account_id) == (CallReason.IMMERSION, firm.adviser.id)


def test_the_adviser_goes_from_the_introduction_and_the_day_to_the_request(firm: Firm) -> None:
    assert firm.by_link().post(url_of(firm), data=asked()).status_code == 303
    row = the_immersion(firm)
    desk = sign_in(client_for(firm.app), firm.session, firm.adviser)
    page = desk.get(f"/mises-en-relation/{firm.introduction.public_id}").text
    assert f'href="/immersions/{row.public_id}"' in page
    assert desk.get(f"/immersions/{row.public_id}").status_code == 200
    assert "veut tester deux semaines" in desk.get("/").text


def test_the_last_name_waits_for_the_person_s_agreement(firm: Firm) -> None:
    client = firm.by_link()
    client.post(url_of(firm), data=asked())
    for path in ("/entreprise", "/entreprise/accueils"):
        page = client.get(path).text
        assert "Nadia" in page
        assert LAST_NAME not in page
    row = the_immersion(firm)
    actor = Actor(firm.adviser, firm.adviser.memberships[0])
    recording.send_to_sign(firm.session, actor, immersion=row)
    firm.session.commit()
    assert f"Nadia {LAST_NAME}" in client.get("/entreprise").text


def test_too_long_is_refused_with_its_article_and_what_is_possible(firm: Firm) -> None:
    start = clock.today() + timedelta(days=14)
    data = asked(end=(start + timedelta(days=60)).isoformat())
    response = firm.by_link().post(url_of(firm), data=data)
    assert response.status_code == 422
    assert "D5135-3" in response.text
    assert "Choisissez une fin au plus tard" in response.text
    assert firm.state() is S.SENT
    assert firm.session.scalars(select(Immersion)).all() == []
    assert firm.session.scalars(select(CallRequest)).all() == []


def test_too_many_hours_of_the_firm_s_own_are_said(firm: Firm) -> None:
    response = firm.by_link().post(url_of(firm), data=asked(weekly_hours="50"))
    assert response.status_code == 422
    assert "48 heures" in response.text


@pytest.mark.parametrize("what", ["age", "telephone"])
def test_what_the_law_says_of_the_person_is_not_told_to_the_firm(firm: Firm, what: str) -> None:
    changes = {}
    if what == "age":
        firm.person.birth_date = clock.today() - timedelta(days=365 * 15)
    else:
        changes["tutor_contact"] = firm.person.phone or ""
    response = firm.by_link().post(url_of(firm), data=asked(**changes))
    assert response.status_code == 422
    assert "à vérifier avec votre conseiller" in response.text
    for words in ("16 ans", "mineure", "même contact"):
        assert words not in response.text
    assert firm.state() is S.SENT


def test_asked_twice_it_is_kept_once(firm: Firm) -> None:
    client = firm.by_link()
    client.post(url_of(firm), data=asked())
    again = client.post(url_of(firm), data=asked(), follow_redirects=True)
    assert "déjà demandé" in again.text
    assert "déjà demandé" in client.get(url_of(firm), follow_redirects=True).text
    assert the_immersion(firm).by_id is None


@pytest.mark.parametrize(
    "changes", [{"start": ""}, {"tasks": " "}, {"end": "x"}, {"start": "2020-01-01"}]
)
def test_a_form_that_does_not_hold_is_shown_again(firm: Firm, changes: dict[str, str]) -> None:
    response = firm.by_link().post(url_of(firm), data=asked(**changes))
    assert response.status_code == 422
    assert firm.state() is S.SENT


def test_the_usual_period_begins_on_a_monday(firm: Firm) -> None:
    from portal.immersions.preparing import usual_period

    start, end = usual_period(date(2026, 11, 20))
    assert (start.weekday(), (end - start).days) == (0, 11)
    assert start >= date(2026, 11, 30)


def test_the_form_asks_no_more_for_more_requirements(firm: Firm) -> None:
    client = firm.by_account()
    client.get(url_of(firm))
    with count_queries(firm.database.engine) as few:
        client.get(url_of(firm))
    for number in range(6):
        firm.make.requires(firm.offer, firm.make.skill(f"tp.geste_{number}", f"Geste {number}"))
    firm.session.commit()
    client.get(url_of(firm))
    with count_queries(firm.database.engine) as many:
        assert "Geste 5" in client.get(url_of(firm)).text
    assert many.count == few.count
