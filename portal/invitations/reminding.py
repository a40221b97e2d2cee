"""Reminders: two days before, the evening before, two hours before; and how a first day went.

They are written ahead, with the instant they leave at: the one of two hours before leaves at the
minute. Each has a key of its own, so that two workers write it once. Days and hours are those of
Paris; the hours that follow a change of time are right, since an instant is made from its day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.doors.links import make_link
from portal.invitations import words
from portal.invitations.rules import ends_of_use, has_hour, is_reminded
from portal.invitations.travel import travel_words
from portal.locks import hold_row
from portal.messages.outbox import Text, write_message
from portal.messages.settling import cancel_unsent, end_tries, take_back
from portal.messages.tongues import tongue_of
from portal.models import (
    FIRST_DAYS,
    Invitation,
    InvitationState,
    LinkPurpose,
    MessageKind,
    MessageState,
    OutboxMessage,
)

#: A link opens for 14 days: what is further away is written later, by the hourly task.
AHEAD = timedelta(days=4)
#: The name of the message that invites.
FIRST = "first"
_EARLIEST, _LATEST = time(8), time(20)
_MORNING, _EVENING = time(10), time(18)
_KINDS = (MessageKind.REMINDER, MessageKind.FIRST_DAY)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a message about an invitation leaves, and after which instant it is useless."""

    name: str
    at: datetime
    until: datetime


def moments(invitation: Invitation) -> list[Moment]:
    """The reminders of an invitation and the question of its evening, in the order of time."""
    starts = ends_of_use(invitation)
    day = starts.astimezone(clock.PARIS).date()
    found = [
        Moment("j2", _at(day - timedelta(days=2), _MORNING), starts),
        Moment("j1", _at(day - timedelta(days=1), _EVENING), starts),
    ]
    shortly = starts - timedelta(hours=2)
    if (
        has_hour(invitation.starts_at)
        and _EARLIEST <= shortly.astimezone(clock.PARIS).time() <= _LATEST
    ):
        found.append(Moment("h2", shortly, starts))
    if invitation.kind in FIRST_DAYS:
        evening = _at(day, _EVENING)
        found.append(Moment("day", evening, evening + timedelta(days=1)))
    return found


def replan(session: Session, invitation: Invitation) -> None:
    """After an answer, a move or a cancellation: take back what waits, write what is due."""
    withdraw(session, invitation)
    for row in plan(session, invitation):
        if row.state is MessageState.CANCELLED:
            row.state = MessageState.TO_SEND if row.address else MessageState.TO_CALL
    session.flush()


def withdraw(session: Session, invitation: Invitation, *, announced: bool = False) -> None:
    """Cancel the reminders that have not left; ``announced``: the invitation itself too, which
    would tell a moment that is no longer the right one."""
    kinds = (*_KINDS, MessageKind.INVITATION) if announced else _KINDS
    of_it = (
        OutboxMessage.subject_kind == Invitation.__tablename__,
        OutboxMessage.subject_id == invitation.id,
        OutboxMessage.kind.in_(kinds),
    )
    cancel_unsent(session, *of_it)
    if announced:
        end_tries(session, *of_it)


def withdraw_question(session: Session, invitation: Invitation) -> None:
    """Who answered is not asked any more."""
    take_back(session, message_key(invitation, FIRST), why="la personne a répondu")


def message_key(invitation: Invitation, name: str) -> str:
    """The key of a message about an invitation: the same name is told once."""
    return f"invitation:{invitation.public_id}:{name}"


def plan(session: Session, invitation: Invitation) -> list[OutboxMessage]:
    """Write the messages of an invitation that leave within :data:`AHEAD`; those of its moment."""
    return [_write(session, invitation, moment) for moment in _due(invitation)]


def plan_reminders(session: Session, _today: date) -> int:
    """The hourly task: messages of the coming days that are not written yet. How many."""
    now = clock.now()
    rows = session.scalars(
        select(Invitation)
        .where(
            Invitation.starts_at > now - timedelta(days=1),
            Invitation.starts_at <= now + AHEAD,
            Invitation.state != InvitationState.CANCELLED,
        )
        .options(joinedload(Invitation.person), joinedload(Invitation.commune))
        .order_by(Invitation.id)
    ).all()
    wanted = [(row, moment) for row in rows for moment in _due(row)]
    keys = [_key(row, moment) for row, moment in wanted]
    known = set(session.scalars(select(OutboxMessage.key).where(OutboxMessage.key.in_(keys))))
    missing = [pair for pair, key in zip(wanted, keys, strict=True) if key not in known]
    return sum(_write_once(session, row, moment) for row, moment in missing)


def _write_once(session: Session, invitation: Invitation, moment: Moment) -> bool:
    """False when another worker wrote the same message meanwhile."""
    try:
        with session.begin_nested():
            # The write comes first: SQLite refuses one after a read that another outdated.
            hold_row(session, invitation)
            if _written(session, invitation, moment) is not None:
                return False
            _write(session, invitation, moment)
    except IntegrityError:
        return False
    return True


def _written(session: Session, invitation: Invitation, moment: Moment) -> OutboxMessage | None:
    key = _key(invitation, moment)
    return session.scalar(select(OutboxMessage).where(OutboxMessage.key == key))


def _due(invitation: Invitation) -> Iterator[Moment]:
    """What is to be written now: not what was past when the person answered, nor what is late."""
    now = clock.now()
    since = invitation.answered_at or invitation.created_at
    for moment in moments(invitation):
        useful = _asks_day(invitation) if moment.name == "day" else is_reminded(invitation)
        if useful and since < moment.at <= now + AHEAD and now < moment.until:
            yield moment


def _asks_day(invitation: Invitation) -> bool:
    """Whether somebody may have come, who has not said how it went."""
    away = (InvitationState.DECLINED, InvitationState.CANCELLED, InvitationState.MISSED)
    return invitation.feeling is None and invitation.state not in away


def _write(session: Session, invitation: Invitation, moment: Moment) -> OutboxMessage:
    asks = moment.name == "day"
    known = _written(session, invitation, moment)
    if known is not None:
        return known
    return write_message(
        session,
        key=_key(invitation, moment),
        kind=MessageKind.FIRST_DAY if asks else MessageKind.REMINDER,
        to=invitation.person,
        text=_text(invitation, moment),
        organisation_id=invitation.organisation_id,
        subject=invitation,
        link=make_link(
            session, purpose=LinkPurpose.PERSON_ANSWER, to=invitation.person, subject=invitation
        ),
        not_before=moment.at,
        expires_at=moment.until,
    )


def _text(invitation: Invitation, moment: Moment) -> Text:
    if moment.name == "day":
        return words.feeling_text(invitation)
    day = moment.at.astimezone(clock.PARIS).date()
    if moment.name != "h2":
        return words.reminder_text(invitation, day)
    travel = travel_words(invitation, tongue_of(invitation.person))
    return words.reminder_text(invitation, day, travel, travel_words(invitation))


def _key(invitation: Invitation, moment: Moment) -> str:
    """One message for each moment of each hour the meeting was set at."""
    starts = invitation.starts_at.astimezone(clock.PARIS)
    return message_key(invitation, f"{starts:%Y%m%dT%H%M}:{moment.name}")


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=clock.PARIS)
