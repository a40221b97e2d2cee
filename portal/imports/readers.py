"""Read CSV, JSON, JSON Lines and XML in a stream; refuse what is not what it claims."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import ijson
from lxml import etree

from portal.imports.base import RefusedFileError, Rejection

LONGEST_FIELD = 100_000
LONGEST_LINE = 4 * 1024 * 1024
DEEPEST = 64  # levels of a JSON; real ones have about ten
_DELIMITERS = ";,\t|"

csv.field_size_limit(LONGEST_FIELD)


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row by column name (cells stripped), and its line in the file (1 = header)."""

    line: int
    cells: dict[str, str]

    def get(self, name: str | None) -> str:
        """The cell, empty when the column is absent."""
        return self.cells.get(name, "") if name else ""


def read_csv(
    stream: IO[bytes],
    name: str,
    *,
    required: Collection[str] = (),
    encoding: str = "utf-8",
    delimiter: str | None = None,
) -> Iterator[CsvRow | Rejection]:
    """The rows of a CSV with a header, in a stream; a row of another width is a rejection.

    Raises RefusedFileError on another encoding, a missing column, no header or no row.
    """
    with _decoded(stream, encoding) as text, _csv_errors(name, encoding):
        header, separator = _header(text, name, delimiter)
        check_header(name, header, required)
        lines = _Lines(text)
        rows = csv.reader(lines, delimiter=separator, strict=True)
        line, seen = 2, 0
        for row in rows:
            if any(cell.strip() for cell in row):
                seen += 1
                yield _checked(header, row, line, name, cut=lines.unfinished)
            line = rows.line_num + 2
        if not seen:
            raise RefusedFileError(
                f"« {name} » n’a que ses en-têtes : il n’y a aucune ligne à lire."
            )


def csv_header(
    stream: IO[bytes], name: str, *, encoding: str = "utf-8", delimiter: str | None = None
) -> list[str]:
    """The headings of a CSV, to choose columns before reading it."""
    with _decoded(stream, encoding) as text, _csv_errors(name, encoding):
        header, _ = _header(text, name, delimiter)
    check_header(name, header, ())
    return header


def _header(text: io.TextIOWrapper, name: str, delimiter: str | None) -> tuple[list[str], str]:
    """The headings and the separator, from the first line."""
    first = text.readline(LONGEST_LINE)
    if not first.strip():
        raise RefusedFileError(f"« {name} » est vide : il faut une ligne d’en-têtes et des lignes.")
    separator = delimiter or guess_delimiter(first)
    header = next(csv.reader([first], delimiter=separator, strict=True))
    return [cell.strip() for cell in header], separator


