"""A seat of a cohort is a seat of its session (INV-02): admission, exits, training, refusals."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.enrolments import actions
from portal.hubs import moves, sessions
from portal.hubs.moves import Leaving, move_membership
from portal.models import (
    AgreementChannel,
    Cohort,
    CohortMembership,
    CohortState,
    DomainEvent,
    Enrollment,
    EnrollmentReason,
    EnrollmentState,
    ExitReason,
    MembershipState,
    RecruitmentState,
    Scheme,
    TrainingSession,
)
from tests.portal.enrolments.conftest import make_enrolment
from tests.support.cohort_people import Hub

E, S = EnrollmentState, MembershipState
#: What the factory's session has left.
LEFT = 5


def training_of(cohort: Cohort) -> TrainingSession:
    assert cohort.session is not None
    return cohort.session


def seat_of(session: Session, row: CohortMembership) -> Enrollment | None:
    return session.scalar(
        select(Enrollment).filter_by(person_id=row.person_id, session_id=training_of(row.cohort).id)
    )


def enrolled(session: Session, row: CohortMembership) -> Enrollment:
    found = seat_of(session, row)
    assert found is not None
    return found


def leaving(hub: Hub, reason: ExitReason) -> Leaving:
    return Leaving(reason, "Point avec le référent", hub.prescriber.organisation)


def admitted(session: Session, hub: Hub, cohort: Cohort | None = None) -> CohortMembership:
    row = hub.member(cohort or hub.cohort(), S.READY)
    move_membership(session, hub.actor, row, S.ADMITTED)
    return row


def begun(session: Session, hub: Hub, cohort: Cohort) -> None:
    """The first day was a week ago."""
    cohort.state = CohortState.TRAINING
    training = training_of(cohort)
    training.start = clock.today() - timedelta(days=7)
    training.end = clock.today() + timedelta(days=60)
    session.flush()


# Admission -------------------------------------------------------------------------------------


def test_an_admission_is_an_admission_in_the_session(session: Session, hub: Hub) -> None:
    said = clock.today() - timedelta(days=20)
    row = hub.member(hub.cohort(), S.READY, answered_on=said, answer_channel=AgreementChannel.PHONE)
    move_membership(session, hub.actor, row, S.ADMITTED)
    seat = enrolled(session, row)
    assert (seat.state, seat.prescriber_id) == (E.ADMITTED, row.prescriber_id)
    assert seat.admitted_at is not None
    assert seat.agreed_at is not None
    assert (seat.agreed_at.date(), seat.agreed_channel) == (said, "phone")
    assert training_of(row.cohort).seats_left == LEFT - 1
    event = session.scalars(
        select(DomainEvent).filter_by(subject_id=seat.id, name="selected_by_cohort")
    ).one()
    assert event.details == {"cohort": row.cohort.public_id}


def test_without_an_answer_noted_none_is_invented(session: Session, hub: Hub) -> None:
    assert enrolled(session, admitted(session, hub)).agreed_at is None


@pytest.mark.parametrize("state", [E.PROPOSED, E.POSITIONED, E.PRESENT, E.SELECTED, E.ADMITTED])
def test_a_positioning_under_way_is_taken_up(
    session: Session, hub: Hub, state: EnrollmentState
) -> None:
    row = hub.member(hub.cohort(), S.READY)
    known = make_enrolment(
        hub.make, hub.referent, training_of(row.cohort), state, person=row.person
    )
    move_membership(session, hub.actor, row, S.ADMITTED)
    assert enrolled(session, row) is known
    assert known.state is E.ADMITTED


@pytest.mark.parametrize("state", [E.NOT_SELECTED, E.DROPPED, E.WAITING])
def test_the_organisation_is_not_overruled(
    session: Session, hub: Hub, state: EnrollmentState
) -> None:
    training = hub.make.session_of_training(starts_in=90, seats_left=0)
    row = hub.member(hub.cohort(training=training), S.READY)
    waits = state is E.WAITING
    make_enrolment(
        hub.make,
        hub.referent,
        training,
        state,
        person=row.person,
        reason=None if waits else EnrollmentReason.OTHER,
        rank=1 if waits else None,
    )
    with pytest.raises(IllegalTransitionError, match="voyez d’abord avec l’organisme"):
        move_membership(session, hub.actor, row, S.ADMITTED)
    assert (row.state, enrolled(session, row).state) == (S.READY, state)


def test_a_full_session_refuses_the_next_one_alone(session: Session, hub: Hub) -> None:
    training = hub.make.session_of_training(starts_in=90, seats_left=1)
    cohort = hub.cohort(training=training)
    first, second = (hub.member(cohort, S.READY) for _n in range(2))
    moved = moves.move_many(session, hub.actor, [first, second], S.ADMITTED)
    assert moved.done == [first]
    assert moved.refused == [(second, "La session de formation n’a plus de place.")]
    assert (second.state, seat_of(session, second)) == (S.READY, None)
    assert training.seats_left == 0


def test_a_cancelled_session_admits_nobody(session: Session, hub: Hub) -> None:
    row = hub.member(hub.cohort(), S.READY)
    training_of(row.cohort).recruitment = RecruitmentState.CANCELLED
    with pytest.raises(IllegalTransitionError, match="annulée"):
        move_membership(session, hub.actor, row, S.ADMITTED)
    assert (row.state, seat_of(session, row)) == (S.READY, None)


def test_a_prescriber_without_its_convention_is_told_whom_to_call(
    session: Session, hub: Hub
) -> None:
    row = hub.member(hub.cohort(), S.READY)
    training_of(row.cohort).scheme = Scheme.PRF
    with pytest.raises(IllegalTransitionError, match="convention d’association"):
        move_membership(session, hub.actor, row, S.ADMITTED)
    assert (row.state, seat_of(session, row)) == (S.READY, None)


# Exits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (ExitReason.TRAVEL, EnrollmentReason.DISTANCE),
        (ExitReason.OTHER_TRAINING, EnrollmentReason.OTHER_SESSION),
        (ExitReason.EXERCISE, EnrollmentReason.OTHER),
    ],
)
def test_leaving_frees_the_seat_for_who_waits(
    session: Session, hub: Hub, said: ExitReason, kept: EnrollmentReason
) -> None:
    training = hub.make.session_of_training(starts_in=90, seats_left=1)
    row = admitted(session, hub, hub.cohort(training=training))
    waiting = make_enrolment(hub.make, hub.referent, training, E.WAITING, rank=1)
    move_membership(session, hub.actor, row, S.WITHDRAWN, leaving=leaving(hub, said))
    seat = enrolled(session, row)
    assert (seat.state, seat.reason) == (E.CANCELLED, kept)
    session.refresh(waiting)
    assert waiting.state is E.SELECTED
    assert waiting.hold_until is not None
    assert training.seats_left == 0


def test_who_comes_back_is_admitted_again(session: Session, hub: Hub) -> None:
    row = admitted(session, hub)
    gone = leaving(hub, ExitReason.UNREACHABLE)
    move_membership(session, hub.actor, row, S.UNREACHABLE, leaving=gone)
    assert training_of(row.cohort).seats_left == LEFT
    row.state, row.exit_reason = S.READY, None
    session.flush()
    move_membership(session, hub.actor, row, S.ADMITTED)
    seat = enrolled(session, row)
    assert (seat.state, seat.reason) == (E.ADMITTED, None)
    assert training_of(row.cohort).seats_left == LEFT - 1


def test_admitted_by_mistake_gives_the_seat_back(session: Session, hub: Hub) -> None:
    row = admitted(session, hub)
    move_membership(session, hub.actor, row, S.READY)
    seat = enrolled(session, row)
    assert (seat.state, seat.admitted_at) == (E.SELECTED, None)
    assert training_of(row.cohort).seats_left == LEFT


def test_leaving_before_the_selection_touches_no_positioning(session: Session, hub: Hub) -> None:
    row = hub.member(hub.cohort(), S.TOLD)
    own = make_enrolment(
        hub.make, hub.referent, training_of(row.cohort), E.POSITIONED, person=row.person
    )
    gone = leaving(hub, ExitReason.NOT_LIKED)
    move_membership(session, hub.actor, row, S.WITHDRAWN, leaving=gone)
    assert own.state is E.POSITIONED


# Training --------------------------------------------------------------------------------------


def test_in_training_is_entered_then_certified_is_completed(session: Session, hub: Hub) -> None:
    row = admitted(session, hub)
    begun(session, hub, row.cohort)
    move_membership(session, hub.actor, row, S.IN_TRAINING)
    seat = enrolled(session, row)
    assert (seat.state, seat.entered_on) == (E.ENTERED, clock.today())
    move_membership(session, hub.actor, row, S.CERTIFIED)
    assert (seat.state, seat.ended_on) == (E.COMPLETED, clock.today())


def test_nobody_is_in_training_before_the_first_day(session: Session, hub: Hub) -> None:
    row = admitted(session, hub)
    row.cohort.state = CohortState.TRAINING
    with pytest.raises(IllegalTransitionError, match="n’a pas commencé"):
        move_membership(session, hub.actor, row, S.IN_TRAINING)
    assert (row.state, enrolled(session, row).state) == (S.ADMITTED, E.ADMITTED)


@pytest.mark.parametrize(
    ("target", "kept"),
    [(S.HIRED, EnrollmentReason.JOB_FOUND), (S.DROPPED, EnrollmentReason.CHILDCARE)],
)
def test_leaving_the_training_is_a_breakdown_known_today(
    session: Session, hub: Hub, target: MembershipState, kept: EnrollmentReason
) -> None:
    row = admitted(session, hub)
    begun(session, hub, row.cohort)
    move_membership(session, hub.actor, row, S.IN_TRAINING)
    gone = leaving(hub, ExitReason.CHILDCARE) if target is S.DROPPED else None
    move_membership(session, hub.actor, row, target, leaving=gone)
    seat = enrolled(session, row)
    assert (seat.state, seat.reason) == (E.DROPPED, kept)
    assert seat.exit_recorded_on == seat.ended_on == clock.today()
    assert training_of(row.cohort).seats_left == LEFT


def test_what_the_organisation_said_first_stands(session: Session, hub: Hub) -> None:
    row = admitted(session, hub)
    begun(session, hub, row.cohort)
    day = clock.today() - timedelta(days=6)
    seat = enrolled(session, row)
    actions.record_entry(session, hub.actor, enrolment=seat, on=day)
    move_membership(session, hub.actor, row, S.IN_TRAINING)
    assert seat.entered_on == day
    breakdown = actions.Breakdown(E.EXCLUDED, EnrollmentReason.RULES, None)
    actions.record_breakdown(session, hub.actor, enrolment=seat, breakdown=breakdown)
    with pytest.raises(IllegalTransitionError, match="exclusion"):
        move_membership(session, hub.actor, row, S.CERTIFIED)
    gone = leaving(hub, ExitReason.OTHER)
    move_membership(session, hub.actor, row, S.DROPPED, leaving=gone)
    assert (seat.state, seat.reason) == (E.EXCLUDED, EnrollmentReason.RULES)


def test_a_cohort_keeps_its_session_while_seats_are_held(session: Session, hub: Hub) -> None:
    row = admitted(session, hub)
    other = hub.make.session_of_training(starts_in=120)
    with pytest.raises(IllegalTransitionError, match="ont leur place"):
        sessions.take_session(session, hub.actor, row.cohort, other, today=clock.today())
    assert row.cohort.session_id != other.id
