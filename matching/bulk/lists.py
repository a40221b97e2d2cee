"""The first offers of everyone at once: the same lists as one person at a time.

People are taken commune by commune: those of one commune share the distances and the order of the
offers around them. With the compiled loops, threads share the communes and one copy of the data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np

from matching.bulk import loops, vectors
from matching.bulk.jit import COMPILED
from matching.bulk.keys import desired_of, doubt_of, gap_of, group_and_interest, unknown_of
from matching.bulk.layout import Crowd, Layout, crowd_of, lay_out
from matching.bulk.reach import (
    Limits,
    Territory,
    limits_of,
    party_of,
    territory_of,
    travel_minutes,
)
from matching.bulk.settle import Found, Names, settle
from matching.groups import GROUPS
from matching.index import Index
from matching.ordering import INTERESTS
from matching.ranking import Pair, PersonRanking, dates_of
from matching.travel import Floats, Ints

_CHUNKS_PER_THREAD = 16


class Lists(NamedTuple):
    """The first offers of everyone: those of person ``n`` from ``first[n]`` to ``first[n + 1]``.

    People and offers are numbered as in the index; ``group``, ``interest`` and ``ready_by`` as in
    ``Verdicts``; ``packed`` holds the four counts (see ``keys``).
    """

    first: Ints
    offer: Ints
    group: Ints
    interest: Ints
    ready_by: Ints
    packed: Ints
    minutes: Floats
    out_of_reach: Ints
    with_car: Ints


class _Stage(NamedTuple):
    """All that threads read."""

    index: Index
    layout: Layout
    columns: vectors.Columns | None
    crowd: Crowd
    limits: Limits
    territory: Territory
    names: Names
    top: int


class _Part(NamedTuple):
    """The lists of some people (``person``, ``count`` lines each), columns as in ``Lists``."""

    person: Ints
    count: Ints
    out_of_reach: Ints
    with_car: Ints
    lines: tuple[Ints, Ints, Ints, Ints]
    km: Floats


def best_offers(index: Index, top: int, *, threads: int = 1, compiled: bool = COMPILED) -> Lists:
    """The ``top`` first offers of every person of the index, exactly as ``rank_offers`` says.

    ``compiled=False`` takes the NumPy path; the lists are the same, bit for bit.
    """
    stage = _staged(index, top, compiled)
    people = index.people
    order = np.argsort(people.place, kind="stable")
    at = np.cumsum(np.bincount(people.place, minlength=len(people.places.codes)))[:-1]
    communes = list(zip(people.places.codes, np.split(order, at), strict=True))
    size = max(1, -(-len(communes) // (threads * _CHUNKS_PER_THREAD)))
    chunks = [communes[n : n + size] for n in range(0, len(communes), size)]
    if threads == 1:
        return _assembled(stage, [_part(stage, chunk) for chunk in chunks])
    with ThreadPoolExecutor(threads) as pool:
        return _assembled(stage, list(pool.map(partial(_part, stage), chunks)))


def _staged(index: Index, top: int, compiled: bool) -> _Stage:
    layout = lay_out(index)
    people = [person.id for person in index.people.people]
    return _Stage(
        index,
        layout,
        None if compiled else vectors.columns_of(layout.board),
        crowd_of(index.people, layout, index.taxonomy),
        limits_of(index.people.modes, index.people.max_minutes),
        territory_of(index, layout),
        Names(people, [offer.id for offer in index.offers.offers]),
        top,
    )


def _part(stage: _Stage, communes: Sequence[tuple[str, Ints]]) -> _Part:
    """The lists of the people of some communes."""
    board, columns, crowd = stage.layout.board, stage.columns, stage.crowd
    work = loops.scratch_for(board, stage.top)
    found: list[Found] = []
    reached: list[tuple[Ints, Ints]] = []
    pairs: list[tuple[Ints, Floats]] = []
    for commune, people in communes:
        party = party_of(stage.territory, commune, people, stage.limits)
        if columns is None:
            one = loops.best_of_party(board, crowd, party, work)
        else:
            one = vectors.best_of_party(board, columns, crowd, party, stage.top)
        found.append(one)
        reached.append((len(board.wanted) - party.ends[:, 0], party.with_car))
        pairs.append((stage.layout.number[party.offer[one.at]], party.km[one.at]))
    whole = Found(*(np.concatenate(column) for column in zip(*found, strict=True)))
    person = np.concatenate([people for _, people in communes])
    offer, km = (np.concatenate(column) for column in zip(*pairs, strict=True))
    owner = np.repeat(person, whole.count)
    kept = settle(whole, owner, offer, stage.names, stage.top)
    out, by_car = (np.concatenate(column) for column in zip(*reached, strict=True))
    lines = (offer[kept], whole.key[kept], whole.day[kept], whole.packed[kept])
    return _Part(person, np.minimum(whole.count, stage.top), out, by_car, lines, km[kept])


def _assembled(stage: _Stage, parts: Sequence[_Part]) -> Lists:
    """The parts as one, in the order of the people of the index."""
    people = stage.index.people
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Lists(np.zeros(1, np.int64), *[nothing] * 5, np.zeros(0), nothing, nothing)
    person, count, out, by_car = (
        np.concatenate(column) for column in list(zip(*parts, strict=True))[:4]
    )
    offer, key, day, packed = (
        np.concatenate(column) for column in zip(*(part.lines for part in parts), strict=True)
    )
    owner = np.repeat(person, count)
    minutes = travel_minutes(people, owner, np.concatenate([part.km for part in parts]))
    order = np.argsort(owner, kind="stable")
    group, interest = group_and_interest(key[order])
    back = np.argsort(person)
    return Lists(
        np.concatenate(([0], np.cumsum(count[back]))),
        offer[order],
        group,
        interest,
        day[order],
        packed[order],
        minutes[order],
        out[back],
        by_car[back],
    )


def rankings(index: Index, lists: Lists) -> Iterator[PersonRanking]:
    """The lists of everyone as ``rank_offers`` gives them, in the order of the index."""
    names = [offer.id for offer in index.offers.offers]
    for number, person in enumerate(index.people.people):
        some = slice(int(lists.first[number]), int(lists.first[number + 1]))
        packed = lists.packed[some]
        pairs = map(
            Pair,
            [person.id] * len(packed),
            [names[n] for n in lists.offer[some].tolist()],
            [GROUPS[n] for n in lists.group[some].tolist()],
            dates_of(lists.ready_by[some]),
            unknown_of(packed).tolist(),
            doubt_of(packed).tolist(),
            gap_of(packed).tolist(),
            desired_of(packed).tolist(),
            lists.minutes[some].tolist(),
            [INTERESTS[n] for n in lists.interest[some].tolist()],
        )
        beyond = int(lists.out_of_reach[number]), int(lists.with_car[number])
        yield PersonRanking(person.id, tuple(pairs), *beyond)
