"""Call requests: one stays open per reason, bearer and subject."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.locks import hold_row
from portal.models import (
    CallReason,
    CallRequest,
    EmployerContact,
    Establishment,
    Organisation,
    Person,
    Referral,
)


def record_call(
    session: Session,
    *,
    reason: CallReason,
    due_on: date,
    person: Person | None = None,
    establishment: Establishment | None = None,
    contact: EmployerContact | None = None,
    organisation_id: int | None = None,
    account_id: int | None = None,
    subject: Any = None,
    note: str | None = None,
) -> CallRequest | None:
    """Ask that somebody be called; the same request, still open, takes the new note below its own.

    Without ``organisation_id``, who follows the person, or the platform of the establishment,
    calls. None when nobody follows them: the caller then says so on the screen.
    """
    if organisation_id is None:
        organisation_id, account_id = _who_follows(session, person, establishment)
    if organisation_id is None:
        return None
    hold_row(session, person or establishment)  # two at once find each other
    key = _key(reason, person, establishment, organisation_id, subject)
    row = session.scalar(
        select(CallRequest)
        .where(CallRequest.done_at.is_(None), *(getattr(CallRequest, k) == key[k] for k in key))
        # What another transaction noted while this one waited is kept.
        .execution_options(populate_existing=True)
    )
    if row is None:
        row = CallRequest(**key, contact=contact, account_id=account_id, due_on=due_on)
        session.add(row)
    row.note = noted(row.note, note)
    row.due_on = min(row.due_on, due_on)
    row.asked_at = clock.now()
    session.flush()
    return row


def noted(known: str | None, note: str | None) -> str | None:
    """What was noted, oldest first, with one more note; the same words are not said twice."""
    if not known or not note:
        return note or known
    return known if f"\n{note}\n" in f"\n{known}\n" else f"{known}\n{note}"


def _key(
    reason: CallReason,
    person: Person | None,
    establishment: Establishment | None,
    organisation_id: int,
    subject: Any,
) -> dict[str, Any]:
    """What two requests that are the same have in common."""
    return {
        "reason": reason,
        "person_id": person.id if person else None,
        "establishment_id": establishment.id if establishment else None,
        "organisation_id": organisation_id,
        "subject_kind": type(subject).__tablename__ if subject is not None else None,
        "subject_id": subject.id if subject is not None else None,
    }


def promised_call(session: Session, person: Person, reason: CallReason) -> date | None:
    """The day by which somebody calls the person about it, when nobody has called yet."""
    return session.scalar(
        select(func.min(CallRequest.due_on)).where(
            CallRequest.person_id == person.id,
            CallRequest.reason == reason,
            CallRequest.done_at.is_(None),
        )
    )


def settle_calls(session: Session, *, reason: CallReason, subject: Any, outcome: str) -> None:
    """Close the open requests about a row for which no call is needed any more."""
    rows = session.scalars(
        select(CallRequest).where(
            CallRequest.reason == reason,
            CallRequest.subject_kind == type(subject).__tablename__,
            CallRequest.subject_id == subject.id,
            CallRequest.done_at.is_(None),
        )
    )
    for row in rows:
        row.done_at, row.outcome = clock.now(), outcome
    session.flush()


def who_follows(session: Session, person: Person) -> Referral | None:
    """The lead referral of a person, else the oldest one that is still open."""
    return session.scalar(
        select(Referral)
        .where(Referral.person_id == person.id, Referral.end.is_(None))
        .order_by(Referral.lead.desc(), Referral.start, Referral.id)
        .limit(1)
    )


def _who_follows(
    session: Session, person: Person | None, establishment: Establishment | None
) -> tuple[int | None, int | None]:
    if person is not None:
        referral = who_follows(session, person)
        if referral is not None:
            return referral.organisation_id, referral.account_id
        owner = session.get(Organisation, person.owner_id)
        return (owner.id if owner else None), None
    if establishment is not None:
        return establishment.owner_id, establishment.adviser_id
    return None, None
