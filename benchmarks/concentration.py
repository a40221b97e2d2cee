"""Who gets proposed in six months, with and without the equity key: a simulation.

``python -m benchmarks.concentration`` plays 26 weeks of the demonstration territory (its 320
people, its live offers and its sessions on 20 November 2026) under four ways to order a list:

- *the rule*: the five groups and every documented key, equity included;
- *without equity*: the same, key 7 left out (ties go to the documented hash);
- *score, ties drawn*: no groups; requirements met over requirements that decide or are desired,
  best first, ties to the same hash;
- *score, ties by number*: the same, ties in the order of files, as a database sorts.

Rules of the game, the same for the four:

1. Nobody was proposed anything before. Three people in four are there from the first week, the
   others arrive evenly over the weeks.
2. Ten offers arrive each week: the territory's own, dealt in a drawn order and dealt again when
   all were, their dates moved by as many days as have passed.
3. On each, an adviser proposes the first five people of the list who are present and do not
   refuse the trade. With groups, only « ready », « one step » and « to check » are proposed.
4. A list takes account of the proposals made just before it. Dates are those of the Monday.
5. One proposal in ten ends in a hire or in a training place, within the offer's posts: the person
   leaves. The draw depends on the seed, the person and the offer alone, so that the four ways
   meet the same luck.

« Beyond the three groups »: proposals made to people whom no known session makes ready in time.

Figures are about the people who could have been proposed: those with at least one offer of the
six months in one of the three groups, in reach, whose trade they do not refuse.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks.concentration_figures import (
    Figures,
    Played,
    Profile,
    bars_of,
    table,
    table_of_seeds,
)
from benchmarks.concentration_picture import draw_bars, table_of_bars
from matching import Group, Index, Offer, Pair, RequirementKind, rank_people
from portal import clock, schema
from portal.db import Database
from portal.demo.employers import make_establishments, make_offers
from portal.demo.people import make_people
from portal.demo.scene import Scene
from portal.demo.structures import make_structures
from portal.demo.trainings import make_catalogue
from portal.matchmaking import loading
from portal.reference.load import load_starter as load_reference
from portal.reference.starter import load_starter as read_starter

DAY = datetime(2026, 11, 20, 9, tzinfo=clock.PARIS)
FIRST_MONDAY = date(2026, 11, 23)
WEEKS, OFFERS_A_WEEK, PROPOSED, LEAVE = 26, 10, 5, 0.10
PRESENT_AT_FIRST = 0.75
SEEDS = (1, 2, 3, 4, 5)
PROPOSABLE = frozenset({Group.READY, Group.ONE_STEP, Group.TO_CHECK})


def territory() -> Index:
    """The demonstration's people, offers and sessions, nobody proposed yet."""
    with tempfile.TemporaryDirectory() as folder, clock.frozen_at(DAY):
        database = Database(f"sqlite:///{Path(folder) / 'demo.sqlite3'}")
        schema.upgrade(database.engine)
        with database.session() as session:
            load_reference(session)
            scene, starter = Scene(session, clock.today()), read_starter()
            structures = make_structures(scene)
            session.flush()
            make_people(scene, structures, starter)
            make_offers(scene, structures, make_establishments(scene, structures))
            make_catalogue(scene, structures, starter)
            session.flush()
            taxonomy, canonical = loading.load_nomenclature(session)
            today = clock.today()
            index = Index.build(
                [
                    replace(person, last_proposed=None)
                    for person in loading.load_people(session, canonical, today)
                ],
                loading.load_offers(session, canonical, today),
                loading.load_sessions(session, canonical, today),
                loading.load_communes(session),
                taxonomy,
                today,
            )
        database.dispose()
    return index


# The six months --------------------------------------------------------------------------------


class Arrival(NamedTuple):
    """An offer, the Monday it came in."""

    monday: date
    offer: Offer


@dataclass(frozen=True, slots=True)
class SixMonths:
    """What happens whatever the order of lists: offers that come in, people who arrive."""

    seed: int
    arrivals: tuple[Arrival, ...]
    present_from: dict[str, date]

    def leaves(self, person: str, offer: str) -> bool:
        """Whether a proposal ends in a hire or in a training place."""
        return _share(f"{self.seed}|{offer}|{person}") < LEAVE


