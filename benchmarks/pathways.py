"""How long a composition takes: ``python -m benchmarks.pathways``.

Two worlds. The *territory* of ``benchmarks/territory.py`` (same seed, same world): people of it
towards offers of it, as the portal asks. The *crowd*: sessions drawn at random (fixed seed), all
around two skills that a goal asks, in three places of which one is out of reach, with chained
prerequisites and certificates; every composition meets thousands of candidates. Prints the median
and the slowest in milliseconds, and how many found scenarios. The target is under 100 ms.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from benchmarks import territory
from matching import Commune, Index, Mode, Occupation, Person, Prerequisite, Session, Taxonomy
from matching.pathways import Goal, OccupationGoal, compose

TODAY = date(2026, 11, 20)
NEAR, NEXT, FAR = "62041", "59122", "06088"
COMMUNES = (
    Commune(NEAR, 50.291, 2.777),
    Commune(NEXT, 50.176, 3.235),
    Commune(FAR, 43.7, 7.26),
)
TRADE = "F1702"
TAXONOMY = Taxonomy(occupations={TRADE: Occupation(TRADE, "Roads", ("drive", "lay"))})
_SIDE_SKILLS, _NEEDED_SKILLS, _CREDENTIALS = 97, 53, 30


def crowd(size: int, seed: int = 20261120) -> Index:
    """A world of ``size`` sessions over ten months, a fortieth of them useful at once."""
    rng = random.Random(seed)
    return Index.build((), (), [_session(rng, n) for n in range(size)], COMMUNES, TAXONOMY, TODAY)


def _session(rng: random.Random, number: int) -> Session:
    start = TODAY + timedelta(days=rng.randint(7, 306))
    useful = rng.random() < 0.025
    taught = rng.choice(("drive", "lay")) if useful else f"x{rng.randrange(_SIDE_SKILLS)}"
    delivered = [f"c{rng.randrange(_CREDENTIALS)}"] if rng.random() < 0.25 else []
    needs = [Prerequisite(f"x{rng.randrange(_NEEDED_SKILLS)}", 1)] if rng.random() < 0.15 else []
    return Session(
        f"t{number:05}",
        start,
        start + timedelta(days=rng.randint(0, 59)),
        seats_left=4,
        commune=rng.choice((NEAR, NEXT, FAR)),
        teaches={taught: 2},
        delivers=frozenset(delivered),
        prerequisites=tuple(needs),
    )


def newcomers(count: int, seed: int = 7) -> list[Person]:
    """People who lack both skills of the trade and some of what sessions ask."""
    rng = random.Random(seed)
    base = Person("p", NEAR, TODAY, modes=frozenset({Mode.CAR}))
    return [
        replace(
            base,
            id=f"p{number:03}",
            skills={"drive": 0, "lay": rng.choice((0, 1))}
            | {f"x{rng.randrange(_NEEDED_SKILLS)}": rng.choice((0, 2)) for _ in range(6)},
        )
        for number in range(count)
    ]


def _time(name: str, index: Index, pairs: Iterable[tuple[Person, Goal]], today: date) -> None:
    taken, reached = [], 0
    for person, goal in pairs:
        start = time.perf_counter()
        found = compose(index, person, goal, today)
        taken.append(1000 * (time.perf_counter() - start))
        reached += bool(found.scenarios)
    print(
        f"{name:<28} median {statistics.median(taken):7.1f} ms   slowest {max(taken):7.1f} ms"
        f"   {reached} of {len(taken)} with scenarios"
    )


def main() -> None:
    """Build both worlds, then time the compositions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=4000)
    parser.add_argument("--compositions", type=int, default=40)
    arguments = parser.parse_args()
    size, count = arguments.sessions, arguments.compositions
    world = territory.build(count, count, size)
    towards: list[tuple[Person, Goal]] = list(zip(world.people, world.offers, strict=True))
    _time(f"territory, {size} sessions", world.indexed(), towards, world.today)
    trade: list[tuple[Person, Goal]] = [(p, OccupationGoal(TRADE)) for p in newcomers(count)]
    _time(f"crowd, {size} sessions", crowd(size), trade, TODAY)


if __name__ == "__main__":
    main()
