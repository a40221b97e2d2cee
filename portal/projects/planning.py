"""The plan of a project: for each trade and quarter, jobs against people ready and seats.

Jobs of the list open in their quarter; people ready and seats are what there is by then. The gap
therefore sets them against the jobs opened since the first quarter to come, so that nobody is
counted again for each quarter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.models import ProjectNeed, ProjectTrade, RecruitmentState, TrainingSession
from portal.projects.queries import count_in_training, list_sessions_by_occupation
from portal.projects.rules import Quarter, Range, gap, shade, shown_count


@dataclass(frozen=True, slots=True)
class People:
    """How many people stand where, as the reader may know it.

    ``now`` are ready today, ``ready`` by then; ``in_training`` are admitted in a session that
    prepares the trade and ends by then, or already there.
    """

    now: Range
    ready: Range
    one_step: Range
    to_check: Range
    in_training: Range


@dataclass(frozen=True, slots=True)
class Seats:
    """Free seats of the sessions that end by then; ``to_ask`` sessions do not say how many."""

    free: int
    sessions: int
    to_ask: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A trade in a quarter.

    ``people`` and ``missing`` are None when no place is known; ``seats`` too once the project
    is over, for nothing is proposed then.
    """

    quarter: Quarter
    need: ProjectNeed | None
    jobs: int
    jobs_so_far: int
    people: People | None
    seats: Seats | None
    missing: Range | None

    @property
    def shade(self) -> int:
        """How dark the cell is drawn, from 0 to 4."""
        return shade(self.jobs_so_far, self.missing) if self.missing else 0


@dataclass(frozen=True, slots=True)
class Row:
    """A trade and its cells, in the order of the quarters."""

    trade: ProjectTrade
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole table; ``jobs`` are the totals needed, the only ones that may be added up.

    People are never added up: one person may be ready for several trades.
    """

    quarters: tuple[Quarter, ...]
    rows: tuple[Row, ...]
    jobs: tuple[int, ...]
    masked: bool


def make_plan(
    session: Session,
    actor: Actor,
    *,
    trades: Sequence[ProjectTrade],
    quarters: Sequence[Quarter],
    commune_code: str | None,
    over: bool = False,
) -> Plan:
    """Count once per occupation, then lay out trade by trade; only the needs when it is over."""
    codes = sorted({trade.occupation_code for trade in trades})
    counts = _readiness(session, actor, codes, None if over else commune_code, quarters)
    sessions = {} if over else list_sessions_by_occupation(session, codes)
    leaving = {} if over else count_in_training(session, actor, codes)
    masked = masks(actor)
    rows = tuple(
        Row(
            trade,
            tuple(
                _cell(
                    trade,
                    quarter,
                    _people(
                        counts.get(trade.occupation_code, {}),
                        leaving.get(trade.occupation_code, {}),
                        quarter,
                        masked=masked,
                    ),
                    None if over else sessions.get(trade.occupation_code, ()),
                )
                for quarter in quarters
            ),
        )
        for trade in trades
    )
    totals = tuple(sum(row.cells[n].jobs for row in rows) for n in range(len(quarters)))
    return Plan(tuple(quarters), rows, totals, masked)


def masks(actor: Actor) -> bool:
    """Whether small counts are masked: those who see no person read no small count (INV-15)."""
    return not actor.can(Capability.PEOPLE_READ)


def _readiness(
    session: Session,
    actor: Actor,
    codes: Sequence[str],
    commune_code: str | None,
    quarters: Sequence[Quarter],
) -> Mapping[str, Mapping[date, mm.Readiness]]:
    if commune_code is None:
        return {}
    days = sorted({clock.today(), *(_first_day(quarter) for quarter in quarters)})
    return mm.readiness_by_occupation(
        session,
        occupation_codes=codes,
        commune_code=commune_code,
        dates=days,
        departement_code=actor.departement_code,
    )


def _first_day(quarter: Quarter) -> date:
    """The day on which people are ready « by then »: today for the present quarter."""
    return max(quarter.first_day, clock.today())


def _people(
    counts: Mapping[date, mm.Readiness],
    leaving: Mapping[Quarter, int],
    quarter: Quarter,
    *,
    masked: bool,
) -> People | None:
    then, now = counts.get(_first_day(quarter)), counts.get(clock.today())
    if then is None or now is None:
        return None
    return People(
        now=shown_count(now.ready, masked=masked),
        ready=shown_count(then.ready, masked=masked),
        one_step=shown_count(then.one_step, masked=masked),
        to_check=shown_count(then.to_check, masked=masked),
        in_training=in_training_until(leaving, quarter, masked=masked),
    )


def in_training_until(leaving: Mapping[Quarter, int], quarter: Quarter, *, masked: bool) -> Range:
    """People whose training ends by then; each quarter is masked before it is added.

    Otherwise the difference between two quarters would tell how few leave in the second.
    """
    counts = (shown_count(n, masked=masked) for when, n in leaving.items() if when <= quarter)
    return sum(counts, start=Range(0, 0))


def _cell(
    trade: ProjectTrade,
    quarter: Quarter,
    people: People | None,
    sessions: Iterable[TrainingSession] | None,
) -> Cell:
    need = next((need for need in trade.needs if need.quarter == str(quarter)), None)
    so_far = jobs_until(trade, quarter, clock.today())
    seats = None if sessions is None else seats_until(sessions, quarter.last_day)
    return Cell(
        quarter=quarter,
        need=need,
        jobs=need.jobs if need else 0,
        jobs_so_far=so_far,
        people=people,
        seats=seats,
        missing=gap(so_far, people.ready + people.in_training, seats.free)
        if people and seats
        else None,
    )


def jobs_until(trade: ProjectTrade, quarter: Quarter, today: date) -> int:
    """Jobs that open from the present quarter to this one."""
    present = Quarter.of(today)
    found = ((Quarter.parse(need.quarter), need.jobs) for need in trade.needs)
    return sum(jobs for when, jobs in found if when and present <= when <= quarter)


def seats_until(sessions: Iterable[TrainingSession], day: date) -> Seats:
    """Free seats of the sessions that end by a day; a full session has none."""
    ending = [row for row in sessions if row.end <= day]
    left = [0 if row.recruitment is RecruitmentState.FULL else row.seats_left for row in ending]
    return Seats(
        free=sum(number for number in left if number is not None),
        sessions=len(ending),
        to_ask=left.count(None),
    )
