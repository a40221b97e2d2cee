"""Invitations in the database, as the person or the professional may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal import clock
from portal.access import people as people_access
from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.models import (
    CallRequest,
    DomainEvent,
    Invitation,
    InvitationState,
    MeetingBooking,
    OutboxMessage,
    Person,
)
from portal.web.paging import Page, paginate

PAGE_SIZE = 20
VIEWS = ("coming", "unanswered", "to_close", "past")
_S = InvitationState
#: Once past, they say neither that the person came nor that they did not.
_NOT_CLOSED = (_S.SENT, _S.ACCEPTED, _S.CALL_ASKED)
LARGEST_BATCH = 50


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """A page of the list, and how many invitations each view holds."""

    page: Page[Invitation]
    counts: dict[str, int]


def may_read(actor: Actor) -> ColumnElement[bool]:
    """Those the actor's structure sent, and those of the people it may change the file of.

    The person must still be somebody the actor may see: who is archived or no longer followed
    leaves the lists. A hub sees the invitations to its own meetings alone.
    """
    if actor.can(Capability.PEOPLE_WRITE):
        sent_here = Invitation.organisation_id == actor.organisation.id
        visible = Invitation.person.has(people_access.may_read(actor))
        return or_(Invitation.person.has(people_access.may_write(actor)), and_(sent_here, visible))
    if actor.can(Capability.HUBS_WRITE):
        return and_(
            Invitation.organisation_id == actor.organisation.id,
            Invitation.booking_id.is_not(None),
            Invitation.person.has(people_access.is_active()),
        )
    return false()


def list_invitations(
    session: Session, actor: Actor, *, view: str, mine: bool, number: int
) -> InvitationPage:
    """One page: to come and unanswered by date, past ones from the latest."""
    scope = and_(may_read(actor), Invitation.by_id == actor.account.id if mine else _always())
    conditions = {name: and_(scope, _condition(name)) for name in VIEWS}
    latest_first = view in ("to_close", "past")
    order = Invitation.starts_at.desc() if latest_first else Invitation.starts_at
    query = (
        select(Invitation)
        .where(conditions[view])
        .options(
            joinedload(Invitation.person),
            joinedload(Invitation.commune),
            joinedload(Invitation.by),
            joinedload(Invitation.organisation),
        )
        .order_by(order, Invitation.id)
    )
    counted = session.execute(
        select(
            *(func.count().filter(condition).label(name) for name, condition in conditions.items())
        ).select_from(Invitation)
    ).one()
    page = paginate(session, query, number=number, size=PAGE_SIZE)
    return InvitationPage(page, dict(counted._mapping))


def get_invitation(session: Session, actor: Actor, public_id: str) -> Invitation | None:
    """One invitation with what its page shows."""
    return session.scalar(_one().where(Invitation.public_id == public_id, may_read(actor)))


def find_unscoped(session: Session, public_id: str) -> Invitation | None:
    """Whose it is, to log that it was refused."""
    return session.scalar(select(Invitation).where(Invitation.public_id == public_id))


def may_write(session: Session, actor: Actor, invitation: Invitation) -> bool:
    """Whether the actor may move, cancel or close it: its structure sent it, or follows them."""
    if invitation.organisation_id == actor.organisation.id:
        return True
    level = people_access.access_to(session, actor, invitation.person_id)
    return level is people_access.PersonAccess.WRITE


def get_own(session: Session, *, person_id: int, public_id: str) -> Invitation | None:
    """An invitation of the person in their space."""
    return session.scalar(
        _one().where(Invitation.public_id == public_id, Invitation.person_id == person_id)
    )


def list_people(session: Session, actor: Actor, public_ids: Sequence[str]) -> list[Person]:
    """Of the people ticked, those the actor may invite, by name."""
    rows = session.scalars(
        select(Person)
        .where(Person.public_id.in_(public_ids[:LARGEST_BATCH]), people_access.may_write(actor))
        .order_by(Person.search_name, Person.id)
    )
    return list(rows)


def list_history(session: Session, invitation: Invitation) -> list[DomainEvent]:
    """What happened to it, the oldest first."""
    rows = session.scalars(
        select(DomainEvent)
        .where(
            DomainEvent.subject_kind == Invitation.__tablename__,
            DomainEvent.subject_id == invitation.id,
        )
        .options(joinedload(DomainEvent.account))
        .order_by(DomainEvent.id)
    )
    return list(rows)


def list_messages(session: Session, invitation: Invitation) -> list[OutboxMessage]:
    """What was written about it, and what leaves later."""
    rows = session.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.subject_kind == Invitation.__tablename__,
            OutboxMessage.subject_id == invitation.id,
        )
        .order_by(OutboxMessage.next_try_at, OutboxMessage.id)
    )
    return list(rows)


def call_promised(session: Session, invitation: Invitation) -> date | None:
    """The day by which somebody calls about it, when a call is still to be made."""
    return session.scalar(
        select(func.min(CallRequest.due_on)).where(
            CallRequest.subject_kind == Invitation.__tablename__,
            CallRequest.subject_id == invitation.id,
            CallRequest.done_at.is_(None),
        )
    )


def _one() -> Select[Invitation]:
    return select(Invitation).options(
        joinedload(Invitation.person),
        joinedload(Invitation.commune),
        joinedload(Invitation.by),
        joinedload(Invitation.organisation),
        joinedload(Invitation.booking).joinedload(MeetingBooking.meeting),
        selectinload(Invitation.slots),
    )


def _condition(view: str) -> ColumnElement[bool]:
    now = clock.now()
    coming = Invitation.starts_at > now
    return {
        "coming": and_(coming, Invitation.state.in_(_NOT_CLOSED)),
        "unanswered": and_(coming, Invitation.state == _S.SENT),
        "to_close": and_(Invitation.starts_at <= now, Invitation.state.in_(_NOT_CLOSED)),
        "past": Invitation.state.in_((_S.ATTENDED, _S.MISSED, _S.DECLINED, _S.CANCELLED)),
    }[view]


def _always() -> ColumnElement[bool]:
    return Invitation.id.is_not(None)
