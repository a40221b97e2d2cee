"""The links that people receive: used once, nothing shown when refused (T-SEC-04)."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.doors.links import revoke_links, token_of
from portal.models import (
    AnswerChannel,
    CallReason,
    CallRequest,
    DoorLink,
    DoorPass,
    InvitationKind,
    InvitationState,
    LinkPurpose,
    PassOutcome,
    Person,
)
from tests.portal.doors.support import KEY, invitation, link_for, outcomes, path_of, visits
from tests.support.client import CheckingClient, client_for
from tests.support.factories import Factory
from tests.support.queries import count_queries


@pytest.fixture
def person(make: Factory) -> Person:
    return make.person(
        referent=make.account(), first_name="Yasmine", last_name="Delattre", phone="0639980000"
    )


def test_looking_at_a_link_consumes_nothing(
    client: CheckingClient, session: Session, person: Person
) -> None:
    link = link_for(session, person)
    for _ in range(3):
        page = client.get(path_of(link)).get_data(as_text=True)
    client.head(path_of(link))
    session.refresh(link)
    assert link.used_at is None
    assert not visits(session)
    assert not outcomes(session)
    assert "Yasmine D." in page
    assert "Delattre" not in page
    assert f'action="{path_of(link)}"' in page


def test_the_button_opens_a_light_visit(
    client: CheckingClient, session: Session, person: Person
) -> None:
    link = link_for(session, person)
    response = client.post(path_of(link))
    assert response.status_code == 303
    assert response.location == "/moi"
    visit = visits(session)[0]
    assert visit.person_id == person.id
    assert visit.confirmed_at is None
    assert abs(visit.expires_at - visit.made_at - timedelta(days=30)) < timedelta(minutes=1)
    assert outcomes(session) == [PassOutcome.OPENED]


def test_the_cookie_of_a_visit_is_out_of_reach_of_scripts(
    client: CheckingClient, session: Session, person: Person
) -> None:
    response = client.post(path_of(link_for(session, person)))
    cookie = next(c for c in response.headers.getlist("Set-Cookie") if c.startswith("ecluse-door="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_a_link_used_twice_opens_once(
    app: Flask, client: CheckingClient, session: Session, person: Person
) -> None:
    path = path_of(link_for(session, person))
    assert client.post(path).status_code == 303
    other = client_for(app)
    assert other.post(path).status_code == 410
    page = other.get(path)
    assert page.status_code == 410
    assert "Yasmine" not in page.get_data(as_text=True)
    assert f'action="{path}/rappel"' in page.get_data(as_text=True)
    assert len(visits(session)) == 1
    assert outcomes(session) == [PassOutcome.OPENED, PassOutcome.USED, PassOutcome.USED]


@pytest.mark.parametrize(
    ("ended", "why"),
    [("used_at", "Його вже використали"), ("expires_at", "Воно надто старе")],
)
def test_a_link_that_opens_no_more_says_so_in_the_language_of_its_message(
    app: Flask, session: Session, person: Person, ended: str, why: str
) -> None:
    """And tells nothing else of whoever it was for."""
    person.language = "uk"
    link = link_for(session, person)
    setattr(link, ended, clock.now() - timedelta(seconds=1))
    session.commit()
    path, stranger = path_of(link), client_for(app)
    page = stranger.get(path)
    assert page.status_code == 410
    assert '<html lang="uk"' in page.text
    assert why in page.text
    assert person.first_name not in page.text
    noted = stranger.post(f"{path}/rappel", follow_redirects=True).text
    assert '<html lang="uk"' in noted
    assert '<html lang="uk"' in stranger.get("/moi/entrer").text
    chosen = client_for(app)
    chosen.post("/langue", data={"language": "en"})
    assert '<html lang="en"' in chosen.get(path).text
    assert '<html lang="fr"' in client_for(app).get(f"{path}x").text


def test_a_second_tap_of_the_same_browser_leads_where_the_first_one_did(
    client: CheckingClient, session: Session, person: Person
) -> None:
    path = path_of(link_for(session, person))
    answers = [client.post(path) for _tap in range(2)]
    assert [(one.status_code, one.location) for one in answers] == [(303, "/moi")] * 2
    assert len(visits(session)) == 1
    assert outcomes(session) == [PassOutcome.OPENED]


def test_the_same_browser_comes_back_by_its_link(
    client: CheckingClient, session: Session, person: Person
) -> None:
    path = path_of(link_for(session, person))
    client.post(path)
    response = client.get(path)
    assert response.status_code == 302
    assert response.location == "/moi"


def test_an_expired_link_is_refused(
    client: CheckingClient, session: Session, person: Person
) -> None:
    link = link_for(session, person)
    link.expires_at = clock.now() - timedelta(seconds=1)
    session.commit()
    for response in (client.get(path_of(link)), client.post(path_of(link))):
        assert response.status_code == 410
        assert "Yasmine" not in response.get_data(as_text=True)
    assert outcomes(session) == [PassOutcome.EXPIRED] * 2


def test_a_revoked_link_is_refused(
    client: CheckingClient, session: Session, person: Person
) -> None:
    link = link_for(session, person)
    revoke_links(session, to=person)
    session.commit()
    assert client.post(path_of(link)).status_code == 410
    assert outcomes(session) == [PassOutcome.REVOKED]


@pytest.mark.parametrize("left", ["archived_at", "objected_at"])
def test_the_link_of_somebody_no_longer_followed_is_refused(
    client: CheckingClient, session: Session, person: Person, left: str
) -> None:
    link = link_for(session, person)
    setattr(person, left, clock.now())
    session.commit()
    page = client.post(path_of(link))
    assert page.status_code == 410
    assert "rappel" not in page.get_data(as_text=True)
    client.post(f"{path_of(link)}/rappel")
    assert session.scalar(select(func.count(CallRequest.id))) == 0
    assert outcomes(session) == [PassOutcome.CLOSED]


@pytest.mark.parametrize("left", ["archived_at", "objected_at"])
def test_a_visit_ends_when_the_person_is_no_longer_followed(
    client: CheckingClient, session: Session, person: Person, left: str
) -> None:
    client.post(path_of(link_for(session, person)))
    assert client.get("/moi/confirmer").status_code == 200
    setattr(person, left, clock.now())
    session.commit()
    assert client.get("/moi/confirmer").location == "/moi/entrer"


def test_a_link_altered_in_any_character_is_unknown(
    app: Flask, session: Session, person: Person
) -> None:
    token = token_of(KEY, link_for(session, person))
    client = client_for(app)
    for position, letter in enumerate(token):
        other = "b" if letter != "b" else "c"
        altered = token[:position] + other + token[position + 1 :]
        assert client.post(f"/l/{altered}").status_code == 404
    assert client.post(f"/l/{token[:-1]}").status_code == 404
    assert client.post(f"/l/{token}x").status_code == 404
    assert not visits(session)


def test_the_end_of_one_link_does_not_open_another(
    client: CheckingClient, session: Session, make: Factory, person: Person
) -> None:
    mine, theirs = link_for(session, person), link_for(session, make.person())
    forged = theirs.public_id + token_of(KEY, mine)[len(mine.public_id) :]
    assert client.post(f"/l/{forged}").status_code == 404


def test_random_links_are_all_refused_alike_and_never_looked_up(
    app: Flask, client: CheckingClient, session: Session, database: Database, person: Person
) -> None:
    link_for(session, person)
    bodies = set()
    # A page says the minute it was made: all of these are made in the same one.
    with clock.frozen_at(clock.now()), count_queries(database.engine) as asked:
        for _ in range(1000):
            response = app.test_client().get(f"/l/{secrets.token_urlsafe(23)[:30]}")
            assert response.status_code == 404
            bodies.add(response.get_data())
    assert len(bodies) == 1
    assert not [text for text in asked.texts if "FROM door_link" in text]
    kept = session.scalar(select(func.count(DoorPass.id)))
    assert kept == 50  # a robot does not fill the table


def test_a_well_signed_link_that_never_was_answers_like_an_altered_one(app: Flask) -> None:
    ghost = DoorLink(public_id="b" * 14)
    signed = app.test_client().get(path_of(ghost))
    altered = app.test_client().get("/l/" + "b" * 30)
    assert signed.status_code == altered.status_code == 404
    assert signed.get_data() == altered.get_data()


def test_a_lost_link_asks_for_one_call(
    client: CheckingClient, session: Session, person: Person
) -> None:
    link = link_for(session, person)
    link.expires_at = clock.now() - timedelta(days=1)
    session.commit()
    for _ in range(2):
        response = client.post(f"{path_of(link)}/rappel")
        assert response.location == "/demande-recue/appel"
    assert client.get("/demande-recue/appel").status_code == 200
    calls = session.scalars(select(CallRequest)).all()
    assert [(call.reason, call.person_id) for call in calls] == [(CallReason.LOST_LINK, person.id)]


def test_an_altered_link_asks_for_no_call_and_answers_the_same(
    client: CheckingClient, session: Session
) -> None:
    assert client.post("/l/xyz/rappel").location == "/demande-recue/appel"
    assert session.scalar(select(func.count(CallRequest.id))) == 0


def test_forwarding_a_link_that_was_opened_opens_nothing_elsewhere(
    app: Flask, client: CheckingClient, session: Session, make: Factory, person: Person
) -> None:
    path = path_of(link_for(session, person))
    client.post(path)
    neighbour = client_for(app)
    neighbour.post(path_of(link_for(session, make.person())))
    assert neighbour.get(path).status_code == 410


@pytest.mark.parametrize(
    ("choice", "state"),
    [
        ("yes", InvitationState.ACCEPTED),
        ("no", InvitationState.DECLINED),
        ("call_me", InvitationState.CALL_ASKED),
    ],
)
def test_three_buttons_answer_an_invitation(
    client: CheckingClient,
    session: Session,
    make: Factory,
    person: Person,
    choice: str,
    state: InvitationState,
) -> None:
    asked = invitation(make, person)
    link = link_for(session, person, LinkPurpose.PERSON_ANSWER, asked)
    page = client.get(path_of(link)).get_data(as_text=True)
    assert "une réunion d’information" in page
    assert f'value="{choice}"' in page
    response = client.post(path_of(link), data={"choice": choice})
    assert response.location == f"/moi/rendez-vous/{asked.public_id}"
    session.refresh(asked)
    assert (asked.state, asked.answered_by) == (state, AnswerChannel.LINK)
    assert visits(session)[0].confirmed_at is None


def test_a_day_that_a_firm_proposed_is_put_to_another_from_the_link_itself(
    client: CheckingClient, session: Session, make: Factory, person: Person
) -> None:
    asked = invitation(make, person)
    link = link_for(session, person, LinkPurpose.PERSON_ANSWER, asked)
    assert 'value="other_day"' not in client.get(path_of(link)).text
    asked.kind = InvitationKind.EMPLOYER_MEETING
    session.commit()
    assert 'value="other_day"' in client.get(path_of(link)).text
    client.post(path_of(link), data={"choice": "other_day"})
    session.refresh(asked)
    assert asked.state is InvitationState.CALL_ASKED
    assert session.scalars(select(CallRequest.note)).one() == "La personne préfère un autre jour."


def test_an_invitation_that_is_past_only_lets_in(
    client: CheckingClient, session: Session, make: Factory, person: Person
) -> None:
    asked = invitation(make, person, starts_at=clock.now() - timedelta(days=1))
    link = link_for(session, person, LinkPurpose.PERSON_ANSWER, asked)
    assert 'value="yes"' not in client.get(path_of(link)).get_data(as_text=True)
    assert client.post(path_of(link), data={"choice": "yes"}).status_code == 303
    session.refresh(asked)
    assert asked.state is InvitationState.SENT


def test_a_link_about_the_invitation_of_somebody_else_is_closed(
    client: CheckingClient, session: Session, make: Factory, person: Person
) -> None:
    theirs = invitation(make, make.person())
    link = link_for(session, person, LinkPurpose.PERSON_ANSWER, theirs)
    assert client.post(path_of(link), data={"choice": "no"}).status_code == 410
    session.refresh(theirs)
    assert theirs.state is InvitationState.SENT


def test_the_database_holds_no_working_link(
    client: CheckingClient, session: Session, person: Person
) -> None:
    link = link_for(session, person)
    client.post(path_of(link))
    signature = token_of(KEY, link)[len(link.public_id) :]
    cookie = client.get_cookie("ecluse-door")
    assert cookie is not None
    dump = "\n".join(session.connection().connection.iterdump())
    assert link.public_id in dump
    assert signature not in dump
    assert cookie.value not in dump


@pytest.mark.parametrize("language", ["en", "ar", "uk"])
def test_the_language_chosen_on_the_first_page_is_kept(
    client: CheckingClient, session: Session, person: Person, language: str
) -> None:
    path = path_of(link_for(session, person))
    response = client.post(f"/langue?suite={path}", data={"language": language})
    assert response.location == path
    assert f'<html lang="{language}"' in client.get(path).get_data(as_text=True)
    client.post(path)
    assert visits(session)[0].language == language


def test_a_language_chosen_inside_is_the_persons(
    client: CheckingClient, session: Session, person: Person
) -> None:
    client.post(path_of(link_for(session, person)))
    client.post("/langue", data={"language": "uk", "suite": "/moi/confirmer"})
    session.refresh(person)
    assert person.language == "uk"


@pytest.mark.parametrize(
    ("suite", "location"),
    [
        ("/moi/contacts/rappel", "/moi"),
        ("/moi/pistes/abc/accord?x=1", "/moi"),
        ("/moi/nulle-part", "/moi"),
        ("/moi/contacts?page=2", "/moi/contacts?page=2"),
    ],
)
def test_the_language_of_a_page_that_a_form_answered_leads_to_one_that_is_read(
    client: CheckingClient, session: Session, person: Person, suite: str, location: str
) -> None:
    client.post(path_of(link_for(session, person)))
    response = client.post("/langue", data={"language": "uk", "suite": suite})
    assert response.location == location
    assert client.get(location).status_code == 200


@pytest.mark.parametrize(
    ("language", "attributes", "words"),
    [
        ("ar", 'lang="ar" dir="rtl"', "نقترح عليك"),
        ("uk", 'lang="uk" dir="ltr"', "Вам пропонують"),
        (None, 'lang="fr"', "On vous propose"),
    ],
)
def test_the_page_of_a_link_reads_as_the_message_that_led_to_it(
    client: CheckingClient,
    make: Factory,
    session: Session,
    person: Person,
    language: str | None,
    attributes: str,
    words: str,
) -> None:
    person.language = language
    asked = invitation(make, person)
    link = link_for(session, person, LinkPurpose.PERSON_ANSWER, asked)
    page = client.get(path_of(link)).text
    assert attributes in page
    assert words in page
    assert ("une réunion d’information" in page) == (language is None)
    # What is chosen on this telephone stands over what the message was written in.
    client.post("/langue", data={"language": "en", "suite": "/moi/entrer"})
    assert 'lang="en"' in client.get(path_of(link)).text


def test_choosing_a_language_never_leads_elsewhere(client: CheckingClient) -> None:
    for target in ("//ailleurs.test/", "https://ailleurs.test/", "/\\ailleurs.test"):
        response = client.post("/langue", data={"language": "en", "suite": target})
        assert response.location == "/moi/entrer"
    assert client.post("/langue", data={"language": "xx"}).headers.getlist("Set-Cookie") == []


def test_leaving_ends_the_visit_and_wipes_the_browser(
    client: CheckingClient, session: Session, person: Person
) -> None:
    client.post(path_of(link_for(session, person)))
    response = client.post("/quitter")
    assert response.location == "/sorti"
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get_cookie("ecluse-door") is None
    assert visits(session)[0].ended_at is not None
    assert "Vos pages sont fermées" in client.get("/sorti").get_data(as_text=True)
    assert client.get("/moi/confirmer").location == "/moi/entrer"
