"""Messages to firms that name somebody who has left, or objects: neither sent nor read any more."""

from __future__ import annotations

from functools import cache

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from portal.access.people import is_active
from portal.models import Hire, Immersion, JobFollowUp, OutboxMessage, Person

_ABOUT_ONE = frozenset({Immersion.__tablename__, JobFollowUp.__tablename__})


@cache
def names_somebody_gone() -> ColumnElement[bool]:
    """Whether what a message is about is of somebody gone (INV-18); by the keys of its row."""
    of_immersion = select(Immersion.id).join(Person, Person.id == Immersion.person_id)
    of_hire = (
        select(JobFollowUp.id)
        .join(Hire, Hire.id == JobFollowUp.hire_id)
        .join(Person, Person.id == Hire.person_id)
    )
    return or_(
        _is_about(Immersion.__tablename__, exists(
            of_immersion.where(Immersion.id == OutboxMessage.subject_id, ~is_active())
        )),
        _is_about(JobFollowUp.__tablename__, exists(
            of_hire.where(JobFollowUp.id == OutboxMessage.subject_id, ~is_active())
        )),
    )  # fmt: skip


def _is_about(kind: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(OutboxMessage.subject_kind == kind, condition)


def is_about_gone(session: Session, row: OutboxMessage) -> bool:
    """The same of one message, asked only of those that are about one person."""
    if row.subject_kind not in _ABOUT_ONE:
        return False
    query = select(OutboxMessage.id).where(OutboxMessage.id == row.id, names_somebody_gone())
    return session.scalar(query) is not None
