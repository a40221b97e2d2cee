"""Needs, as the platform that received them sees them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session, joinedload

from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.models import EmployerNeed, EmployerNeedState, Establishment
from portal.offers import employers
from portal.web.paging import Page, paginate

PAGE_SIZE = 20


def may_read(actor: Actor) -> ColumnElement[bool]:
    """The needs that reached the actor's own platform."""
    if not actor.can(Capability.OFFERS_WRITE):
        return false()
    return EmployerNeed.organisation_id == actor.organisation.id


def get_need(session: Session, actor: Actor, public_id: str) -> EmployerNeed | None:
    """One of them."""
    return session.scalar(
        select(EmployerNeed)
        .where(EmployerNeed.public_id == public_id, may_read(actor))
        .options(
            joinedload(EmployerNeed.commune),
            joinedload(EmployerNeed.occupation),
            joinedload(EmployerNeed.establishment),
            joinedload(EmployerNeed.offer),
        )
    )


def list_needs(
    session: Session, actor: Actor, state: EmployerNeedState, number: int
) -> Page[EmployerNeed]:
    """A page of those in a state; the oldest first while they wait, else the latest."""
    waiting = state is EmployerNeedState.RECEIVED
    order = EmployerNeed.created_at if waiting else EmployerNeed.created_at.desc()
    query = (
        select(EmployerNeed)
        .where(EmployerNeed.state == state, may_read(actor))
        .options(joinedload(EmployerNeed.commune), joinedload(EmployerNeed.offer))
        .order_by(order, EmployerNeed.id)
    )
    return paginate(session, query, number=number, size=PAGE_SIZE)


def look_alikes(session: Session, need: EmployerNeed) -> list[Establishment]:
    """Establishments whose name may be this employer's."""
    return employers.similar_establishments(session, need.employer_name)
