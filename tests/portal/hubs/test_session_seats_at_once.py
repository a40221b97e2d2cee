"""INV-02 from both sides: a cohort and the session's board want the last seat, two processes."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.db import Database
from portal.models import (
    CohortMembership,
    Enrollment,
    EnrollmentState,
    MembershipState,
    TrainingSession,
)
from tests.portal.enrolments.conftest import make_enrolment
from tests.portal.enrolments.test_seats_at_once import contender as board
from tests.portal.hubs.test_board_at_once import contender as cohort_side
from tests.support.cohort_people import Hub
from tests.support.factories import Factory

E, S = EnrollmentState, MembershipState


def build(database: Database, seats: int, each: int) -> tuple[list[int], list[int]]:
    """People ready in a cohort, and as many kept on the board of its session: their ids."""
    with database.transaction() as session:
        hub = Hub.build(Factory(session))
        training = hub.make.session_of_training(starts_in=90, seats_left=seats)
        cohort = hub.cohort(training=training)
        members = [hub.member(cohort, S.READY).id for _n in range(each)]
        kept = [make_enrolment(hub.make, hub.referent, training).id for _n in range(each)]
        return members, kept


@pytest.mark.parametrize(("seats", "each"), [(1, 1), (3, 4)])
def test_the_last_seats_are_given_once(
    any_database: Database, tmp_path: Path, seats: int, each: int
) -> None:
    members, kept = build(any_database, seats, each)
    start = tmp_path / "start"
    with ExitStack() as running:
        processes = [
            running.enter_context(cohort_side(any_database, "try", start, *members)),
            running.enter_context(board(any_database, start, *kept)),
        ]
        assert [process.line() for process in processes] == ["ready", "ready"]
        start.touch()
        given = [int(process.line()) for process in processes]
    assert sum(given) == seats
    with any_database.session() as session:
        states = session.scalars(select(Enrollment.state)).all()
        assert states.count(E.ADMITTED) == seats
        assert session.scalars(select(TrainingSession.seats_left)).all() == [0]
        rows = session.scalars(select(CohortMembership)).all()
        assert [row.state for row in rows].count(S.ADMITTED) == given[0]
        seated = select(Enrollment.person_id).where(Enrollment.state == E.ADMITTED)
        in_session = set(session.scalars(seated))
        assert all((row.person_id in in_session) == (row.state is S.ADMITTED) for row in rows)
