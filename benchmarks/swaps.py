"""Swap tests: facts that must not count are changed, and every list is made again (T-EQ-01).

``python -m benchmarks.swaps`` fills a database of 500 synthetic people (``swap_world``), makes
the lists through the portal (rows, ``portal.matchmaking``, the lists of offers and the
suggestions of everybody, the pathways of one in ten), gives each person the neighbour's name,
sex, birth date, status, health, barriers or a commune of the same travel buckets, and counts what
moved. The barriers have no target date: one that is strong and dated delays a pathway, by rule.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from benchmarks import swap_world
from benchmarks.swap_world import PEOPLE, STATUSES, THEMES, SwapWorld
from portal import clock, schema
from portal import matchmaking as mm
from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.matchmaking.batch import refresh_suggestions
from portal.models import Barrier, Person, PersonRestricted, PersonStatus, Suggestion

DAY = datetime(2026, 11, 20, 6, tzinfo=clock.PARIS)
_EVERYBODY = mm.Window(size=PEOPLE)


class Place(NamedTuple):
    """Where a pair stands in a list."""

    group: str
    ready_by: date | None
    rank: int


#: By list (an offer, or a person) and by who or what is in it.
Lists = dict[tuple[str, str], Place]


@dataclass(frozen=True, slots=True)
class Moved:
    """What a swap changed, over the pairs listed before or after it."""

    fact: str
    people: int
    listed: int
    lists: int
    pairs: int
    group: int
    ready_by: int
    order: int

    @property
    def total(self) -> int:
        """Changes of any kind."""
        return self.group + self.ready_by + self.order


def lists_of(world: SwapWorld) -> Lists:
    """Every list: people of each offer as an adviser sees them, offers suggested to each person."""
    found: Lists = {}
    for offer in world.offers:
        view = mm.people_for_offer(world.session, world.adviser, offer, _EVERYBODY)
        lines = [line for group in view.groups for line in group.lines]
        for rank, line in enumerate(lines):
            place = Place(line.group, line.ready_by, rank)
            found[f"offer {offer.public_id}", line.person.public_id] = place
    refresh_suggestions(world.session, lambda *_: None)
    for row in world.session.scalars(select(Suggestion)):
        place = Place(row.group_code, row.ready_by, row.rank)
        found[f"person {row.person_id}", str(row.offer_id)] = place
    found |= pathways_of(world)
    world.session.commit()
    return found


def pathways_of(world: SwapWorld) -> Lists:
    """The pathways of one person in ten towards the first offer, step by step, dates included."""
    found: Lists = {}
    rows = world.session.scalars(select(Person).where(Person.id.in_(world.people[::10])))
    for person in rows:
        view = mm.compose(world.session, world.adviser, person, offer=world.offers[0])
        for number, scenario in enumerate(view.scenarios):
            for step in scenario.steps:
                what = f"{number} {step.kind} {step.title} {step.start}"
                place = Place("|".join(scenario.names), step.end, scenario.unknowns)
                found[f"pathway {person.id}", what] = place
    return found


def _person_columns(*names: str) -> Callable[[int], dict[str, Any]]:
    return lambda n: {name: swap_world.personal(n)[name] for name in names}


def _next(world: SwapWorld, model: Any, key: str, values: Callable[[int], dict[str, Any]]) -> int:
    """Each person takes the values of the next one."""
    world.session.execute(update(model), [{key: n, **values(n + 1)} for n in world.people])
    return sum(values(n + 1) != values(n) for n in world.people)


def _next_of(world: SwapWorld, model: Any, column: str, values: tuple[Any, ...]) -> int:
    """The one row that each person has takes the value of the next person's."""
    rows = world.session.execute(select(model.id, model.person_id, getattr(model, column))).all()
    new = [{"id": row.id, column: values[(row.person_id + 1) % len(values)]} for row in rows]
    world.session.execute(update(model), new)
    return sum(row[2] != change[column] for row, change in zip(rows, new, strict=True))


def _communes(world: SwapWorld) -> int:
    rows = [{"id": n, "commune_code": twin} for n, (_, twin) in world.homes.items()]
    world.session.execute(update(Person), rows)
    return sum(home != twin for home, twin in world.homes.values())