class _Lines:
    """The lines of a text; remembers whether the last one given was left without an end."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.unfinished = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.unfinished = not line.endswith(("\n", "\r"))
        return line


def _checked(
    header: list[str], row: list[str], line: int, name: str, *, cut: bool
) -> CsvRow | Rejection:
    """A row; one that is short at the very end of a file without a last newline is a cut file."""
    if cut and len(row) < len(header):
        raise RefusedFileError(
            f"« {name} » est coupé au milieu de la ligne {line} : téléchargez-le de nouveau."
        )
    return _row(header, row, line)


def _row(header: list[str], row: list[str], line: int) -> CsvRow | Rejection:
    if len(row) != len(header):
        return Rejection(
            line, None, f"{len(row)} colonnes au lieu de {len(header)} : la ligne est incomplète."
        )
    if any("\0" in cell for cell in row):
        return Rejection(line, None, "La ligne contient des caractères interdits.")
    return CsvRow(line, {key: cell.strip() for key, cell in zip(header, row, strict=True)})


def guess_delimiter(header: str) -> str:
    """The separator most present in the header line."""
    return max(_DELIMITERS, key=header.count)


def check_header(name: str, header: Sequence[str], required: Collection[str]) -> None:
    """Refuse a header without the required columns, or with one twice."""
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise RefusedFileError(f"« {name} » a deux fois la colonne « {twice[0]} » : gardez-en une.")
    missing = [column for column in required if column not in header]
    if missing:
        found = ", ".join(column[:40] for column in header[:12])
        raise RefusedFileError(
            f"« {name} » n’a pas les colonnes attendues : il manque {', '.join(missing)}. "
            f"Colonnes trouvées : {found}. Vérifiez que c’est le bon fichier."
        )


@contextmanager
def _decoded(stream: IO[bytes], encoding: str) -> Iterator[io.TextIOWrapper]:
    signed = "utf-8-sig" if encoding == "utf-8" else encoding
    text = io.TextIOWrapper(stream, encoding=signed, errors="strict", newline="")
    try:
        yield text
    finally:
        text.detach()


@contextmanager
def _csv_errors(name: str, encoding: str) -> Iterator[None]:
    try:
        yield
    except UnicodeError as error:
        raise wrong_encoding(name, encoding) from error
    except (csv.Error, StopIteration) as error:
        raise RefusedFileError(
            f"« {name} » n’est pas un fichier CSV lisible, ou il est coupé : "
            "exportez-le de nouveau, en CSV (UTF-8)."
        ) from error


def wrong_encoding(name: str, encoding: str = "utf-8") -> RefusedFileError:
    """The refusal of a text that is not in its encoding."""
    return RefusedFileError(
        f"« {name} » n’est pas en {encoding.upper()} : enregistrez-le de nouveau "
        f"en choisissant l’encodage {encoding.upper()}."
    )


def read_json_array(stream: IO[bytes], name: str, prefix: str = "item") -> Iterator[Any]:
    """The values of a JSON array, one by one; empty when there is no such array.

    ``prefix``: « item » for a list at the top, « results.item » for the list under that key.
    Numbers are int or float. Raises RefusedFileError on bad, truncated or too deep JSON.
    """
    try:
        events = ijson.basic_parse(stream, use_float=True)
        yield from _array_values(events, prefix.split(".")[:-1])
    except UnicodeError as error:
        raise wrong_encoding(name) from error
    except (ijson.JSONError, ValueError, RecursionError, OverflowError) as error:
        raise _bad_json(name) from error


def _array_values(events: Iterable[tuple[str, Any]], keys: Sequence[str]) -> Iterator[Any]:
    """Follow the events by hand: the prefixes that ijson builds grow with the square of depth."""
    wanted: list[str | None] = [*keys, None]
    trail: list[str | None] = []  # the key under way in each open object, None in a list
    builder: ijson.ObjectBuilder | None = None
    for event, value in events:
        if event.startswith("end_"):
            trail.pop()
        if builder is None and trail == wanted and event not in ("end_map", "end_array", "map_key"):
            builder = ijson.ObjectBuilder()
        if event == "map_key":
            trail[-1] = value
        elif event.startswith("start_"):
            trail.append("" if event == "start_map" else None)
            if len(trail) > DEEPEST:
                raise ValueError("nested too deep")
        if builder is not None:
            builder.event(event, value)
            if trail == wanted:
                yield builder.value
                builder = None


def read_json_lines(stream: IO[bytes], name: str) -> Iterator[tuple[int, Any]]:
    """(line, value) of a JSON Lines file. Raises RefusedFileError at the first bad line."""
    number = 0
    while raw := stream.readline(LONGEST_LINE):
        number += 1
        if len(raw) >= LONGEST_LINE:
            raise RefusedFileError(f"« {name} » : la ligne {number} est trop longue.")
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            if text:
                yield number, json.loads(text)
        except UnicodeError as error:
            raise wrong_encoding(name) from error
        except (ValueError, RecursionError) as error:
            raise _bad_json(name, number) from error


def _bad_json(name: str, line: int | None = None) -> RefusedFileError:
    place = f" (ligne {line})" if line else ""
    return RefusedFileError(
        f"« {name} » n’est pas un JSON complet{place} : il est abîmé ou coupé. "
        "Téléchargez-le de nouveau."
    )


def read_xml(
    stream: IO[bytes], name: str, tag: str, *, roots: Collection[str], expected: str
) -> Iterator[etree._Element]:
    """Each element of local name ``tag``, in any namespace; cleared from memory once consumed.

    ``roots`` are the local names the root may have, ``expected`` names the format. A DTD is
    refused at the root, before anything is expanded: no entity, neither bomb nor external.
    Raises RefusedFileError on bad or truncated XML.
    """
    try:
        events = etree.iterparse(
            stream,
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        _, root = next(events)
        _check_root(root, name, roots, expected)
        for event, element in events:
            if event == "end" and local_name(element) == tag:
                yield element
                _forget(element)
    except (etree.XMLSyntaxError, StopIteration) as error:
        raise bad_xml(name, error) from error


def bad_xml(name: str, error: Exception) -> RefusedFileError:
    """The refusal of an XML that cannot be read to its end."""
    place = f" (ligne {error.lineno})" if isinstance(error, etree.XMLSyntaxError) else ""
    return RefusedFileError(
        f"« {name} » n’est pas un XML complet{place} : il est abîmé, coupé, "
        "ou son encodage est faux. Exportez-le de nouveau."
    )


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _check_root(root: etree._Element, name: str, roots: Collection[str], expected: str) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise RefusedFileError(
            f"« {name} » déclare une DTD : il est refusé par sécurité. Exportez-le sans <!DOCTYPE>."
        )
    if local_name(root) not in roots:
        raise RefusedFileError(
            f"« {name} » est un XML « {local_name(root)[:40]} » : il faut {expected}."
        )


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
