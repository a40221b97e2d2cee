"""Counts that can be published: small ones masked, with what would let them be deduced.

Primary masking: a count n with 0 < n < 5 (INV-15). Complementary masking: the fewest other
counts such that whoever knows every published count, every sum between counts and every « at
most » between them still has at least two possible whole values (from 0 up) for each masked one.

What can be deduced is not estimated but solved: for each masked count, HiGHS ``milp`` looks for
another table that agrees with everything published. The fewest extra masks come from a master
problem over the masks, to which each deducible count adds a cut (« mask one more, or not this
one »): the relaxation only ever loses sets that fail, so the first set that passes is the
smallest (Fischetti and Salazar 2001, *Operations Research* 49-5, for the problem).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from matching.travel import Bools, Floats, Ints

THRESHOLD = 5
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Sum(Generic[Key]):
    """A count that is published as the sum of others."""

    whole: Key
    parts: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """The counts (n,), and what is known of them.

    ``sums @ counts == 0`` (one row per sum), ``orders @ counts <= 0`` (one row per « at most »).
    """

    counts: Ints
    sums: Floats
    orders: Floats

    def deducible(self, masked: Bools) -> Ints:
        """The masked cells that can take their own value alone."""
        return np.array(
            [n for n in np.flatnonzero(masked) if not self._another(masked, int(n))],
            dtype=np.int64,
        )

    def _another(self, masked: Bools, cell: int) -> bool:
        """Whether a table that agrees with what is published differs in this cell."""
        steps = [1] if self.counts[cell] == 0 else [1, -1]
        return any(self._reaches(masked, cell, step) for step in steps)

    def _reaches(self, masked: Bools, cell: int, step: int) -> bool:
        """Whether the cell can be higher (``step`` 1) or lower (-1) than it is."""
        lowest = np.where(masked, 0, self.counts).astype(np.float64)
        highest = np.where(masked, np.inf, self.counts)
        edge = self.counts[cell] + step
        (lowest if step > 0 else highest)[cell] = edge
        known = [
            LinearConstraint(self.sums, 0, 0),
            LinearConstraint(self.orders, -np.inf, 0),
        ]
        found = milp(
            np.zeros(len(masked)),
            integrality=np.ones(len(masked), dtype=np.int64),
            bounds=Bounds(lowest, highest),
            constraints=known,
        )
        return bool(found.status == 0)


def mask(
    counts: Mapping[Key, int],
    sums: Iterable[Sum[Key]],
    orders: Iterable[tuple[Key, Key]] = (),
    threshold: int = THRESHOLD,
) -> frozenset[Key]:
    """The counts not to publish.

    ``orders`` holds the pairs whose first count is known to be at most the second. Counts are
    ranked by preference: parts before sums, counts other than 0 first, smaller counts, the order
    of ``counts``; among the smallest sets, one whose ranks have the least sum, the same every
    time. Every masked count must be shown the same way, whatever it is masked for. Raises
    ``ValueError`` when the counts are negative or contradict a sum or an order.
    """
    keys = list(counts)
    table = _table(counts, keys, list(sums), list(orders))
    primary = (table.counts > 0) & (table.counts < threshold)
    weights = _weights(table)
    cuts: list[tuple[Floats, float]] = list(_lone(table))
    masked = primary
    while (found := table.deducible(masked)).size:
        cuts += [_cut(masked, primary, int(cell)) for cell in found]
        masked = _fewest(primary, weights, cuts)
    return frozenset(key for key, hidden in zip(keys, masked, strict=True) if hidden)


def _table(
    counts: Mapping[Key, int],
    keys: Sequence[Key],
    sums: Sequence[Sum[Key]],
    orders: Sequence[tuple[Key, Key]],
) -> _Table:
    number = {key: n for n, key in enumerate(keys)}
    values = np.array([counts[key] for key in keys], dtype=np.int64)
    total = np.zeros((len(sums), len(keys)))
    for row, known in enumerate(sums):
        total[row, number[known.whole]] = -1
        total[row, [number[part] for part in known.parts]] = 1
    order = np.zeros((len(orders), len(keys)))
    for row, (smaller, larger) in enumerate(orders):
        order[row, number[smaller]], order[row, number[larger]] = 1, -1
    if (values < 0).any() or (total @ values).any() or (order @ values > 0).any():
        raise ValueError("the counts are negative, or contradict what is known of them")
    return _Table(values, total, order)


def _weights(table: _Table) -> Floats:
    """One for each extra mask, plus a preference too small to be worth another mask."""
    cells = len(table.counts)
    is_sum = (table.sums < 0).any(axis=0)
    ranked = np.lexsort((np.arange(cells), table.counts, table.counts == 0, is_sum))
    rank = np.empty(cells)
    rank[ranked] = np.arange(1, cells + 1)
    weights: Floats = float((cells + 1) ** 2) + rank
    return weights


def _lone(table: _Table) -> Iterable[tuple[Floats, float]]:
    """In each sum, a masked count needs another: a first set of cuts, all necessary."""
    for row in table.sums:
        members = (row != 0).astype(np.float64)
        for cell in np.flatnonzero(members):
            others = members.copy()
            others[cell] = -1
            yield others, 0.0


def _cut(masked: Bools, primary: Bools, cell: int) -> tuple[Floats, float]:
    """Mask something else besides, or leave this cell visible.

    Fewer masks leave fewer possible tables: a cell that is deducible stays so under any subset.
    """
    row = (~masked).astype(np.float64)
    if primary[cell]:
        return row, 1.0
    row[cell] = -1
    return row, 0.0


def _fewest(primary: Bools, weights: Floats, cuts: Sequence[tuple[Floats, float]]) -> Bools:
    """The cheapest masks that satisfy every cut. Everything masked always does, or nothing can."""
    rows = np.array([row for row, _ in cuts])
    least = np.array([needed for _, needed in cuts])
    found = milp(
        weights,
        integrality=np.ones(len(primary), dtype=np.int64),
        bounds=Bounds(primary.astype(np.float64), np.ones(len(primary))),
        constraints=LinearConstraint(rows, least, np.inf),
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise ValueError("no masking hides these counts: what is known of them leaves no doubt")
    masks: Bools = np.rint(found.x) > 0
    return masks
