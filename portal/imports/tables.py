"""Items that are rows of one table: generic comparison and upsert, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, Table, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

from portal.imports.base import Item, Verdict

Row = Mapping[str, Any]
_CHUNK = 500  # keys looked up at once: keeps the bound values under every limit


@dataclass(frozen=True, slots=True)
class TableRows:
    """How items become rows of ``model``.

    An item's value is a dict of columns: those of ``key``, and those the file speaks of (the
    others are left as they are). Columns of ``keep`` are set on a new row, never on a known one.
    """

    model: type[DeclarativeBase]
    key: tuple[str, ...]
    keep: frozenset[str] = frozenset()

    @property
    def table(self) -> Table:
        """The table of the model."""
        table = self.model.__table__
        assert isinstance(table, Table)
        return table

    def compare(self, session: Session, items: Sequence[Item]) -> Iterator[Verdict]:
        """New, changed or the same, item by item."""
        known = self._known(session, [item.value for item in items])
        for item in items:
            row = known.get(self._key_of(item.value))
            if row is None:
                yield Verdict.CREATED
            else:
                same = all(row[name] == value for name, value in self._compared(item.value))
                yield Verdict.UNCHANGED if same else Verdict.CHANGED

    def apply(self, session: Session, items: Sequence[Item]) -> None:
        """Write the rows; those that are there already are updated."""
        upsert(session, self.table, [item.value for item in items], self.key, self.keep)

    def _compared(self, values: Row) -> Iterator[tuple[str, Any]]:
        skipped = {*self.key, *self.keep}
        return ((name, value) for name, value in values.items() if name not in skipped)

    def _key_of(self, values: Row) -> tuple[Any, ...]:
        return tuple(values[name] for name in self.key)

    def _known(self, session: Session, values: Sequence[Row]) -> dict[tuple[Any, ...], RowMapping]:
        columns = [self.table.c[name] for name in self.key]
        found: dict[tuple[Any, ...], RowMapping] = {}
        for some in _chunks(values):
            keys = [self._key_of(value) for value in some]
            where = (
                columns[0].in_([key[0] for key in keys])
                if len(columns) == 1
                else tuple_(*columns).in_(keys)
            )
            for row in session.execute(select(self.table).where(where)).mappings():
                found[tuple(row[name] for name in self.key)] = row
        return found


def upsert(
    session: Session,
    table: Table,
    rows: Iterable[Row],
    key: Sequence[str],
    keep: Iterable[str] = (),
) -> None:
    """Insert rows, or update those whose ``key`` is there (never their columns in ``keep``).

    ``key`` must be the primary key or a unique constraint. Rows may name different columns.
    """
    by_columns: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        by_columns[tuple(sorted(row))].append(row)
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    fixed = {*key, *keep}
    for columns, group in by_columns.items():
        statement = dialect.insert(table)
        values = {name: statement.excluded[name] for name in columns if name not in fixed}
        if values:
            statement = statement.on_conflict_do_update(index_elements=list(key), set_=values)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=list(key))
        session.execute(statement, [dict(row) for row in group])


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))
