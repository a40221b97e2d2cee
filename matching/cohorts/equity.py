"""The equity panel: who is in the pool, invited, selected, admitted (``domain.md`` §4.5.6 d).

Counts by category, masked before they leave here, and the share of each category that reaches a
stage, compared with the best-served one. Under 0.8 with at least 20 people, it is an alert for a
human (T-EQ-02); nothing reads it to change a decision. Categories come in as plain counts: no
person and no criterion reaches the engine from here (INV-08).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from matching.cohorts.masking import Sum, mask

ALERT_BELOW = Fraction(4, 5)
ENOUGH = 20


class Stage(StrEnum):
    """How far people got; each stage is part of the one before."""

    POOL = "pool"
    INVITED = "invited"
    SELECTED = "selected"
    ADMITTED = "admitted"


STAGES = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody without a name: the furthest stage reached, and one category per dimension."""

    stage: Stage
    categories: Mapping[str, str]


class Cell(NamedTuple):
    """A count: of a category of a dimension, or of everybody (both empty), at a stage."""

    dimension: str
    category: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Disparity:
    """A category compared with the best-served one of its dimension, from the pool to a stage.

    ``ratio`` is None when showing it would give a masked count away; ``alert`` calls a human,
    masked or not: it tells which side of 0.8 the ratio is on, and no count.
    """

    dimension: str
    category: str
    stage: Stage
    best: str
    ratio: Fraction | None
    alert: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """``counts`` holds None for a masked count, for every reason alike."""

    counts: Mapping[Cell, int | None]
    disparities: tuple[Disparity, ...]

    @property
    def alerts(self) -> tuple[Disparity, ...]:
        """What a human should look at."""
        return tuple(found for found in self.disparities if found.alert)


def equity_panel(members: Iterable[Member], dimensions: Mapping[str, Sequence[str]]) -> Panel:
    """Counts and disparities of people, by the categories of each dimension.

    ``dimensions`` gives the categories in the order shown, « not known » included: each member
    has exactly one of them in each dimension, else ``ValueError``.
    """
    counts = _counts(list(members), dimensions)
    hidden = mask(counts, _sums(dimensions), _orders(counts))
    shown = {cell: None if cell in hidden else count for cell, count in counts.items()}
    found = tuple(
        disparity
        for dimension, categories in dimensions.items()
        for stage in STAGES[1:]
        for disparity in _disparities(dimension, categories, stage, counts, hidden)
    )
    return Panel(shown, found)


def rate_ratio(reached: int, pool: int, best_reached: int, best_pool: int) -> Fraction:
    """The share reached, over that of the best served (whose share is not nil)."""
    return Fraction(reached * best_pool, pool * best_reached)


def is_alert(ratio: Fraction, people: int) -> bool:
    """Under 0.8 with at least 20 people. The ratio is exact: 0.8 itself is no alert."""
    return ratio < ALERT_BELOW and people >= ENOUGH


def _counts(members: Sequence[Member], dimensions: Mapping[str, Sequence[str]]) -> dict[Cell, int]:
    counts = {Cell("", "", stage): 0 for stage in STAGES}
    counts |= {
        Cell(dimension, category, stage): 0
        for dimension, categories in dimensions.items()
        for category in categories
        for stage in STAGES
    }
    for member in members:
        reached = STAGES[: STAGES.index(member.stage) + 1]
        cells = [("", ""), *((name, member.categories.get(name, "")) for name in dimensions)]
        for dimension, category in cells:
            for stage in reached:
                cell = Cell(dimension, category, stage)
                if cell not in counts:
                    raise ValueError(f"{category!r} is no category of {dimension!r}")
                counts[cell] += 1
    return counts


def _sums(dimensions: Mapping[str, Sequence[str]]) -> list[Sum[Cell]]:
    return [
        Sum(Cell("", "", stage), tuple(Cell(name, category, stage) for category in categories))
        for name, categories in dimensions.items()
        for stage in STAGES
    ]


def _orders(counts: Iterable[Cell]) -> list[tuple[Cell, Cell]]:
    """Nobody reaches a stage without the one before: what anybody can deduce from."""
    before = {after: stage for stage, after in pairwise(STAGES)}
    return [
        (cell, cell._replace(stage=before[cell.stage])) for cell in counts if cell.stage in before
    ]


def _disparities(
    dimension: str,
    categories: Sequence[str],
    stage: Stage,
    counts: Mapping[Cell, int],
    hidden: frozenset[Cell],
) -> Iterable[Disparity]:
    """Categories of at least 20 people alone: with fewer, one person makes the difference."""
    pool = {c: counts[Cell(dimension, c, Stage.POOL)] for c in categories}
    reached = {c: counts[Cell(dimension, c, stage)] for c in categories}
    large = [category for category in categories if pool[category] >= ENOUGH]
    best = max(large, key=lambda c: Fraction(reached[c], pool[c]), default="")
    if not best or reached[best] == 0:
        return
    for category in large:
        ratio = rate_ratio(reached[category], pool[category], reached[best], pool[best])
        used = {Cell(dimension, c, s) for c in (category, best) for s in (stage, Stage.POOL)}
        shown = None if used & hidden else ratio
        yield Disparity(dimension, category, stage, best, shown, is_alert(ratio, pool[category]))
