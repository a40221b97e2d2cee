"""A validated immersion: its first day is announced, its cancellation told."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.invitations.first_days import announce, call_off, first_hour
from portal.models import Immersion, InvitationKind


def invite(session: Session, actor: Actor, immersion: Immersion) -> None:
    """The first day, at the hour its schedule begins with, in the establishment."""
    firm = immersion.establishment
    announce(
        session,
        actor,
        person=immersion.person,
        kind=InvitationKind.IMMERSION,
        title="votre premier jour d’immersion",
        day=immersion.start,
        hour=first_hour(immersion.schedule),
        place=immersion.place or firm.name,
        commune_code=firm.commune_code,
        organisation_id=immersion.prescriber_id or immersion.support_id,
    )


def cancel(session: Session, actor: Actor | None, immersion: Immersion) -> None:
    """It does not take place."""
    call_off(
        session,
        actor,
        person_id=immersion.person_id,
        kind=InvitationKind.IMMERSION,
        day=immersion.start,
    )
