"""The picture of a plan: where each square stands and what it says, for an inline SVG."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

from portal.projects.planning import Cell, Plan
from portal.projects.wording import cell_sentence, gap_text

# Narrow enough for a phone to show the first quarters beside the names, which take two lines.
LABEL_WIDTH = 200
_CELL_WIDTH = 132
_SQUARE_WIDTH = 54
_BAR_WIDTH = _CELL_WIDTH - _SQUARE_WIDTH - 10
_ROW_HEIGHT = 34
_BAR_HEIGHT = 14
_TOP = 34
_NAME_LENGTH = 28


@dataclass(frozen=True, slots=True)
class Square:
    """A cell of the picture, in units of its view box; ``shade`` 0 to 4."""

    x: int
    y: int
    width: int
    height: int
    shade: int
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of the jobs of a cell: ``kind`` ready, in_training, seats or missing."""

    x: float
    y: int
    width: float
    height: int
    kind: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A cell: its bars, its square, and what they say in a sentence."""

    square: Square
    bars: tuple[Bar, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Words:
    """A text of the picture and where it starts (rows) or is centred (quarters)."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the SVG holds."""

    width: int
    height: int
    quarters: tuple[Words, ...]
    names: tuple[Words, ...]
    cells: tuple[Drawn, ...]


def draw(plan: Plan) -> Picture:
    """One line per trade, one column per quarter: who answers the jobs, and how many lack.

    Bars take the lower bound of counts that may not be said, the square both bounds.
    """
    return Picture(
        width=LABEL_WIDTH + _CELL_WIDTH * len(plan.quarters),
        height=_TOP + _ROW_HEIGHT * len(plan.rows),
        quarters=tuple(
            Words(_left(n) + _CELL_WIDTH // 2, _TOP - 12, quarter.label)
            for n, quarter in enumerate(plan.quarters)
        ),
        names=tuple(
            line for n, row in enumerate(plan.rows) for line in _name(row.trade.name, _below(n))
        ),
        cells=tuple(
            Drawn(
                _square(cell, column, line),
                _bars(cell, column, line),
                cell_sentence(row.trade.name, cell),
            )
            for line, row in enumerate(plan.rows)
            for column, cell in enumerate(row.cells)
        ),
    )


def _square(cell: Cell, column: int, line: int) -> Square:
    return Square(
        _left(column) + _BAR_WIDTH + 6,
        _below(line) + 3,
        _SQUARE_WIDTH,
        _ROW_HEIGHT - 6,
        cell.shade,
        gap_text(cell.missing) if cell.missing else "?",
    )


def _bars(cell: Cell, column: int, line: int) -> tuple[Bar, ...]:
    """The jobs by then from left to right; parts beyond them are not drawn."""
    if cell.people is None or cell.seats is None or cell.jobs_so_far <= 0:
        return ()
    parts = (
        ("ready", cell.people.ready.low),
        ("in_training", cell.people.in_training.low),
        ("seats", cell.seats.free),
        ("missing", cell.jobs_so_far),
    )
    bars, left, rest = [], float(_left(column)), cell.jobs_so_far
    for kind, count in parts:
        taken = min(count, rest)
        if taken:
            width = round(_BAR_WIDTH * taken / cell.jobs_so_far, 1)
            y = _below(line) + (_ROW_HEIGHT - _BAR_HEIGHT) // 2
            bars.append(Bar(round(left, 1), y, width, _BAR_HEIGHT, kind))
            left, rest = left + width, rest - taken
    return tuple(bars)


def _left(column: int) -> int:
    return LABEL_WIDTH + _CELL_WIDTH * column


def _below(line: int) -> int:
    return _TOP + _ROW_HEIGHT * line


def _name(name: str, top: int) -> list[Words]:
    """A name on one line or two, cut beyond, centred in its row."""
    lines = wrap(name, _NAME_LENGTH, max_lines=2, placeholder="…")
    start = top + (22 if len(lines) == 1 else 14)
    return [Words(0, start + 14 * n, line) for n, line in enumerate(lines)]
