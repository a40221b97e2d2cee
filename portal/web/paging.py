"""One page of a long list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request
from sqlalchemy import Select, func
from sqlalchemy.orm import Session

T = TypeVar("T")
_LARGEST_NUMBER = 1_000_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The rows of one page, and where it stands; what the macro ``pagination`` expects."""

    rows: list[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Rank of the first row shown, from 1."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Rank of the last row shown."""
        return self.first + len(self.rows) - 1 if self.rows else 0


def requested_page() -> int:
    """The page asked for in the address; anything strange is the first one."""
    number = request.args.get("page", 1, type=int)
    return min(max(1, number), _LARGEST_NUMBER)


def paginate(session: Session, query: Select[T], *, number: int, size: int) -> Page[T]:
    """One page of an ordered query of entities, in two statements; beyond the end, the last one."""
    counted = query.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    total = session.scalar(counted) or 0
    number = min(number, max(1, -(-total // size)))
    rows = session.scalars(query.limit(size).offset((number - 1) * size)).all()
    return Page(list(rows), number, size, total)
