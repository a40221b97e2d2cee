"""« Prendre une copie »: all that the database holds of a person (RGPD articles 15.3 and 20).

The tables are found from the schema, not from a list somebody keeps: what has a person, and what
hangs from it. A table that is new is in neither list below and a test fails until one says what
it is. Keys of the copy are the names of the tables and columns, each explained in the copy.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, or_, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.journal import record_event
from portal.models import AccessKind, AccessLog, Person
from portal.models.base import Base, LabelledEnum
from portal.people.languages import language_name
from portal.recipients import my_data_words
from portal.web.doorstep import PersonVisitor
from portal.web.filters import clock_time, date_short

VERSION = 1
_PERSON = Person.__tablename__
_EVENTS = "domain_event"

#: Tables that hold something of the person and are not copied, with the reason.
LEFT_OUT = {
    "one_time_code": "Codes à six chiffres : une empreinte, valable quelques minutes.",
    "duplicate_candidate": "Rapprochement d’un fichier : parle peut-être de quelqu’un d’autre.",
}

#: Columns that are no information on the person: keys of machines, digests, search copies.
TECHNICAL = frozenset(
    {
        "id",
        "digest",
        "import_digest",
        "search_name",
        "key",
        "claimed_by",
        "claimed_until",
        "provider_ref",
        "next_try_at",
        "booking_id",
        "commitment_id",
        "idle_minutes",
        "introduction_id",
        "link_id",
        "message_id",
        "renewal_of_id",
        "replaces_id",
        "engine_version",
        "error",
        "position",
        "run_id",
        "subject_id",
        "tries",
    }
)

#: In the file, and of no use on the page one reads.
_NOT_READ = frozenset({"public_id", "updated_at", "endpoint", "subject_kind"})

#: What a foreign key is told by: its table, and the columns that name a row.
_NAMES = {
    "account": ("first_name", "last_name"),
    "organisation": ("name",),
    "establishment": ("name",),
    "employer_contact": ("name",),
    "commune": ("name",),
    "occupation": ("label",),
    "skill": ("label",),
    "credential_type": ("label",),
    "job_offer": ("title",),
    "major_project": ("name",),
    "cohort": ("title",),
    "cohort_meeting": ("on", "place"),
    "training_session": ("start",),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the copy: what it is, and its rows, columns by name."""

    key: str
    title: str
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Copy:
    """All that is known of a person, at an instant."""

    made_at: datetime
    name: str
    sections: list[Section]

    def said(self, row: Mapping[str, Any]) -> list[tuple[str, str]]:
        """(label, text) of what is known in a row, for the page one reads."""
        texts = ((name, _said(name, value)) for name, value in row.items())
        return [
            (column_words()[name], text) for name, text in texts if text and name not in _NOT_READ
        ]


def _said(column: str, value: Any) -> str:
    """A value in French words; empty when there is nothing to say."""
    if column == "language_code":
        return language_name(value)
    if column == "modes":
        return ", ".join(my_data_words.mode(code) for code in value.split("|") if code)
    if column == "level" and value in my_data_words.LEVELS:
        return my_data_words.level(value)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, LabelledEnum):
        return my_data_words.word(value) if my_data_words.has_word(value) else value.label
    if isinstance(value, datetime):
        return f"{date_short(value)}, {clock_time(value)}"
    if isinstance(value, date):
        return date_short(value)
    if isinstance(value, (dict, list)):
        return "; ".join(_leaves(value))
    return "" if value is None else str(value)


