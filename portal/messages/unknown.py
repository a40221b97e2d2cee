"""SMS from numbers of nobody: read by an administrator, who finds whom they are for."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, select
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.roles import Capability
from portal.models import ReceivedSms
from portal.web.paging import Page, paginate

PAGE_SIZE = 30


def unclaimed(actor: Actor) -> ColumnElement[bool]:
    """Those the actor has to deal with: an administrator alone sees them."""
    if not actor.can(Capability.UNKNOWN_SMS):
        return false()
    return and_(ReceivedSms.unclaimed, ReceivedSms.person_id.is_(None))


def list_unclaimed(session: Session, actor: Actor, number: int) -> Page[ReceivedSms]:
    """A page of them, those that wait longest first."""
    query = select(ReceivedSms).where(unclaimed(actor))
    ordered = query.order_by(ReceivedSms.received_at, ReceivedSms.id)
    return paginate(session, ordered, number=number, size=PAGE_SIZE)


def get_unclaimed(session: Session, actor: Actor, public_id: str) -> ReceivedSms | None:
    """One of them."""
    return session.scalar(
        select(ReceivedSms).where(ReceivedSms.public_id == public_id, unclaimed(actor))
    )


def record_claimed(session: Session, actor: Actor, *, sms: ReceivedSms) -> None:
    """Somebody was told, or nobody has to be."""
    sms.unclaimed = False
    session.flush()
    record_event(session, actor=actor, subject=sms, name="unknown_sms_claimed")
