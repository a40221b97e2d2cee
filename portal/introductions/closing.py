"""Closing what is under way when an offer closes, with a reason that can be said (INV-10)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.calls.queries import settle_calls
from portal.introductions.rules import INTRODUCTION_MACHINE
from portal.invitations import from_introductions
from portal.messages import events
from portal.models import CallReason, Introduction, IntroductionState, JobOffer, OutcomeReason

#: What a firm asks about a person, for which the adviser calls it.
_ASKED_BY_FIRM = (CallReason.MEETING, CallReason.IMMERSION)


def settle_calls_of_firm(session: Session, introduction: Introduction) -> None:
    """Nothing more is expected of the firm: what it had asked is no longer called about."""
    outcome = f"Mise en relation\u00a0: {introduction.state.label}."
    for reason in _ASKED_BY_FIRM:
        settle_calls(session, reason=reason, subject=introduction, outcome=outcome)


def close_with_offer(
    session: Session, actor: Actor | None, *, offer: JobOffer, reason: OutcomeReason
) -> int:
    """Close every introduction of a closed offer; an outcome already known keeps its reason.

    A meeting that was to come is off, and the person is told: nobody travels for nothing.
    """
    rows = session.scalars(
        select(Introduction).where(
            Introduction.offer_id == offer.id, Introduction.state != IntroductionState.CLOSED
        )
    ).all()
    for row in rows:
        hired = row.state is IntroductionState.HIRED
        row.outcome_reason = row.outcome_reason or reason
        row.closed_at = clock.now()
        INTRODUCTION_MACHINE.move(
            session,
            row,
            IntroductionState.CLOSED,
            actor=actor,
            name="closed_with_offer",
            reason=row.outcome_reason.value,
        )
        settle_calls_of_firm(session, row)
        events.stop_asking_agreement(session, row)
        if not hired:
            from_introductions.call_off(session, actor, row, told=not row.person.is_gone)
    return len(rows)
