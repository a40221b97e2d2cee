"""INV-03 with real processes, on both databases: seats never oversold, ranks without gaps."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import select

from portal.db import Database
from portal.models import CohortMembership, MembershipState
from tests.portal.hubs.contender import admit_one, one
from tests.support.cohort_people import Hub
from tests.support.factories import Factory
from tests.support.processes import Running

PROCESSES, EACH = 5, 10
S = MembershipState


def build(
    database: Database, seats: int, people: int, state: MembershipState = S.READY
) -> list[int]:
    """A cohort with people in one state: their ids; those who wait have their ranks."""
    with database.transaction() as session:
        hub = Hub.build(Factory(session))
        cohort = hub.cohort(seats=seats)
        ranks = range(1, people + 1) if state is S.WAITING else [None] * people
        return [hub.member(cohort, state, rank=rank).id for rank in ranks]


def contender(database: Database, *arguments: object) -> Running:
    """Another process on the same database."""
    url = database.engine.url.render_as_string(hide_password=False)
    return Running("tests.portal.hubs.contender", url, *arguments)


def at_once(database: Database, what: str, start: Path, ids: list[int]) -> int:
    """How many succeeded, of as many processes as there are shares."""
    shares = [ids[n::PROCESSES] for n in range(PROCESSES)]
    with ExitStack() as running:
        processes = [
            running.enter_context(contender(database, what, start, *share)) for share in shares
        ]
        assert [process.line() for process in processes] == ["ready"] * PROCESSES
        start.touch()
        return sum(int(process.line()) for process in processes)


def members(database: Database, ids: list[int]) -> list[CohortMembership]:
    with database.session() as session:
        query = select(CohortMembership).where(CohortMembership.id.in_(ids))
        return list(session.scalars(query))


def test_fifty_at_once_for_the_last_seat(any_database: Database, tmp_path: Path) -> None:
    ids = build(any_database, 1, PROCESSES * EACH)
    assert at_once(any_database, "admit", tmp_path / "start", ids) == 1
    rows = members(any_database, ids)
    states = [row.state for row in rows]
    assert states.count(S.ADMITTED) == 1
    assert states.count(S.WAITING) == len(ids) - 1
    assert sorted(row.rank for row in rows if row.rank) == list(range(1, len(ids)))


def test_people_who_leave_the_waiting_list_at_once_leave_no_gap(
    any_database: Database, tmp_path: Path
) -> None:
    ids = build(any_database, 1, 30, S.WAITING)
    gone = ids[::2]
    assert at_once(any_database, "leave", tmp_path / "start", gone) == len(gone)
    rows = {row.id: row for row in members(any_database, ids)}
    assert all(rows[key].state is S.WITHDRAWN and rows[key].rank is None for key in gone)
    assert [rows[key].rank for key in ids[1::2]] == list(range(1, 16)), "in the order they had"


def test_a_process_killed_in_the_middle_leaves_nothing_half_done(any_database: Database) -> None:
    ids = build(any_database, 1, 2)
    with contender(any_database, "hold", "-", ids[0]) as process:
        assert process.line() == "holding"
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
    assert [row.state for row in members(any_database, ids)] == [S.READY, S.READY]
    assert one(any_database, admit_one, ids[1]) is True
    assert one(any_database, admit_one, ids[0]) is False