def _leaves(value: Any) -> Iterator[str]:
    """The texts of a stored document, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif value not in (None, ""):
        yield str(value)


@cache
def table_words() -> Mapping[str, str]:
    """What each table of the copy is."""
    return _read_words("copy_tables.csv")


@cache
def column_words() -> Mapping[str, str]:
    """What each column of the copy is."""
    return _read_words("copy_columns.csv")


def _read_words(name: str) -> dict[str, str]:
    text = files("portal.recipients").joinpath("data", name).read_text(encoding="utf-8")
    return {row["key"]: row["label"] for row in csv.DictReader(text.splitlines())}


def owned_tables() -> dict[str, list[Column[Any]]]:
    """Every table with rows of a person, and the columns that say whose, nearest first.

    A table with a key of ``person`` is the person's; one that hangs from such a table is too.
    """
    tables = Base.metadata.tables
    owned = {name: found for name, table in tables.items() if (found := _keys(table, {_PERSON}))}
    while True:
        around = set(owned)
        more = {
            name: found
            for name, table in tables.items()
            if name not in around | {_PERSON} and (found := _keys(table, around))
        }
        if not more:
            return owned
        owned |= more


def _keys(table: Table, targets: set[str]) -> list[Column[Any]]:
    return [
        column
        for column in table.columns
        if any(key.column.table.name in targets for key in column.foreign_keys)
    ]


def columns_of(table: Table) -> list[Column[Any]]:
    """What is copied of a table."""
    owners = {column.name for column in owned_tables().get(table.name, [])}
    return [c for c in table.columns if c.name not in TECHNICAL | owners]


def build_copy(session: Session, person: Person) -> Copy:
    """Every row that is the person's, and no other's."""
    tables = Base.metadata.tables
    keys: dict[str, list[Any]] = {_PERSON: [person.id]}
    raw: dict[str, list[Mapping[str, Any]]] = {}
    chosen = {_PERSON: tables[_PERSON].c.id == person.id}
    for name, columns in owned_tables().items():
        chosen[name] = or_(*(_in_owner(column, keys) for column in columns))
        if name not in LEFT_OUT:
            raw[name] = _rows(session, tables[name], chosen[name])
            keys[name] = [row["id"] for row in raw[name] if "id" in row]
    raw = {_PERSON: _rows(session, tables[_PERSON], chosen[_PERSON]), **raw}
    raw[_EVENTS] = _rows(session, tables[_EVENTS], _events_of(keys))
    names = _names_of(session, raw)
    sections = [
        Section(key, table_words()[key], [_told(tables[key], row, names) for row in rows])
        for key, rows in raw.items()
    ]
    return Copy(clock.now(), person.full_name, sections)


def _in_owner(column: Column[Any], keys: Mapping[str, list[Any]]) -> ColumnElement[bool]:
    owners = {key.column.table.name for key in column.foreign_keys}
    return column.in_([value for owner in owners for value in keys.get(owner, [])])


def _events_of(keys: Mapping[str, list[Any]]) -> ColumnElement[bool]:
    """The events about any row that is the person's."""
    table = Base.metadata.tables[_EVENTS]
    pairs = (
        and_(table.c.subject_kind == kind, table.c.subject_id.in_(ids))
        for kind, ids in keys.items()
    )
    return or_(*pairs)


def _rows(
    session: Session, table: Table, condition: ColumnElement[bool]
) -> list[Mapping[str, Any]]:
    query = select(table).where(condition).order_by(*table.primary_key.columns)
    return [dict(row) for row in session.execute(query).mappings()]


def _names_of(
    session: Session, raw: Mapping[str, Iterable[Mapping[str, Any]]]
) -> dict[tuple[str, Any], str]:
    """The words for every row that the copied ones point to: one query for each table."""
    wanted: dict[str, set[Any]] = {}
    for key, rows in raw.items():
        for column, target in _pointers(Base.metadata.tables[key]):
            wanted.setdefault(target, set()).update(row[column] for row in rows)
    return {
        (target, row[0]): " ".join(str(part) for part in row[1:] if part)
        for target, values in wanted.items()
        for row in session.execute(_naming(target, values - {None}))
    }


def _pointers(table: Table) -> Iterable[tuple[str, str]]:
    for column in columns_of(table):
        for key in column.foreign_keys:
            if key.column.table.name in _NAMES:
                yield column.name, key.column.table.name


def _naming(target: str, values: set[Any]) -> Any:
    table = Base.metadata.tables[target]
    (key,) = table.primary_key.columns
    shown = [table.c[name] for name in _NAMES[target]]
    return select(key, *shown).where(key.in_(values))


def _told(
    table: Table, row: Mapping[str, Any], names: Mapping[tuple[str, Any], str]
) -> dict[str, Any]:
    pointers = dict(_pointers(table))
    return {
        column.name: names.get((pointers[column.name], row[column.name]))
        if column.name in pointers and row[column.name] is not None
        else row[column.name]
        for column in columns_of(table)
    }


def as_json(copy: Copy) -> str:
    """The copy as a file: UTF-8, dates as ISO 8601, codes with their French label."""
    shown = {name for part in copy.sections for row in part.rows for name in row}
    content = {
        "format": {"name": "ecluse-my-data", "version": VERSION},
        "made_at": copy.made_at,
        "sections_explained": {part.key: part.title for part in copy.sections},
        "keys_explained": {name: column_words()[name] for name in sorted(shown)},
        "left_out": LEFT_OUT,
        "data": {part.key: part.rows for part in copy.sections},
    }
    return json.dumps(_plain(content), ensure_ascii=False, indent=2)


def _plain(value: Any) -> Any:
    """What JSON can hold; a code of a closed list with its words."""
    if isinstance(value, LabelledEnum):
        return {"code": value.value, "label": value.french}
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def record_copy(session: Session, visitor: PersonVisitor) -> None:
    """The copy is an export like another: in the access log and in the events."""
    helper = visitor.helper
    session.add(
        AccessLog(
            account_id=helper.account.id if helper else None,
            organisation_id=helper.organisation.id if helper else None,
            person_id=visitor.person.id,
            kind=AccessKind.EXPORT,
            endpoint="recipients.take_copy",
            context="avec la personne" if helper else "par la personne",
        )
    )
    record_event(session, actor=helper, subject=visitor.person, name="data_copied")
    session.flush()