def _share(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64


def draw(index: Index, seed: int) -> SixMonths:
    """The six months of a seed."""
    rng = random.Random(seed)
    mondays = [FIRST_MONDAY + timedelta(weeks=week) for week in range(WEEKS)]
    dealt = _dealt(rng, sorted(index.offers.offers, key=lambda offer: offer.id))
    arrivals = tuple(
        Arrival(monday, _moved(next(dealt), f"{week:02}/{n}", monday - index.today))
        for week, monday in enumerate(mondays)
        for n in range(OFFERS_A_WEEK)
    )
    people = sorted(person.id for person in index.people.people)
    rng.shuffle(people)
    first = round(PRESENT_AT_FIRST * len(people))
    present = dict.fromkeys(people[:first], mondays[0])
    for n, person in enumerate(people[first:]):
        present[person] = mondays[1 + n * (WEEKS - 1) // (len(people) - first)]
    return SixMonths(seed, arrivals, present)


def _dealt(rng: random.Random, offers: Sequence[Offer]) -> Iterator[Offer]:
    while True:
        yield from rng.sample(offers, len(offers))


def _moved(offer: Offer, name: str, by: timedelta) -> Offer:
    return replace(
        offer,
        id=f"{offer.id}/{name}",
        start_wanted=offer.start_wanted + by,
        start_latest=offer.start_latest + by,
    )


# Four ways to order a list ---------------------------------------------------------------------

Order = Callable[[Sequence[Pair], Offer], list[Pair]]


def _in_groups(pairs: Sequence[Pair], _offer: Offer) -> list[Pair]:
    return [pair for pair in pairs if pair.group in PROPOSABLE]


def _score(pair: Pair, offer: Offer) -> float:
    """Requirements met over those that decide or are desired."""
    deciding = sum(need.decides for need in offer.requirements)
    desired = sum(need.kind is RequirementKind.DESIRED for need in offer.requirements)
    met = deciding - pair.unknown - pair.gap + pair.desired_met
    return met / max(1, deciding + desired)


def _score_then_draw(pairs: Sequence[Pair], offer: Offer) -> list[Pair]:
    def key(pair: Pair) -> tuple[float, str]:
        tie = hashlib.sha256(f"{pair.offer}|{pair.person}".encode()).hexdigest()
        return -_score(pair, offer), tie

    return sorted(pairs, key=key)


def _score_then_number(pairs: Sequence[Pair], offer: Offer) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (-_score(pair, offer), pair.person))


class Policy(NamedTuple):
    """A way to order, and whether proposals are remembered by the engine."""

    name: str
    order: Order
    equity: bool


POLICIES = (
    Policy("the rule", _in_groups, equity=True),
    Policy("without equity", _in_groups, equity=False),
    Policy("score, ties drawn", _score_then_draw, equity=False),
    Policy("score, ties by number", _score_then_number, equity=False),
)


class Lists:
    """The list of each arrival while nobody has been proposed anything, made once."""

    def __init__(self, index: Index, months: SixMonths) -> None:
        self.index = index
        self.months = months
        self._known = {
            offer.id: rank_people(replace(index, today=monday), offer).people
            for monday, offer in months.arrivals
        }

    def fresh(self, offer: Offer) -> tuple[Pair, ...]:
        """The people of an offer, none of them ever proposed."""
        return self._known[offer.id]

    def present(self, pairs: Iterable[Pair], monday: date) -> list[str]:
        """Who of these pairs can be proposed on that day."""
        since = self.months.present_from
        return [p.person for p in pairs if not p.disliked and since[p.person] <= monday]

    def proposable(self) -> Counter[str]:
        """The people whom some list of the six months could have proposed, and how many could."""
        found: Counter[str] = Counter()
        for monday, offer in self.months.arrivals:
            found.update(self.present(_in_groups(self.fresh(offer), offer), monday))
        return found


class Proposals(NamedTuple):
    """How many times each person was proposed, and how often where no group would have it."""

    of: Counter[str]
    beyond: int


def play(lists: Lists, policy: Policy) -> Proposals:
    """The six months under one way to order."""
    proposals: Counter[str] = Counter()
    beyond = 0
    gone: set[str] = set()
    index, months = lists.index, lists.months
    people = {person.id: person for person in index.people.people}
    for monday, offer in months.arrivals:
        pairs = lists.fresh(offer)
        if policy.equity:
            pairs = rank_people(replace(index, today=monday), offer).people
        there = lists.present(policy.order(pairs, offer), monday)
        chosen = [person for person in there if person not in gone][:PROPOSED]
        proposals.update(chosen)
        fitting = {pair.person for pair in _in_groups(pairs, offer)}
        beyond += len([person for person in chosen if person not in fitting])
        if policy.equity:
            for person in chosen:
                index = index.with_person(replace(people[person], last_proposed=monday))
        gone.update([p for p in chosen if months.leaves(p, offer.id)][: offer.posts])
    return Proposals(proposals, beyond)


def measure(index: Index, seed: int) -> Played:
    """Play a seed under every policy."""
    lists = Lists(index, draw(index, seed))
    holding = lists.proposable()
    played = [play(lists, policy) for policy in POLICIES]
    figures = tuple(
        Figures.of(policy.name, *proposals, sorted(holding))
        for policy, proposals in zip(POLICIES, played, strict=True)
    )
    never = {person for person in holding if not played[0].of[person]}
    return Played(
        seed,
        figures,
        _profile(index, holding, never),
        _profile(index, holding, holding.keys() - never),
    )


def _profile(index: Index, holding: Counter[str], people: Set[str]) -> Profile:
    facts = [
        len(person.skills) + len(person.credentials) + len(person.no_credentials)
        for person in index.people.people
        if person.id in people
    ]
    return Profile(
        statistics.median(holding[person] for person in people), statistics.median(facts)
    )


def main() -> None:
    """Play, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--picture", type=Path, help="also draw the first seed, as an SVG")
    arguments = parser.parse_args()
    index = territory()
    print(f"{len(index.people.people)} people, {len(index.offers.offers)} offers")
    found = [measure(index, seed) for seed in arguments.seeds]
    print(table(found[0]), table_of_bars(bars_of(found[0])), table_of_seeds(found), sep="\n\n")
    if arguments.picture:
        arguments.picture.write_text(draw_bars(bars_of(found[0])), "utf-8")


if __name__ == "__main__":
    main()
