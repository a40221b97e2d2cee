"""What a person answers, and all that follows: calls, reminders, the meetings of hubs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.db import Database
from portal.hubs import meetings
from portal.invitations import answering, inviting, moving
from portal.models import (
    AnswerChannel,
    BookingState,
    CallReason,
    CallRequest,
    CohortMeeting,
    DayFeeling,
    DomainEvent,
    Invitation,
    InvitationKind,
    InvitationState,
    MeetingBooking,
    MembershipState,
    Person,
    Role,
    SmsMeaning,
)
from portal.today.tasks import working_days_after
from tests.support.cohort_people import Hub
from tests.support.factories import Factory
from tests.support.inviting import actor_of, at, invite, messages_of

S, C = InvitationState, AnswerChannel


@pytest.fixture(autouse=True)
def in_a_request(app: Flask) -> object:
    """Refusals are said in French."""
    with app.test_request_context():
        yield


def say(session: Session, row: Invitation, choice: str, **values: object) -> None:
    """Answer by the link."""
    answering.answer(session, invitation=row, choice=choice, channel=C.LINK, **values)  # type: ignore[arg-type]


def calls(session: Session) -> list[tuple[CallReason, date, bool]]:
    """Reason, day, whether made, of every call."""
    rows = session.scalars(select(CallRequest).order_by(CallRequest.id))
    return [(row.reason, row.due_on, row.done_at is not None) for row in rows]


def test_a_yes_to_a_visit_is_no_contract_the_referent_calls_within_two_working_days(
    make: Factory, session: Session
) -> None:
    referent = make.account(Role.REFERENT)
    row = invite(make, referent)
    say(session, row, "yes")
    assert row.state is S.ACCEPTED
    assert row.answered_by is C.LINK
    assert calls(session) == [(CallReason.INTERESTED, working_days_after(clock.today(), 2), False)]
    call = session.scalars(select(CallRequest)).one()
    assert call.account_id == referent.id
    assert (call.subject_kind, call.subject_id) == ("invitation", row.id)


def test_a_yes_to_an_appointment_asks_for_no_call(make: Factory, session: Session) -> None:
    row = invite(make, make.account(Role.REFERENT), kind=InvitationKind.APPOINTMENT)
    say(session, row, "yes")
    assert calls(session) == []


@pytest.mark.parametrize("choice", ["yes", "no", "call_me"])
def test_the_same_answer_twice_changes_nothing(
    make: Factory, session: Session, choice: str
) -> None:
    row = invite(make, make.account(Role.REFERENT))
    say(session, row, choice)
    before = (row.answered_at, calls(session), len(messages_of(make, row)))
    events = select(func.count(DomainEvent.id)).where(DomainEvent.name == "answered")
    say(session, row, choice)
    assert (row.answered_at, calls(session), len(messages_of(make, row))) == before
    assert session.scalar(events) == 1


def test_call_me_is_for_the_next_working_day(make: Factory, session: Session) -> None:
    row = invite(make, make.account(Role.REFERENT))
    say(session, row, "call_me")
    assert row.state is S.CALL_ASKED
    assert calls(session) == [(CallReason.CALL_ME, working_days_after(clock.today(), 1), False)]


def test_a_no_after_a_yes_is_told_to_a_human_and_another_date_settles_it(
    make: Factory, session: Session
) -> None:
    row = invite(
        make, make.account(Role.REFERENT), kind=InvitationKind.APPOINTMENT, slots=(at(12), at(13))
    )
    first = row.starts_at
    say(session, row, "yes")
    say(session, row, "no", reason="cannot_come")
    assert (row.state, row.reason) == (S.DECLINED, "cannot_come")
    assert [(reason, made) for reason, _due, made in calls(session)] == [
        (CallReason.CANNOT_COME, False)
    ]
    others = moving.list_others(session, row)
    assert [other.starts_at for other in others] == [at(12), at(13)]
    moving.move(session, invitation=row, key=others[0].key, channel=C.SPACE)
    assert (row.state, row.starts_at, row.reason) == (S.ACCEPTED, at(12), None)
    assert calls(session)[0][2]
    assert sorted(slot.starts_at for slot in row.slots) == [first, at(13)]


def test_a_slot_that_is_not_theirs_or_is_past_is_refused(make: Factory, session: Session) -> None:
    referent = make.account(Role.REFERENT)
    row = invite(make, referent, slots=(at(1),))
    other = invite(make, referent, slots=(at(12),))
    with pytest.raises(IllegalTransitionError, match="plus possible"):
        moving.move(session, invitation=row, key=other.slots[0].public_id, channel=C.SPACE)
    key = row.slots[0].public_id
    with (
        clock.frozen_at(at(2)),
        pytest.raises(IllegalTransitionError, match="plus possible"),
    ):
        moving.move(session, invitation=row, key=key, channel=C.SPACE)
    assert row.starts_at == at(10)


def test_after_its_hour_or_a_cancellation_no_answer_is_taken(
    make: Factory, session: Session
) -> None:
    referent = make.account(Role.REFERENT)
    row = invite(make, referent)
    with clock.frozen_at(at(11)), pytest.raises(IllegalTransitionError, match="passé"):
        say(session, row, "yes")
    inviting.cancel(session, actor_of(referent), invitation=row, reason="place")
    with pytest.raises(IllegalTransitionError, match="annulé"):
        say(session, row, "yes")
    assert row.answered_at is None


def test_an_sms_answers_the_invitation_of_its_sender_alone(make: Factory, session: Session) -> None:
    referent = make.account(Role.REFERENT)
    row = invite(make, referent)
    stranger: Person = make.person(referent=referent)
    for person, meaning in ((stranger, SmsMeaning.YES), (row.person, SmsMeaning.UNCLEAR)):
        with pytest.raises(IllegalTransitionError):
            answering.answer_by_sms(session, subject_id=row.id, person=person, meaning=meaning)
    assert row.state is S.SENT
    answering.answer_by_sms(session, subject_id=row.id, person=row.person, meaning=SmsMeaning.NO)
    assert (row.state, row.answered_by) == (S.DECLINED, C.SMS)


def test_a_bad_first_day_is_called_about_the_same_day(make: Factory, session: Session) -> None:
    row = invite(
        make, make.account(Role.REFERENT), kind=InvitationKind.JOB, title="votre premier jour"
    )
    with pytest.raises(IllegalTransitionError):
        answering.record_feeling(session, invitation=row, feeling=DayFeeling.BAD, channel=C.LINK)
    with clock.frozen_at(at(10, 18)):
        for _ in range(2):
            answering.record_feeling(
                session, invitation=row, feeling=DayFeeling.BAD, channel=C.LINK
            )
        assert calls(session) == [(CallReason.BAD_DAY, clock.today(), False)]


@pytest.fixture
def hub(make: Factory) -> Hub:
    """A hub, its coordinator, and a referent."""
    return Hub.build(make)


def planned(hub: Hub, session: Session, *days: int, capacity: int = 20) -> list[CohortMeeting]:
    """Meetings of a cohort at half past nine."""
    cohort = hub.cohort()
    return [
        meetings.record_meeting(
            session,
            hub.actor,
            cohort=cohort,
            on=clock.today() + timedelta(days=day),
            start_hour="09:30",
            end_hour="11:30",
            place="Mairie d’Arras",
            capacity=capacity,
        )
        for day in days
    ]


def invited(hub: Hub, session: Session, rows: list[CohortMeeting]) -> Invitation:
    """Somebody interested, invited to the choice of these meetings."""
    member = hub.member(rows[0].cohort, MembershipState.INTERESTED)
    meetings.invite(session, hub.actor, memberships=[member], meetings=rows)
    return session.scalars(select(Invitation).where(Invitation.person_id == member.person_id)).one()


def test_people_invited_by_a_hub_are_written_to_once(
    hub: Hub, make: Factory, session: Session
) -> None:
    rows = planned(hub, session, 5, 8)
    row = invited(hub, session, rows)
    assert (row.kind, row.starts_at) == (InvitationKind.INFORMATION, at(5, 9, 30))
    assert row.organisation_id == hub.actor.organisation.id
    member = row.booking.membership if row.booking else None
    assert member is not None
    more = meetings.record_meeting(
        session,
        hub.actor,
        cohort=rows[0].cohort,
        on=clock.today() + timedelta(days=9),
        start_hour="14:00",
        end_hour=None,
        place="Mairie",
        capacity=3,
    )
    meetings.invite(session, hub.actor, memberships=[member], meetings=[*rows, more])
    assert session.scalar(select(func.count(Invitation.id))) == 1
    assert len(messages_of(make, row)) == 1


def test_a_yes_books_the_seat_and_a_no_gives_it_back(hub: Hub, session: Session) -> None:
    rows = planned(hub, session, 5)
    row = invited(hub, session, rows)
    say(session, row, "yes")
    assert row.booking is not None
    assert row.booking.state == BookingState.BOOKED
    assert row.booking.membership.state is MembershipState.ENROLLED_INFO
    say(session, row, "no")
    assert row.booking.state.value == "excused"
    assert row.state is S.DECLINED


def test_a_full_meeting_refuses_a_yes_and_the_other_one_is_offered(
    hub: Hub, session: Session
) -> None:
    rows = planned(hub, session, 5, capacity=1)
    rows += [
        meetings.record_meeting(
            session,
            hub.actor,
            cohort=rows[0].cohort,
            on=clock.today() + timedelta(days=8),
            start_hour="09:30",
            end_hour=None,
            place="Maison de l’emploi",
            capacity=4,
        )
    ]
    say(session, invited(hub, session, rows[:1]), "yes")
    row = invited(hub, session, rows)
    with pytest.raises(IllegalTransitionError, match="plus possible"):
        say(session, row, "yes")
    session.refresh(row)
    others = moving.list_others(session, row)
    assert [other.starts_at for other in others] == [at(8, 9, 30)]
    moving.move(session, invitation=row, key=others[0].key, channel=C.SPACE)
    assert (row.state, row.starts_at, row.place) == (
        S.ACCEPTED,
        at(8, 9, 30),
        "Maison de l’emploi",
    )
    assert row.booking is not None
    assert row.booking.meeting_id == rows[1].id


def test_presence_at_the_meeting_closes_the_invitation_and_the_absent_are_invited_again(
    hub: Hub, session: Session
) -> None:
    rows = planned(hub, session, 0, 8)
    with clock.frozen_at(at(0, 7)):
        row = invited(hub, session, rows[:1])
        say(session, row, "yes")
    meetings.close(session, hub.actor, meeting=rows[0])
    assert row.state is S.MISSED
    again = session.scalars(
        select(Invitation).where(Invitation.person_id == row.person_id, Invitation.id != row.id)
    ).one()
    assert (again.state, again.starts_at) == (S.SENT, at(8, 9, 30))


def test_two_answers_at_once_leave_one_answer_and_its_call_once(any_database: Database) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        row_id = invite(make, make.account(Role.REFERENT)).id

    def work(_number: int) -> None:
        with any_database.transaction() as session:
            say(session, session.get_one(Invitation, row_id), "yes")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    with any_database.session() as session:
        assert session.get_one(Invitation, row_id).state is S.ACCEPTED
        assert [reason for reason, _due, _made in calls(session)] == [CallReason.INTERESTED]
        events = select(func.count(DomainEvent.id)).where(DomainEvent.name == "answered")
        assert session.scalar(events) == 1


def test_two_people_at_once_never_share_the_last_seat_of_a_meeting(
    any_database: Database, app: Flask
) -> None:
    with any_database.transaction() as session:
        hub = Hub.build(Factory(session))
        rows = planned(hub, session, 5, capacity=1)
        ids = [invited(hub, session, rows).id for _ in range(2)]

    def work(row_id: int) -> bool:
        with app.test_request_context():
            try:
                with any_database.transaction() as session:
                    say(session, session.get_one(Invitation, row_id), "yes")
            except IllegalTransitionError:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(work, ids))
    assert outcomes == [False, True]
    with any_database.session() as session:
        booked = select(func.count(MeetingBooking.id)).where(
            MeetingBooking.state == BookingState.BOOKED
        )
        assert session.scalar(booked) == 1


@pytest.mark.parametrize(("days", "within"), [(1, 1), (2, 1), (20, 2)])
def test_a_yes_is_confirmed_before_the_day_when_it_is_near(
    make: Factory, session: Session, days: int, within: int
) -> None:
    with clock.frozen_at(datetime(2026, 3, 4, 9, tzinfo=UTC)):  # a Wednesday
        row = invite(make, make.account(Role.REFERENT), starts_at=at(days))
        say(session, row, "yes")
        assert calls(session)[0][1] == working_days_after(clock.today(), within)
