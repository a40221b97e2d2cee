"""Seats corrected in the catalogue while people hold some of them (INV-02)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.enrolments import actions
from portal.enrolments.queries import list_of_session
from portal.enrolments.rules import HOLD
from portal.models import (
    Account,
    EnrollmentReason,
    EnrollmentState,
    RecruitmentState,
    TrainingSession,
)
from portal.trainings.correcting import TooFewSeatsError, record_seats
from tests.portal.enrolments.conftest import Position, actor_of, signed, text_of

S = EnrollmentState


def correct(session: Session, account: Account, row: TrainingSession, **values: object) -> None:
    given = {"recruitment": row.recruitment, "seats": row.seats, "seats_left": row.seats_left}
    record_seats(session, actor_of(account), row=row, **(given | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seats", "left", "refused"),
    [(1, 0, True), (2, 1, True), (2, None, False), (2, 0, False), (None, 1, False), (3, 1, False)],
)
def test_inv_02_seats_never_go_below_those_given(
    session: Session,
    position: Position,
    centre: Account,
    own_session: TrainingSession,
    seats: int | None,
    left: int | None,
    refused: bool,
) -> None:
    position(own_session, S.ADMITTED)
    position(own_session, S.SELECTED, hold_until=clock.now() + HOLD)
    if not refused:
        correct(session, centre, own_session, seats=seats, seats_left=left)
        assert (own_session.seats, own_session.seats_left) == (seats, left)
        return
    with pytest.raises(TooFewSeatsError):
        correct(session, centre, own_session, seats=seats, seats_left=left)
    session.refresh(own_session)
    assert own_session.seats == 12


def test_the_page_says_how_many_seats_are_given(
    app: Flask, session: Session, position: Position, centre: Account, own_session: TrainingSession
) -> None:
    position(own_session, S.IN_PROGRESS)
    position(own_session, S.ADMITTED)
    session.commit()
    client = signed(app, session, centre)
    data = {"recruitment": "open", "seats": "1", "seats_left": "0"}
    page = client.post(f"/formations/{own_session.public_id}/corriger/places", data=data)
    assert page.status_code == 422
    assert "2 places sont déjà données" in text_of(page)


def test_a_seat_that_appears_goes_to_who_waits(
    session: Session, position: Position, centre: Account, own_session: TrainingSession
) -> None:
    own_session.seats, own_session.seats_left = 1, 0
    position(own_session, S.ADMITTED)
    first = position(own_session, S.WAITING, rank=1)
    second = position(own_session, S.WAITING, rank=2)
    correct(session, centre, own_session, seats=2, seats_left=1)
    assert (first.state, first.rank) == (S.SELECTED, None)
    assert first.hold_until is not None
    assert (second.state, second.rank, own_session.seats_left) == (S.WAITING, 1, 0)


def test_t_enr_04_a_session_that_recruits_no_more_still_calls_who_waits(
    session: Session, referent: Account, position: Position, own_session: TrainingSession
) -> None:
    gone = position(own_session, S.ADMITTED)
    first = position(own_session, S.WAITING, rank=1)
    own_session.recruitment, own_session.seats_left = RecruitmentState.CLOSED, 0
    session.flush()
    actions.cancel(session, actor_of(referent), enrolment=gone, reason=EnrollmentReason.JOB_FOUND)
    assert first.state is S.SELECTED
    assert first.hold_until is not None


def test_a_cancelled_session_calls_nobody_from_its_waiting_list(
    session: Session, referent: Account, position: Position, own_session: TrainingSession
) -> None:
    gone = position(own_session, S.ADMITTED)
    first = position(own_session, S.WAITING, rank=1)
    second = position(own_session, S.WAITING, rank=2)
    own_session.recruitment, own_session.seats_left = RecruitmentState.CANCELLED, 0
    session.flush()
    reason = EnrollmentReason.SESSION_CANCELLED
    actions.cancel(session, actor_of(referent), enrolment=gone, reason=reason)
    assert (first.state, first.rank) == (S.WAITING, 1)
    actions.cancel(session, actor_of(referent), enrolment=first, reason=reason)
    assert (second.state, second.rank) == (S.WAITING, 1), "ranks close up, nobody is called"
    seen = list_of_session(session, actor_of(referent), own_session)
    assert [one.state for one in seen] == [S.WAITING, S.CANCELLED, S.CANCELLED]


def test_nobody_is_taken_out_of_the_waiting_list_past_the_others(
    app: Flask, session: Session, position: Position, centre: Account, own_session: TrainingSession
) -> None:
    own_session.seats, own_session.seats_left = 1, 0
    position(own_session, S.ADMITTED)
    first = position(own_session, S.WAITING, rank=1)
    second = position(own_session, S.WAITING, rank=2)
    session.commit()
    client = signed(app, session, centre)
    page = client.post(f"/positionnements/{second.public_id}/retenir", follow_redirects=True)
    assert "attend son tour" in text_of(page)
    for row in (first, second):
        session.refresh(row)
    assert [(row.state, row.rank) for row in (first, second)] == [(S.WAITING, 1), (S.WAITING, 2)]
