"""The register as CSV, safe to open in a spreadsheet, with counts as the reader may know them."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from portal.imports.report import neutralise
from portal.needs.counting import Axis, Fact, count_lines
from portal.needs.rules import Cell
from portal.projects.wording import count_text

_BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as Latin-1
_HEADER = (
    "métier",
    "code ROME",
    "territoire",
    "état",
    "année",
    "personnes",
    "postes de grands projets",
    "ce qui manque le plus",
    "compté le",
)


def csv_lines(
    facts: Iterable[Fact], trades: Mapping[str, str], *, masked: bool, today: date
) -> Iterator[str]:
    """The header, then one line per trade, territory, state and year."""
    yield _BYTE_ORDER_MARK + _line(_HEADER)
    cells: dict[Cell, list[Fact]] = defaultdict(list)
    for fact in facts:
        cells[fact.cell].append(fact)
    for cell in sorted(cells, key=lambda c: (trades[c.trade], c.place, c.state.value, c.year)):
        (line,) = count_lines(cells[cell], Axis.TRADE, masked=masked)
        yield _line(
            (
                trades[cell.trade],
                cell.trade,
                cell.place,
                cell.state.label,
                cell.year,
                count_text(line.people),
                line.jobs,
                ", ".join(line.lacks),
                today.isoformat(),
            )
        )


def _line(cells: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerow(map(neutralise, cells))
    return buffer.getvalue()
