"""An employer meets a person: the day is proposed to the person, an earlier one called off."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.calls.queries import settle_calls
from portal.invitations.answering import answer
from portal.invitations.first_days import announce, find_open
from portal.invitations.inviting import cancel
from portal.invitations.rules import OPEN_STATES
from portal.models import (
    AnswerChannel,
    CallReason,
    Introduction,
    Invitation,
    InvitationKind,
    InvitationState,
)


def invite(session: Session, actor: Actor | None, introduction: Introduction) -> None:
    """The day of ``meeting_on``; the employer's hour is said by the référent who calls."""
    day = introduction.meeting_on
    if day is None:
        return
    for row in _earlier(session, introduction):
        if row.starts_at.astimezone(clock.PARIS).date() != day:
            # Who did not say that they come reads the new day alone.
            comes = row.state is InvitationState.ACCEPTED
            cancel(session, actor, invitation=row, reason="other_day", told=comes)
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


def confirm(session: Session, actor: Actor, introduction: Introduction) -> None:
    """The person said to a professional that they come: their invitation is accepted.

    Raises :class:`IllegalTransitionError` when the day is past, or was never told to the person.
    """
    day = introduction.meeting_on
    invitation = find_open(
        session,
        person_id=introduction.person_id,
        kind=InvitationKind.EMPLOYER_MEETING,
        day=day or clock.today(),
        introduction=introduction,
    )
    if day is None or invitation is None:
        raise IllegalTransitionError(
            _("Cette rencontre n’est plus proposée à la personne\u00a0: donnez un autre jour.")
        )
    answer(
        session,
        invitation=invitation,
        choice="yes",
        channel=AnswerChannel.PHONE,
        actor=actor,
    )
    # Who just spoke with the person is not asked to call them.
    for reason in (CallReason.INTERESTED, CallReason.CALL_ME, CallReason.CANNOT_COME):
        settle_calls(
            session, reason=reason, subject=invitation, outcome="Confirmé avec la personne."
        )


def call_off(
    session: Session, actor: Actor | None, introduction: Introduction, *, told: bool
) -> None:
    """Nothing more comes of the introduction: the person is not to travel for nothing."""
    for row in _earlier(session, introduction):
        cancel(session, actor, invitation=row, reason="called_off", told=told)


def _earlier(session: Session, introduction: Introduction) -> list[Invitation]:
    rows = session.scalars(
        select(Invitation).where(
            Invitation.introduction_id == introduction.id,
            Invitation.state.in_(OPEN_STATES),
            Invitation.starts_at > clock.now(),
        )
    )
    return list(rows)
