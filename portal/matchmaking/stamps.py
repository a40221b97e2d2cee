"""What tells that rows have changed since something was built from them.

A mark per table: when the last row changed, how many changed in the minute before and when, and
what was removed. The second part sees a transaction that ends after another one begun later, or on
a machine whose clock is a little late: its rows carry an earlier time, so they do not move the last
change. Counting a big table would take longer than the list it serves: the database itself writes
down the rows removed from those (``row_gone``, by triggers), and each part of their mark is read by
an index. The small tables of the nomenclature are counted.

Where a clock was set back by more than a minute, or is ahead on another machine, rows bear a moment
that is still to come. The last change is then the last of those that have come, and the others are
counted with those of its minute: what changes meanwhile is seen, and a mark read before the clock
was set back is one of other rows, from which nothing is followed. Whoever asked nothing until these
moments came could not tell: a process that sees its machine's clock set back reads anew
(:class:`portal.clock.Watch`).

A mark serves for :data:`DAYS_FOLLOWED` days: what was built before is built again. Notes of
removals are thus forgotten after a few more (:func:`forget_notes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, cast, delete, func, literal, or_, select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import REMOVALS_NOTED, RowGone

#: A transaction of a page ends well within it; an import, which may not, leaves a run behind.
OVERLAP = timedelta(seconds=60)
#: How long after it was read a mark tells all that changed.
DAYS_FOLLOWED = 7
NOTES_KEPT = timedelta(days=DAYS_FOLLOWED + 2)


class Mark(NamedTuple):
    """What is known of a table at a moment; ``last`` is None where rows carry no date.

    ``recent``: one number for how many rows changed in the minute before the last, or bear a moment
    to come, and when each did, 0 when that was long ago; ``gone``: how many rows were removed in
    the minute before the last removal (``gone_at``); ``gone_last``: the key of the last note, or
    for a table without notes of removals minus how many rows it has.
    """

    last: datetime | None
    recent: int
    gone_at: datetime | None
    gone: int
    gone_last: int

    @classmethod
    def from_words(cls, words: Sequence[Any]) -> Mark:
        """The mark that :meth:`words` gave."""
        last, recent, gone_at, gone, gone_last = words
        return cls(_instant(last), int(recent), _instant(gone_at), int(gone), int(gone_last))

    def words(self) -> list[Any]:
        """The mark in what JSON can hold."""
        return [one.isoformat() if isinstance(one, datetime) else one for one in self]


def _instant(word: str | None) -> datetime | None:
    return None if word is None else datetime.fromisoformat(word)


def read_marks(session: Session, tables: Iterable[Any]) -> dict[Any, Mark]:
    """The mark of each model: one statement, and another when something changed of late."""
    asked = tuple(dict.fromkeys(tables))
    found = session.execute(_ends_of(asked)).one()
    gone_ats, gone_lasts = found[1::3], found[2::3]
    lasts, ahead = _that_have_come(session, asked, found[::3])
    of_minute = _OF_MINUTE[session.get_bind().dialect.name]
    parts = (
        (_recent(table, last, of_minute, is_ahead=table in ahead), _gone(table, gone_at))
        for table, last, gone_at in zip(asked, lasts, gone_ats, strict=True)
    )
    counts = _counts(session, list(chain.from_iterable(parts)))
    columns = zip(lasts, counts[::2], gone_ats, counts[1::2], gone_lasts, strict=True)
    return {table: Mark(*mark) for table, mark in zip(asked, columns, strict=True)}


def _that_have_come(
    session: Session, tables: Sequence[Any], lasts: Sequence[datetime | None]
) -> tuple[Sequence[datetime | None], frozenset[Any]]:
    """The last changes, and the tables of which a row bears a moment that is still to come."""
    now = clock.now() + OVERLAP
    ahead = [
        table for table, last in zip(tables, lasts, strict=True) if last is not None and last > now
    ]
    if not ahead:
        return lasts, frozenset()
    come = (_last(table).where(table.updated_at <= now) for table in ahead)
    found = session.execute(select(*(query.scalar_subquery() for query in come))).one()
    known = dict(zip(tables, lasts, strict=True)) | dict(zip(ahead, found, strict=True))
    return list(known.values()), frozenset(ahead)


def _counts(session: Session, parts: Sequence[Any]) -> list[int]:
    """The value of each part, 0 for those that need not be asked (None)."""
    asked = [part for part in parts if part is not None]
    found = iter(session.execute(select(*asked)).one() if asked else ())
    return [0 if part is None else next(found) for part in parts]


@lru_cache
def _ends_of(tables: tuple[Any, ...]) -> Select[*tuple[Any, ...]]:
    # The same words at every page: written once.
    parts = (
        (
            _last(table).scalar_subquery() if hasattr(table, "updated_at") else literal(None),
            _gone_at(table),
            _gone_last(table),
        )
        for table in tables
    )
    return select(*chain.from_iterable(parts))


def _last(table: Any) -> Any:
    return select(func.max(table.updated_at))


def _gone_at(table: Any) -> Any:
    if table not in REMOVALS_NOTED:
        return literal(None)
    return select(func.max(RowGone.noted_at)).where(_of(table)).scalar_subquery()


def _gone_last(table: Any) -> Any:
    if table not in REMOVALS_NOTED:
        return select(-func.count()).select_from(table).scalar_subquery()
    noted = select(func.max(RowGone.id)).where(_of(table))
    return func.coalesce(noted.scalar_subquery(), 0)


# The microseconds of an instant in its minute, as a number: text in SQLite.
_OF_MINUTE: dict[str, Callable[[Any], Any]] = {
    "postgresql": lambda instant: func.date_part("microseconds", instant),
    "sqlite": lambda instant: cast(func.replace(func.substr(instant, 18), ".", ""), BigInteger),
}


def _recent(
    table: Any, last: datetime | None, of_minute: Callable[[Any], Any], *, is_ahead: bool
) -> Any:
    if not is_ahead and (last is None or _is_old(last)):
        return None
    # A row changed again within the minute is counted as before: only its instant tells.
    moments = func.coalesce(func.sum(of_minute(table.updated_at)), 0)
    query = select(cast(func.count() + moments, BigInteger)).select_from(table)
    if last is not None:
        query = query.where(table.updated_at >= last - OVERLAP)
    return query.scalar_subquery()


def _gone(table: Any, gone_at: datetime | None) -> Any:
    if gone_at is None or _is_old(gone_at):
        return None
    noted = select(func.count(RowGone.id)).where(_of(table), RowGone.noted_at >= gone_at - OVERLAP)
    return noted.scalar_subquery()


def _is_old(last: datetime) -> bool:
    # Long after the last change no transaction begun before it can still be open: what an import
    # wrote within a minute, which may be everything, need not be counted at each page.
    return last < clock.now() - 2 * OVERLAP


def _of(table: Any) -> Any:
    return RowGone.table_name == table.__tablename__


def changed_owners(
    session: Session,
    tables: Sequence[Any],
    before: Sequence[Mark],
    now: Sequence[Mark],
    *,
    imports: Select[Any],
    most: int | None = None,
    since: datetime | None = None,
) -> set[int] | None:
    """The keys of the people, or offers, of whom a row changed; None if that cannot be told.

    ``since``: all that changed from then on as well, whatever the marks say. ``imports``: the
    instants of those already known, which their rows carry: they are not read again for having
    changed within the minute. Marks gone back without a removal mean other rows than those that
    were read, and beyond ``most`` keys all is better read again: None in both cases.
    """
    changed: set[int] = set()
    for table, was, now_is in zip(tables, before, now, strict=True):
        if was == now_is and since is None:
            continue
        if _is_taken_back(was, now_is):
            return None
        for found in (_moved(table, was, since, imports), _removed(table, was, now_is, since)):
            if found is not None:
                changed |= {*session.scalars(found if most is None else found.limit(most + 1))}
        if most is not None and len(changed) > most:
            return None
    return changed


def _moved(table: Any, was: Mark, since: datetime | None, imports: Select[Any]) -> Select[Any]:
    moved = select(getattr(table, REMOVALS_NOTED[table])).distinct()
    if was.last is None:
        return moved
    window = _since(table.updated_at, was.last, was.recent, since)
    return moved.where(window, table.updated_at.not_in(imports))


def _removed(table: Any, was: Mark, now: Mark, since: datetime | None) -> Select[Any] | None:
    if was[2:] == now[2:] and since is None:
        return None
    noted = select(RowGone.owner_id).distinct().where(_of(table))
    if was.gone_at is None:
        return noted
    # By its key as well: the moment of a note may be one of before the clock was set back.
    after = _since(RowGone.noted_at, was.gone_at, was.gone, since)
    return noted.where(or_(after, RowGone.id > was.gone_last))


def _since(column: Any, last: datetime, recent: int, start: datetime | None) -> Any:
    # None counted: when the mark was read, no transaction begun before its last change was open.
    # An import of everybody is thus not read again at the first change that follows it.
    after = column >= last - OVERLAP if recent else column > last
    return after if start is None else or_(after, column >= start - OVERLAP)


def _is_taken_back(was: Mark, now: Mark) -> bool:
    """Whether the last change is older than it was, and no removal says why.

    A removal is no reason while the last change that was known is still to come: the clock was set
    back, and what was saved since is older.
    """
    if _is_older(now.gone_at, was.gone_at):
        return True
    if not _is_older(now.last, was.last):
        return False
    return was[2:] == now[2:] or (was.last is not None and was.last > clock.now() + OVERLAP)


def _is_older(now: datetime | None, was: datetime | None) -> bool:
    return was is not None and (now is None or now < was)


def forget_notes(session: Session, today: date) -> int:
    """Delete the notes that no process can need any more; how many.

    The last of each table stays: it is in the marks, and keys must go on growing.
    """
    last = select(func.max(RowGone.id)).group_by(RowGone.table_name)
    old = RowGone.noted_at < clock.start_of(today) - NOTES_KEPT
    statement = delete(RowGone).where(old, RowGone.id.not_in(last))
    result = session.execute(statement.execution_options(synchronize_session=False))
    return int(getattr(result, "rowcount", 0))
