"""The picture of a plan: where each square stands and what it says, for an inline SVG."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

from portal.projects.planning import Plan
from portal.projects.wording import gap_text

# Narrow enough for a phone to show the first quarters beside the names, which take two lines.
LABEL_WIDTH = 200
_SQUARE_WIDTH = 72
_ROW_HEIGHT = 42
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
    squares: tuple[Square, ...]


def draw(plan: Plan) -> Picture:
    """One line per trade, one column per quarter, darker where more is missing."""
    return Picture(
        width=LABEL_WIDTH + _SQUARE_WIDTH * len(plan.quarters),
        height=_TOP + _ROW_HEIGHT * len(plan.rows),
        quarters=tuple(
            Words(_left(n) + _SQUARE_WIDTH // 2, _TOP - 12, quarter.label)
            for n, quarter in enumerate(plan.quarters)
        ),
        names=tuple(
            line for n, row in enumerate(plan.rows) for line in _name(row.trade.name, _below(n))
        ),
        squares=tuple(
            Square(
                _left(column) + 2,
                _below(line) + 2,
                _SQUARE_WIDTH - 4,
                _ROW_HEIGHT - 4,
                cell.shade,
                gap_text(cell.missing) if cell.missing else "?",
            )
            for line, row in enumerate(plan.rows)
            for column, cell in enumerate(row.cells)
        ),
    )


def _left(column: int) -> int:
    return LABEL_WIDTH + _SQUARE_WIDTH * column


def _below(line: int) -> int:
    return _TOP + _ROW_HEIGHT * line


def _name(name: str, top: int) -> list[Words]:
    """A name on one line or two, cut beyond, centred in its row."""
    lines = wrap(name, _NAME_LENGTH, max_lines=2, placeholder="…")
    start = top + (26 if len(lines) == 1 else 18)
    return [Words(0, start + 16 * n, line) for n, line in enumerate(lines)]
