"""How long a composition takes: ``python -m benchmarks.pathways``.

Two worlds. The *territory* of ``benchmarks/territory.py`` (same seed, same world): people of it
towards offers of it, as the portal asks. The *crowd*: sessions drawn at random (fixed seed), all
around two skills that a goal asks, in three places of which one is out of reach, with chained
prerequisites and certificates; every composition meets thousands of candidates. Prints the median
and the slowest in milliseconds, and how many found scenarios. The target is under 100 ms.

``--everyone 2000`` instead composes for so many people of a *region* and of a *departement* of
``benchmarks/match/worlds.py`` (50,000 people × 20,000 offers, 4,000 sessions, fixed seed), towards
the first three offers they are not ready for and the occupations they like: processor time of a
composition and of a person, of finding the goals, and what that makes for all, to be compared with
the 20 minutes of processor (10 on two cores) that the target allows. ``--whole`` does all of them,
by the command, on two processes.

``--country 6000`` composes for the occupations liked by so many people of a region before the
sessions of a whole country (those of ``benchmarks.scale --france``: 144,007, of which 14,312 are
remote and open to all): the long tail, and the slowest by name.

``--dense 5`` composes before five catalogues of each density of ``benchmarks/pathways_dense.py``,
where hundreds of sessions each teach several skills of the goal in a mix of their own.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import statistics
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from benchmarks import pathways_dense, territory
from benchmarks.match.worlds import REGIONS, World, build, elsewhere
from matching import Commune, Index, Mode, Occupation, Person, Prerequisite, Session, Taxonomy
from matching.batch import pathway_lines
from matching.pathways import Goal, OccupationGoal, Traveller, compose, compose_for
from matching.pathways.everyone import Goals, goals_of_everyone, liked_occupations

TODAY = date(2026, 11, 20)
# People and offers; 4,000 sessions.
EVERYONE = (50_000, 20_000)
# 144,007 in a country, as ``benchmarks.scale --france`` has them.
SESSIONS_OF_A_REGION = 8_471
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


def _put_aside_the_records() -> None:
    """As the server does with what it serves.

    Else the search for garbage goes through all of them, for up to half a second, in the middle of
    some composition.
    """
    gc.collect()
    gc.freeze()


def everyone(plane: str, sample: int) -> None:
    """Some people of a full-size world, all their goals; and what everybody would cost."""
    index = build(*EVERYONE, plane=plane).indexed()
    chosen = range(0, EVERYONE[0], EVERYONE[0] // sample)
    start = time.process_time()
    wanted = list(goals_of_everyone(index, Goals(), chosen))
    finding = time.process_time() - start
    _put_aside_the_records()
    each, one_person, found = [], [], 0
    for person, goals in wanted:
        traveller, begun = Traveller(index, person, index.today), time.process_time()
        for goal in goals:
            start = time.process_time()
            found += bool(compose_for(traveller, goal).scenarios)
            each.append(1000 * (time.process_time() - start))
        one_person.append(1000 * (time.process_time() - begun))
    print(f"{plane}: {len(wanted):,} people, {len(each):,} goals, {found:,} with scenarios")
    for name, taken in (("a composition", each), ("all goals of a person", one_person)):
        half, high, higher, most = np.percentile(taken, (50, 95, 99.9, 100))
        print(
            f"  {name:<22} median {half:6.2f} ms   p95 {high:6.2f} ms   p99.9 {higher:6.2f} ms"
            f"   slowest {most:6.1f} ms   over 100 ms: {sum(t > 100 for t in taken)}"
        )
    spent = (finding + sum(one_person) / 1000) / len(wanted)
    print(
        f"  goals {1000 * finding / len(wanted):.2f} ms a person; in all {1000 * spent:.2f} ms"
        f" × {EVERYONE[0]:,} = {spent * EVERYONE[0]:.0f} s of processor"
    )


def whole(plane: str) -> None:
    """Everybody, by two processes, as ``python -m matching pathways --workers 2`` does."""
    index = build(*EVERYONE, plane=plane).indexed()
    cpu, start = os.times(), time.perf_counter()
    size = sum(len(line) + 1 for line in pathway_lines(index, Goals(), workers=2))
    used = sum(os.times()[:4]) - sum(cpu[:4])
    print(
        f"{plane}: everybody in {time.perf_counter() - start:.0f} s of clock, {used:.0f} s of"
        f" processor, {size / 1e6:.0f} MB of lines"
    )


def before_a_country(people: int) -> World:
    """Some people of a region, before the sessions of all the regions of a country."""
    world = build(people, 1, SESSIONS_OF_A_REGION)
    for number in range(1, REGIONS):
        communes, sessions = elsewhere(number, SESSIONS_OF_A_REGION)
        world.communes.extend(communes)
        world.sessions.extend(sessions)
    return world


def country(people: int) -> None:
    """The occupations liked by people of a region, before the sessions of a country."""
    index = before_a_country(people).indexed()
    _put_aside_the_records()
    taken: list[tuple[float, str, str]] = []
    found = 0
    for person in index.people.people:
        traveller = Traveller(index, person, index.today)
        _ = traveller.availability
        for goal in liked_occupations(person, index.taxonomy):
            start = time.process_time()
            found += bool(compose_for(traveller, goal).scenarios)
            taken.append((1000 * (time.process_time() - start), person.id, goal.occupation))
    spent = [each for each, _, _ in taken]
    half, high, higher, most = np.percentile(spent, (50, 95, 99.9, 100))
    print(
        f"a country, {people:,} people, {len(taken):,} occupations, {found:,} with scenarios:"
        f" median {half:.1f} ms, p95 {high:.1f} ms, p99.9 {higher:.1f} ms, slowest {most:.1f} ms;"
        f" over 100 ms: {sum(t > 100 for t in spent)}; in all {sum(spent) / 1000:.0f} s"
    )
    for each, person_id, occupation in sorted(taken, reverse=True)[:5]:
        print(f"  {person_id} towards {occupation}: {each:.0f} ms")


def main() -> None:
    """Build both worlds, then time the compositions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=4000)
    parser.add_argument("--compositions", type=int, default=40)
    parser.add_argument("--everyone", type=int, metavar="PEOPLE", help="of full-size worlds")
    parser.add_argument("--whole", action="store_true", help="everybody, on two processes")
    parser.add_argument("--country", type=int, metavar="PEOPLE", help="before a country’s sessions")
    parser.add_argument(
        "--dense", type=int, nargs="?", const=5, metavar="CATALOGUES", help="of each density"
    )
    arguments = parser.parse_args()
    if arguments.dense:
        pathways_dense.measure(arguments.dense)
    if arguments.country:
        country(arguments.country)
    if arguments.dense or arguments.country:
        return
    for plane in ("region", "departement"):
        if arguments.everyone:
            everyone(plane, arguments.everyone)
        if arguments.whole:
            whole(plane)
    if arguments.everyone or arguments.whole:
        return
    size, count = arguments.sessions, arguments.compositions
    world = territory.build(count, count, size)
    towards: list[tuple[Person, Goal]] = list(zip(world.people, world.offers, strict=True))
    _time(f"territory, {size} sessions", world.indexed(), towards, world.today)
    trade: list[tuple[Person, Goal]] = [(p, OccupationGoal(TRADE)) for p in newcomers(count)]
    _time(f"crowd, {size} sessions", crowd(size), trade, TODAY)


if __name__ == "__main__":
    main()
