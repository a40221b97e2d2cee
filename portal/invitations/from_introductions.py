"""An employer meets a person: the day is proposed to the person, an earlier one called off."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.invitations.first_days import announce
from portal.invitations.inviting import cancel
from portal.invitations.rules import OPEN_STATES
from portal.models import Introduction, Invitation, InvitationKind


def invite(session: Session, actor: Actor | None, introduction: Introduction) -> None:
    """The day of ``meeting_on``; the employer's hour is said by the référent who calls."""
    day = introduction.meeting_on
    if day is None:
        return
    for row in _earlier(session, introduction):
        if row.starts_at.astimezone(clock.PARIS).date() != day:
            cancel(session, actor, invitation=row, reason="other_day", told=False)
    offer = introduction.offer
    announce(
        session,
        actor,
        person=introduction.person,
        kind=InvitationKind.EMPLOYER_MEETING,
        title="une rencontre avec un employeur",
        day=day,
        hour=None,
        place=offer.establishment.name if offer.establishment else None,
        commune_code=offer.commune_code,
        organisation_id=introduction.organisation_id,
        introduction=introduction,
    )


def _earlier(session: Session, introduction: Introduction) -> list[Invitation]:
    rows = session.scalars(
        select(Invitation).where(
            Invitation.introduction_id == introduction.id,
            Invitation.state.in_(OPEN_STATES),
            Invitation.starts_at > clock.now(),
        )
    )
    return list(rows)
