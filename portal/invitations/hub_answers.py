"""What a person answers to a hub's information meeting, as the hub's own rules allow it."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.hubs import meetings
from portal.invitations.from_hubs import attach, starts_at
from portal.invitations.rules import Choice
from portal.models import BookingState, CohortMeeting, Invitation, MeetingBooking


def follow_answer(session: Session, invitation: Invitation, choice: Choice) -> None:
    """« Oui » takes the seat, « non » gives every slot back; nothing for another invitation."""
    booking = invitation.booking
    if booking is None:
        return
    if choice == "yes":
        take(session, invitation, booking.meeting)
    elif choice == "no":
        for row in open_bookings(session, booking.membership_id):
            if row.state is not BookingState.EXCUSED:
                meetings.mark(session, None, booking=row, state=BookingState.EXCUSED)


def take(session: Session, invitation: Invitation, meeting: CohortMeeting) -> None:
    """Book a seat in this meeting; refused when it is full or held."""
    booking = invitation.booking
    assert booking is not None, "only an invitation to a hub's meeting takes a seat in one"
    try:
        taken = meetings.book(session, None, meeting=meeting, membership=booking.membership)
    except IllegalTransitionError as error:
        # What a hub says of its meeting is for professionals.
        said = _("Cette réunion n’est plus possible. Choisissez une autre date.")
        raise IllegalTransitionError(said) from error
    attach(session, invitation, taken)


def other_meetings(session: Session, invitation: Invitation) -> list[CohortMeeting]:
    """The other meetings the person was offered that are to come and have room, soonest first."""
    booking = invitation.booking
    if booking is None:
        return []
    rows = meetings.list_meetings(session, cohort=booking.membership.cohort)
    return [
        row
        for row in rows
        if row.id != booking.meeting_id
        and not row.held
        and starts_at(row) > clock.now()
        and meetings.count_seated(row) < row.capacity
    ]


def open_bookings(session: Session, membership_id: int) -> list[MeetingBooking]:
    """The slots a person was given in meetings that are not closed."""
    rows = session.scalars(
        select(MeetingBooking)
        .join(MeetingBooking.meeting)
        .where(MeetingBooking.membership_id == membership_id, CohortMeeting.held.is_(False))
        .options(contains_eager(MeetingBooking.meeting))
        .order_by(MeetingBooking.id)
    )
    return list(rows)
