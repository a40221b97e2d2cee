"""The access log, as those who may read it see it (INV-17, domain reference §4.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager

from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.clock import PARIS
from portal.models import AccessKind, AccessLog, Account, Organisation, Person
from portal.text import like_pattern
from portal.web.paging import Page

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class LogFilters:
    """What the log is narrowed by; days are those of Paris, both included."""

    person: str = ""
    reader: str = ""
    kind: AccessKind | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One read: the entry, and the public id of the person (None once deleted, or unknown)."""

    entry: AccessLog
    person_id: str | None


def list_accesses(
    session: Session, actor: Actor, filters: LogFilters, *, number: int = 1
) -> Page[LogLine]:
    """One page of what professionals read, newest first, within the actor's perimeter.

    A data-protection officer of a département sees what its structures read, and what anybody
    read about people who live there; one of the Région sees everything.
    """
    if not actor.can(Capability.ACCESS_LOG):
        return Page([], 1, PAGE_SIZE, 0)
    return _page(session, and_(_perimeter(actor), _matching(filters)), number)


def list_own_accesses(
    session: Session, actor: Actor, filters: LogFilters, *, number: int = 1
) -> Page[LogLine]:
    """One page of what the actor's own account read, in every structure, newest first."""
    return _page(
        session, and_(AccessLog.account_id == actor.account.id, _matching(filters)), number
    )


def _perimeter(actor: Actor) -> ColumnElement[bool]:
    if actor.departement_code is None:
        return true()
    return or_(
        Organisation.departement_code == actor.departement_code,
        Person.departement_code == actor.departement_code,
    )


def _matching(filters: LogFilters) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    if filters.person:
        conditions.append(Person.public_id == filters.person)
    if filters.reader:
        name = func.lower(Account.first_name + " " + Account.last_name + " " + Account.email)
        conditions.append(name.like(like_pattern(filters.reader), escape="\\"))
    if filters.kind:
        conditions.append(AccessLog.kind == filters.kind)
    if filters.since:
        conditions.append(AccessLog.at >= _midnight(filters.since))
    if filters.until:
        conditions.append(AccessLog.at < _midnight(filters.until + timedelta(days=1)))
    return and_(*conditions)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS)


def _joined(query: Any, condition: ColumnElement[bool]) -> Any:
    """The log with its reader, its structure and its person, even those no longer there."""
    return (
        query.outerjoin(Account, Account.id == AccessLog.account_id)
        .outerjoin(Organisation, Organisation.id == AccessLog.organisation_id)
        .outerjoin(Person, Person.id == AccessLog.person_id)
        .where(condition)
    )


def _page(session: Session, condition: ColumnElement[bool], number: int) -> Page[LogLine]:
    total = session.scalar(
        _joined(select(func.count(AccessLog.id)).select_from(AccessLog), condition)
    )
    number = min(number, max(1, -(-(total or 0) // PAGE_SIZE)))
    rows = session.execute(
        _joined(select(AccessLog, Person.public_id), condition)
        .options(contains_eager(AccessLog.account), contains_eager(AccessLog.organisation))
        .order_by(AccessLog.at.desc(), AccessLog.id.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    lines = [LogLine(entry, public_id) for entry, public_id in rows]
    return Page(lines, number, PAGE_SIZE, total or 0)
