"""What tells that rows have changed since something was built from them.

A mark per table: how many rows, when the last one changed, and how many changed in the minute
before. The last part sees a transaction that ends after another one begun later: its rows carry
an earlier time, so they move neither the count nor the last change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from portal.models import LIVE_OFFER_STATES, JobOffer, OfferRequirement

#: A transaction of a page ends well within it; an import, which may not, leaves a run behind.
OVERLAP = timedelta(seconds=60)


class Mark(NamedTuple):
    """What is known of a table at a moment; ``last`` is None where rows carry no date."""

    rows: int
    last: datetime | None
    recent: int


def read_marks(session: Session, tables: Iterable[Any]) -> dict[Any, Mark]:
    """The mark of each model, in two statements."""
    asked = list(dict.fromkeys(tables))
    counted = session.execute(
        select(*(part for table in asked for part in (_rows(table), _last(table))))
    ).one()
    rows, lasts = counted[::2], counted[1::2]
    recent = session.execute(
        select(*(_recent(table, last) for table, last in zip(asked, lasts, strict=True)))
    ).one()
    marks = zip(rows, lasts, recent, strict=True)
    return {table: Mark(*mark) for table, mark in zip(asked, marks, strict=True)}


def _rows(table: Any) -> Any:
    return _in_the_index(select(func.count()), table).scalar_subquery()


def _last(table: Any) -> Any:
    if not hasattr(table, "updated_at"):
        return literal(None)
    return _in_the_index(select(func.max(table.updated_at)), table).scalar_subquery()


def _recent(table: Any, last: datetime | None) -> Any:
    if last is None:
        return literal(0)
    query = _in_the_index(select(func.count()), table)
    return query.where(table.updated_at >= last - OVERLAP).scalar_subquery()


def _in_the_index(query: Select[Any], table: Any) -> Select[Any]:
    """Live offers alone are in the index: a draft saved field by field must not rebuild it."""
    query = query.select_from(table)
    if table is OfferRequirement:
        query = query.join(JobOffer, JobOffer.id == OfferRequirement.offer_id)
    if table in (JobOffer, OfferRequirement):
        query = query.where(JobOffer.state.in_(LIVE_OFFER_STATES))
    return query
