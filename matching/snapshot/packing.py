"""Tables as named arrays and lists of words, field by field; no pickle.

What a field holds says how it is written: an array; a whole number; words; a table of ``TABLES``;
numbers by key, when keys are numbered in their order; or, by key, two arrays as long as each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import numpy as np

from matching.bulk.layout import Board, Layout
from matching.bulk.reach import Limits, Territory
from matching.bulk.vectors import Columns
from matching.labels.storage import Part, Parts, StoredIndexError, array, inside, under, words
from matching.offers import OfferTable
from matching.people import PeopleTable
from matching.requirements import RequirementTable, Subject, SubjectKind
from matching.sessions import SessionTable
from matching.snapshot.columns import Needs, Ragged
from matching.snapshot.records import (
    CommuneColumns,
    OfferColumns,
    PersonColumns,
    SessionColumns,
    TaxonomyColumns,
)
from matching.travel import Places

Table = TypeVar("Table")
_PACKAGE = Path(__file__).parents[1]
_FILLING = (".", "bulk", "snapshot")
TABLES: tuple[Any, ...] = (
    Board,
    Columns,
    CommuneColumns,
    Layout,
    Limits,
    Needs,
    OfferColumns,
    OfferTable,
    PeopleTable,
    PersonColumns,
    Places,
    Ragged,
    RequirementTable,
    SessionColumns,
    SessionTable,
    TaxonomyColumns,
    Territory,
)
# Records are written as columns beside the table; the number of an id is its place there.
_OF_RECORDS: dict[Any, Any] = {
    PeopleTable: ("people", PersonColumns),
    OfferTable: ("offers", OfferColumns),
    SessionTable: ("sessions", SessionColumns),
}


def shape() -> str:
    """What tells that the tables of this version are made as those that were written.

    Their fields do not say what the numbers in them mean: the code that fills them does.
    """
    said = [f"{table.__name__}({','.join(_hints(table))})" for table in TABLES]
    return hashlib.blake2b("\n".join([*said, _SOURCES]).encode(), digest_size=16).hexdigest()


def _sources(package: Path) -> str:
    """The code of the tables and of what is laid out from them, as one digest."""
    paths = [path for folder in _FILLING for path in sorted((package / folder).glob("*.py"))]
    return hashlib.blake2b(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


# Read with the code itself: files put in place under a process that runs change nothing of it.
_SOURCES = _sources(_PACKAGE)


def pack(table: Any) -> Parts:
    """The parts of a table."""
    parts: Parts = {}
    for name, hint in _hints(type(table)).items():
        value = getattr(table, name)
        columns = _columns_of(type(table), name)
        if columns is not None:
            parts |= under(name, pack(columns.of(value)))
        elif not _is_derived(type(table), name):
            parts |= _packed(name, value, hint)
    return parts


def unpack(kind: type[Table], parts: Mapping[str, Part]) -> Table:
    """The table that :func:`pack` packed. ``StoredIndexError`` when a part is not there."""
    found: dict[str, Any] = {}
    for name, hint in _hints(kind).items():
        columns = _columns_of(kind, name)
        if columns is not None:
            stored = unpack(columns, inside(name, parts))
            found[name] = stored.records()
            if kind is not SessionTable:
                found["number"] = {one: number for number, one in enumerate(stored.ids)}
        elif not _is_derived(kind, name):
            found[name] = _unpacked(name, parts, hint)
    return kind(**found)


def _hints(table: Any) -> dict[str, Any]:
    """The fields of a table, each with its type."""
    return _known_hints(table)


@cache
def _known_hints(table: Any) -> dict[str, Any]:
    names = [one.name for one in fields(table)] if is_dataclass(table) else table._fields
    hints = get_type_hints(table)
    return {name: hints[name] for name in names}


def _columns_of(table: Any, name: str) -> Any:
    field, columns = _OF_RECORDS.get(table, (None, None))
    return columns if name == field else None


def _is_derived(table: Any, name: str) -> bool:
    return name == "number" and table in (PeopleTable, OfferTable)


def _packed(name: str, value: Any, hint: Any) -> Parts:
    if hint in TABLES:
        return under(name, pack(value))
    if isinstance(value, np.ndarray):
        return {name: value}
    if isinstance(value, int):
        return {name: np.array([value], dtype=np.int64)}
    if isinstance(value, Mapping):
        return under(name, _packed_mapping(value))
    return {name: list(value)}


def _packed_mapping(value: Mapping[Any, Any]) -> Parts:
    keys: Parts = {"keys": [_key(key) for key in value]}
    if list(value.values()) == list(range(len(value))):
        return keys
    pairs = list(value.values())
    first = np.cumsum([0, *(len(pair[0]) for pair in pairs)]).astype(np.int64)
    return keys | {
        "first": first,
        "number": np.concatenate([pair[0] for pair in pairs]),
        "value": np.concatenate([pair[1] for pair in pairs]),
    }


def _unpacked(name: str, parts: Mapping[str, Part], hint: Any) -> Any:
    if hint in TABLES:
        return unpack(hint, inside(name, parts))
    if hint is int:
        return int(array(parts, name)[0])
    if name in parts:
        part = parts[name]
        return part if isinstance(part, np.ndarray) else tuple(part)
    return _unpacked_mapping(inside(name, parts))


def _unpacked_mapping(parts: Mapping[str, Part]) -> dict[Any, Any]:
    keys = [_read_key(word) for word in words(parts, "keys")]
    if "first" not in parts:
        return {key: number for number, key in enumerate(keys)}
    cuts = array(parts, "first").tolist()
    number, value = array(parts, "number"), array(parts, "value")
    spans = zip(keys, cuts[:-1], cuts[1:], strict=True)
    return {key: (number[start:end], value[start:end]) for key, start, end in spans}


def _key(key: str | Subject) -> str:
    return f"{key.kind.value}:{key.id}" if isinstance(key, Subject) else f":{key}"


def _read_key(word: str) -> str | Subject:
    kind, _, name = word.partition(":")
    return Subject(SubjectKind(kind), name) if kind else name


__all__ = ["TABLES", "StoredIndexError", "pack", "shape", "unpack"]
