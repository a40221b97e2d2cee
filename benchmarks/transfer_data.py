"""What ``benchmarks/transfer.py`` measures with: ROME's mobilities, folds, draws, measures, peers.

The mobilities are read here and nowhere in ``matching/transfer``: they only judge.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

from matching.files import read_csv
from matching.rome import MOBILITIES, rome_file
from matching.transfer import Nomenclature, TransferIndex

Table = NDArray[np.float32]
TOP = 10
DEPTH = 100
FOLDS = 5
TRUE, FOREIGN = 5, 2


class Measure(NamedTuple):
    """Recall in the first ten, mean reciprocal rank, mean average precision (first hundred)."""

    recall: float
    mrr: float
    map: float


def mobilities(folder: Path, nomenclature: Nomenclature) -> NDArray[np.bool_]:
    """Whether ROME says that one leads to the other: shape (trades, trades)."""
    place = {trade.code: position for position, trade in enumerate(nomenclature.trades)}
    right = np.zeros((len(place), len(place)), dtype=bool)
    columns = ("code_rome", "code_rome_cible")
    for _, row in read_csv(rome_file(folder, MOBILITIES), columns):
        right[place[row["code_rome"]], place[row["code_rome_cible"]]] = True
    return right


def per_trade(scores: Table, right: NDArray[np.bool_], rows: NDArray[np.int_]) -> Table:
    """The three measures of each row of ``scores``, the row's own trade left out: (rows, 3).

    ``scores[i]`` ranks every trade for the trade ``rows[i]``; equals stay in code order.
    """
    scores = scores.copy()
    scores[np.arange(len(rows)), rows] = -np.inf
    order = _first(scores, DEPTH)
    hits = np.take_along_axis(right[rows], order, axis=1)
    total = right[rows].sum(axis=1)
    ranks = np.arange(1, DEPTH + 1)
    recall = hits[:, :TOP].sum(axis=1) / total
    reciprocal = np.where(hits.any(axis=1), 1 / (hits.argmax(axis=1) + 1), 0.0)
    precision = (np.cumsum(hits, axis=1) / ranks * hits).sum(axis=1) / total
    return np.column_stack([recall, reciprocal, precision]).astype(np.float32)


def _first(scores: Table, depth: int) -> NDArray[np.int_]:
    """The positions of the highest scores of each row, best first, equals by position."""
    found = np.sort(np.argpartition(-scores, depth, axis=1)[:, :depth], axis=1)
    kept = np.take_along_axis(scores, found, axis=1)
    return np.take_along_axis(found, np.argsort(-kept, axis=1, kind="stable"), axis=1)


def mean(parts: Table) -> Measure:
    """The measures over all rows."""
    return Measure(*(float(value) for value in parts.mean(axis=0)))


def folds(count: int, seed: int) -> NDArray[np.int_]:
    """The fold of each trade, drawn once."""
    return np.random.default_rng(seed).permutation(count) % FOLDS


def cosine(vectors: csr_array) -> Table:
    """The cosine of every pair of rows."""
    unit = normalize(vectors)
    return np.asarray((unit @ unit.T).toarray(), dtype=np.float32)


def okapi(counts: csr_array, k1: float = 1.2, b: float = 0.75) -> Table:
    """BM25 (Okapi), each trade as a query and as a document made of its skill ids."""
    trades, holders = counts.shape[0], np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log(1 + (trades - holders + 0.5) / (holders + 0.5))
    length = np.asarray(counts.sum(axis=1)).ravel()
    weighted = csr_array(counts, copy=True)
    row = np.repeat(np.arange(trades), np.diff(counts.indptr))
    saturation = counts.data + k1 * (1 - b + b * length[row] / length.mean())
    weighted.data = rarity[counts.indices] * counts.data * (k1 + 1) / saturation
    return np.asarray((counts @ weighted.T).toarray(), dtype=np.float32)


def latent(counts: csr_array, size: int = 200) -> Table:
    """Cosine in the space of the first singular vectors of the TF-IDF of skill ids."""
    space = TruncatedSVD(size, random_state=0).fit_transform(weighted_by_rarity(counts))
    return cosine(csr_array(space))


def weighted_by_rarity(counts: csr_array) -> csr_array:
    """Unit rows of TF-IDF."""
    holders = np.bincount(counts.indices, minlength=counts.shape[1])
    weighted = csr_array(counts, dtype=np.float64, copy=True)
    weighted.data *= np.log((counts.shape[0] + 1) / (holders + 0.5))[counts.indices]
    return csr_array(normalize(weighted))


def sheets(nomenclature: Nomenclature) -> csr_array:
    """Every skill and knowledge id of every trade, one each: what the peers are given."""
    names = sorted(nomenclature.skills)
    place = {name: column for column, name in enumerate(names)}
    rows = [
        sorted({place[item] for item in (*trade.core, *trade.others, *trade.knowledge)})
        for trade in nomenclature.trades
    ]
    flat = np.array([column for row in rows for column in row])
    ends = np.cumsum([0, *map(len, rows)])
    return csr_array((np.ones(len(flat)), flat, ends), shape=(len(rows), len(names)))


Draw = list[dict[str, int]]


def draw_people(nomenclature: Nomenclature, seed: int, *, core: bool = True) -> Draw:
    """A person per trade: five of its skills, two that are not on its sheet, all held alone.

    ``core`` draws the five among the core skills, where the trade has five of them; otherwise
    among all of its skills. Knowledge is never drawn: nobody is asked it.
    """
    rnd = random.Random(seed)
    everything = sorted({i for trade in nomenclature.trades for i in (*trade.core, *trade.others)})
    people: Draw = []
    for trade in nomenclature.trades:
        own = sorted({*trade.core, *trade.others})
        asked = sorted(trade.core) if core and len(trade.core) >= TRUE else own
        true = rnd.sample(asked, min(TRUE, len(asked)))
        mine, foreign = set(own), list[str]()
        while len(foreign) < FOREIGN:
            item = rnd.choice(everything)
            if item not in mine and item not in foreign:
                foreign.append(item)
        people.append(dict.fromkeys((*true, *foreign), 2))
    return people


def held_table(people: Draw, nomenclature: Nomenclature) -> csr_array:
    """The draws as rows in the columns of :func:`sheets`."""
    place = {name: column for column, name in enumerate(sorted(nomenclature.skills))}
    rows = [sorted(place[item] for item in person) for person in people]
    flat, ends = np.array([c for row in rows for c in row]), np.cumsum([0, *map(len, rows)])
    return csr_array((np.ones(len(flat)), flat, ends), shape=(len(rows), len(place)))


def ranked(index: TransferIndex, people: Sequence[dict[str, int]]) -> Table:
    """The public answer for each person, as a table of scores."""
    place = {trade.code: position for position, trade in enumerate(index.trades)}
    scores = np.zeros((len(people), len(place)), dtype=np.float32)
    for row, levels in enumerate(people):
        for rank, near in enumerate(index.near_to_person(levels)):
            scores[row, place[near.code]] = -rank
    return scores
