"""The first offers of everyone at once: the same lists as one person at a time.

People are taken commune by commune: those of one commune share the distances and the order of the
offers around them. With the compiled loops, threads share the communes and one copy of the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from matching.bulk import loops, vectors
from matching.bulk.jit import COMPILED
from matching.bulk.keys import group_and_interest
from matching.bulk.reach import Parties, every_party, spread, travel_minutes
from matching.bulk.scene import MOST_COMPILED, Communes, Progress, Scene, scene_of, spread_out
from matching.bulk.scratch import scratch_for
from matching.bulk.settle import Found, settle, together
from matching.index import Index
from matching.ranking import PersonRanking, columns_of_pairs, pairs_of
from matching.travel import Floats, Ints

if TYPE_CHECKING:
    from matching.bulk.offer_lists import OfferLists


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


class _Part(NamedTuple):
    """The lists of some people (``person``, ``counts`` lines each), columns as in ``Lists``."""

    person: Ints
    counts: Ints
    out_of_reach: Ints
    with_car: Ints
    lines: tuple[Ints, Ints, Ints, Ints]
    minutes: Floats


def best_offers(
    index: Index,
    top: int,
    *,
    threads: int = 1,
    compiled: bool = COMPILED,
    progress: Progress | None = None,
) -> Lists:
    """The ``top`` first offers of every person of the index, exactly as ``rank_offers`` says.

    ``compiled=False`` takes the NumPy path; the lists are the same, bit for bit. ``progress`` is
    called now and then with the people done and their number; what it raises stops the work.
    ``ValueError`` when ``top`` is less than 1.
    """
    if top < 1:
        raise ValueError(f"at least 1 offer per person, not {top}")
    top = max(1, min(top, len(index.offers.offers)))
    scene = scene_of(index, top, compiled and top <= MOST_COMPILED)
    return _assembled(scene, spread_out(scene, partial(_part, scene), threads, progress))


def _part(scene: Scene, communes: Communes) -> _Part:
    """The lists of the people of some communes."""
    parties = scene.parties(communes)
    found = _found(scene, parties)
    owner = np.repeat(parties.people, found.counts)
    offer = scene.layout.number[found.offer]
    kept = settle(found, owner, offer, scene.names, scene.top)
    lines = (offer[kept], found.key[kept], found.day[kept], found.packed[kept])
    modes = scene.world.people.modes[:, scene.cast.number[owner[kept]]]
    return _Part(
        scene.cast.number[parties.people],
        np.minimum(found.counts, scene.top),
        len(scene.layout.number) - parties.ends[:, 0],
        parties.with_car,
        lines,
        travel_minutes(modes, parties.km[found.near[kept]]),
    )


def _found(scene: Scene, parties: Parties) -> Found:
    board, crowd, territory = scene.layout.board, scene.cast.crowd, scene.territory
    if scene.columns is None:
        work = scratch_for(board, territory.land, scene.top)
        return loops.best_of_parties(board, crowd, territory.land, parties, work)
    found = [
        vectors.best_of_party(board, scene.columns, crowd, party, scene.top)
        for party in every_party(territory, parties)
    ]
    return together(found)


def _assembled(scene: Scene, parts: Sequence[_Part]) -> Lists:
    """The parts as one, in the order of the people of the index."""
    count, out_of_reach, with_car = np.empty((3, len(scene.cast.number)), dtype=np.int64)
    for part in parts:
        count[part.person] = part.counts
        out_of_reach[part.person], with_car[part.person] = part.out_of_reach, part.with_car
    first = np.concatenate(([0], np.cumsum(count)))
    offer, group, interest, day, packed = np.empty((5, first[-1]), dtype=np.int64)
    minutes = np.empty(first[-1])
    for part in parts:
        at, _ = spread(first[part.person], first[part.person + 1])
        offer[at], key, day[at], packed[at] = part.lines
        group[at], interest[at] = group_and_interest(key)
        minutes[at] = part.minutes
    return Lists(first, offer, group, interest, day, packed, minutes, out_of_reach, with_car)


def rankings(index: Index, lists: Lists) -> Iterator[PersonRanking]:
    """The lists of everyone as ``rank_offers`` gives them, in the order of the index."""
    names = index.stage.names
    for number, person in enumerate(index.people.number):
        some, columns, beyond = told(lists, number)
        ids = [names[n] for n in lists.offer[some].tolist()]
        yield PersonRanking(person, pairs_of(repeat(person), ids, *columns), *beyond)


def told(
    lists: Lists | OfferLists, number: int
) -> tuple[slice, tuple[Iterable[Any], ...], tuple[int, int]]:
    """One list: its lines, their columns as in ``Pair`` after its ids, and who is out of reach."""
    some = slice(int(lists.first[number]), int(lists.first[number + 1]))
    columns = columns_of_pairs(
        lists.group[some],
        lists.ready_by[some],
        lists.packed[some],
        lists.minutes[some],
        lists.interest[some],
    )
    return some, columns, (int(lists.out_of_reach[number]), int(lists.with_car[number]))
