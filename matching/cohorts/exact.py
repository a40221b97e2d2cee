"""Objectives one after the other, each solved to an optimum that is proven in integers.

The problem is a linear one over whole numbers::

    rows @ x <= limits,   lowest <= x <= highest,   rows totally unimodular

Every corner of such a polytope is whole, and so is every dual corner when costs are whole
(Hoffman and Kruskal 1956; Schrijver, *Theory of Linear and Integer Programming*, ch. 19). The
dual simplex of HiGHS (``scipy.optimize.linprog``) returns such a pair of corners, in floating
point. Both are rounded, then checked with integers alone: ``x`` respects the rows, the dual has
the right signs, and the two satisfy complementary slackness. That is a certificate: no tolerance
is left, whatever the solver did. An answer that cannot be certified is refused, never returned.

The next objective is solved among the optima of the first alone. By complementary slackness
those are exactly the points of the polytope where a variable with a reduced cost stays at the
bound it is at, and where a row with a price is full. So variables are fixed and rows become
equalities; no row is added, the matrix stays totally unimodular, no weight has to be chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from matching.travel import Bools, Ints

Matrix = csr_array[Any, tuple[int, int]]

# Sums of this many times the largest cost stay below 2**53: doubles hold them without loss.
LARGEST_COST = 2**32


class NotProvenError(ArithmeticError):
    """The solver gave no answer, or one whose optimality does not hold in integers."""


@dataclass(frozen=True, slots=True)
class Face:
    """The points still allowed. ``rows`` is (m, n), ``limits`` (m,), bounds (n,), all whole.

    ``full`` (m,) marks the rows that must be equalities.
    """

    rows: Matrix
    limits: Ints
    lowest: Ints
    highest: Ints
    full: Bools

    @classmethod
    def build(cls, rows: Matrix, limits: Ints, lowest: Ints, highest: Ints) -> Face:
        """The whole polytope."""
        return cls(rows, limits, lowest, highest, np.zeros(len(limits), dtype=np.bool_))

    @property
    def free(self) -> Bools:
        """The variables that are not fixed yet."""
        return self.lowest < self.highest


def lexicographic(face: Face, objectives: Iterable[Ints]) -> tuple[Ints, list[int]]:
    """The point (n,) that minimises each objective (n,) in turn, and the value of each.

    Objectives are read one by one: the next one is only asked for after the one before is
    solved. Raises ``NotProvenError`` when the polytope is empty or a proof fails.
    """
    point, values = face.lowest, []
    for costs in objectives:
        point, face = _solve(face, costs)
        values.append(int(costs @ point))
    return point, values


def _solve(face: Face, costs: Ints) -> tuple[Ints, Face]:
    """One optimum of ``costs``, and the face of all of them."""
    free = face.free
    if len(free) and np.abs(costs).max() > LARGEST_COST:
        raise ValueError(f"costs must lie within {LARGEST_COST} of zero")
    columns = face.rows[:, free]
    left = face.limits - face.rows @ np.where(free, 0, face.lowest)
    point, prices = face.lowest.copy(), np.zeros(len(left), dtype=np.int64)
    if free.any():
        bounds = np.column_stack((face.lowest[free], face.highest[free]))
        point[free], prices = _corner(columns, left, bounds, costs[free], face.full)
    reduced = costs - face.rows.T @ prices
    _prove(face, point, prices, reduced)
    return point, _optima(face, point, prices, reduced)


def _corner(
    columns: Matrix, left: Ints, bounds: Any, costs: Ints, full: Bools
) -> tuple[Ints, Ints]:
    """What HiGHS answers, rounded: a corner (free variables) and the price of each row."""
    # The stubs of linprog know neither sparse matrices nor an array of bounds.
    open_rows: Any = columns[~full].astype(np.float64)
    full_rows: Any = columns[full].astype(np.float64)
    answer = linprog(
        costs.astype(np.float64),
        A_ub=open_rows,
        b_ub=left[~full],
        A_eq=full_rows,
        b_eq=left[full],
        bounds=bounds,
        method="highs-ds",
    )
    if answer.x is None or not answer.success:
        raise NotProvenError(answer.message)
    prices = np.zeros(len(left), dtype=np.int64)
    prices[~full] = np.rint(answer.ineqlin.marginals)
    prices[full] = np.rint(answer.eqlin.marginals)
    return np.rint(answer.x).astype(np.int64), prices


def _prove(face: Face, point: Ints, prices: Ints, reduced: Ints) -> None:
    """Raise unless the point and the prices prove each other optimal, in integers."""
    slack = face.limits - face.rows @ point
    free = face.free
    held = (
        (slack >= 0).all()
        and not slack[face.full | (prices != 0)].any()
        and (prices[~face.full] <= 0).all()
        and ((face.lowest <= point) & (point <= face.highest)).all()
        and (point[free & (reduced > 0)] == face.lowest[free & (reduced > 0)]).all()
        and (point[free & (reduced < 0)] == face.highest[free & (reduced < 0)]).all()
    )
    if not held:
        raise NotProvenError("the answer of the solver is not a proven optimum")


def _optima(face: Face, point: Ints, prices: Ints, reduced: Ints) -> Face:
    settled = ~face.free | (reduced != 0)
    lowest = np.where(settled, point, face.lowest)
    highest = np.where(settled, point, face.highest)
    return Face(face.rows, face.limits, lowest, highest, face.full | (prices != 0))


def spread(numbers: Ints) -> Iterator[Ints]:
    """For each distinct value above the least, largest first: 1 where it is reached, else 0.

    Minimising these in turn makes the worst value as rare as possible, then the next one.
    """
    for value in np.unique(numbers)[:0:-1]:
        yield (numbers == value).astype(np.int64)
