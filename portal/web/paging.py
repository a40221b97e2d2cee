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
    """One page of an ordered query of entities, in two statements; beyond the end, the last one.

    The keys of the page come with the count of all, then its rows alone are joined to what is
    shown of them: joined first, a list of thousands would be, to show twenty.
    """
    key = query.column_descriptions[0]["entity"].id
    keyed = query.with_only_columns(key, func.count().over(), maintain_column_froms=True)
    keys = session.execute(keyed.limit(size).offset((number - 1) * size)).all()
    if not keys and number > 1:
        counted = query.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
        last = max(1, -(-(session.scalar(counted) or 0) // size))
        return paginate(session, query, number=min(last, number - 1), size=size)
    found = session.scalars(query.where(key.in_([row[0] for row in keys]))).all() if keys else []
    return Page(list(found), number, size, keys[0][1] if keys else 0)
