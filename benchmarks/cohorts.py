"""How long an assignment takes: ``python -m benchmarks.cohorts``.

By default 300 people, 120 places in 12 companies over 2 waves, of a made-up territory (see
``benchmarks/territory.py``), then the same people before promised jobs. Each case, in seconds:
as it comes, then with pins and forbids; also everybody able to go everywhere (the hardest to
explain). The target is under 2 s on 2 cores, links included.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

from benchmarks import territory
from matching import Mode, Person
from matching.cohorts import (
    Bar,
    Candidate,
    Job,
    Link,
    Pairing,
    Place,
    Proposal,
    immersion_links,
    job_links,
    propose,
)

Solve = Callable[[], Proposal]


def _places(world: territory.Territory, places: int, companies: int, waves: int) -> list[Place]:
    """Seats shared as evenly as can be over companies and waves, each company in its commune."""
    rows = [(company, wave) for company in range(companies) for wave in range(waves)]
    each, more = divmod(places, len(rows))
    return [
        Place(f"{company}/{wave}", str(company), each + (n < more), commune.code, str(wave))
        for n, (company, wave) in enumerate(rows)
        for commune in [world.communes[company * 7 % len(world.communes)]]
    ]


def _time(name: str, solve: Solve) -> Proposal:
    start = time.perf_counter()
    proposal = solve()
    taken = time.perf_counter() - start
    conflicts = [u.conflict for u in proposal.unplaced if u.conflict]
    largest = max((len(conflict.people) for conflict in conflicts), default=0)
    print(
        f"{name:<55} {taken:6.2f} s   placed {len(proposal.assignments):4}   "
        f"left {len(proposal.unplaced):4}   largest conflict {largest:4} people"
    )
    return proposal


def _cases(
    name: str, people: list[Candidate], places: list[Place | Job], links: Callable[[], list[Link]]
) -> None:
    first = _time(name, lambda: propose(people, places, links()))
    pairs = [Pairing(a.candidate, a.place) for a in first.assignments]
    pins, forbids = pairs[:10], pairs[10:40]
    again = _time(
        f"{name}, 10 pins, 30 forbids", lambda: propose(people, places, links(), pins, forbids)
    )
    kept = {Pairing(a.candidate, a.place) for a in again.assignments}
    assert kept.issuperset(pins)
    assert kept.isdisjoint(forbids)


def _everywhere(links: list[Link]) -> list[Link]:
    return [replace(link, bar=None) if link.bar is Bar.OUT_OF_REACH else link for link in links]


def _driving(person: Person) -> Person:
    return replace(person, modes=person.modes | {Mode.CAR})


def main() -> None:
    """Build the territory, then time the proposals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--places", type=int, default=120)
    parser.add_argument("--companies", type=int, default=12)
    parser.add_argument("--waves", type=int, default=2)
    arguments = parser.parse_args()
    world = territory.build(arguments.people, arguments.companies, 300)
    persons = [_driving(person) for person in world.people]
    world = world._replace(people=persons)
    candidates = [Candidate(person.id, n % 90) for n, person in enumerate(persons)]
    places = _places(world, arguments.places, arguments.companies, arguments.waves)
    communes = {commune.code: commune for commune in world.communes}
    immersions: list[Place | Job] = [*places]
    _cases("immersions", candidates, immersions,
           lambda: list(immersion_links(persons, places, communes)))  # fmt: skip
    _cases("immersions, everybody everywhere", candidates, immersions,
           lambda: _everywhere(list(immersion_links(persons, places, communes))))  # fmt: skip
    each = max(1, arguments.places // len(world.offers))
    jobs = [Job(str(n), replace(offer, posts=each)) for n, offer in enumerate(world.offers)]
    index = world.indexed()
    ids = {person.id for person in persons}
    _cases("promised jobs", candidates, [*jobs], lambda: list(job_links(index, ids, jobs)))


if __name__ == "__main__":
    main()
