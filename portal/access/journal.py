"""Domain events: transitions with their author, date and reason."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.models.journal import DomainEvent


def record_event(
    session: Session,
    *,
    actor: Actor | None,
    subject: Any,
    name: str,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str | None = None,
    details: dict[str, Any] | None = None,
) -> DomainEvent:
    """Append an event about a flushed row (``subject.id`` is set)."""
    event = DomainEvent(
        account_id=actor.account.id if actor else None,
        organisation_id=actor.organisation.id if actor else None,
        subject_kind=type(subject).__tablename__,
        subject_id=subject.id,
        name=name,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        details=details or {},
    )
    session.add(event)
    return event
