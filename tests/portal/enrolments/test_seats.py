"""Who holds a seat, who waits, who is next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.enrolments import actions
from portal.enrolments.seats import count_taken, pass_expired_holds
from portal.models import (
    Account,
    Enrollment,
    EnrollmentReason,
    EnrollmentState,
    RecruitmentState,
    TrainingSession,
)
from tests.portal.enrolments.conftest import Position, actor_of
from tests.support.factories import Factory

_S = EnrollmentState


@pytest.fixture
def actor(referent: Account) -> Actor:
    return actor_of(referent)


def small(make: Factory, seats: int, left: int | None = None) -> TrainingSession:
    row = make.session_of_training(seats_left=left)
    row.seats = seats
    make.session.flush()
    return row


def ranks(session: Session, row: TrainingSession) -> list[int | None]:
    query = select(Enrollment.rank).where(
        Enrollment.session_id == row.id, Enrollment.state == _S.WAITING
    )
    return list(session.scalars(query.order_by(Enrollment.rank)))


def test_the_last_seat_goes_to_one_and_the_next_waits_first(
    session: Session, make: Factory, position: Position, actor: Actor
) -> None:
    row = small(make, 1)
    first, second = position(row), position(row)
    assert actions.admit(session, actor, enrolment=first) is True
    assert actions.admit(session, actor, enrolment=second) is False
    assert (first.state, second.state, second.rank) == (_S.ADMITTED, _S.WAITING, 1)
    assert row.seats_left == 0


def test_a_withdrawal_keeps_the_seat_48_hours_for_the_first_who_waits(  # T-ENR-04
    session: Session, make: Factory, position: Position, actor: Actor
) -> None:
    row = small(make, 1)
    admitted, first, second = position(row), position(row), position(row)
    for one in (admitted, first, second):
        actions.admit(session, actor, enrolment=one)
    actions.cancel(session, actor, enrolment=admitted, reason=EnrollmentReason.JOB_FOUND)
    assert first.state is _S.SELECTED
    assert first.hold_until is not None
    assert timedelta(hours=47) < first.hold_until - clock.now() <= timedelta(hours=48)
    assert (second.state, second.rank) == (_S.WAITING, 1)
    assert count_taken(session, row) == 1
    assert row.seats_left == 0
    assert actions.admit(session, actor, enrolment=first) is True


def test_a_kept_seat_is_not_given_to_another(
    session: Session, make: Factory, position: Position, actor: Actor
) -> None:
    row = small(make, 1)
    admitted, waiting, other = position(row), position(row), position(row)
    actions.admit(session, actor, enrolment=admitted)
    actions.admit(session, actor, enrolment=waiting)
    actions.cancel(session, actor, enrolment=admitted, reason=EnrollmentReason.JOB_FOUND)
    assert actions.admit(session, actor, enrolment=other) is False
    assert (other.state, other.rank) == (_S.WAITING, 1)


def test_a_hold_let_go_passes_to_the_next_and_refuses_nobody(
    session: Session, make: Factory, position: Position, actor: Actor
) -> None:
    row = small(make, 1)
    admitted, first, second = position(row), position(row), position(row)
    for one in (admitted, first, second):
        actions.admit(session, actor, enrolment=one)
    actions.cancel(session, actor, enrolment=admitted, reason=EnrollmentReason.JOB_FOUND)
    first.hold_until = clock.now() - timedelta(minutes=1)
    session.flush()
    assert pass_expired_holds(session, clock.today()) == 1
    session.refresh(first)
    assert (first.state, first.rank) == (_S.WAITING, 1)
    assert first.hold_until is None
    assert second.state is _S.SELECTED
    assert second.hold_until is not None
    assert pass_expired_holds(session, clock.today()) == 0


def test_a_hold_let_go_with_nobody_behind_leaves_the_person_kept(
    session: Session, make: Factory, position: Position, actor: Actor
) -> None:
    row = small(make, 1, left=0)
    row.seats_left = 0
    held = position(row, hold_until=clock.now() - timedelta(hours=1))
    assert pass_expired_holds(session, clock.today()) == 1
    assert (held.state, held.hold_until, row.seats_left) == (_S.SELECTED, None, 1)


def test_any_exit_leaves_ranks_without_gaps(
    session: Session, make: Factory, position: Position, actor: Actor
) -> None:
    row = small(make, 1)
    people = [position(row) for _ in range(5)]
    for one in people:
        actions.admit(session, actor, enrolment=one)
    assert ranks(session, row) == [1, 2, 3, 4]
    actions.record_refusal(
        session, actor, enrolment=people[2], reason=EnrollmentReason.PREREQUISITE
    )
    actions.cancel(session, actor, enrolment=people[4], reason=EnrollmentReason.DISTANCE)
    assert ranks(session, row) == [1, 2]
    assert (people[1].rank, people[3].rank) == (1, 2)


def test_seats_taken_elsewhere_count(
    session: Session, make: Factory, position: Position, actor: Actor
) -> None:
    row = small(make, 12, left=1)
    assert actions.admit(session, actor, enrolment=position(row)) is True
    assert row.seats_left == 0
    assert actions.admit(session, actor, enrolment=position(row)) is False


def test_a_seat_freed_in_a_full_session_opens_it_again(
    session: Session, make: Factory, position: Position, actor: Actor
) -> None:
    row = small(make, 12, left=0)
    row.recruitment = RecruitmentState.FULL
    admitted = position(row, EnrollmentState.ADMITTED)
    actions.cancel(session, actor, enrolment=admitted, reason=EnrollmentReason.HEALTH_FAMILY)
    assert (row.recruitment, row.seats_left) == (RecruitmentState.OPEN, 1)


def test_nobody_is_admitted_before_seats_are_said(
    session: Session, make: Factory, position: Position, actor: Actor
) -> None:
    row = make.session_of_training()
    row.seats = None
    with pytest.raises(IllegalTransitionError, match="combien de places"):
        actions.admit(session, actor, enrolment=position(row))


def test_an_exit_during_the_training_frees_no_seat_late(
    session: Session, make: Factory, position: Position, actor: Actor
) -> None:
    row = small(make, 1)
    row.start, row.end = clock.today() - timedelta(days=30), clock.today() + timedelta(days=30)
    inside = position(row, _S.IN_PROGRESS, entered_on=row.start)
    waiting = position(row, _S.WAITING, rank=1)
    actions.record_breakdown(
        session,
        actor,
        enrolment=inside,
        breakdown=actions.Breakdown(
            _S.DROPPED, EnrollmentReason.MONEY, clock.today() - timedelta(days=2)
        ),
    )
    assert (waiting.state, waiting.rank) == (_S.WAITING, 1)
    assert inside.exit_recorded_on == clock.today()