def _last_proposal(world: SwapWorld) -> int:
    """The control: a fact that counts (key 7). Who was never proposed was yesterday."""
    yesterday = clock.today() - timedelta(days=1)
    never = update(Person).where(Person.last_proposed_on.is_(None))
    return int(world.session.execute(never.values(last_proposed_on=yesterday)).rowcount)


_NAMES = _person_columns("first_name", "last_name", "search_name")
_REACHED = _person_columns("email", "phone", "language", "education_level", "project")

#: Each changes a fact and says of how many people.
SWAPS: Mapping[str, Callable[[SwapWorld], int]] = {
    "first and last name": lambda w: _next(w, Person, "id", _NAMES),
    "sex": lambda w: _next(
        w, PersonRestricted, "person_id", lambda n: {"sex_for_counts": swap_world.sex_of(n)}
    ),
    "birth date": lambda w: _next(w, Person, "id", _person_columns("birth_date")),
    "status (RSA, RQTH, QPV…)": lambda w: _next_of(w, PersonStatus, "code", STATUSES),
    "health, functional limits": lambda w: _next(
        w, PersonRestricted, "person_id", swap_world.health
    ),
    "barriers": lambda w: _next_of(w, Barrier, "theme", THEMES),
    "phone, e-mail, language, school, project": lambda w: _next(w, Person, "id", _REACHED),
    "commune, same travel buckets": _communes,
}
CONTROL = "control: last proposal, which counts"


def run(session: Session) -> list[Moved]:
    """Fill an empty, migrated database, swap each fact in turn, then the control.

    Swaps add up: each starts from the facts the one before left, and is compared with the lists
    of the beginning; the last but one has them all.
    """
    with clock.frozen_at(DAY):
        world = swap_world.build(session)
        before = lists_of(world)
    found = []
    for hour, (fact, swap) in enumerate({**SWAPS, CONTROL: _last_proposal}.items(), start=1):
        with clock.frozen_at(DAY + timedelta(hours=hour)):
            people = swap(world)
            # Everybody is read again, from the rows: nothing kept in memory can hide a change.
            session.execute(update(Person).values(updated_at=clock.now()))
            session.commit()
            found.append(compare(fact, people, before, lists_of(world)))
    return found


def compare(fact: str, people: int, before: Lists, after: Lists) -> Moved:
    """What moved between two states of the same lists; a pair in one alone moved in all ways."""
    nowhere = Place("", None, -1)
    keys = before.keys() | after.keys()
    pairs = [(before.get(key, nowhere), after.get(key, nowhere)) for key in keys]
    return Moved(
        fact=fact,
        people=people,
        listed=len({who for _, who in keys if who.startswith("personne")}),
        lists=len({name for name, _ in keys}),
        pairs=len(keys),
        group=sum(one.group != other.group for one, other in pairs),
        ready_by=sum(one.ready_by != other.ready_by for one, other in pairs),
        order=sum(one.rank != other.rank for one, other in pairs),
    )


@contextmanager
def empty_portal() -> Iterator[Session]:
    """A session on an empty, migrated database of its own, inside a request of the portal."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        url = f"sqlite:///{home / 'swaps.sqlite3'}"
        database = Database(url)
        schema.upgrade(database.engine)
        app = create_app(Settings(home, url, "for this run only", secure_cookies=False), database)
        with app.test_request_context("/"), database.session() as session:
            yield session
        database.dispose()


def table(found: list[Moved]) -> str:
    """The counts as a table of a document."""
    head = (
        "| Fact changed | People | Lists and pathways | Lines and steps "
        "| Groups moved | Dates moved | Ranks moved |"
    )
    rows = [
        f"| {m.fact} | {m.people}/{PEOPLE} | {m.lists:,} | {m.pairs:,} "
        f"| {m.group} | {m.ready_by} | {m.order} |"
        for m in found
    ]
    said = f"{found[0].listed}/{PEOPLE} people are in at least one list of an offer."
    return "\n".join([head, "|---|---|---|---|---|---|---|", *rows, "", said])


def main() -> None:
    """Swap, and print what moved."""
    with empty_portal() as session:
        print(table(run(session)))


if __name__ == "__main__":
    main()
