"""From candidates to the first ones of each list: ties settled by the digest, and by it alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.ordering import digests
from matching.travel import Ints

Word = NDArray[np.uint64]
Words = np.ndarray[tuple[int, int], np.dtype[np.uint64]]


class Found(NamedTuple):
    """Candidates of people in turn, ``counts`` each, best key first: at least the ``top`` best, and
    every pair whose key equals the last of them.

    ``offer`` is the position on the board, ``near`` where its place is in ``Parties``, ``packed``
    the four counts, ``day`` the day ready.
    """

    counts: Ints
    offer: Ints
    near: Ints
    key: Ints
    day: Ints
    packed: Ints


def together(parts: Sequence[Found]) -> Found:
    """The candidates of some people, then those of others, and so on."""
    return Found(*(np.concatenate(column) for column in zip(*parts, strict=True)))


class Names(NamedTuple):
    """The ids of a list's owners and of what it lists, and how to hash many (see ``hashing``)."""

    people: Sequence[str]
    offers: Sequence[str]
    quick: Callable[[Ints, Ints], Word] | None = None

    def digests(self, person: Ints, offer: Ints) -> Words:
        """SHA-256 of each « offer|person », as four words."""
        people, offers = person.tolist(), offer.tolist()
        ends = {p: f"|{self.people[p]}" for p in set(people)}
        return digests([self.offers[o] + ends[p] for p, o in zip(people, offers, strict=True)])

    def first_words(self, person: Ints, offer: Ints) -> Word:
        """The first word of each digest."""
        if self.quick is not None:
            return self.quick(person, offer)
        return self.digests(person, offer)[:, 0]


def settle(found: Found, owner: Ints, offer: Ints, names: Names, top: int) -> Ints:
    """Which candidates make the first ``top`` of each list, list after list, best first.

    ``owner`` and ``offer`` are the numbers, in ``names``, of the person and the offer of each
    candidate; a person's candidates follow each other by key. Only pairs that share their key with
    a neighbour are hashed.
    """
    if len(found.key) == 0:
        return np.zeros(0, dtype=np.int64)
    list_of = np.repeat(np.arange(len(found.counts)), found.counts)
    differs = np.ones(len(found.key), dtype=np.bool_)
    differs[1:] = (found.key[1:] != found.key[:-1]) | (list_of[1:] != list_of[:-1])
    order = by_digest(np.cumsum(differs) - 1, owner, offer, names)
    first = np.cumsum(found.counts) - found.counts
    return order[np.arange(len(order)) - first[list_of] < top]


def by_digest(run: Ints, person: Ints, offer: Ints, names: Names) -> Ints:
    """The order of pairs whose ``run``, ascending, says which are tied: digests decide in a run."""
    order = np.arange(len(run))
    tied = np.flatnonzero(np.bincount(run)[run] > 1)
    person, offer, run = person[tied], offer[tied], run[tied]
    words = names.first_words(person, offer)
    # A run and the first bits of its words are one number, unless that is not enough to decide.
    at = np.uint64(max(1, int(run.max(initial=0)).bit_length()))
    name = run.astype(np.uint64) << np.uint64(64) - at | words >> at
    ranked = np.argsort(name)
    if np.any(name[ranked][1:] == name[ranked][:-1]):
        ranked = np.lexsort((*names.digests(person, offer).T[::-1], run))
    order[tied] = tied[ranked]
    return order
