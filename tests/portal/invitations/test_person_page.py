"""« Mon rendez-vous », as the person sees it: their own only, three buttons, another date."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.db import Database
from portal.models import (
    AccessLog,
    Account,
    AnswerChannel,
    CallReason,
    CallRequest,
    Invitation,
    InvitationKind,
    InvitationState,
    Role,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.doors import enter
from tests.support.factories import Factory
from tests.support.inviting import actor_of, at, invite
from tests.support.queries import count_queries

S = InvitationState


@pytest.fixture
def referent(make: Factory) -> Account:
    """A referent who can be called."""
    return make.account(Role.REFERENT, phone="03 21 00 00 00")


def url(row: Invitation, more: str = "") -> str:
    """The address of a page of an invitation."""
    return f"/moi/rendez-vous/{row.public_id}{more}"


def test_one_sentence_and_three_buttons_to_whoever_follows_the_link(
    client: CheckingClient, database: Database, make: Factory, session: Session, referent: Account
) -> None:
    row = invite(make, referent)
    session.commit()
    enter(client, database, row.person, confirmed=False)
    page = client.get(url(row)).get_data(as_text=True)
    assert "On vous propose une visite." in page
    assert re.findall(r'name="answer" value="(\w+)"', page) == ["yes", "no", "call_me"]
    assert "14\u00a0h" in page
    assert "Base de vie" in page
    assert "tel:" in page
    assert row.person.last_name not in page
    assert len(page.encode()) < 15_000


def test_a_day_that_a_firm_proposed_alone_is_put_to_another_in_one_tap(
    client: CheckingClient, database: Database, make: Factory, session: Session, referent: Account
) -> None:
    row = invite(make, referent, kind=InvitationKind.EMPLOYER_MEETING)
    session.commit()
    enter(client, database, row.person)
    assert 'value="other_day"' in client.get(url(row)).text
    for _again in range(2):
        page = client.post(url(row), data={"answer": "other_day"}, follow_redirects=True).text
        assert "C’est noté. On vous appelle." in page
    session.refresh(row)
    assert row.state is S.CALL_ASKED
    call = session.scalars(select(CallRequest)).one()
    assert (call.reason, call.note) == (CallReason.CALL_ME, "La personne préfère un autre jour.")


def test_another_s_invitation_does_not_exist(
    client: CheckingClient, database: Database, make: Factory, session: Session, referent: Account
) -> None:
    row, other = invite(make, referent, slots=(at(12),)), invite(make, referent)
    session.commit()
    enter(client, database, other.person)
    key = row.slots[0].public_id
    assert client.get(url(row)).status_code == 404
    assert client.get(url(row, "/autre-date")).status_code == 404
    assert client.get(url(row, "/agenda.ics")).status_code == 404
    assert client.post(url(row), data={"answer": "yes"}).status_code == 404
    assert client.post(url(row, "/autre-date"), data={"slot": key}).status_code == 404
    assert client.post(url(row, "/journee"), data={"feeling": "bad"}).status_code == 404
    session.refresh(row)
    assert row.state is S.SENT


def test_nobody_answers_without_a_visit(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    row = invite(make, referent)
    session.commit()
    assert client.post(url(row), data={"answer": "yes"}).status_code == 302
    session.refresh(row)
    assert row.state is S.SENT


def test_after_a_yes_what_comes_next_is_said_and_a_calendar_file_is_offered(
    client: CheckingClient, database: Database, make: Factory, session: Session, referent: Account
) -> None:
    row = invite(make, referent)
    session.commit()
    enter(client, database, row.person)
    page = client.post(url(row), data={"answer": "yes"}, follow_redirects=True)
    text = page.get_data(as_text=True)
    assert "C’est noté. Vous venez." in text
    assert "On vous appelle avant" in text
    session.refresh(row)
    assert (row.state, row.answered_by) == (S.ACCEPTED, AnswerChannel.SPACE)
    event = Calendar.from_ical(client.get(url(row, "/agenda.ics")).data).walk("VEVENT")[0]
    assert event.decoded("dtstart") == row.starts_at
    assert row.person.first_name not in str(event)


def test_one_who_cannot_come_takes_another_date_or_asks_for_a_call(
    client: CheckingClient, database: Database, make: Factory, session: Session, referent: Account
) -> None:
    row = invite(make, referent, slots=(at(12), at(13, 9, 30)))
    session.commit()
    enter(client, database, row.person)
    client.post(url(row), data={"answer": "yes"})
    page = client.get(url(row, "/autre-date")).get_data(as_text=True)
    keys = re.findall(r'name="slot" value="(\w+)"', page)
    assert len(keys) == 2
    for _ in range(2):
        moved = client.post(url(row, "/autre-date"), data={"slot": keys[0]}, follow_redirects=True)
        assert moved.status_code == 200
    session.refresh(row)
    assert (row.state, row.starts_at) == (S.ACCEPTED, at(12))
    asked = client.post(url(row), data={"answer": "call_me"}, follow_redirects=True)
    assert "On vous appelle." in asked.get_data(as_text=True)


def test_when_there_is_no_other_date_a_call_is_offered(
    client: CheckingClient, database: Database, make: Factory, session: Session, referent: Account
) -> None:
    row = invite(make, referent)
    session.commit()
    enter(client, database, row.person)
    page = client.get(url(row, "/autre-date")).get_data(as_text=True)
    assert "Il n’y a pas d’autre date." in page
    assert re.findall(r'name="answer" value="(\w+)"', page) == ["other_day", "no"]
    client.post(url(row), data={"answer": "other_day", "reason": "cannot_come"})
    assert session.scalars(select(CallRequest.note)).one() == "La personne préfère un autre jour."


def test_too_late_is_said_on_the_page_and_changes_nothing(
    client: CheckingClient, database: Database, make: Factory, session: Session, referent: Account
) -> None:
    with clock.frozen_at(clock.now() - timedelta(days=4)):
        row = invite(make, referent, starts_at=at(2))
    session.commit()
    enter(client, database, row.person)
    page = client.post(url(row), data={"answer": "yes"}, follow_redirects=True)
    assert page.status_code == 200
    assert "Ce rendez-vous est passé." in page.get_data(as_text=True)
    session.refresh(row)
    assert row.state is S.SENT


@pytest.mark.parametrize("data", [{}, {"answer": "maybe"}, {"answer": ""}])
def test_an_answer_that_is_none_is_refused(
    client: CheckingClient,
    database: Database,
    make: Factory,
    session: Session,
    referent: Account,
    data: dict[str, str],
) -> None:
    row = invite(make, referent)
    session.commit()
    enter(client, database, row.person)
    assert client.post(url(row), data=data).status_code == 400


def test_a_bad_first_day_is_called_about_today(
    client: CheckingClient, database: Database, make: Factory, session: Session, referent: Account
) -> None:
    with clock.frozen_at(clock.now() - timedelta(days=2)):
        row = invite(
            make, referent, kind=InvitationKind.JOB, title="votre premier jour", starts_at=at(1)
        )
    session.commit()
    enter(client, database, row.person)
    page = client.get(url(row)).get_data(as_text=True)
    assert "Tout s’est bien passé" in page
    assert re.findall(r'name="feeling" value="(\w+)"', page) == ["good", "so_so", "bad"]
    said = client.post(url(row, "/journee"), data={"feeling": "bad"}, follow_redirects=True)
    assert "On vous appelle aujourd’hui." in said.get_data(as_text=True)
    call = session.scalars(select(CallRequest)).one()
    assert (call.reason, call.due_on) == (CallReason.BAD_DAY, clock.today())


def test_with_a_professional_beside_the_answer_says_so_and_the_reading_is_logged(
    client: CheckingClient, database: Database, make: Factory, session: Session, referent: Account
) -> None:
    row = invite(make, referent)
    session.commit()
    sign_in(client, session, referent)
    helper: Actor = actor_of(referent)
    enter(client, database, row.person, helper=helper)
    client.get(url(row))
    client.post(url(row), data={"answer": "no"})
    session.refresh(row)
    assert (row.state, row.answered_by, row.helper_id) == (
        S.DECLINED,
        AnswerChannel.BESIDE,
        referent.id,
    )
    logged = session.scalars(select(AccessLog.context).where(AccessLog.person_id == row.person_id))
    assert "avec la personne" in set(logged)


def test_each_state_has_its_page_in_every_language(
    client: CheckingClient, database: Database, make: Factory, session: Session, referent: Account
) -> None:
    rows = [invite(make, referent, kind=kind) for kind in InvitationKind]
    states = [S.SENT, S.ACCEPTED, S.CALL_ASKED, S.DECLINED, S.CANCELLED, S.ATTENDED, S.MISSED]
    for row, state in zip(rows, states, strict=True):
        row.state, row.person_id = state, rows[0].person_id
    session.commit()
    for language in ("fr", "ar"):
        enter(client, database, rows[0].person, language=language)
        for row in rows:
            answer = client.get(url(row))
            assert answer.status_code == 200
            assert len(answer.data) < 15_000


def test_the_page_asks_no_more_for_more_other_dates(
    client: CheckingClient, database: Database, make: Factory, session: Session, referent: Account
) -> None:
    one = invite(make, referent, slots=(at(12),))
    many = invite(make, referent, one.person, slots=tuple(at(day) for day in range(11, 18)))
    session.commit()
    enter(client, database, one.person)
    counts = []
    for row in (one, one, many):
        with count_queries(database.engine) as seen:
            client.get(url(row, "/autre-date"))
        counts.append(seen.count)
    assert counts[1] == counts[2]
