"""The peers: what one would write with general tools, under the same hard constraints.

Their rule is simpler than ours, for none of them can say what ours says: an offer is *admitted*
when it is in reach by the person's own means and no deciding requirement is a known gap; admitted
offers are ranked by the deciding requirements known to be met minus those unknown, ties by number.
The exact peers must return the same lists; the script checks that they do.

All of them read ``Facts``: plain integers made once, outside what is timed. What is in reach is
timed apart and charged to each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.match.worlds import SEED
from matching.bulk.keys import ONE_GAP
from matching.bulk.layout import crowd_of
from matching.bulk.vectors import answers_of
from matching.index import Index
from matching.records import Mode
from matching.travel import minutes_by

Ints = NDArray[np.int64]
UNREACHED = -(1 << 40)


class Facts(NamedTuple):
    """The problem as matrices over codes (see ``matching.bulk.layout``).

    ``asks`` (offers × codes), ``met`` and ``gap`` (people × codes); ``near`` (people × offers) is
    given by rows: the offers in reach of each person of the sample.
    """

    asks: sparse.csr_array
    met: sparse.csr_array
    gap: sparse.csr_array
    near: list[Ints]
    size: Ints


def facts_of(index: Index, people: Ints) -> Facts:
    """The problem of some people of an index, before all its offers."""
    stage = index.stage
    layout = stage.layout
    board = layout.board
    crowd = crowd_of(index.people, np.arange(len(index.people.people)), layout, index.taxonomy)
    offers = len(board.wanted)
    owner = np.repeat(np.arange(offers), np.diff(board.row_first))
    decides = board.row < board.codes
    asks = sparse.csr_array(
        (np.ones(decides.sum(), np.int32), (owner[decides], board.row[decides])),
        (offers, board.codes),
    )
    met, gap = [], []
    for person in people.tolist():
        answer = answers_of(board, crowd, person)[: board.codes]
        met.append(np.flatnonzero(answer == 0))
        gap.append(np.flatnonzero(answer == ONE_GAP))
    near = reach(index, people)
    return Facts(asks, _rows(met, board.codes), _rows(gap, board.codes), near, asks.sum(axis=1))


def reach(index: Index, people: Ints) -> list[Ints]:
    """The offers in reach of each person, which every peer needs first.

    With NumPy: minutes by each mode from a commune to all places, once for its people; then the
    offers of the places within each one's minutes.
    """
    table, places = index.people, index.offers.places
    first = index.stage.layout.place_first
    place_of = np.repeat(np.arange(len(first) - 1), np.diff(first))
    found: dict[int, Ints] = {}
    for place in np.unique(table.place[people]).tolist():
        km = places.km_from(table.places.codes[place], index.communes)
        minutes = np.array([minutes_by(mode, km) for mode in Mode])
        for person in people[table.place[people] == place].tolist():
            best = minutes[table.modes[:, person]].min(axis=0)
            found[person] = np.flatnonzero((best <= table.max_minutes[person])[place_of])
    return [found[person] for person in people.tolist()]


def some_people(index: Index, least: int) -> Ints:
    """At least so many people, whole communes drawn at random: what their people share, as the
    distances, weighs in the sample what it weighs in the whole."""
    place = index.people.place
    drawn = np.random.default_rng(SEED).permutation(len(index.people.places.codes))
    size = np.cumsum(np.bincount(place, minlength=len(drawn))[drawn])
    kept = drawn[: 1 + np.searchsorted(size, min(least, len(place)))]
    return np.flatnonzero(np.isin(place, kept))


def _rows(held: list[Ints], width: int) -> sparse.csr_array:
    first = np.concatenate(([0], np.cumsum([len(one) for one in held])))
    values = np.ones(first[-1], np.int32)
    return sparse.csr_array((values, np.concatenate(held), first), (len(held), width))


def plain_python(facts: Facts, top: int) -> list[list[int]]:
    """Loops over pairs, sets and dictionaries: what one writes first."""
    asks = [set(row) for row in np.split(facts.asks.indices, facts.asks.indptr[1:-1])]
    lists = []
    for n, near in enumerate(facts.near):
        met = set(facts.met.indices[facts.met.indptr[n] : facts.met.indptr[n + 1]])
        gap = set(facts.gap.indices[facts.gap.indptr[n] : facts.gap.indptr[n + 1]])
        found = [
            (len(asks[o]) - 2 * len(asks[o] & met), o) for o in near.tolist() if not asks[o] & gap
        ]
        lists.append([offer for _, offer in sorted(found)[:top]])
    return lists


def scipy_blocks(facts: Facts, top: int, block: int = 256) -> list[list[int]]:
    """Sparse products, 256 people at a time, then a mask and ``argpartition``."""
    asks = facts.asks.T.tocsr()
    lists = []
    for start in range(0, len(facts.near), block):
        some = slice(start, start + block)
        score = 2 * (facts.met[some] @ asks).toarray() - facts.size
        barred = (facts.gap[some] @ asks).toarray() > 0
        for row, bars, near in zip(score, barred, facts.near[some], strict=True):
            allowed = near[~bars[near]]
            lists.append(_best(row[allowed], allowed, top))
    return lists


def _best(score: Ints, offers: Ints, top: int) -> list[int]:
    key = -score.astype(np.int64) * (1 << 32) + offers
    if len(key) > top:
        kept = np.argpartition(key, top - 1)[:top]
        key, offers = key[kept], offers[kept]
    return [int(offers[n]) for n in np.argsort(key)]


def sparse_dot(facts: Facts, top: int) -> list[list[int]]:
    """``sparse_dot_topn``: the products by its multithreaded kernel (one thread), then the filter.

    It keeps the best *before* the filter of reach and gaps, so all the products have to be asked.
    """
    from sparse_dot_topn import sp_matmul

    asks, mets, gaps = (
        sparse.csr_matrix(table, dtype=np.float32) for table in (facts.asks.T, facts.met, facts.gap)
    )
    met, gap = sp_matmul(mets, asks), sp_matmul(gaps, asks)
    lists = []
    for n, near in enumerate(facts.near):
        score = -facts.size.astype(np.int64)
        at = slice(met.indptr[n], met.indptr[n + 1])
        score[met.indices[at]] += 2 * met.data[at].astype(np.int64)
        score[gap.indices[gap.indptr[n] : gap.indptr[n + 1]]] = UNREACHED
        allowed = near[score[near] != UNREACHED]
        lists.append(_best(score[allowed], allowed, top))
    return lists


def nearest_neighbours(facts: Facts, top: int) -> list[list[int]]:
    """scikit-learn's exact cosine neighbours over all the offers, filtered afterwards.

    It knows no constraint: 10 times the wanted number is asked for, and what is left is kept.
    """
    from sklearn.neighbors import NearestNeighbors

    model = NearestNeighbors(metric="cosine", algorithm="brute").fit(facts.asks)
    lists = []
    for start in range(0, len(facts.near), 512):
        some = slice(start, start + 512)
        asked = min(10 * top, facts.asks.shape[0])
        _, found = model.kneighbors(facts.met[some], n_neighbors=asked)
        barred = (facts.gap[some] @ facts.asks.T).tocsr()
        for n, (row, near) in enumerate(zip(found, facts.near[some], strict=True)):
            bars = barred.indices[barred.indptr[n] : barred.indptr[n + 1]]
            kept = row[np.isin(row, near) & ~np.isin(row, bars)]
            lists.append([int(offer) for offer in kept[:top]])
    return lists
