"""What the index costs a process of the server: ``python -m benchmarks.serve_index``.

Fills a PostgreSQL with the seeded territory of ``benchmarks.serve``, copies it to a SQLite, and on
each of them starts processes that have loaded the portal and ask for their first world: one that
builds it for itself, one that makes the index on disk, two that open it. Prints the processor and
the clock of that first world, what it adds to the memory of the process that no other shares, the
size on disk, whether a write of one process is in the next answer of each, what the suggestions of
everyone cost, and what the next page costs a process when much has changed, while the next index is
not made yet.

``python -m benchmarks.serve_index --people 50000 --offers 20000 --sessions 4000`` for the size of a
region.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from benchmarks.serve import fill
from benchmarks.serve_world import SEED, Size
from matching import rank_offers
from portal import clock
from portal.db import Database
from portal.matchmaking.world import WorldCache
from portal.models import LinkState, Person, Skill, SkillAssertion, SkillLink, Suggestion
from portal.models.base import Base
from portal.schema import upgrade
from tests.support.postgres import PostgresServer, find_programs

_BATCH = 5_000
_COLUMNS = ("database", "process", "cpu s", "clock s", "own memory MB", "share of memory MB")


def memory() -> tuple[float, float]:
    """What no other process shares, and what is left when the rest is divided, in MB."""
    told = Path("/proc/self/smaps_rollup").read_text("ascii")
    sizes = {name: int(size) / 1024 for name, size in re.findall(r"(\w+): +(\d+) kB", told)}
    return sizes["Private_Clean"] + sizes["Private_Dirty"], sizes["Pss"]


def work(url: str, folder: str) -> None:
    """A process of the server: each line asked is the id of a person, whose skills are told."""
    import portal.app  # noqa: F401 -- what a process of the server has loaded

    database = Database(url)
    cache = WorldCache(database.engine, Path(folder) if folder else None)
    before = memory()
    began, used = time.perf_counter(), time.process_time()
    with database.session(read_only=True) as session:
        cache.world(session)
    spent = time.process_time() - used, time.perf_counter() - began
    print(json.dumps(spent), flush=True)
    for asked in sys.stdin:
        began = time.perf_counter()
        with database.session(read_only=True) as session:
            people = cache.world(session).index.people
        name = asked.strip() or next(iter(people.number))
        skills = dict(people.people[people.number[name]].skills)
        took = time.perf_counter() - began
        now = memory()
        grown = [now[0] - before[0], now[1] - before[1]]
        print(json.dumps([skills, 1000 * took, *grown]), flush=True)


class Process:
    """One of them, from outside."""

    def __init__(self, url: str, folder: Path | str) -> None:
        command = [sys.executable, "-m", "benchmarks.serve_index", "--work", url, str(folder)]
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(command, text=True, **pipes)
        self.cpu, self.clock = self._answer()

    def ask(self, person: str = "") -> Any:
        """The skills of a person, the milliseconds it took, and the memory of the process."""
        assert self.process.stdin is not None
        print(person, file=self.process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def measure(kind: str, url: str, folder: Path) -> None:
    """The table of one database, then whether a write is seen."""

    def line(name: str, process: Process) -> None:
        own, share = process.ask()[2:]
        told = (f"{process.cpu:.2f}", f"{process.clock:.2f}", f"{own:.0f}", f"{share:.0f}")
        print("| " + " | ".join((kind, name, *told)) + " |")

    with Process(url, "") as alone:
        line("builds its own", alone)
    with Process(url, folder) as maker:
        line("makes the one on disk", maker)
    with Process(url, folder) as one, Process(url, folder) as other:
        line("opens it", one)
        line("opens it, beside another", other)
        _write(kind, url, (one, other))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{kind}: {size / 1e6:.0f} MB on disk")


def _write(kind: str, url: str, processes: tuple[Process, ...]) -> None:
    database = Database(url)
    with database.transaction() as session:
        row = session.scalars(select(SkillAssertion).order_by(SkillAssertion.id).limit(1)).one()
        person = session.get_one(Person, row.person_id).public_id
        level = (row.level or 0) % 3 + 1
        values = {"level": level, "source": "observed", "asserted_on": clock.today()}
        change = update(SkillAssertion).where(SkillAssertion.id == row.id)
        session.execute(change.values(**values, updated_at=clock.now()))
    answers = [process.ask(person) for process in processes]
    fresh = sum(skills[row.skill_code] == level for skills, *_ in answers)
    slowest = max(took for _, took, *_ in answers)
    database.dispose()
    print(
        f"{kind}: {fresh} of {len(answers)} processes say it at once, in {slowest:.0f} ms at most"
    )


def suggest(kind: str, url: str, folder: Path) -> None:
    """The suggestions of everyone, in blocks, on the index already made."""
    from portal.matchmaking.batch import refresh_in_blocks

    database = Database(url)
    database.keep_index_in(folder)
    began, used = time.perf_counter(), time.process_time()
    told: list[float] = []
    refresh_in_blocks(database, lambda *_: told.append(time.perf_counter()), lambda _: None)
    longest = max(after - before for before, after in pairwise(told))
    spent = time.process_time() - used, time.perf_counter() - began
    with database.session() as session:
        rows = session.scalar(select(func.count()).select_from(Suggestion))
    database.dispose()
    print(
        f"{kind}: {rows} suggestions of everyone in {spent[0]:.1f} s of processor here,"
        f" {spent[1]:.1f} s by the clock; the longest block {longest:.1f} s"
    )


def follow(kind: str, url: str, folder: Path) -> None:
    """What the first page after a change costs a process that serves, and what an import adds."""
    database = Database(url)
    database.keep_index_in(folder)
    cache = WorldCache(database.engine, folder)
    made = _served(database, cache)
    print(f"| {kind} | nothing yet: the index is made, or opened | {made:.2f} | |")

    def line(name: str, days: int = 0) -> None:
        with clock.frozen_at(clock.now() + timedelta(days=days)):
            first, second = _served(database, cache), _served(database, cache)
        print(f"| {kind} | {name} | {first:.2f} | {second:.2f} |")

    line("the day", days=1)
    for name, change in CHANGES.items():
        with database.transaction() as session:
            change(session)
        line(name, days=1)
    with database.transaction() as session:
        _touch(session, 10_000)
        used = time.process_time()
        with clock.frozen_at(clock.now() + timedelta(days=1)):
            cache.announce(session)
        announced = time.process_time() - used
    line("10,000 people, by an import that made the index", days=1)
    print(f"{kind}: making it took {announced:.1f} s of that import's processor")
    database.dispose()


def _served(database: Database, cache: WorldCache) -> float:
    """The processor a page takes here: the world, and the list of somebody."""
    used = time.process_time()
    with database.session(read_only=True) as session:
        index = cache.world(session).index
        rank_offers(index, index.people.people[0])
    return time.process_time() - used


def _touch(session: Session, people: int) -> None:
    """Have this many people travel less far than they did."""
    some = select(Person.id).order_by(Person.id).limit(people).scalar_subquery()
    shorter = {"max_minutes": Person.max_minutes - 1, "updated_at": clock.now()}
    change = update(Person).where(Person.id.in_(some), Person.max_minutes > 1)
    session.execute(change.values(shorter), execution_options={"synchronize_session": False})


def _one_skill(session: Session) -> None:
    """Say that the two skills known of most people are one."""
    known = select(SkillAssertion.skill_code).group_by(SkillAssertion.skill_code)
    first, second = session.scalars(known.order_by(func.count().desc()).limit(2))
    confirmed = LinkState.CONFIRMED
    session.add(SkillLink(skill_code=first, target_code=second, score=99, state=confirmed))
    session.get_one(Skill, first).same_as_code = second


CHANGES: dict[str, Callable[[Session], None]] = {
    "one person": lambda session: _touch(session, 1),
    "1,000 people": lambda session: _touch(session, 1_000),
    "10,000 people": lambda session: _touch(session, 10_000),
    "two skills said to be one": _one_skill,
}


def copy_to_sqlite(url: str, path: Path) -> str:
    """The same rows in a SQLite file; its address."""
    source, target = Database(url), Database(f"sqlite:///{path}")
    upgrade(target.engine)
    with source.session() as rows, target.engine.connect() as raw:
        raw.execute(text("PRAGMA foreign_keys=off"))
        raw.commit()
        with Session(raw) as session:
            for table in Base.metadata.sorted_tables:
                found = rows.execute(select(table).execution_options(yield_per=_BATCH))
                for some in found.mappings().partitions():
                    session.execute(insert(table), [dict(row) for row in some])
            session.commit()
        raw.execute(text("ANALYZE"))
    source.dispose()
    target.dispose()
    return f"sqlite:///{path}"


def processes(url: str, file: str, home: Path) -> None:
    """What processes cost, then the suggestions of everyone."""
    print("| " + " | ".join(_COLUMNS) + " |\n|" + "---|" * len(_COLUMNS))
    measure("PostgreSQL", url, home / "postgres")
    measure("SQLite", file, home / "sqlite")
    suggest("PostgreSQL", url, home / "postgres")
    suggest("SQLite", file, home / "sqlite")


def main() -> None:
    """Fill, measure, print."""
    if sys.argv[1:2] == ["--work"]:
        work(*sys.argv[2:4])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("people", 5000), ("offers", 2000), ("sessions", 400), ("accounts", 40)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--follow", action="store_true", help="only what changes cost a page")
    given = parser.parse_args()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ecluse-index-")))
        programs = find_programs()
        if programs is None:
            raise SystemExit("no PostgreSQL here")
        url = stack.enter_context(PostgresServer.started(programs)).new_database()
        fill(url, Size(given.people, given.offers, given.sessions, given.accounts))
        file = copy_to_sqlite(url, home / "ecluse.sqlite3")
        print(f"seed {SEED}; load average of the machine: {os.getloadavg()[0]:.1f}")
        if not given.follow:
            processes(url, file, home)
        print("| database | what changed | next page, cpu s | the one after |\n|---|---|---|---|")
        follow("PostgreSQL", url, home / "postgres")
        follow("SQLite", file, home / "sqlite")


if __name__ == "__main__":
    main()
