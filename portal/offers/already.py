"""What the same firm already looks for, told while an offer is captured: nobody is called twice."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.access import offers as access
from portal.access.actor import Actor
from portal.models import JobOffer
from portal.offers.rules import CLOSED_OFFER_STATES

_SHOWN = 3


def list_already(session: Session, actor: Actor, offer: JobOffer) -> list[JobOffer]:
    """Other offers of the firm of a draft, for the same trade, that are not closed.

    Only those whose firm the actor may read: a name that is kept is not told this way either.
    """
    if offer.establishment_id is None or offer.occupation_code is None:
        return []
    rows = session.scalars(
        select(JobOffer)
        .where(
            JobOffer.establishment_id == offer.establishment_id,
            JobOffer.occupation_code == offer.occupation_code,
            JobOffer.id != offer.id,
            JobOffer.state.not_in(CLOSED_OFFER_STATES),
            access.may_read(actor),
        )
        .options(
            joinedload(JobOffer.commune),
            joinedload(JobOffer.adviser),
            joinedload(JobOffer.occupation),
        )
        .order_by(JobOffer.start_wanted.nulls_last(), JobOffer.id)
    )
    return [row for row in rows if access.sees_employer_name(actor, row)][:_SHOWN]
