"""Another moment: the slots a professional gave, or the other meetings of a hub that have room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.calls.queries import settle_calls
from portal.invitations import from_hubs, hub_answers, reminding, words
from portal.invitations.answering import hold, stamp
from portal.invitations.inviting import set_moment, tell
from portal.invitations.rules import INVITATION_MACHINE, check_answerable
from portal.models import (
    AnswerChannel,
    CallReason,
    Invitation,
    InvitationSlot,
    InvitationState,
)

SHOWN = 2
"""How many other moments are shown at once (domain reference §3.4, step 6)."""


@dataclass(frozen=True, slots=True)
class OtherMoment:
    """A moment one may choose instead: the id of its slot or of its meeting, when, where."""

    key: str
    starts_at: datetime
    place: str | None


def list_others(session: Session, invitation: Invitation) -> list[OtherMoment]:
    """The next moments that can still be chosen, at most :data:`SHOWN`."""
    if invitation.booking is not None:
        meetings = hub_answers.other_meetings(session, invitation)
        found = [OtherMoment(m.public_id, from_hubs.starts_at(m), m.place) for m in meetings]
    else:
        now = clock.now()
        found = [
            OtherMoment(slot.public_id, slot.starts_at, invitation.place)
            for slot in invitation.slots
            if slot.starts_at > now
        ]
    return sorted(found, key=lambda other: other.starts_at)[:SHOWN]


def move(
    session: Session,
    *,
    invitation: Invitation,
    key: str,
    channel: AnswerChannel,
    helper_id: int | None = None,
    actor: Actor | None = None,
) -> None:
    """Take another moment, which is a « oui »; the same choice twice changes nothing.

    Raises :class:`IllegalTransitionError` when it is too late, or when the moment is full or gone.
    """
    hold(session, invitation)
    session.refresh(invitation, ["slots", "booking"])
    check_answerable(invitation, clock.now())
    if _has_it(invitation, key):
        return
    if invitation.booking is not None:
        _take_meeting(session, invitation, key, actor)
    else:
        _take_slot(session, invitation, key, actor)
    stamp(invitation, channel, helper_id or (actor.account.id if actor else None))
    invitation.reason = None
    if invitation.state is not InvitationState.ACCEPTED:
        INVITATION_MACHINE.move(
            session,
            invitation,
            InvitationState.ACCEPTED,
            actor=actor,
            name="answered",
            details={"channel": channel.value, "helper": invitation.helper_id},
        )
    _follow_move(session, invitation, actor)


def _follow_move(session: Session, invitation: Invitation, actor: Actor | None) -> None:
    """What was asked or announced of the former moment is over."""
    settle_calls(
        session,
        reason=CallReason.CANNOT_COME,
        subject=invitation,
        # Read by a professional, whatever the language of the person's page.
        outcome="La personne a choisi une autre date.",
    )
    reminding.withdraw(session, invitation, announced=True)
    reminding.replan(session, invitation)
    if actor is not None:
        day = f"{invitation.starts_at:%Y%m%dT%H%M}"
        tell(session, invitation, words.moved_text(invitation, clock.today()), f"moved:{day}")


def _has_it(invitation: Invitation, key: str) -> bool:
    """Whether that meeting is already theirs: a second tap on the same button."""
    booking = invitation.booking
    if booking is None or invitation.state is not InvitationState.ACCEPTED:
        return False
    return booking.meeting.public_id == key


def _take_meeting(session: Session, invitation: Invitation, key: str, actor: Actor | None) -> None:
    offered = hub_answers.other_meetings(session, invitation)
    meeting = next((row for row in offered if row.public_id == key), None)
    if meeting is None:
        raise _gone()
    set_moment(session, invitation, from_hubs.starts_at(meeting), actor=actor)
    hub_answers.take(session, invitation, meeting)


def _take_slot(session: Session, invitation: Invitation, key: str, actor: Actor | None) -> None:
    """The chosen moment and the former one change places: one may change one's mind again."""
    slot = next((row for row in invitation.slots if row.public_id == key), None)
    if slot is None or slot.starts_at <= clock.now():
        raise _gone()
    chosen, former = slot.starts_at, invitation.starts_at
    invitation.slots.remove(slot)
    session.flush()
    invitation.slots.append(InvitationSlot(starts_at=former))
    set_moment(session, invitation, chosen, actor=actor)


def _gone() -> IllegalTransitionError:
    return IllegalTransitionError(
        _("Cette date n’est plus possible. Choisissez-en une autre, ou demandez un appel.")
    )
