"""The rules of an assignment applied plainly: every way of placing people is tried.

Nothing here is shared with the library but its records.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from matching.cohorts import PINNABLE, Candidate, Conflict, Link, Pairing, Place
from matching.groups import GROUPS

Way = frozenset[Pairing]


@dataclass(frozen=True)
class Case:
    candidates: Sequence[Candidate]
    places: Sequence[Place]
    links: Sequence[Link]
    pins: Collection[Pairing] = ()
    forbids: Collection[Pairing] = ()

    @property
    def table(self) -> dict[Pairing, Link]:
        return {link.pairing: link for link in self.links}

    def usable(self, pair: Pairing) -> bool:
        """Whether this pair may be part of a way."""
        link = self.table.get(pair)
        bar = link.bar if link else next(iter(PINNABLE))
        if pair in self.forbids:
            return False
        return bar is None or (pair in self.pins and bar in PINNABLE)


def ways(case: Case) -> Iterator[Way]:
    """Every assignment that respects capacities, limits, waves, bars, pins and forbids."""
    pairs = [
        pair
        for pair in (Pairing(c.id, p.id) for c in case.candidates for p in case.places)
        if case.usable(pair)
    ]
    for choice in product((False, True), repeat=len(pairs)):
        way = frozenset(pair for pair, kept in zip(pairs, choice, strict=True) if kept)
        if set(case.pins) <= way and _respects(case, way):
            yield way


def _respects(case: Case, way: Way) -> bool:
    places = {place.id: place for place in case.places}
    by_place = Counter(pair.place for pair in way)
    by_person = Counter(pair.candidate for pair in way)
    by_wave = Counter((pair.candidate, places[pair.place].wave) for pair in way)
    several = {c.id for c in case.candidates if c.limit > 1}
    return (
        all(by_place[p.id] <= p.capacity for p in case.places)
        and all(by_person[c.id] <= c.limit for c in case.candidates)
        and all(n == 1 for (person, _), n in by_wave.items() if person in several)
    )


def worth(case: Case, way: Way) -> tuple[int, ...]:
    """What is compared, less is better: the objectives in order, then the tie-break."""
    table = case.table
    known = [table.get(pair) or Link(*pair, bar=next(iter(PINNABLE))) for pair in way]
    placed = {pair.candidate for pair in way}
    groups = [sum(link.group is group for link in known) for group in reversed(GROUPS[1:])]
    digests = [hashlib.sha256(f"{p.candidate}|{p.place}".encode()).hexdigest() for p in way]
    return (
        -len(placed),
        -len(way),
        *groups,
        -sum(link.wish for link in known),
        sum(link.seconds or 0 for link in known),
        -sum(c.waiting_days for c in case.candidates if c.id in placed),
        *(sum(int(d[16 * n : 16 * n + 16], 16) >> 33 for d in digests) for n in range(2)),
    )


def best(case: Case) -> Way | None:
    """The best way; None when the pins cannot hold."""
    return min(ways(case), key=lambda way: worth(case, way), default=None)


def all_fit(case: Case, conflict: Conflict, without: str | Pairing | None = None) -> bool:
    """Whether everybody of a conflict but one has a place, pins staying where they are."""
    seats = {p.id: p.capacity for p in case.places}
    for pin in conflict.pins:
        seats[pin.place] -= pin != without
    people = [person for person in conflict.people if person != without]
    return _fit(case, people, seats)


def _fit(case: Case, people: Sequence[str], seats: dict[str, int]) -> bool:
    if min(seats.values(), default=0) < 0:
        return False
    if not people:
        return True
    first, rest = people[0], people[1:]
    return any(
        _fit(case, rest, {**seats, place: seats[place] - 1})
        for place in seats
        if seats[place] > 0 and case.usable(Pairing(first, place))
    )
