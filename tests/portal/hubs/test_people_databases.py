"""The people of a cohort on both databases, and two at once for the last seat of a meeting."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import func, select

from portal import clock
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.db import Database
from portal.hubs import (
    assignment,
    assignment_choices,
    candidates,
    equity,
    meetings,
    selection,
    sourcing,
)
from portal.hubs.assignment import Purpose
from portal.hubs.selection import Decision
from portal.matchmaking import cohorts as engine
from portal.models import (
    Account,
    AgreementChannel,
    BookingState,
    CohortMeeting,
    CohortMembership,
    MeetingBooking,
    MembershipState,
)
from tests.support.cohort_people import Hub
from tests.support.factories import Factory

S = MembershipState
TRIES = 8


def test_from_a_proposal_to_a_promised_job(any_database: Database) -> None:
    with any_database.transaction() as session:
        hub = Hub.build(Factory(session))
        cohort = hub.cohort()
        people = [hub.person().public_id for _n in range(3)]
        found = candidates.propose(session, hub.prescriber, cohort=cohort, people=people)
        today = clock.today()
        meeting = meetings.record_meeting(
            session,
            hub.actor,
            cohort=cohort,
            on=today,
            start_hour="09:30",
            end_hour="11:30",
            place="Arras",
            capacity=5,
        )
        for member in found.members:
            candidates.record_yes(
                session,
                hub.prescriber,
                membership=member,
                channel=AgreementChannel.PHONE,
                on=today,
            )
            booking = meetings.book(session, hub.actor, meeting=meeting, membership=member)
            if member is not found.members[2]:
                meetings.mark(session, hub.actor, booking=booking, state=BookingState.PRESENT)
        assert meetings.close(session, hub.actor, meeting=meeting) == meetings.Closed(2, 1, 0)
        first, second, _absent = found.members
        for member, decision in ((first, Decision.SELECTED), (second, Decision.WAITING)):
            selection.record_notes(
                session, hub.actor, membership=member, exercise="Vu", motivation=None
            )
            selection.decide(session, hub.actor, membership=member, decision=decision)
        assert (first.state, second.rank) == (S.SELECTED, 1)
        commitment = hub.commitment(cohort)
        hub.places(commitment)
        problem = assignment.solve(session, cohort=cohort, purpose=Purpose.IMMERSION)
        assert len(problem.proposal.assignments) == 1
        ready = hub.member(cohort, S.READY)
        wanted = {engine.Pairing(ready.person.public_id, commitment.public_id)}
        assert assignment_choices.retain_jobs(session, hub.actor, cohort=cohort, wanted=wanted)
        rows, whole = sourcing.funnel_of(
            sourcing.list_journeys(session, sourcing.list_people(session, cohort)), []
        )
        assert (len(rows), whole.proposed, whole.present) == (1, 4, 3)
        assert equity.get_panel(session, cohort=cohort).alerts == ()


def test_the_last_seat_of_a_meeting_is_taken_once(any_database: Database) -> None:
    with any_database.transaction() as session:
        hub = Hub.build(Factory(session))
        cohort = hub.cohort()
        meeting = hub.make.add(
            CohortMeeting(
                cohort_id=cohort.id,
                on=clock.today() + timedelta(days=3),
                start_hour="09:30",
                place="Arras",
                capacity=1,
            )
        )
        members = [hub.member(cohort, S.INTERESTED).id for _n in range(TRIES)]
        account_id, meeting_id = hub.coordinator.id, meeting.id
    together, outcomes = threading.Barrier(TRIES), list[str]()

    def take(member_id: int) -> None:
        together.wait()
        try:
            with any_database.transaction() as session:
                account = session.get_one(Account, account_id)
                meetings.book(
                    session,
                    Actor(account, account.memberships[0]),
                    meeting=session.get_one(CohortMeeting, meeting_id),
                    membership=session.get_one(CohortMembership, member_id),
                )
            outcomes.append("booked")
        except IllegalTransitionError as refusal:
            outcomes.append(refusal.message)

    threads = [threading.Thread(target=take, args=(member_id,)) for member_id in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Cette réunion est complète."] * (TRIES - 1) + ["booked"]
    with any_database.session() as session:
        booked = select(func.count(MeetingBooking.id))
        assert session.scalar(booked.where(MeetingBooking.state == BookingState.BOOKED)) == 1
        enrolled = select(func.count(CohortMembership.id))
        assert session.scalar(enrolled.where(CohortMembership.state == S.ENROLLED_INFO)) == 1
