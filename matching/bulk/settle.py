"""From candidates to the first ones of each list: ties settled by the digest, and by it alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from matching.ordering import digests
from matching.travel import Ints


class Found(NamedTuple):
    """Candidates of people in turn, ``counts`` each, best key first: at least the ``top`` best, and
    every pair whose key equals the last of them.

    ``at`` is the position in the party's offers, ``packed`` the four counts, ``day`` the day ready.
    """

    counts: Ints
    at: Ints
    key: Ints
    day: Ints
    packed: Ints


class Names(NamedTuple):
    """The ids of a list's owners and of what it lists."""

    people: Sequence[str]
    offers: Sequence[str]


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
    run = np.cumsum(differs) - 1
    tied = np.flatnonzero(np.bincount(run)[run] > 1)
    order = np.arange(len(found.key))
    pairs = zip(owner[tied].tolist(), offer[tied].tolist(), strict=True)
    people, offers = names
    words = digests([f"{offers[o]}|{people[p]}" for p, o in pairs])
    order[tied] = tied[_by_words(run[tied], words)]
    first = np.cumsum(found.counts) - found.counts
    return order[np.arange(len(order)) - first[list_of] < top]


def _by_words(run: Ints, words: np.ndarray[tuple[int, int], np.dtype[np.uint64]]) -> Ints:
    """The order by run, then by digest. One word tells digests apart, unless it does not."""
    order = np.lexsort((words[:, 0], run))
    first, runs = words[order, 0], run[order]
    if np.any((first[1:] == first[:-1]) & (runs[1:] == runs[:-1])):
        return np.lexsort((*words.T[::-1], run))
    return order
