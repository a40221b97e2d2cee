"""The report of a run as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from portal.models import ImportRejection

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_HEADER = ("ligne", "champ", "motif")
_BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as Latin-1


def neutralise(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula (CWE-1236): a quote goes before it."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def csv_lines(rejections: Iterable[ImportRejection]) -> Iterator[str]:
    """The rejected rows as CSV text (semicolons, as French spreadsheets expect), line by line."""
    yield _BYTE_ORDER_MARK + _line(_HEADER)
    for rejection in rejections:
        yield _line((rejection.line, rejection.field, rejection.reason))


def _line(cells: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerow(map(neutralise, cells))
    return buffer.getvalue()
