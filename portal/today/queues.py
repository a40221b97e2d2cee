"""The first rows of each queue of the day, and how many wait in it.

A provider says which rows wait, in which order, and how they are told. The keys of the first rows
of all queues are then read in one statement, and those rows in one more per table that has some.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, func, literal_column, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ExecutableOption

from portal.today.tasks import Task, Theme

#: How many rows of a queue the page may show.
SHOWN = 5
_HEAD = tuple(literal_column(name, Integer) for name in ("queue", "key", "total", "rank"))


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A table of things to do; ``joins``: what the conditions of its queues are written on.

    ``shown``: the loader options of what the page says of a row.
    """

    table: Any
    joins: Sequence[Any] = ()
    shown: Sequence[ExecutableOption] = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """Rows of a source that wait for the same gesture, the first ones first.

    ``tell`` makes the tasks of the first rows; ``label`` is given how many there are in all.
    """

    source: Source
    condition: ColumnElement[bool]
    order: Sequence[Any]
    tell: Callable[[Sequence[Any]], Sequence[Task]]
    label: Callable[[int], str] = field(default=lambda _count: "")
    href: str | None = None

    def theme(self, rows: Sequence[Any], count: int) -> Theme:
        """The queue as the page shows it."""
        return Theme(self.tell(rows), count, self.label(count), self.href)


def one_by_one(tell: Callable[[Any], Task]) -> Callable[[Sequence[Any]], Sequence[Task]]:
    """Tells rows each by itself."""
    return lambda rows: [tell(row) for row in rows]


def named(label: str) -> Callable[[int], str]:
    """A label that does not depend on how many there are."""
    return lambda _count: label


def read_themes(session: Session, given: Sequence[Queue | Theme]) -> list[Theme]:
    """The themes in the order given: one statement for all keys, one per source with rows."""
    queues = [one for one in given if isinstance(one, Queue)]
    heads = _read_heads(session, queues)
    rows = _read_rows(session, queues, heads)
    themes = iter(
        # A row removed since its key was read is told no more.
        queue.theme([found[key] for key in head.keys if key in found], head.total)
        for queue, head in zip(queues, heads, strict=True)
        for found in (rows[queue.source],)
    )
    return [next(themes) if isinstance(one, Queue) else one for one in given]


@dataclass(slots=True)
class _Head:
    """The keys of the first rows of a queue, in their order, and how many it holds."""

    keys: list[int] = field(default_factory=list)
    total: int = 0


def _read_heads(session: Session, queues: Sequence[Queue]) -> list[_Head]:
    heads = [_Head() for _ in queues]
    if not queues:
        return heads
    legs = [_leg(number, queue) for number, queue in enumerate(queues)]
    for number, key, total, _rank in session.execute(union_all(*legs).order_by("queue", "rank")):
        heads[number].keys.append(key)
        heads[number].total = total
    return heads


def _leg(number: int, queue: Queue) -> Select[*tuple[Any, ...]]:
    key = queue.source.table.id
    query = select(
        literal_column(str(number), Integer).label("queue"),
        key.label("key"),
        func.count().over().label("total"),
        func.row_number().over(order_by=queue.order).label("rank"),
    )
    for relation in queue.source.joins:
        query = query.join(relation)
    query = query.where(queue.condition).order_by(*queue.order).limit(SHOWN)
    # Its columns by name: to have them from the subquery, each would be made again.
    return select(*_HEAD).select_from(query.subquery())


def _read_rows(
    session: Session, queues: Sequence[Queue], heads: Sequence[_Head]
) -> dict[Source, dict[int, Any]]:
    """What the page says of these rows alone, by key."""
    wanted: dict[Source, set[int]] = {queue.source: set() for queue in queues}
    for queue, head in zip(queues, heads, strict=True):
        wanted[queue.source].update(head.keys)
    found: dict[Source, dict[int, Any]] = {}
    for source, keys in wanted.items():
        query = select(source.table).where(source.table.id.in_(keys)).options(*source.shown)
        rows = session.scalars(query) if keys else ()
        found[source] = {row.id: row for row in rows}
    return found
