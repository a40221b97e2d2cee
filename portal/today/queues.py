"""The first rows of each queue of the day, and how many wait in it.

A provider says which rows wait, in which order, and how they are told; all the queues of one table
are then read in one statement, however many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ExecutableOption

from portal.today.tasks import Task, Theme

#: How many rows of a queue the page may show.
SHOWN = 5


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
    """The themes in the order given, in one statement per source."""
    queues = [queue for queue in given if isinstance(queue, Queue)]
    found: dict[int, Theme] = {}
    for source in dict.fromkeys(queue.source for queue in queues):
        mine = [queue for queue in queues if queue.source is source]
        for queue, (rows, count) in zip(mine, _read(session, source, mine), strict=True):
            found[id(queue)] = queue.theme(rows, count)
    return [found[id(one)] if isinstance(one, Queue) else one for one in given]


def _read(session: Session, source: Source, queues: Sequence[Queue]) -> list[tuple[list[Any], int]]:
    """The first rows of each queue, and how many it holds."""
    heads = union_all(*_heads(source, queues)).subquery()
    query = (
        select(source.table, heads.c.queue, heads.c.total)
        .join(heads, heads.c.id == source.table.id)
        .order_by(heads.c.queue, heads.c.rank)
        .options(*source.shown)
    )
    found: list[tuple[list[Any], int]] = [([], 0) for _ in queues]
    for row, queue, total in session.execute(query):
        rows, _ = found[queue]
        rows.append(row)
        found[queue] = (rows, total)
    return found


def _heads(source: Source, queues: Iterable[Queue]) -> list[Select[Any]]:
    """The keys of the first rows: what the page says of them is joined to these alone."""
    return [select(_head(source, number, queue).subquery()) for number, queue in enumerate(queues)]


def _head(source: Source, number: int, queue: Queue) -> Select[Any]:
    query = select(
        source.table.id,
        literal(number).label("queue"),
        func.count().over().label("total"),
        func.row_number().over(order_by=queue.order).label("rank"),
    )
    for relation in source.joins:
        query = query.join(relation)
    return query.where(queue.condition).order_by(*queue.order).limit(SHOWN)
