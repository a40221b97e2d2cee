"""How long one query takes once the index is built: ``python -m benchmarks.engine``.

By default 5,000 people, 5,000 offers and 3,000 sessions of a made-up territory (see
``benchmarks/territory.py``). Prints, for each kind of query, the median and the slowest over
the first owners, in milliseconds. The target is under 50 ms for a list.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from benchmarks import territory
from matching import explain, rank_offers, rank_people, simulate, useful_questions


def _time(name: str, queries: list[Callable[[], object]]) -> None:
    taken = []
    for query in queries:
        start = time.perf_counter()
        query()
        taken.append(1000 * (time.perf_counter() - start))
    print(f"{name:<38} median {statistics.median(taken):7.1f} ms   slowest {max(taken):7.1f} ms")


def main() -> None:
    """Build the territory, then time the queries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--offers", type=int, default=5000)
    parser.add_argument("--sessions", type=int, default=3000)
    parser.add_argument("--queries", type=int, default=40)
    arguments = parser.parse_args()
    world = territory.build(arguments.people, arguments.offers, arguments.sessions)
    start = time.perf_counter()
    index = world.index()
    print(f"index built in {time.perf_counter() - start:.2f} s")
    people, offers = world.people[: arguments.queries], world.offers[: arguments.queries]
    _time("one person, every offer", [lambda p=p: rank_offers(index, p) for p in people])
    _time("one offer, every person", [lambda o=o: rank_people(index, o) for o in offers])
    pairs = list(zip(people, offers, strict=False))
    _time("explanation of a pair", [lambda p=p, o=o: explain(index, p, o) for p, o in pairs])
    _time("useful questions", [lambda p=p: useful_questions(index, p) for p in people])
    _time("simulator of an offer", [lambda o=o: simulate(index, o) for o in offers])
    _time("replace one person", [lambda p=p: index.with_person(p) for p in people[:5]])


if __name__ == "__main__":
    main()
