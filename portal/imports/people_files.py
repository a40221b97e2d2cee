"""Rows of a CSV or XLSX file, as texts by heading, whatever the encoding or the separator."""

from __future__ import annotations

import zipfile
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from itertools import islice
from typing import Any

from openpyxl import load_workbook

from portal.imports.base import RefusedFileError, Rejection
from portal.imports.people_nir import NirGuard
from portal.imports.readers import LONGEST_FIELD, CsvRow, check_header, csv_header, read_csv
from portal.imports.safety import BROKEN, MEGABYTE, FileKind, SafeZip, require
from portal.imports.source import Source

EXPECTED = "un CSV ou un XLSX : une personne par ligne, une ligne d’en-têtes"
MOST_ROWS = 200_000
MOST_COLUMNS = 200
_MOST_TEXTS = 64 * MEGABYTE  # openpyxl holds the shared strings in memory
_LOOK = 1 << 20
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")

Rows = Iterator[CsvRow | Rejection]


def headings_of(source: Source) -> list[str]:
    """The headings, checked: none twice, none announcing a social security number."""
    with _Opened(source) as opened:
        headings = opened.headings
    NirGuard(source.name, headings)
    return headings


def sample_of(source: Source, size: int) -> tuple[list[str], list[CsvRow]]:
    """The headings and the first rows, once the whole file has been watched for NIRs."""
    first: list[CsvRow] = []
    headings = headings_of(source)
    for row in rows_of(source):
        if isinstance(row, CsvRow) and len(first) < size:
            first.append(row)
    return headings, first


def rows_of(source: Source) -> Rows:
    """Every row; raises RefusedFileError as soon as the file shows social security numbers."""
    with _Opened(source) as opened:
        guard = NirGuard(source.name, opened.headings)
        for number, row in enumerate(opened.rows()):
            if number >= MOST_ROWS:
                raise RefusedFileError(
                    f"« {source.name} » a plus de {MOST_ROWS} lignes : découpez-le."
                )
            if isinstance(row, CsvRow):
                guard.watch(row.cells)
            yield row
        guard.close()


class _Opened:
    """A file whose kind is known: its headings and its rows."""

    def __init__(self, source: Source) -> None:
        kind = require(source, FileKind.TEXT, FileKind.XLSX, expected=EXPECTED)
        self._source = source
        self._book: Any = None
        self._held = ExitStack()
        if kind is FileKind.XLSX:
            with ExitStack() as held:
                self._book = _open_book(source, held)
                self.headings = _book_headings(self._book, source.name)
                self._held = held.pop_all()
        else:
            self._encoding = encoding_of(source)
            with source.open() as stream:
                self.headings = csv_header(stream, source.name, encoding=self._encoding)
            if len(self.headings) > MOST_COLUMNS:
                raise _too_wide(source.name)
            source.bytes_read = 0

    def __enter__(self) -> _Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def rows(self) -> Rows:
        if self._book is not None:
            yield from _book_rows(self._book, self.headings, self._source.name)
        else:
            with self._source.open() as stream:
                yield from read_csv(stream, self._source.name, encoding=self._encoding)


def encoding_of(source: Source) -> str:
    """UTF-8 (with or without mark), UTF-16 with its mark, else Windows-1252; never binary.

    The whole file is read: an accent may come late.
    """
    with source.path.open("rb") as stream:
        head = stream.read(4)
        for mark, encoding in _MARKS:
            if head.startswith(mark):
                return encoding
        stream.seek(0)
        if _decodes(stream, "utf-8"):
            return "utf-8"
        stream.seek(0)
        if _decodes(stream, "cp1252"):
            return "cp1252"
    raise RefusedFileError(
        f"« {source.name} » n’est pas un texte lisible (ni UTF-8, ni Windows-1252) : "
        "enregistrez-le de nouveau en CSV UTF-8, ou en XLSX."
    )


