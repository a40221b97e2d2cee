"""The assignment of people to immersion places or promised jobs, optimal and proven so.

Objectives, each optimised among the optima of those before it:

1. as many people placed as possible, then as many places used (people who asked for several);
2. groups, the worst first: as few pairs of the worst group as possible, then of the next;
   then wishes of both sides, as large a sum as possible;
3. total travel, in whole seconds one way, as small as possible;
4. equity: the total wait of the people placed, as long as possible. (The sets of people that
   can be placed at an optimum are the bases of a matroid: the largest sum is also what is found
   by serving the longest wait first.)

What is still equal is settled by SHA-256 of the ids, so that the answer does not depend on the
order of the input, and nobody always comes last because of their name. ``model`` says why it is
exact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from matching.cohorts.conflicts import explain_unplaced
from matching.cohorts.model import Model
from matching.cohorts.pins import broken_pins
from matching.cohorts.records import (
    Assignment,
    Bar,
    Candidate,
    Job,
    Link,
    Pairing,
    Place,
    Proposal,
    Totals,
)
from matching.groups import GROUPS, Group

BARS = tuple(Bar)
Record = TypeVar("Record", Candidate, Place)


def propose(
    candidates: Iterable[Candidate],
    places: Iterable[Place | Job],
    links: Iterable[Link],
    pins: Collection[Pairing] = (),
    forbids: Collection[Pairing] = (),
) -> Proposal:
    """The best assignment, with who is left and why; the order of the input changes nothing.

    Pins hold whatever they cost (distance and gaps included: the assignment is then flagged);
    when they cannot, the proposal holds the pins at fault and nothing else. A pair without a
    link is out: nothing is known of its travel. Raises ``ValueError`` when two records share an
    id, or when a link is about a person or a place that is not given.
    """
    people = _by_id("candidate", candidates)
    where = _by_id("place", (p.place if isinstance(p, Job) else p for p in places))
    known = _known(links, people, where, forbids)
    held = tuple(sorted({Pairing(*pin) for pin in pins}))
    broken = broken_pins(held, people, where, known)
    if broken:
        return Proposal((), (), None, broken)
    pinned = frozenset(held)
    usable = [link for key, link in known.items() if link.bar is None or key in pinned]
    chosen = Model.build(people, where, usable, held).solve()
    assigned = tuple(_assignment(link, pinned=link.pairing in pinned) for link in chosen)
    left = explain_unplaced(people, where, known, assigned)
    return Proposal(assigned, left, _totals(people, usable, chosen))


def _by_id(kind: str, records: Iterable[Record]) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for record in records:
        if record.id in found:
            raise ValueError(f"two records of kind {kind} share the id {record.id!r}")
        found[record.id] = record
    return dict(sorted(found.items()))


def _known(
    links: Iterable[Link],
    people: Mapping[str, Candidate],
    where: Mapping[str, Place],
    forbids: Collection[Pairing],
) -> dict[Pairing, Link]:
    """A link for every pair, sorted, with its strongest bar."""
    given: dict[Pairing, Link] = {}
    for link in links:
        pair = link.pairing
        if pair in given:
            raise ValueError(f"two links between {link.candidate!r} and {link.place!r}")
        if link.candidate not in people or link.place not in where:
            raise ValueError(f"a link between {link.candidate!r} and {link.place!r}: unknown id")
        given[pair] = link
    out = {Pairing(*pair) for pair in forbids}
    every = [Pairing(person, place) for person in people for place in where]
    unknown = Bar.UNKNOWN_TRAVEL
    return {
        pair: _barred(
            given.get(pair) or Link(*pair, bar=unknown), pair in out, where[pair.place].capacity
        )
        for pair in every
    }


def _barred(link: Link, forbidden: bool, capacity: int) -> Link:
    if not forbidden and capacity > 0:
        return link
    bars = [link.bar] if link.bar else []
    bars += [Bar.FORBIDDEN] if forbidden else []
    bars += [Bar.NO_CAPACITY] if capacity == 0 else []
    return replace(link, bar=min(bars, key=BARS.index))


def _assignment(link: Link, *, pinned: bool) -> Assignment:
    return Assignment(
        link.candidate, link.place, link.seconds, link.group, link.wish, pinned, link.bar
    )


def _totals(people: Mapping[str, Candidate], usable: list[Link], chosen: list[Link]) -> Totals:
    placed = {link.candidate for link in chosen}
    present = {link.group for link in usable}
    return Totals(
        placed=len(placed),
        assignments=len(chosen),
        groups=tuple((g, _count(g, chosen)) for g in reversed(GROUPS) if g in present),
        wish=sum(link.wish for link in chosen),
        seconds=sum(link.seconds or 0 for link in chosen),
        waiting_days=sum(people[person].waiting_days for person in placed),
    )


def _count(group: Group, chosen: list[Link]) -> int:
    return sum(link.group is group for link in chosen)
