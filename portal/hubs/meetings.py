"""Information meetings: who is invited to which, who books a slot, who came (T-HUB-05)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _
from icalendar import Calendar, Event
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.people import is_active
from portal.access.transitions import IllegalTransitionError
from portal.hubs.moves import move_membership
from portal.invitations import from_hubs
from portal.locks import lock_row
from portal.models import (
    BookingState,
    Cohort,
    CohortMeeting,
    CohortMembership,
    MeetingBooking,
    MembershipState,
)

_B, _M = BookingState, MembershipState
#: Those who can be given a slot: they said yes, or missed a meeting.
INVITABLE_STATES = (_M.INTERESTED, _M.ABSENT)
_SEATED = (_B.BOOKED, _B.PRESENT)
_USUAL_LENGTH = timedelta(hours=2)


def list_meetings(session: Session, *, cohort: Cohort) -> list[CohortMeeting]:
    """The meetings of a cohort with everybody invited, in the order of time."""
    rows = session.scalars(
        select(CohortMeeting)
        .where(CohortMeeting.cohort_id == cohort.id)
        .options(
            selectinload(CohortMeeting.bookings)
            .joinedload(MeetingBooking.membership)
            .joinedload(CohortMembership.person)
        )
        .order_by(CohortMeeting.on, CohortMeeting.start_hour)
    )
    return list(rows)


def get_meeting(session: Session, *, cohort: Cohort, public_id: str) -> CohortMeeting | None:
    """One meeting of a cohort."""
    query = select(CohortMeeting).where(
        CohortMeeting.cohort_id == cohort.id, CohortMeeting.public_id == public_id
    )
    return session.scalar(query)


def get_booking(
    session: Session, *, meeting: CohortMeeting, public_id: str
) -> MeetingBooking | None:
    """One invitation to a meeting."""
    return session.scalar(
        select(MeetingBooking).where(
            MeetingBooking.meeting_id == meeting.id, MeetingBooking.public_id == public_id
        )
    )


def list_invitable(session: Session, *, cohort: Cohort) -> list[CohortMembership]:
    """Those who may be given a slot and hold none, by name."""
    booked = (
        select(MeetingBooking.membership_id)
        .join(MeetingBooking.meeting)
        .where(CohortMeeting.held.is_(False), MeetingBooking.state == _B.BOOKED)
    )
    rows = session.scalars(
        select(CohortMembership)
        .join(CohortMembership.person)
        .where(
            CohortMembership.cohort_id == cohort.id,
            CohortMembership.state.in_(INVITABLE_STATES),
            CohortMembership.id.not_in(booked),
            is_active(),
        )
        .options(joinedload(CohortMembership.person), joinedload(CohortMembership.prescriber))
    )
    return sorted(rows, key=lambda row: (row.person.search_name, row.id))


def count_seated(meeting: CohortMeeting) -> int:
    """How many seats of a meeting are taken."""
    return sum(booking.state in _SEATED for booking in meeting.bookings)


def record_meeting(
    session: Session,
    actor: Actor,
    *,
    cohort: Cohort,
    on: date,
    start_hour: str,
    end_hour: str | None,
    place: str,
    capacity: int,
) -> CohortMeeting:
    """A new slot; absentees who were still to be invited again are invited to it."""
    lock_row(session, cohort)
    known = select(CohortMeeting.id).where(
        CohortMeeting.cohort_id == cohort.id,
        CohortMeeting.on == on,
        CohortMeeting.start_hour == start_hour,
    )
    if session.scalar(known) is not None:
        raise IllegalTransitionError(str(_("Une réunion est déjà prévue à cette heure.")))
    meeting = CohortMeeting(
        cohort=cohort,
        on=on,
        start_hour=start_hour,
        end_hour=end_hour,
        place=place,
        capacity=capacity,
    )
    session.add(meeting)
    session.flush()
    record_event(session, actor=actor, subject=meeting, name="meeting_planned")
    invite_absent_again(session, actor, cohort=cohort)
    return meeting


def remove_meeting(session: Session, actor: Actor, *, meeting: CohortMeeting) -> None:
    """Take back a slot planned by mistake; once somebody was invited, it stays."""
    lock_row(session, meeting.cohort)
    session.refresh(meeting, ["bookings"])
    if meeting.bookings:
        raise IllegalTransitionError(str(_("Des personnes y sont invitées\u00a0: elle reste.")))
    record_event(
        session,
        actor=actor,
        subject=meeting.cohort,
        name="meeting_removed",
        details={"on": meeting.on.isoformat(), "start_hour": meeting.start_hour},
    )
    session.delete(meeting)
    session.flush()


def invite(
    session: Session,
    actor: Actor,
    *,
    memberships: Iterable[CohortMembership],
    meetings: Collection[CohortMeeting],
) -> int:
    """Offer people the choice of these slots; how many people have a new choice."""
    count = 0
    for membership in memberships:
        known = set(
            session.scalars(
                select(MeetingBooking.meeting_id).where(
                    MeetingBooking.membership_id == membership.id
                )
            )
        )
        offered = [row for row in meetings if row.id not in known and not row.held]
        made = [MeetingBooking(meeting=meeting, membership=membership) for meeting in offered]
        session.add_all(made)
        if made:
            count += 1
            from_hubs.invite(session, actor, made)
            days = [meeting.on.isoformat() for meeting in offered]
            record_event(
                session, actor=actor, subject=membership, name="invited", details={"days": days}
            )
    session.flush()
    return count


def book(
    session: Session, actor: Actor | None, *, meeting: CohortMeeting, membership: CohortMembership
) -> MeetingBooking:
    """The person takes this slot, and gives back the other choices.

    The seat is counted under the lock of the meeting.
    """
    lock_row(session, membership.cohort)
    lock_row(session, meeting)
    session.refresh(membership)
    if meeting.held:
        raise IllegalTransitionError(str(_("Cette réunion a déjà eu lieu.")))
    if membership.state not in (*INVITABLE_STATES, _M.ENROLLED_INFO):
        raise IllegalTransitionError(str(_("Cette personne n’attend pas de réunion.")))
    bookings = _open_bookings(session, membership)
    held = next((row for row in bookings if row.meeting_id == meeting.id), None)
    if held is not None and held.state is _B.BOOKED:
        return held
    _check_room(session, meeting)
    booking = held or MeetingBooking(meeting=meeting, membership=membership)
    booking.state = _B.BOOKED
    # One automatic invitation is counted once, whichever slot the person takes.
    booking.again = booking.again or any(row.again for row in bookings)
    session.add(booking)
    for other in bookings:
        if other is not booking:
            session.delete(other)
    session.flush()
    if membership.state is not _M.ENROLLED_INFO:
        move_membership(session, actor, membership, _M.ENROLLED_INFO)
    return booking


def _open_bookings(session: Session, membership: CohortMembership) -> Sequence[MeetingBooking]:
    return session.scalars(
        select(MeetingBooking)
        .join(MeetingBooking.meeting)
        .where(MeetingBooking.membership_id == membership.id, CohortMeeting.held.is_(False))
        .execution_options(populate_existing=True)
    ).all()


def _check_room(session: Session, meeting: CohortMeeting) -> None:
    taken = session.scalar(
        select(func.count(MeetingBooking.id)).where(
            MeetingBooking.meeting_id == meeting.id, MeetingBooking.state.in_(_SEATED)
        )
    )
    if (taken or 0) >= meeting.capacity:
        raise IllegalTransitionError(str(_("Cette réunion est complète.")))


def mark(
    session: Session, actor: Actor | None, *, booking: MeetingBooking, state: BookingState
) -> None:
    """Note who came, while the meeting is not closed; nothing else moves before that.

    ``actor`` None: the person says it themselves, from an invitation.
    """
    lock_row(session, booking.meeting)
    session.refresh(booking)
    if booking.meeting.held:
        raise IllegalTransitionError(str(_("Les présences de cette réunion sont closes.")))
    if state not in (_B.BOOKED, _B.PRESENT, _B.EXCUSED):
        raise IllegalTransitionError(str(_("Notez une présence ou une absence excusée.")))
    before, booking.state = booking.state, state
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=booking,
        name="presence_noted",
        from_state=before,
        to_state=state,
    )


@dataclass(frozen=True, slots=True)
class Closed:
    """What came of a meeting: how many came, how many did not, how many are invited again."""

    present: int
    absent: int
    invited_again: int


def close(session: Session, actor: Actor, *, meeting: CohortMeeting) -> Closed:
    """End a meeting: its people move on, and those who missed it are invited to the next."""
    cohort = meeting.cohort
    lock_row(session, cohort)
    lock_row(session, meeting)
    if meeting.held:
        raise IllegalTransitionError(str(_("Les présences de cette réunion sont closes.")))
    if meeting.on > clock.today():
        raise IllegalTransitionError(str(_("Cette réunion n’a pas encore eu lieu.")))
    meeting.held = True
    counts = {True: 0, False: 0}
    for booking in _bookings_of(session, meeting):
        if booking.state is _B.INVITED:
            continue
        came = booking.state is _B.PRESENT
        if booking.state is _B.BOOKED:
            booking.state = _B.ABSENT
        counts[came] += _follow(session, actor, booking.membership, came=came)
    session.flush()
    record_event(session, actor=actor, subject=meeting, name="meeting_held")
    from_hubs.follow_presence(session, actor, meeting)
    again = invite_absent_again(session, actor, cohort=cohort)
    return Closed(counts[True], counts[False], len(again))


def _bookings_of(session: Session, meeting: CohortMeeting) -> Sequence[MeetingBooking]:
    return session.scalars(
        select(MeetingBooking)
        .where(MeetingBooking.meeting_id == meeting.id)
        .options(joinedload(MeetingBooking.membership))
        .order_by(MeetingBooking.id)
        .execution_options(populate_existing=True)
    ).all()


def _follow(session: Session, actor: Actor, membership: CohortMembership, *, came: bool) -> bool:
    """Move somebody as the meeting says; who left the cohort meanwhile stays where they are."""
    if membership.state in INVITABLE_STATES and came:
        move_membership(session, actor, membership, _M.ENROLLED_INFO)
    if membership.state is not _M.ENROLLED_INFO:
        return False
    move_membership(session, actor, membership, _M.PRESENT if came else _M.ABSENT)
    return True


def invite_absent_again(session: Session, actor: Actor, *, cohort: Cohort) -> list[MeetingBooking]:
    """Invite once, to the next meeting, whoever missed one and was not invited again yet."""
    following = session.scalar(
        select(CohortMeeting)
        .where(
            CohortMeeting.cohort_id == cohort.id,
            CohortMeeting.held.is_(False),
            CohortMeeting.on >= clock.today(),
        )
        .order_by(CohortMeeting.on, CohortMeeting.start_hour)
        .limit(1)
    )
    if following is None:
        return []
    done = select(MeetingBooking.membership_id).where(MeetingBooking.again.is_(True))
    open_ones = (
        select(MeetingBooking.membership_id)
        .join(MeetingBooking.meeting)
        .where(CohortMeeting.held.is_(False))
    )
    absent = session.scalars(
        select(CohortMembership).where(
            CohortMembership.cohort_id == cohort.id,
            CohortMembership.state == _M.ABSENT,
            CohortMembership.id.not_in(done),
            CohortMembership.id.not_in(open_ones),
        )
    )
    made = [MeetingBooking(meeting=following, membership=row, again=True) for row in absent]
    session.add_all(made)
    session.flush()
    for booking in made:
        record_event(session, actor=actor, subject=booking.membership, name="invited_again")
    from_hubs.invite(session, actor, made)
    return made


def calendar_of(meeting: CohortMeeting) -> bytes:
    """An iCalendar file of a meeting (RFC 5545): when, where, about what, and no person."""
    start = _moment(meeting.on, meeting.start_hour)
    end = _moment(meeting.on, meeting.end_hour) if meeting.end_hour else start + _USUAL_LENGTH
    event = Event()
    event.add("uid", f"{meeting.public_id}@ecluse")
    event.add("dtstamp", meeting.updated_at)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", _("Information collective\u00a0: %(cohort)s", cohort=meeting.cohort.title))
    event.add("location", meeting.place)
    event.add("organizer", meeting.cohort.hub.name)
    calendar = Calendar()
    calendar.add("prodid", "-//Écluse//Information collective//FR")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def _moment(on: date, hour: str) -> datetime:
    return datetime.combine(on, time.fromisoformat(hour), tzinfo=clock.PARIS)
