"""The engine before its peers: ``python -m benchmarks.match`` (``--help`` for the sizes).

Prints processor seconds (not affected by what else the machine does as much as the clock is), the
clock, ratios and memory, and fails if two exact ways of making the same lists differ.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks.match import oracle, peers
from benchmarks.match.measure import measured, peak
from benchmarks.match.worlds import PLANES, SEED, World, build
from matching import Index, Person, list_offers, rank_offers, rank_people, simulate
from matching.bulk.jit import COMPILED
from matching.bulk.lists import Lists, best_offers, rankings
from matching.bulk.offer_lists import OfferLists, best_people
from matching.groups import GROUPS

TOP = 20
SIZES = {
    "quick": (2000, 1000),
    "small": (5000, 2000),
    "region": (50_000, 20_000),
    "large": (200_000, 100_000),
}
CURVE = ((5000, 2000), (12_500, 5000), (25_000, 10_000), (50_000, 20_000))


Everyone = Lists | OfferLists


def _same(first: Everyone, second: Everyone) -> bool:
    return all(a.tobytes() == b.tobytes() for a, b in zip(first, second, strict=True))


def everyone(index: Index, numpy_too: bool) -> Lists:
    """The lists of everyone and of every offer, on every path; returns those of everyone."""
    offers = len(index.offers.offers)
    lists: Lists = _on_every_path("everyone", partial(best_offers, index, TOP), numpy_too)
    pairs = int((offers - lists.out_of_reach).sum())
    share = pairs / max(1, len(index.people.people) * offers)
    print(f"  pairs in reach: {pairs:,} ({share:.1%}); lines kept: {len(lists.offer):,}")
    people = _on_every_path("every offer", partial(best_people, index, TOP), numpy_too)
    print(f"  lines kept for offers: {len(people.person):,}")
    return lists


def _on_every_path(what: str, lists: Callable[..., Any], numpy_too: bool) -> Any:
    """The lists of one kind, once all ways of making them gave the same ones."""
    way = "compiled loops" if COMPILED else "plain Python loops"
    paths: list[tuple[str, Callable[[], Any]]] = [
        (f"{way}, 1 thread", lists),
        (f"{way}, 2 threads", partial(lists, threads=2)),
    ]
    if numpy_too:
        paths.append(("NumPy alone", partial(lists, compiled=False)))
    made = []
    for name, path in paths:
        cost = measured(path)
        made.append(cost.result)
        print(
            f"  {what}, {name:<28} {cost.cpu:7.2f} s cpu {cost.wall:7.2f} s clock "
            f"{cost.memory:6.0f} MB more"
        )
        assert _same(made[0], cost.result), f"{name} does not agree"
    print(f"  {what}: the same lists, bit for bit, by {len(made)} ways")
    return made[0]


def queries(world: World, index: Index, number: int) -> None:
    """Single lists, the simulator and the replacement of one row, in milliseconds."""
    learnt = [replace(p, skills={**p.skills, "k00301": 2}) for p in world.people[:number]]
    moved = [replace(o, commune=world.communes[0].code) for o in world.offers[:number]]
    changed = [index.with_offer(offer) for offer in moved]
    asked: list[tuple[str, Callable[[Any], object], Sequence[Any]]] = [
        ("one person, first 20 offers", lambda p: rank_offers(index, p, TOP), world.people),
        ("one person, 10 of each group", partial(_page, index), world.people),
        ("one person, the whole list", lambda p: rank_offers(index, p), world.people),
        ("one offer, first 20 people", lambda o: rank_people(index, o, TOP), world.offers),
        ("simulator of an offer", lambda o: simulate(index, o), world.offers[: number // 4]),
        ("replace one person", index.with_person, learnt),
        ("replace one offer", index.with_offer, moved),
        ("… and the next list", lambda i: rank_offers(i, world.people[0], TOP), changed),
    ]
    for name, query, given in asked:
        query(given[0])
        taken = []
        for one in given[:number]:
            start = time.process_time()
            query(one)
            taken.append(1000 * (time.process_time() - start))
        half, high = np.percentile(taken, (50, 95))
        print(f"  {name:<28} median {half:7.2f} ms   p95 {high:7.2f} ms   ({len(taken)} of them)")


def _page(index: Index, person: Person) -> object:
    """What a screen shows of a list: how many lines each group has, and the first of each."""
    listed = list_offers(index, person)
    return listed.sizes(), [listed.of_group(group, slice(0, 10)) for group in GROUPS]


def against_peers(index: Index, sample: int, ours: float) -> None:
    """The peers on some people; ``ours`` is our processor time for one person."""
    people = peers.some_people(index, sample)
    facts, few = peers.facts_of(index, people), peers.facts_of(index, people[:2])
    ways: list[tuple[str, Callable[..., Any]]] = [
        ("plain Python", peers.plain_python),
        ("SciPy sparse blocks", peers.scipy_blocks),
        ("sparse_dot_topn + filter", peers.sparse_dot),
        ("sklearn NearestNeighbors", peers.nearest_neighbours),
    ]
    for _, way in ways:
        way(few, TOP)  # what it imports is not its cost
    everyone_else = len(index.people.people) / len(people)
    reach = measured(partial(peers.reach, index, people)).cpu
    print(f"\npeers, a simpler rule (see peers.py), {len(people)} people × {everyone_else:.1f}")
    print(f"  reach alone, which each of them needs: {reach:.2f} s cpu, counted in what follows")
    rows = [(name, measured(partial(way, facts, TOP))) for name, way in ways]
    exact = rows[0][1]
    for name, cost in rows:
        right = _share(cost.result, exact.result)
        spent = cost.cpu + reach
        print(
            f"  {name:<26} {spent:7.2f} s cpu × {everyone_else:.1f} = "
            f"{spent * everyone_else:8.1f} s   {spent / len(people) / ours:7.1f} × ours   "
            f"{cost.memory:6.0f} MB more   right pairs {right:.1%}"
        )
        assert "sklearn" in name or cost.result == exact.result, f"{name} gives other lists"


def _share(found: list[list[int]], exact: list[list[int]]) -> float:
    wanted = sum(len(one) for one in exact)
    return sum(len({*a} & {*b}) for a, b in zip(found, exact, strict=True)) / max(1, wanted)


def against_oracle(world: World, index: Index, lists: Lists, sample: int, ours: float) -> None:
    """The whole rule in SQL on some people: every line must be the same."""
    chosen = {
        int(n) for n in np.random.default_rng(SEED + 1).permutation(len(world.people))[:sample]
    }
    people: list[Person] = [world.people[n] for n in sorted(chosen)]
    cost = measured(partial(oracle.lines, world, people, TOP))
    groups = {group: n + 1 for n, group in enumerate(GROUPS)}
    mine = []
    for number, ranking in enumerate(rankings(index, lists)):
        if number in chosen:
            mine += [
                (p.person, rank, p.offer, groups[p.group], p.ready_by, *p[4:8])
                for rank, p in enumerate(ranking.offers, start=1)
            ]
    print(
        f"\nDuckDB, the whole rule, {len(people)} people: {cost.cpu:.1f} s cpu × "
        f"{len(world.people) / len(people):.0f} = {cost.cpu * len(world.people) / len(people):.0f}"
        f" s   {cost.cpu / len(people) / ours:.0f} × ours   {cost.memory:.0f} MB more"
    )
    assert mine == cost.result, "the oracle gives other lists"
    print(f"  all {len(mine)} lines equal: offer, group, day, four counts and rank")


def one_size(options: argparse.Namespace, people: int, offers: int, *, deep: bool) -> None:
    """A world, its index, and all that is asked of it."""
    world = build(people, offers, options.sessions, options.plane, options.seed)
    print(f"\n{people:,} people × {offers:,} offers, {len(world.sessions):,} sessions")
    start = time.process_time()
    index = world.indexed()
    built = time.process_time() - start
    stage, cast = index.stage, index.cast
    made = stage.layout, stage.territory, stage.columns, cast.crowd, cast.limits, cast.names
    laid_out = time.process_time() - start - built
    print(f"  index {built:.2f} s cpu, and {len(made)} tables for lists {laid_out:.2f} s")
    lists = everyone(index, numpy_too=deep and options.numpy and people <= 50_000)
    print(f"  most memory held by this process, world included: {peak():.0f} MB")
    if not deep:
        return
    queries(world, index, 200)
    spent = measured(partial(best_offers, index, TOP)).cpu / people
    if options.peers:
        against_peers(index, min(people, options.sample), spent)
        against_oracle(world, index, lists, min(people, options.oracle), spent)


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="quick")
    parser.add_argument("--people", type=int)
    parser.add_argument("--offers", type=int)
    parser.add_argument("--sessions", type=int, default=4000)
    parser.add_argument("--plane", choices=PLANES, default="region")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--sample", type=int, default=1000, help="people given to the peers")
    parser.add_argument("--oracle", type=int, default=100, help="people given to DuckDB")
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    parser.add_argument("--no-numpy", dest="numpy", action="store_false", help="loops only")
    parser.add_argument("--curve", action="store_true", help="four sizes, lists of everyone only")
    options = parser.parse_args()
    # Compiled (or loaded) before anything is measured.
    small = build(50, 50, 50).indexed()
    best_offers(small, TOP)
    best_people(small, TOP)
    if options.curve:
        for people, offers in CURVE:
            one_size(options, people, offers, deep=False)
        return
    people, offers = SIZES[options.size]
    one_size(options, options.people or people, options.offers or offers, deep=True)


if __name__ == "__main__":
    main()
