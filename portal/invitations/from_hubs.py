"""An information meeting of a hub: who is given a choice of slots is written to.

Called by the hubs; what a person answers goes the other way (``hub_answers``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.invitations import reminding
from portal.invitations.inviting import Proposal, note_presence, record_invitation
from portal.invitations.rules import INVITATION_MACHINE
from portal.models import (
    AnswerChannel,
    BookingState,
    CohortMeeting,
    Invitation,
    InvitationKind,
    InvitationState,
    MeetingBooking,
)

_TITLE = "une réunion d’information"
_WAITING = (InvitationState.SENT, InvitationState.ACCEPTED, InvitationState.CALL_ASKED)


def invite(session: Session, actor: Actor, bookings: Iterable[MeetingBooking]) -> None:
    """One invitation per person, to their first slot; none when they already have one to come."""
    session.flush()
    by_member: dict[int, MeetingBooking] = {}
    ordered = sorted(bookings, key=lambda row: (row.meeting.on, row.meeting.start_hour, row.id))
    for booking in ordered:
        if starts_at(booking.meeting) > clock.now():
            by_member.setdefault(booking.membership_id, booking)
    for booking in by_member.values():
        if _waiting_one(session, booking.membership_id) is None:
            _invite(session, actor, booking)


def follow_booking(session: Session, actor: Actor, booking: MeetingBooking) -> None:
    """The person took this slot, said to a professional: the invitation follows it."""
    row = _waiting_one(session, booking.membership_id)
    if row is None:
        return
    attach(session, row, booking)
    row.answered_at, row.answered_by = clock.now(), AnswerChannel.PHONE
    row.helper_id = actor.account.id
    if row.state is not InvitationState.ACCEPTED:
        INVITATION_MACHINE.move(
            session, row, InvitationState.ACCEPTED, actor=actor, name="answered"
        )
    reminding.replan(session, row)


def follow_presence(session: Session, actor: Actor, meeting: CohortMeeting) -> None:
    """A meeting is closed: its invitations say who came."""
    rows = session.scalars(
        select(Invitation)
        .join(Invitation.booking)
        .where(MeetingBooking.meeting_id == meeting.id, Invitation.state.in_(_WAITING))
        .options(joinedload(Invitation.booking), joinedload(Invitation.person))
    ).all()
    for row in rows:
        if row.booking is not None and row.booking.state in _NOTED:
            note_presence(session, actor, row, came=row.booking.state is BookingState.PRESENT)


def attach(session: Session, invitation: Invitation, booking: MeetingBooking) -> None:
    """Tie an invitation to the slot that was taken."""
    meeting = booking.meeting
    invitation.booking = booking
    invitation.starts_at, invitation.ends_at = starts_at(meeting), ends_at(meeting)
    invitation.place = meeting.place
    session.flush()


def starts_at(meeting: CohortMeeting) -> datetime:
    """The instant a meeting starts."""
    return _moment(meeting.on, meeting.start_hour)


def ends_at(meeting: CohortMeeting) -> datetime | None:
    """The instant it ends, if said and after its start."""
    end = _moment(meeting.on, meeting.end_hour) if meeting.end_hour else None
    return end if end and end > starts_at(meeting) else None


_NOTED = (BookingState.PRESENT, BookingState.ABSENT)


def _invite(session: Session, actor: Actor, booking: MeetingBooking) -> None:
    meeting, membership = booking.meeting, booking.membership
    record_invitation(
        session,
        actor,
        person=membership.person,
        proposal=Proposal(
            kind=InvitationKind.INFORMATION,
            title=_TITLE,
            starts_at=starts_at(meeting),
            ends_at=ends_at(meeting),
            place=meeting.place,
        ),
        organisation_id=membership.cohort.hub_id,
        booking=booking,
    )


def _waiting_one(session: Session, membership_id: int) -> Invitation | None:
    return session.scalar(
        select(Invitation)
        .join(Invitation.booking)
        .where(
            MeetingBooking.membership_id == membership_id,
            Invitation.state.in_(_WAITING),
            Invitation.starts_at > clock.now(),
        )
        .order_by(Invitation.id)
        .limit(1)
    )


def _moment(on: date, hour: str) -> datetime:
    return datetime.combine(on, time.fromisoformat(hour), tzinfo=clock.PARIS)
