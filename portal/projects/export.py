"""The plan as CSV, safe to open in a spreadsheet, with the source and date of every figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date

from flask_babel import gettext as _

from portal.imports.report import neutralise
from portal.models import MajorProject, ProjectVersion
from portal.projects.planning import Cell, Plan, Row
from portal.projects.wording import count_text, gap_text, range_text

_BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as Latin-1
_HEADER = (
    "projet",
    "version de la liste",
    "liste officielle",
    "compté le",
    "compté depuis",
    "personnes comptées",
    "métier",
    "code ROME",
    "métier : confiance",
    "trimestre",
    "postes",
    "postes : confiance",
    "postes : source",
    "postes cumulés",
    "personnes prêtes aujourd’hui",
    "personnes prêtes",
    "personnes en formation",
    "places libres",
    "sessions",
    "sessions aux places à demander",
    "écart",
)


def csv_lines(
    project: MajorProject,
    version: ProjectVersion,
    plan: Plan,
    *,
    place: str,
    scope: str,
    today: date,
) -> Iterator[str]:
    """The header, then one line per trade and quarter (semicolons, as French spreadsheets)."""
    yield _BYTE_ORDER_MARK + _line(_HEADER)
    start = (
        project.name,
        version.version,
        _("oui") if version.official else _("non"),
        today.isoformat(),
        place,
        scope,
    )
    for row in plan.rows:
        for cell in row.cells:
            yield _line((*start, *_cells(row, cell)))


def _cells(row: Row, cell: Cell) -> tuple[object, ...]:
    trade, need = row.trade, cell.need
    return (
        trade.name,
        trade.occupation_code,
        trade.confidence.label,
        str(cell.quarter),
        cell.jobs,
        need.confidence.label if need else "",
        need.source if need else "",
        cell.jobs_so_far,
        count_text(cell.people.now) if cell.people else "",
        count_text(cell.people.ready) if cell.people else "",
        range_text(cell.people.in_training) if cell.people else "",
        cell.seats.free if cell.seats else "",
        cell.seats.sessions if cell.seats else "",
        cell.seats.to_ask if cell.seats else "",
        gap_text(cell.missing) if cell.missing else "",
    )


def _line(cells: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerow(map(neutralise, cells))
    return buffer.getvalue()
