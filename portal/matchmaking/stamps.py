"""What tells that rows have changed since something was built from them.

A mark per table: when the last row changed, how many changed in the minute before, and what was
removed. The second part sees a transaction that ends after another one begun later: its rows
carry an earlier time, so they do not move the last change. Counting a big table would take longer
than the list it serves: the database itself writes down the rows removed from those
(``row_gone``, by triggers), and each part of their mark is read by an index. The small tables of
the nomenclature are counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import REMOVALS_NOTED, RowGone

#: A transaction of a page ends well within it; an import, which may not, leaves a run behind.
OVERLAP = timedelta(seconds=60)


class Mark(NamedTuple):
    """What is known of a table at a moment; ``last`` is None where rows carry no date.

    ``gone``: how many rows were removed since ever, or for a table without notes of removals
    minus how many it has; ``gone_last``: the key of the last note.
    """

    last: datetime | None
    recent: int
    gone: int
    gone_last: int


def read_marks(session: Session, tables: Iterable[Any]) -> dict[Any, Mark]:
    """The mark of each model, in two statements."""
    asked = list(dict.fromkeys(tables))
    parts = [part for table in asked for part in (_last(table), _gone(table), _gone_last(table))]
    found = session.execute(select(*parts)).one()
    lasts = found[::3]
    recent = session.execute(
        select(*(_recent(table, last) for table, last in zip(asked, lasts, strict=True)))
    ).one()
    marks = zip(lasts, recent, found[1::3], found[2::3], strict=True)
    return {table: Mark(*mark) for table, mark in zip(asked, marks, strict=True)}


def _last(table: Any) -> Any:
    if not hasattr(table, "updated_at"):
        return literal(None)
    return select(func.max(table.updated_at)).scalar_subquery()


def _gone(table: Any) -> Any:
    if table not in REMOVALS_NOTED:
        return select(-func.count()).select_from(table).scalar_subquery()
    noted = select(func.count(RowGone.id)).where(RowGone.table_name == table.__tablename__)
    return noted.scalar_subquery()


def _gone_last(table: Any) -> Any:
    if table not in REMOVALS_NOTED:
        return literal(0)
    noted = select(func.max(RowGone.id)).where(RowGone.table_name == table.__tablename__)
    return func.coalesce(noted.scalar_subquery(), 0)


def _recent(table: Any, last: datetime | None) -> Any:
    # Long after the last change no transaction begun before it can still be open: what an import
    # wrote within a minute, which may be everything, need not be counted at each page.
    if last is None or last < clock.now() - 2 * OVERLAP:
        return literal(0)
    query = select(func.count()).select_from(table)
    return query.where(table.updated_at >= last - OVERLAP).scalar_subquery()


def changed_owners(
    session: Session, tables: Sequence[Any], before: Sequence[Mark], now: Sequence[Mark], most: int
) -> set[int] | None:
    """The keys of the people, or offers, of whom a row changed; None if that cannot be told.

    Changes taken back (a transaction of this process that failed) make the last one older, and
    beyond ``most`` keys all is better read again: None as well.
    """
    changed: set[int] = set()
    for table, was, now_is in zip(tables, before, now, strict=True):
        if was == now_is:
            continue
        removed = _owners_of_removed(session, table, was, now_is, most)
        if removed is None or (was.last and (now_is.last is None or now_is.last < was.last)):
            return None
        owner = getattr(table, REMOVALS_NOTED[table])
        moved = select(owner).distinct()
        if was.last is not None:
            moved = moved.where(table.updated_at >= was.last - OVERLAP)
        changed |= {*removed, *session.scalars(moved.limit(most + 1))}
        if len(changed) > most:
            return None
    return changed


def _owners_of_removed(
    session: Session, table: Any, was: Mark, now: Mark, most: int
) -> set[int] | None:
    if now.gone == was.gone and now.gone_last == was.gone_last:
        return set()
    noted = select(RowGone.owner_id).where(
        RowGone.table_name == table.__tablename__, RowGone.id > was.gone_last
    )
    found = session.scalars(noted.limit(most + 1)).all()
    # A note begun before and ended after has a smaller key: it is counted, and not found here.
    return set(found) if len(found) == now.gone - was.gone else None
