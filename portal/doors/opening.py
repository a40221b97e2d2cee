"""Whether a link opens its door, and taking it: the first to take it has it, alone."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal import clock
from portal.locks import hold_row
from portal.models import DoorLink, EmployerContact, PassOutcome, Person


def bearer_of(link: DoorLink) -> Person | EmployerContact:
    """Who a link was made for."""
    bearer = link.person or link.contact
    assert bearer is not None  # a constraint of the table
    return bearer


def is_followed(bearer: Person | EmployerContact) -> bool:
    """Whether somebody may still come in: neither archived, nor objecting, nor gone."""
    if isinstance(bearer, Person):
        return bearer.archived_at is None and bearer.objected_at is None
    return bearer.active


def why_closed(link: DoorLink) -> PassOutcome | None:
    """Why a genuine link does not open any more; None when it does."""
    if not is_followed(bearer_of(link)):
        return PassOutcome.CLOSED
    if link.revoked_at is not None:
        return PassOutcome.REVOKED
    if link.used_at is not None:
        return PassOutcome.USED
    return PassOutcome.EXPIRED if clock.now() >= link.expires_at else None


def take_link(session: Session, link: DoorLink) -> PassOutcome | None:
    """Use a link, once: None when it is taken, else why it could not be."""
    hold_row(session, link)
    session.refresh(link)
    refusal = why_closed(link)
    if refusal is None:
        link.used_at = clock.now()
        session.flush()
    return refusal
