"""The people proposed to a firm, and its answers in one tap (INV-13, T-SEC-01, T-OFF-04)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.access.actor import Actor
from portal.introductions import actions
from portal.invitations.answering import answer
from portal.invitations.rules import Choice
from portal.models import (
    AccessLog,
    Account,
    AnswerChannel,
    CallReason,
    CallRequest,
    Confidentiality,
    DomainEvent,
    IntroductionState,
    Invitation,
    OutcomeReason,
    Role,
)
from portal.today.tasks import working_days_after
from tests.portal.employers.conftest import HIDDEN, LAST_NAME, Firm, in_days
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.queries import count_queries

S = IntroductionState


def test_the_page_says_what_is_sought_and_who_is_proposed(browser: CheckingClient) -> None:
    page = browser.get("/entreprise").text
    for words in (
        "Vous cherchez\u00a0: 1 maçon VRD.",
        "On vous propose 1 personne.",
        "Nadia",
        "Vu ou prouvé",
        "Dit par la personne",
        "Avec vous, en poste",
        "Permis B",
        "25 min en bus",
        "Louise Guide",
        "03 21 00 00 01",
    ):
        assert words in page, words
    assert len(page.encode()) < 60_000


@pytest.mark.parametrize(
    ("free_in", "shown"), [(None, "à voir ensemble"), (-1, "tout de suite"), (30, "à partir du")]
)
def test_since_when_somebody_is_free_is_told_as_it_stands_and_not_as_it_was_sent(
    browser: CheckingClient, firm: Firm, free_in: int | None, shown: str
) -> None:
    day = None if free_in is None else clock.today() + timedelta(days=free_in)
    firm.introduction.card = {**firm.introduction.card, "available": "à partir du 03/02/2020"}
    firm.person.available_from = day
    firm.session.commit()
    page = browser.get("/entreprise").text
    assert "03/02/2020" not in page
    assert f"<dd>{shown}" in page


@pytest.mark.parametrize("column", ["archived_at", "objected_at", "employers_refused_at"])
def test_the_firm_is_told_that_somebody_is_no_longer_available_and_not_who_nor_why(
    browser: CheckingClient, firm: Firm, column: str
) -> None:
    words = "1 personne proposée n’est plus disponible."
    assert words not in browser.get("/entreprise").text
    setattr(firm.person, column, clock.now())
    firm.session.commit()
    page = browser.get("/entreprise").text
    assert words in page
    assert "Nadia" not in page


def test_what_the_firm_answers_is_one_tap_without_scripts(
    browser: CheckingClient, firm: Firm
) -> None:
    day = working_days_after(clock.today(), 2).isoformat()
    url = f"/entreprise/personnes/{firm.introduction.public_id}/rencontre"
    assert f'value="{day}"' in browser.get("/entreprise").text
    assert LAST_NAME not in browser.get("/entreprise").text
    response = browser.post(url, data={"on": day})
    assert (response.status_code, response.location) == (303, "/entreprise")
    assert firm.state() is S.MEETING
    page = browser.get("/entreprise").text
    assert "Rencontre proposée" in page
    assert "Nous n’en avons plus besoin" in page, "a firm does not read of itself as of another"
    assert "par l’employeur" not in page
    assert [word for word in (*HIDDEN, LAST_NAME) if word in page] == []
    call = firm.session.scalars(select(CallRequest)).one()
    assert (call.reason, call.account_id) == (CallReason.MEETING, firm.adviser.id)


@pytest.mark.parametrize("kept", [True, False])
def test_who_of_the_firm_answered_is_told_to_whom_may_read_its_name_alone(
    firm: Firm, kept: bool
) -> None:
    referent = firm.make.account(Role.REFERENT)
    row = firm.introduce(firm.make.person(referent=referent), firm.offer)
    masked, named = Confidentiality.PARTNERS_MASKED, Confidentiality.PARTNERS_NAMED
    firm.offer.confidentiality = masked if kept else named
    by_account, by_link = firm.by_account(), firm.by_link()
    clerk = firm.session.scalars(select(Account).order_by(Account.id.desc())).first()
    assert clerk is not None
    url = f"/entreprise/personnes/{row.public_id}"
    by_account.post(f"{url}/rencontre", data={"on": in_days(3)})
    by_link.post(f"{url}/pas-maintenant", data={"reason": "filled"})
    reader = sign_in(client_for(firm.app), firm.session, referent)
    page = reader.get(f"/mises-en-relation/{row.public_id}").text
    assert "non retenue" in page
    assert [name in page for name in (clerk.full_name, firm.contact.name)] == [not kept] * 2


def test_after_its_no_the_firm_is_no_longer_called_about_the_meeting(
    browser: CheckingClient, firm: Firm
) -> None:
    url = f"/entreprise/personnes/{firm.introduction.public_id}"
    browser.post(f"{url}/rencontre", data={"on": in_days(3)})
    browser.post(f"{url}/pas-maintenant", data={"reason": "filled"})
    assert firm.state() is S.REFUSED
    call = firm.session.scalars(select(CallRequest)).one()
    assert call.done_at is not None
    assert call.outcome == "Mise en relation\u00a0: non retenue."


def test_after_the_person_s_no_the_firm_still_waits_for_a_call(
    browser: CheckingClient, firm: Firm
) -> None:
    url = f"/entreprise/personnes/{firm.introduction.public_id}"
    browser.post(f"{url}/rencontre", data={"on": in_days(3)})
    assert firm.state() is S.MEETING
    actions.record_decline(
        firm.session, None, introduction=firm.introduction, reason=OutcomeReason.OTHER
    )
    assert firm.state() is S.DECLINED
    assert firm.session.scalars(select(CallRequest)).one().done_at is None


@pytest.mark.parametrize(
    ("choice", "named"), [("yes", True), ("call_me", False), ("no", False), (None, False)]
)
def test_the_last_name_waits_for_the_person_s_yes_to_the_meeting(
    browser: CheckingClient, firm: Firm, choice: Choice | None, named: bool
) -> None:
    """INV-13, T-SEC-01: before and after the person agreed."""
    url = f"/entreprise/personnes/{firm.introduction.public_id}"
    browser.post(f"{url}/rencontre", data={"on": in_days(3)})
    assert LAST_NAME not in browser.get(url).text
    if choice is not None:
        invited = firm.session.scalars(select(Invitation)).one()
        answer(firm.session, invitation=invited, choice=choice, channel=AnswerChannel.SMS)
        firm.session.commit()
    for path in ("/entreprise", url):
        page = browser.get(path).text
        assert (LAST_NAME in page) is named
        assert [word for word in HIDDEN if word in page] == []


def test_a_meeting_that_the_adviser_settled_is_agreed(browser: CheckingClient, firm: Firm) -> None:
    actor = Actor(firm.adviser, firm.adviser.memberships[0])
    day = clock.today() + timedelta(days=3)
    actions.record_meeting(firm.session, actor, introduction=firm.introduction, on=day)
    firm.session.commit()
    assert f"Nadia {LAST_NAME}" in browser.get("/entreprise").text


def test_two_firms_that_ask_for_the_same_day_are_answered_each(firm: Firm) -> None:
    """The yes to one names the person to that one alone."""
    other = firm.make.establishment()
    offer = firm.make.offer(firm.adviser, establishment=other)
    rows = (firm.introduction, firm.introduce(firm.person, offer))
    browsers = firm.by_link(), firm.by_link(firm.make.contact(other))
    for row, browser in zip(rows, browsers, strict=True):
        browser.post(f"/entreprise/personnes/{row.public_id}/rencontre", data={"on": in_days(3)})
    invited = firm.session.scalars(select(Invitation).order_by(Invitation.id)).all()
    assert [row.introduction_id for row in invited] == [row.id for row in rows]
    answer(firm.session, invitation=invited[1], choice="yes", channel=AnswerChannel.LINK)
    firm.session.commit()
    assert [LAST_NAME in one.get("/entreprise").text for one in browsers] == [False, True]


def test_a_contact_without_account_signs_what_they_answer(firm: Firm) -> None:
    url = f"/entreprise/personnes/{firm.introduction.public_id}/pas-maintenant"
    firm.by_link().post(url, data={"reason": "schedule"})
    assert firm.state() is S.REFUSED
    assert firm.introduction.outcome_reason is OutcomeReason.SCHEDULE
    events = firm.session.scalars(select(DomainEvent).filter_by(subject_kind="introduction")).all()
    said = {"contact": firm.contact.public_id, "name": firm.contact.name}
    assert [(e.name, e.account_id, e.details) for e in events] == [
        ("seen", None, said),
        ("refused", None, said),
    ]


def test_a_card_sent_before_proof_was_kept_says_neither_proved_nor_declared(firm: Firm) -> None:
    old = dict(firm.introduction.card)
    old["can_do"] = [
        {"what": "Poser un tuyau", "how": "sans aide"},
        {"what": "Lire un plan", "how": None},
    ]
    firm.introduction.card = old
    page = firm.by_link().get("/entreprise").text
    assert "Ce que la personne sait faire" in page
    assert "Poser un tuyau" in page
    assert "Vu ou prouvé" not in page
    assert "Dit par la personne" not in page


@pytest.mark.parametrize("data", [{}, {"reason": "childcare"}, {"reason": "<b>"}])
def test_only_a_reason_of_the_list_is_taken(firm: Firm, data: dict[str, str]) -> None:
    url = f"/entreprise/personnes/{firm.introduction.public_id}/pas-maintenant"
    assert firm.by_link().post(url, data=data).status_code == 422
    assert firm.state() is S.SENT


@pytest.mark.parametrize("on", ["", "demain", "2020-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_said_and_nothing_changes(firm: Firm, on: str) -> None:
    url = f"/entreprise/personnes/{firm.introduction.public_id}/rencontre"
    assert firm.by_link().post(url, data={"on": on}).status_code == 422
    assert firm.state() is S.SENT


def test_with_htmx_the_answered_card_comes_back_alone_with_the_focus(firm: Firm) -> None:
    url = f"/entreprise/personnes/{firm.introduction.public_id}/rencontre"
    response = firm.by_link().post(url, data={"on": in_days(3)}, hx=True)
    assert response.status_code == 200
    assert "<html" not in response.text
    assert "data-focus" in response.text
    assert "X-Announce" in response.headers
    assert firm.state() is S.MEETING


def test_reading_is_noted_by_a_post_of_the_page_never_by_a_get(firm: Firm) -> None:
    client, public_id = firm.by_link(), firm.introduction.public_id
    page = client.get("/entreprise").text
    assert 'hx-trigger="load"' in page
    assert "<noscript>" in page
    assert firm.state() is S.SENT
    for _twice in range(2):
        assert (
            client.post("/entreprise/lues", data={"personne": public_id}, hx=True).status_code
            == 204
        )
    assert firm.state() is S.SEEN
    assert 'hx-trigger="load"' not in client.get("/entreprise").text


def test_no_more_cards_than_the_offer_allows(firm: Firm) -> None:
    for name in ("Ali", "Zoé"):
        firm.present(first_name=name)
    page = firm.by_link().get("/entreprise").text
    assert page.count('id="carte-') == firm.offer.max_introductions == 2


def test_another_firm_s_people_do_not_exist(firm: Firm) -> None:
    other = firm.make.contact(firm.make.establishment())
    client, public_id = firm.by_link(other), firm.introduction.public_id
    assert "Nadia" not in client.get("/entreprise").text
    for path in ("", "/essai"):
        assert client.get(f"/entreprise/personnes/{public_id}{path}").status_code == 404
    for path, data in (("rencontre", {"on": in_days(3)}), ("pas-maintenant", {"reason": "pay"})):
        url = f"/entreprise/personnes/{public_id}/{path}"
        assert client.post(url, data=data).status_code == 404
    for path in ("exigences", "aides"):
        assert client.get(f"/entreprise/offres/{firm.offer.public_id}/{path}").status_code == 404
    client.post("/entreprise/lues", data={"personne": public_id})
    assert firm.state() is S.SENT


@pytest.mark.parametrize("refusal", ["objected_at", "employers_refused_at", "archived_at"])
def test_who_refuses_since_is_no_longer_shown(firm: Firm, refusal: str) -> None:
    setattr(firm.person, refusal, clock.now())
    client = firm.by_link()
    assert "Nadia" not in client.get("/entreprise").text
    assert client.get(f"/entreprise/personnes/{firm.introduction.public_id}").status_code == 404


def test_of_two_answers_at_once_one_is_kept(firm: Firm) -> None:
    url = f"/entreprise/personnes/{firm.introduction.public_id}"
    clients, ready = [firm.by_link(), firm.by_account()], threading.Barrier(2)
    found: list[int] = []

    def answer(client: CheckingClient, path: str, data: dict[str, str]) -> None:
        ready.wait()
        found.append(client.post(f"{url}/{path}", data=data, hx=True).status_code)

    threads = [
        threading.Thread(target=answer, args=(clients[0], "pas-maintenant", {"reason": "pay"})),
        threading.Thread(target=answer, args=(clients[1], "pas-maintenant", {"reason": "filled"})),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200, 422]
    assert firm.state() is S.REFUSED
    ends = firm.session.scalars(select(DomainEvent).filter_by(name="refused")).all()
    assert len(ends) == 1


def test_every_card_shown_is_logged_with_who_read_it(firm: Firm) -> None:
    firm.by_link().get("/entreprise")
    entry = firm.session.scalars(select(AccessLog)).one()
    assert (entry.person_id, entry.account_id) == (firm.person.id, None)
    assert firm.contact.public_id in (entry.context or "")


def test_more_people_ask_no_more_queries(firm: Firm) -> None:
    client = firm.by_link()
    client.get("/entreprise")
    with count_queries(firm.database.engine) as few:
        client.get("/entreprise")
    firm.offer.max_introductions = 10
    for number in range(5):
        firm.present(first_name=f"Prénom{number}")
    firm.session.commit()
    with count_queries(firm.database.engine) as many:
        client.get("/entreprise")
    assert many.count == few.count


@pytest.mark.parametrize("path", ["/candidats", "/mes-immersions", "/mes-embauches"])
def test_the_addresses_kept_still_lead_there(firm: Firm, path: str) -> None:
    response = firm.by_account().get(path, follow_redirects=True)
    assert response.status_code == 200
    assert response.request.path.startswith("/entreprise")
