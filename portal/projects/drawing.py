"""The picture of a plan: where each square stands and what it says, for an inline SVG."""

from __future__ import annotations

from dataclasses import dataclass

from portal.projects.planning import Plan
from portal.projects.wording import gap_text

LABEL_WIDTH = 300
_SQUARE_WIDTH = 84
_ROW_HEIGHT = 30
_TOP = 34
_NAME_LENGTH = 42


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
            Words(0, _below(n) + 20, _short(row.trade.name)) for n, row in enumerate(plan.rows)
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


def _short(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH else name[: _NAME_LENGTH - 1].rstrip(" ,") + "…"
