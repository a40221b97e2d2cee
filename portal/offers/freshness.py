"""Every day, live offers past their freshness date go « à confirmer » (T-OFF-03)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import LIVE_OFFER_STATES, JobOffer, OfferState
from portal.offers.rules import OFFER_MACHINE


def expire_stale_offers(session: Session, today: date) -> int:
    """Move the offers past their date; returns how many. Idempotent; the caller commits."""
    stale = session.scalars(
        select(JobOffer)
        .where(JobOffer.state.in_(LIVE_OFFER_STATES), JobOffer.fresh_until < today)
        .order_by(JobOffer.id)
    ).all()
    for offer in stale:
        OFFER_MACHINE.move(session, offer, OfferState.TO_CONFIRM, actor=None, name="expired")
    return len(stale)
