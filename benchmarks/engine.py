"""How long one query takes once the index is built: ``python -m benchmarks.engine``.

By default 5,000 people, 5,000 offers and 3,000 sessions of a made-up territory (see
``benchmarks/territory.py``). Prints, for each kind of query, the median and the slowest over
the first owners, in milliseconds. The target is under 50 ms for a list.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from benchmarks import territory
from matching import (
    Index,
    Mode,
    Person,
    explain,
    rank_offers,
    rank_people,
    simulate,
    useful_questions,
)


def _time(name: str, query: Callable[..., object], inputs: Iterable[tuple[object, ...]]) -> None:
    taken = []
    for given in inputs:
        start = time.perf_counter()
        query(*given)
        taken.append(1000 * (time.perf_counter() - start))
    print(f"{name:<38} median {statistics.median(taken):7.1f} ms   slowest {max(taken):7.1f} ms")


def _driving(person: Person) -> Person:
    return replace(person, modes=frozenset({Mode.CAR}), max_minutes=120)


def main() -> None:
    """Build the territory, then time the queries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--offers", type=int, default=5000)
    parser.add_argument("--sessions", type=int, default=3000)
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument("--everyone-drives", action="store_true", help="every pair in reach")
    arguments = parser.parse_args()
    world = territory.build(arguments.people, arguments.offers, arguments.sessions)
    if arguments.everyone_drives:
        world = world._replace(people=[_driving(person) for person in world.people])
    start = time.perf_counter()
    index = world.indexed()
    print(f"index built in {time.perf_counter() - start:.2f} s")
    people, offers = world.people[: arguments.queries], world.offers[: arguments.queries]
    listed = [len(rank_offers(index, person).offers) for person in people]
    print(f"offers in a person's list: {statistics.mean(listed):.0f} on average")
    one_person = [(index, person) for person in people]
    one_offer = [(index, offer) for offer in offers]
    both = [(index, person, offer) for person, offer in zip(people, offers, strict=True)]
    _time("one person, every offer", rank_offers, one_person)
    _time("one offer, every person", rank_people, one_offer)
    _time("explanation of a pair", explain, both)
    _time("useful questions", useful_questions, one_person)
    _time("simulator of an offer", simulate, one_offer)
    _time("replace one person", Index.with_person, one_person[:5])


if __name__ == "__main__":
    main()