def _decodes(stream: Any, encoding: str) -> bool:
    decoder = getincrementaldecoder(encoding)(errors="strict")
    try:
        while chunk := stream.read(_LOOK):
            if b"\0" in chunk:
                return False
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _open_book(source: Source, held: ExitStack) -> Any:
    """The workbook, read as a stream, once its parts have been checked; closed with ``held``."""
    SafeZip(source.path, source.name).close()
    _check_parts(source)
    stream = held.enter_context(source.path.open("rb"))
    try:
        book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises anything on a bad part
        raise _broken(source.name) from error
    held.callback(book.close)
    return book


def _check_parts(source: Source) -> None:
    """No DTD in any part (an entity bomb needs one), and shared strings that memory can hold."""
    with zipfile.ZipFile(source.path) as raw:
        for entry in raw.infolist():
            if entry.filename.endswith("sharedStrings.xml") and entry.file_size > _MOST_TEXTS:
                raise RefusedFileError(
                    f"« {source.name} » contient trop de texte : enregistrez-le en CSV."
                )
            if entry.filename.endswith((".xml", ".rels")) and _declares(raw, entry, source.name):
                raise RefusedFileError(
                    f"« {source.name} » déclare une DTD : il est refusé par sécurité. "
                    "Enregistrez-le de nouveau depuis un tableur."
                )


def _declares(raw: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bool:
    """Whether a part holds a DTD, or is in an encoding that could hide one."""
    tail = b""
    try:
        with raw.open(entry) as stream:
            while chunk := stream.read(_LOOK):
                if not tail and chunk[:2] in (b"\xff\xfe", b"\xfe\xff"):
                    return True
                if any(word in tail + chunk for word in _DECLARATIONS):
                    return True
                tail = chunk[-16:]
    except BROKEN as error:
        raise _broken(name) from error
    return False


def _book_headings(book: Any, name: str) -> list[str]:
    first = next(iter(_sheet(book, name)), ())
    headings = [_cell(value) for value in first]
    while headings and not headings[-1]:
        headings.pop()
    if not headings:
        raise RefusedFileError(f"« {name} » est vide : la première ligne doit nommer les colonnes.")
    if len(headings) > MOST_COLUMNS:
        raise _too_wide(name)
    check_header(name, headings, ())
    return headings


def _book_rows(book: Any, headings: Sequence[str], name: str) -> Rows:
    """Rows below the headings; empty ones are passed over, as spreadsheets leave many."""
    seen = False
    for line, values in enumerate(islice(_sheet(book, name), 1, MOST_ROWS + 2), 2):
        texts = [_cell(value) for value in values[: len(headings)]]
        if any(texts):
            seen = True
            texts += [""] * (len(headings) - len(texts))
            yield CsvRow(line, dict(zip(headings, texts, strict=True)))
    if not seen:
        raise RefusedFileError(f"« {name} » n’a que ses en-têtes : il n’y a aucune ligne à lire.")


def _sheet(book: Any, name: str) -> Iterable[tuple[Any, ...]]:
    """The values of the first sheet. What openpyxl raises on a bad part is a refusal."""
    try:
        if not book.worksheets:
            raise _broken(name)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        yield from sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1)
    except RefusedFileError:
        raise
    except Exception as error:  # openpyxl raises anything on a bad part
        raise _broken(name) from error


def _cell(value: Any) -> str:
    """A cell as one would type it: dates as 2026-03-12, whole numbers without « .0 »."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()[:LONGEST_FIELD]


def _too_wide(name: str) -> RefusedFileError:
    return RefusedFileError(
        f"« {name} » a plus de {MOST_COLUMNS} colonnes : gardez celles qui servent."
    )


def _broken(name: str) -> RefusedFileError:
    return RefusedFileError(
        f"« {name} » n’est pas un classeur lisible : il est abîmé ou coupé. "
        "Enregistrez-le de nouveau, en XLSX ou en CSV."
    )
