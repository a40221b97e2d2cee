"""Information meetings: choice of slot, capacity, presence, one more invitation (T-HUB-05)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.hubs import meetings
from portal.models import (
    BookingState,
    Cohort,
    CohortMeeting,
    ExitReason,
    MeetingBooking,
    MembershipState,
    Role,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub
from tests.support.factories import Factory

B, S = BookingState, MembershipState


def meeting(
    hub: Hub, session: Session, cohort: Cohort, *, day: int = 0, capacity: int = 20
) -> CohortMeeting:
    """A meeting at half past nine, some days from now."""
    return meetings.record_meeting(
        session,
        hub.actor,
        cohort=cohort,
        on=clock.today() + timedelta(days=day),
        start_hour="09:30",
        end_hour=None,
        place="Mairie d’Arras",
        capacity=capacity,
    )


def bookings(session: Session, row: CohortMeeting) -> list[MeetingBooking]:
    """Who is invited to a meeting, as stored."""
    query = select(MeetingBooking).where(MeetingBooking.meeting_id == row.id)
    return list(session.scalars(query.order_by(MeetingBooking.id)))


def test_t_hub_05_who_was_absent_is_invited_to_the_next_meeting_once(
    session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    first, second, third = (meeting(hub, session, cohort, day=day) for day in (0, 7, 14))
    came, missed = hub.member(cohort, S.INTERESTED), hub.member(cohort, S.INTERESTED)
    for member in (came, missed):
        meetings.book(session, hub.actor, meeting=first, membership=member)
    present = bookings(session, first)[0]
    meetings.mark(session, hub.actor, booking=present, state=B.PRESENT)
    assert came.state is S.ENROLLED_INFO, "nothing moves before the meeting is closed"
    assert meetings.close(session, hub.actor, meeting=first) == meetings.Closed(1, 1, 1)
    assert (came.state, missed.state) == (S.PRESENT, S.ABSENT)
    again = bookings(session, second)
    assert [(row.membership_id, row.state, row.again) for row in again] == [
        (missed.id, B.INVITED, True)
    ]
    meetings.book(session, hub.actor, meeting=second, membership=missed)
    with clock.frozen_at(clock.now() + timedelta(days=7)):
        assert meetings.close(session, hub.actor, meeting=second) == meetings.Closed(0, 1, 0)
    assert missed.state is S.ABSENT
    assert bookings(session, third) == []


def test_who_missed_the_last_meeting_is_invited_when_one_more_is_planned(
    session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    only = meeting(hub, session, cohort)
    member = hub.member(cohort, S.INTERESTED)
    meetings.book(session, hub.actor, meeting=only, membership=member)
    assert meetings.close(session, hub.actor, meeting=only).invited_again == 0
    later = meeting(hub, session, cohort, day=5)
    assert [row.membership_id for row in bookings(session, later)] == [member.id]
    meeting(hub, session, cohort, day=9)
    assert len(bookings(session, later)) == 1


def test_a_slot_chosen_gives_the_other_choices_back(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    one, two = (meeting(hub, session, cohort, day=day) for day in (3, 8))
    member = hub.member(cohort, S.INTERESTED)
    assert meetings.invite(session, hub.actor, memberships=[member], meetings=[one, two]) == 1
    assert meetings.invite(session, hub.actor, memberships=[member], meetings=[one, two]) == 0
    meetings.book(session, hub.actor, meeting=two, membership=member)
    assert (len(bookings(session, one)), bookings(session, two)[0].state) == (0, B.BOOKED)
    assert member.state is S.ENROLLED_INFO
    meetings.book(session, hub.actor, meeting=one, membership=member)
    assert (bookings(session, one)[0].state, len(bookings(session, two))) == (B.BOOKED, 0)


def test_a_full_meeting_takes_nobody_more(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    small = meeting(hub, session, cohort, day=2, capacity=1)
    first, second = (hub.member(cohort, S.INTERESTED) for _n in range(2))
    meetings.book(session, hub.actor, meeting=small, membership=first)
    with pytest.raises(IllegalTransitionError, match="complète"):
        meetings.book(session, hub.actor, meeting=small, membership=second)
    assert second.state is S.INTERESTED


def test_a_meeting_is_closed_once_on_its_day(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    later = meeting(hub, session, cohort, day=2)
    with pytest.raises(IllegalTransitionError, match="pas encore"):
        meetings.close(session, hub.actor, meeting=later)
    today = meeting(hub, session, cohort)
    meetings.close(session, hub.actor, meeting=today)
    with pytest.raises(IllegalTransitionError, match="closes"):
        meetings.close(session, hub.actor, meeting=today)
    with pytest.raises(IllegalTransitionError, match="eu lieu"):
        meetings.book(
            session, hub.actor, meeting=today, membership=hub.member(cohort, S.INTERESTED)
        )


def test_two_meetings_do_not_begin_at_the_same_time(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    meeting(hub, session, cohort, day=2)
    with pytest.raises(IllegalTransitionError, match="déjà prévue"):
        meeting(hub, session, cohort, day=2)


def test_who_left_the_cohort_stays_gone_when_the_meeting_is_closed(
    session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    today = meeting(hub, session, cohort)
    member = hub.member(cohort, S.INTERESTED)
    booking = meetings.book(session, hub.actor, meeting=today, membership=member)
    meetings.mark(session, hub.actor, booking=booking, state=B.PRESENT)
    member.exit_reason, member.next_step = ExitReason.JOB_FOUND, "Suivi dans l’emploi"
    member.next_step_owner_id = hub.prescriber.organisation.id
    member.state = S.WITHDRAWN
    session.flush()
    assert meetings.close(session, hub.actor, meeting=today) == meetings.Closed(0, 0, 0)
    assert member.state is S.WITHDRAWN


def test_the_calendar_file_says_when_and_where_and_names_nobody(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    row = meeting(hub, session, cohort, day=10)
    row.on = date(2027, 1, 12)
    member = hub.member(cohort, S.INTERESTED, hub.person(first_name="Zélie"))
    meetings.book(session, hub.actor, meeting=row, membership=member)
    sign_in(client, session, hub.coordinator)
    path = f"/hubs/{cohort.public_id}/reunions/{row.public_id}/agenda.ics"
    answer = client.get(path)
    assert answer.mimetype == "text/calendar"
    event = Calendar.from_ical(answer.data).walk("VEVENT")[0]
    start, end = event.decoded("dtstart"), event.decoded("dtend")
    assert start.isoformat() == "2027-01-12T09:30:00+01:00"
    assert end - start == timedelta(hours=2)
    assert str(event["location"]) == "Mairie d’Arras"
    assert "Zélie" not in answer.get_data(as_text=True)


def test_the_screen_plans_invites_books_and_closes(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    member = hub.member(cohort, S.INTERESTED)
    sign_in(client, session, hub.coordinator)
    path = f"/hubs/{cohort.public_id}/reunions"
    slot = {"on": clock.today().isoformat(), "start_hour": "09:30", "place": "Lens", "capacity": 8}
    assert client.post(path, data=slot).status_code == 303
    row = session.scalars(select(CohortMeeting)).one()
    invited = {"member": [member.public_id], "slot": [row.public_id]}
    assert "1 personne invitée" in client.post(
        f"{path}/invitations", data=invited, follow_redirects=True
    ).text.replace("\u00a0", " ")
    client.post(f"{path}/{row.public_id}/inscriptions", data={"member": member.public_id})
    booking = bookings(session, row)[0]
    client.post(f"{path}/{row.public_id}/presences/{booking.public_id}", data={"state": "present"})
    assert client.get(path).text.count('aria-pressed="true"') == 1
    assert client.post(f"{path}/{row.public_id}/clore").status_code == 303
    session.expire_all()
    assert (member.state, row.held) == (S.PRESENT, True)


def test_a_wrong_slot_is_refused_with_its_reasons(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    sign_in(client, session, hub.coordinator)
    slot = {"on": "2020-01-01", "start_hour": "25:00", "end_hour": "08:00", "capacity": 0}
    answer = client.post(f"/hubs/{cohort.public_id}/reunions", data=slot)
    assert answer.status_code == 422
    for text in ("Cette date est passée.", "Une heure s’écrit", "Dites où.", "Entre 1 et 500"):
        assert text in answer.text


def test_a_meeting_comes_before_the_training_and_what_was_typed_stays(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    assert cohort.session is not None
    first_day = cohort.session.start
    sign_in(client, session, hub.coordinator)
    path = f"/hubs/{cohort.public_id}/reunions"
    slot = {"on": first_day.isoformat(), "start_hour": "09:30", "place": "Lens", "capacity": 8}
    answer = client.post(path, data=slot)
    assert answer.status_code == 422
    assert "la réunion vient avant" in answer.text
    slot["on"] = (first_day - timedelta(days=1)).isoformat()
    assert client.post(path, data=slot).status_code == 303
    twice = client.post(path, data=slot)
    assert twice.status_code == 422
    assert "Une réunion est déjà prévue à cette heure." in twice.text
    assert 'value="Lens"' in twice.text


def test_a_meeting_planned_by_mistake_is_taken_back_until_somebody_is_invited(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    mistake, kept = (meeting(hub, session, cohort, day=day) for day in (2, 3))
    sign_in(client, session, hub.coordinator)
    path = f"/hubs/{cohort.public_id}/reunions"
    assert client.get(path).text.count("Retirer cette réunion") == 2
    meetings.invite(
        session, hub.actor, memberships=[hub.member(cohort, S.INTERESTED)], meetings=[kept]
    )
    session.commit()
    assert client.get(path).text.count("Retirer cette réunion") == 1
    for row in (mistake, kept):
        client.post(f"{path}/{row.public_id}/retirer")
    assert "Des personnes y sont invitées" in client.get(path).text
    assert session.scalars(select(CohortMeeting.on)).all() == [kept.on]


def test_a_prescriber_sees_and_books_its_own_people_alone(
    session: Session, client: CheckingClient, hub: Hub, make: Factory
) -> None:
    cohort = hub.cohort()
    row = meeting(hub, session, cohort, day=3)
    member = hub.member(cohort, S.INTERESTED, hub.person(first_name="Zélie"))
    meetings.invite(session, hub.actor, memberships=[member], meetings=[row])
    path = f"/hubs/{cohort.public_id}/reunions"
    sign_in(client, session, make.account(Role.REFERENT))
    assert "Zélie" not in client.get(path).text
    taken = {"member": member.public_id}
    assert client.post(f"{path}/{row.public_id}/inscriptions", data=taken).status_code == 404
    sign_in(client, session, hub.referent)
    assert "Zélie" in client.get(path).text
    assert client.post(f"{path}/{row.public_id}/inscriptions", data=taken).status_code == 303
    assert client.post(f"{path}/{row.public_id}/clore").status_code == 403
