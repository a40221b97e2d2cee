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


def settle_ended(
    session: Session, actor: Actor | None, introduction: Introduction, outcome: IntroductionState
) -> None:
    """What was under way for an introduction that has just ended, with this outcome.

    After the person's no, the firm still waits to be told, and they know that they do not come.
    """
    declined = outcome is IntroductionState.DECLINED
    if not declined:
        _settle_calls_of_firm(session, introduction)
    events.stop_asking_agreement(session, introduction)
    if outcome is not IntroductionState.HIRED:
        told = not declined and not introduction.person.is_gone
        from_introductions.call_off(session, actor, introduction, told=told)


def _settle_calls_of_firm(session: Session, introduction: Introduction) -> None:
    """Nothing more is expected of the firm: what it had asked is no longer called about."""
    outcome = f"Mise en relation\u00a0: {introduction.state.label}."
    for reason in _ASKED_BY_FIRM:
        settle_calls(session, reason=reason, subject=introduction, outcome=outcome)


def date_end(introduction: Introduction) -> None:
    """It ends today; a hire that is only closed keeps the day it was noted."""
    if introduction.state is not IntroductionState.HIRED:
        introduction.closed_at = clock.now()


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
        date_end(row)
        INTRODUCTION_MACHINE.move(
            session,
            row,
            IntroductionState.CLOSED,
            actor=actor,
            name="closed_with_offer",
            reason=row.outcome_reason.value,
        )
        settle_ended(session, actor, row, IntroductionState.HIRED if hired else row.state)
    return len(rows)
