"""DuckDB as an independent oracle: the whole rule in SQL (``oracle.sql``), from the records.

Nothing is shared with the engine but the records; results are compared line by line.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.match.worlds import World
from matching import Person, Prerequisite

SPEED = {"walk": 4.5, "bike": 14, "bus": 20, "moped": 35, "car": 50}
WAIT = {"walk": 0, "bike": 2, "bus": 15, "moped": 3, "car": 5}
SQL = Path(__file__).with_name("oracle.sql")
TABLES = {
    "person": "person text, commune text, lat double, lon double, max_minutes int, available date",
    "mode": "person text, wait double, speed double",
    "offer": "offer text, occupation text, commune text, lat double, lon double, wanted date, "
    "latest date",
    "need": "offer text, row int, kind text, subject text, family text, level int, threshold int",
    "fact": "person text, subject text, family text, level int",
    "interest": "person text, occupation text, liking int",
    "neighbour": "occupation text, other text",
    "session": "session text, start date, finish date, seats int, commune text, lat double, "
    "lon double",
    "brings": "session text, subject text, level int",
    "before": "session text, subject text, threshold int",
    "clock": "today date",
}
# One line of a list: rank, person, offer, group number, day ready, four counts.
Line = tuple[Any, ...]


def lines(world: World, people: Sequence[Person], top: int) -> list[Line]:
    """The first ``top`` lines of these people's lists, by person and rank."""
    import duckdb

    rows = _rows(world, people)
    with duckdb.connect() as base, tempfile.TemporaryDirectory() as folder:
        for name, columns in TABLES.items():
            path = Path(folder, f"{name}.csv")
            with path.open("w", newline="", encoding="utf-8") as stream:
                csv.writer(stream).writerows(rows[name])
            base.execute(f"CREATE TABLE {name} ({columns})")
            base.execute(f"COPY {name} FROM '{path}' (HEADER false)")
        base.execute(SQL.read_text(encoding="utf-8"))
        return base.execute(
            "SELECT person, rank, offer, class, ready_by, unknown, doubt, gap, desired "
            "FROM listed WHERE rank <= ? ORDER BY person, rank",
            [top],
        ).fetchall()


def _rows(world: World, people: Sequence[Person]) -> dict[str, Iterable[Sequence[object]]]:
    return {**_people_rows(world, people), **_other_rows(world)}


def _asked(world: World, need: Prerequisite, on: date) -> tuple[str, str | None, int, int]:
    """Subject, family, level and threshold."""
    if need.skill is not None and need.level is not None:
        return f"s {need.skill}", world.taxonomy.group_of(need.skill), need.level, need.level
    return f"c {need.credential}", None, 0, on.toordinal()


def _people_rows(world: World, people: Sequence[Person]) -> dict[str, Iterable[Sequence[object]]]:
    at = {c.code: (c.latitude, c.longitude) for c in world.communes}
    group = world.taxonomy.group_of
    facts: list[Sequence[object]] = []
    for p in people:
        facts += [(p.id, f"s {s}", group(s), level) for s, level in p.skills.items()]
        facts += [(p.id, f"c {c}", None, 0) for c in p.no_credentials - p.credentials.keys()]
        facts += [
            (p.id, f"c {c}", None, last.toordinal() if last else 2**31 - 1)
            for c, last in p.credentials.items()
        ]
    return {
        "person": [
            (p.id, p.commune, *at[p.commune], p.max_minutes, p.available_from) for p in people
        ],
        "mode": [(p.id, WAIT[m], SPEED[m]) for p in people for m in p.modes or {"walk"}],
        "fact": facts,
        "interest": [(p.id, code, liking) for p in people for code, liking in p.interests.items()],
    }


def _other_rows(world: World) -> dict[str, Iterable[Sequence[object]]]:
    at = {c.code: (c.latitude, c.longitude) for c in world.communes}
    return {
        "offer": [
            (o.id, o.occupation, o.commune, *at[o.commune], o.start_wanted, o.start_latest)
            for o in world.offers
        ],
        "need": [
            (o.id, row, need.kind.value, *_asked(world, need, o.start_wanted))
            for o in world.offers
            for row, need in enumerate(o.requirements)
        ],
        "neighbour": [
            (code, other)
            for code, occupation in world.taxonomy.occupations.items()
            for other in occupation.neighbours
        ],
        "session": [
            (s.id, s.start, s.end, s.seats_left, s.commune, *at.get(s.commune or "", ("", "")))
            for s in world.sessions
        ],
        "brings": [
            (s.id, subject, level)
            for s in world.sessions
            for subject, level in (
                *((f"s {name}", level) for name, level in s.teaches.items()),
                *((f"c {name}", 0) for name in s.delivers),
            )
        ],
        "before": [
            (s.id, subject, least)
            for s in world.sessions
            for need in s.prerequisites
            for subject, _, _, least in [_asked(world, need, s.start)]
        ],
        "clock": [(world.today,)],
    }
