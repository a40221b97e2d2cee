"""Where a pathway goes: an offer, or a trade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal import matchmaking as mm
from portal.access import offers as offer_access
from portal.access.actor import Actor
from portal.models import LIVE_OFFER_STATES, Interest, JobOffer, Occupation, Person


@dataclass(frozen=True, slots=True)
class Goal:
    """An offer the actor may read, or an occupation: one of the two."""

    offer: JobOffer | None = None
    occupation: Occupation | None = None

    @property
    def arguments(self) -> dict[str, str]:
        """How the composer's address names it."""
        if self.offer is not None:
            return {"offre": self.offer.public_id}
        return {"metier": self.occupation.code} if self.occupation else {}

    @property
    def label(self) -> str:
        """The goal in words."""
        if self.offer is not None:
            trade = self.offer.occupation.label if self.offer.occupation else ""
            place = f", {self.offer.commune.name}" if self.offer.commune else ""
            return f"{self.offer.title or trade}{place}"
        return self.occupation.label if self.occupation else ""

    @property
    def rows(self) -> dict[str, Any]:
        """The goal as matchmaking and recording take it."""
        return {"offer": self.offer, "occupation": self.occupation}


def get_goal(
    session: Session, actor: Actor, *, offer: str | None, trade: str | None
) -> Goal | None:
    """The goal named in an address; None when it is unknown or hidden from the actor."""
    if offer:
        row = session.scalar(
            select(JobOffer)
            .where(JobOffer.public_id == offer, offer_access.may_read(actor))
            .options(
                joinedload(JobOffer.occupation),
                joinedload(JobOffer.commune),
                joinedload(JobOffer.establishment),
                *mm.requirement_loading(),
            )
        )
        return Goal(offer=row) if row else None
    occupation = session.get(Occupation, trade) if trade else None
    return Goal(occupation=occupation) if occupation else None


def is_proposable(offer: JobOffer) -> bool:
    """Live, fresh, and still to be filled in the future (T-OFF-03)."""
    today = clock.today()
    return (
        offer.state in LIVE_OFFER_STATES
        and offer.fresh_until is not None
        and offer.fresh_until >= today
        and offer.start_latest is not None
        and offer.start_latest >= today
    )


def list_liked_trades(session: Session, person: Person) -> Sequence[Occupation]:
    """The trades the person likes, in the order of their names."""
    rows = session.scalars(
        select(Occupation)
        .join(Interest, Interest.occupation_code == Occupation.code)
        .where(Interest.person_id == person.id, Interest.liking == 1)
        .order_by(Occupation.label)
    )
    return rows.all()
