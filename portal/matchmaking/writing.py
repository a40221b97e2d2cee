"""Suggestions into their table, as they come: never all of them in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

import psycopg
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from portal.models import Suggestion

_BATCH = 1_000
_COLUMNS = tuple(column.name for column in Suggestion.__table__.columns)
_COPY = f"COPY suggestion ({', '.join(_COLUMNS)}) FROM STDIN"

Row = dict[str, Any]


def replace_suggestions(
    session: Session, rows: Iterable[Row], people: Collection[int] | None = None
) -> None:
    """Put these suggestions in the place of those of these people, or of all by default.

    In the caller's transaction. ``rows`` have a value for each column. PostgreSQL is given them
    by COPY.
    """
    others = delete(Suggestion)
    session.execute(others if people is None else others.where(Suggestion.person_id.in_(people)))
    connection = session.connection().connection.driver_connection
    if isinstance(connection, psycopg.Connection):
        _copy(connection, rows)
        return
    for batch in _batches(rows):
        session.execute(insert(Suggestion), batch)


def _copy(connection: psycopg.Connection[Any], rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY) as stream:
        for row in rows:
            stream.write_row([row[name] for name in _COLUMNS])


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        yield batch
