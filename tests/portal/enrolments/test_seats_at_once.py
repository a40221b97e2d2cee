"""Fifty admissions at once, and a process killed in the middle, on both databases."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import select

from portal.db import Database
from portal.models import Enrollment, EnrollmentState, Role, TrainingSession
from tests.portal.enrolments.conftest import make_enrolment
from tests.portal.enrolments.contender import admit_one
from tests.support.factories import Factory
from tests.support.processes import Running

PROCESSES, EACH = 5, 10


def build(database: Database, people: int, seats: int) -> tuple[int, list[int]]:
    """A session with people kept for it: (its id, their positionings)."""
    with database.transaction() as session:
        make = Factory(session)
        referent = make.account(Role.REFERENT)
        row = make.session_of_training(seats_left=None)
        row.seats = seats
        kept = [make_enrolment(make, referent, row) for _ in range(people)]
        return row.id, [one.id for one in kept]


def contender(database: Database, *arguments: object) -> Running:
    """Another process on the same database."""
    url = database.engine.url.render_as_string(hide_password=False)
    return Running("tests.portal.enrolments.contender", url, *arguments)


def test_fifty_at_once_for_the_last_seat(any_database: Database, tmp_path: Path) -> None:
    """T-ENR-01, INV-02: one is admitted, the others wait without gaps nor ties."""
    row_id, ids = build(any_database, PROCESSES * EACH, seats=1)
    start = tmp_path / "start"
    shares = [ids[n::PROCESSES] for n in range(PROCESSES)]
    with ExitStack() as running:
        processes = [
            running.enter_context(contender(any_database, start, *share)) for share in shares
        ]
        assert [process.line() for process in processes] == ["ready"] * PROCESSES
        start.touch()
        given = [int(process.line()) for process in processes]
    assert sum(given) == 1
    with any_database.session() as session:
        rows = session.scalars(select(Enrollment).filter_by(session_id=row_id)).all()
        states = [row.state for row in rows]
        assert states.count(EnrollmentState.ADMITTED) == 1
        assert states.count(EnrollmentState.WAITING) == len(ids) - 1
        assert sorted(row.rank for row in rows if row.rank) == list(range(1, len(ids)))
        assert session.get_one(TrainingSession, row_id).seats_left == 0


def test_a_process_killed_in_the_middle_leaves_nothing_half_done(any_database: Database) -> None:
    row_id, ids = build(any_database, 2, seats=1)
    with contender(any_database, "hold", ids[0]) as process:
        assert process.line() == "holding"
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
    with any_database.session() as session:
        assert session.get_one(Enrollment, ids[0]).state is EnrollmentState.SELECTED
        assert session.get_one(TrainingSession, row_id).seats_left is None
    assert admit_one(any_database, ids[1]) is True
    with any_database.session() as session:
        assert session.get_one(Enrollment, ids[1]).state is EnrollmentState.ADMITTED
        assert session.get_one(TrainingSession, row_id).seats_left == 0
