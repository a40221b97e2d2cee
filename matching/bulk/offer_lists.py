"""The first people of every offer at once: the same lists as one offer at a time.

People are taken commune by commune, as for their own lists. Each thread has a *sieve*, where an
offer keeps the keys of the best people that the thread has met; what falls through is set aside,
and once everybody was met the pairs within the best keys of all the sieves are ordered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import repeat
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np

from matching.bulk import sift, vectors
from matching.bulk.jit import COMPILED
from matching.bulk.keys import group_and_interest
from matching.bulk.lists import told
from matching.bulk.reach import Parties, every_party, travel_minutes
from matching.bulk.scene import MOST_COMPILED, Communes, Progress, Scene, scene_of, spread_out
from matching.bulk.scratch import Scratch, scratch_for
from matching.bulk.settle import by_digest, together
from matching.index import Index
from matching.ranking import OfferRanking, pairs_of, rank_people
from matching.travel import Floats, Ints


class OfferLists(NamedTuple):
    """The first people of every offer: those of offer ``n`` from ``first[n]`` to ``first[n + 1]``.

    People and offers are numbered as in the index; the rest is as in ``Lists``.
    """

    first: Ints
    person: Ints
    group: Ints
    interest: Ints
    ready_by: Ints
    packed: Ints
    minutes: Floats
    out_of_reach: Ints
    with_car: Ints


class _Pairs(NamedTuple):
    """Pairs set aside: offers by their position on the board, people by their place in the cast."""

    offer: Ints
    person: Ints
    key: Ints
    day: Ints
    packed: Ints
    km: Floats

    def only(self, chosen: Ints) -> _Pairs:
        """Some of the pairs, in this order."""
        offer, person, key, day, packed = (column[chosen] for column in self[:5])
        return _Pairs(offer, person, key, day, packed, self.km[chosen])


class _Sieve:
    """What one thread has met: the best keys of each offer, and who is in reach of each place."""

    def __init__(self, scene: Scene) -> None:
        offers, places = len(scene.layout.number), len(scene.territory.places.codes)
        self.best = sift.nobody(offers, scene.top)
        self.in_reach = np.zeros(places, dtype=np.int64)
        self.by_car = np.zeros(places, dtype=np.int64)
        self.work: Scratch | None = None
        if scene.columns is None:
            self.work = scratch_for(scene.layout.board, scene.territory.land, scene.top)


def best_people(
    index: Index,
    top: int,
    *,
    threads: int = 1,
    compiled: bool = COMPILED,
    progress: Progress | None = None,
) -> OfferLists:
    """The ``top`` first people of every offer of the index, exactly as ``rank_people`` says.

    ``ValueError`` when ``top`` is less than 1 or more than ``MOST_COMPILED``. Threads, paths and
    progress are those of ``lists.best_offers``.
    """
    if not 1 <= top <= MOST_COMPILED:
        raise ValueError(f"from 1 to {MOST_COMPILED} people per offer are found at once, not {top}")
    scene = scene_of(index, top, compiled)
    sieves: SimpleQueue[_Sieve] = SimpleQueue()
    made = [_Sieve(scene) for _ in range(threads)]
    for sieve in made:
        sieves.put(sieve)
    parts = spread_out(scene, partial(_part, scene, sieves), threads, progress)
    return _assembled(scene, made, parts)


def _part(scene: Scene, sieves: SimpleQueue[_Sieve], communes: Communes) -> _Pairs:
    """The pairs of the people of some communes that were among the best when met."""
    sieve = sieves.get()
    try:
        whole = _met(scene, sieve, scene.parties(communes))
        # Those met first are often beaten since.
        return whole.only(np.flatnonzero(whole.key <= sieve.best[whole.offer, -1]))
    finally:
        # Even when this fails: the next part would wait for ever for a sieve.
        sieves.put(sieve)


def _met(scene: Scene, sieve: _Sieve, parties: Parties) -> _Pairs:
    board, crowd, territory = scene.layout.board, scene.cast.crowd, scene.territory
    _count(sieve, parties)
    if scene.columns is None:
        assert sieve.work is not None
        land = territory.land
        found = sift.sift_parties(board, crowd, land, parties, sieve.best, sieve.work)
    else:
        found = together(
            [
                vectors.sift_party(board, scene.columns, crowd, party, sieve.best)
                for party in every_party(territory, parties)
            ]
        )
    owner = np.repeat(parties.people, found.counts)
    key, day, packed = found.key, found.day, found.packed
    return _Pairs(found.offer, owner, key, day, packed, parties.km[found.near])


def _count(sieve: _Sieve, parties: Parties) -> None:
    """Add the people of parties to those in reach of each place, and to those a car would bring."""
    begins = np.repeat(parties.begins[:-1], np.diff(parties.first))
    reach, by_car = parties.within[:, 0], parties.within[:, -1]
    for people, nearer, farther in (
        (sieve.in_reach, np.zeros_like(reach), reach),
        (sieve.by_car, reach, np.maximum(reach, by_car)),
    ):
        # One more from the first place of each person on, one less after the last.
        size = len(parties.place) + 1
        more = np.bincount(begins + nearer, minlength=size)
        less = np.bincount(begins + farther, minlength=size)
        np.add.at(people, parties.place, np.cumsum(more - less)[:-1])


def _assembled(scene: Scene, sieves: Sequence[_Sieve], parts: Sequence[_Pairs]) -> OfferLists:
    """The pairs within the best keys of each offer, ordered, in the order of the index."""
    layout, table = scene.layout, scene.world.people
    best = np.sort(np.concatenate([sieve.best for sieve in sieves], axis=1), axis=1)
    last = best[:, scene.top - 1]
    kept = [part.only(np.flatnonzero(part.key <= last[part.offer])) for part in parts]
    count, pairs = _first_of_each(scene, _together(kept))
    group, interest = group_and_interest(pairs.key)
    place = np.repeat(scene.territory.offer_place, np.diff(layout.place_first))
    place = place[layout.position]
    person, people = scene.cast.number[pairs.person], len(table.people)
    return OfferLists(
        np.concatenate(([0], np.cumsum(count))),
        person,
        group,
        interest,
        pairs.day,
        pairs.packed,
        travel_minutes(table.modes[:, person], pairs.km),
        people - np.sum([sieve.in_reach for sieve in sieves], axis=0)[place],
        np.sum([sieve.by_car for sieve in sieves], axis=0)[place],
    )


def _together(parts: Sequence[_Pairs]) -> _Pairs:
    nothing = np.zeros(0, dtype=np.int64)
    none = _Pairs(*(nothing,) * 5, np.zeros(0))
    return _Pairs(*(np.concatenate(column) for column in zip(none, *parts, strict=True)))


def _first_of_each(scene: Scene, pairs: _Pairs) -> tuple[Ints, _Pairs]:
    """How many each offer has, in the order of the index, and the first pairs of each, in order."""
    offer = scene.layout.number[pairs.offer]
    proposed = scene.world.people.last_proposed[scene.cast.number[pairs.person]]
    order = np.lexsort((proposed, pairs.key, offer))
    columns = [column[order] for column in (offer, pairs.key, proposed)]
    differs = np.ones(len(order), dtype=np.bool_)
    differs[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    run = np.cumsum(differs) - 1
    # Pairs whose run begins beyond the first ones need no digest.
    first = np.searchsorted(columns[0], np.arange(len(scene.layout.number) + 1))
    begins = np.flatnonzero(differs)[run] - first[columns[0]]
    order, run = order[begins < scene.top], run[begins < scene.top]
    order = order[by_digest(run, pairs.person[order], offer[order], scene.names)]
    first = np.searchsorted(offer[order], np.arange(len(scene.layout.number) + 1))
    order = order[np.arange(len(order)) - first[offer[order]] < scene.top]
    return np.bincount(offer[order], minlength=len(scene.layout.number)), pairs.only(order)


def first_people(index: Index, top: int, threads: int = 1) -> Iterator[OfferRanking]:
    """The first people of every offer, all at once unless the lists are long."""
    if top > MOST_COMPILED:
        return (rank_people(index, offer, top) for offer in index.offers.offers)
    return rankings_of_offers(index, best_people(index, top, threads=threads))


def rankings_of_offers(index: Index, lists: OfferLists) -> Iterator[OfferRanking]:
    """The lists of all offers as ``rank_people`` gives them, in the order of the index."""
    names = list(index.people.number)
    for number, offer in enumerate(index.stage.names):
        some, columns, beyond = told(lists, number)
        ids = [names[n] for n in lists.person[some].tolist()]
        yield OfferRanking(offer, pairs_of(ids, repeat(offer), *columns), *beyond)
