"""What a person answers, however they answer: link, space, SMS, phone, with somebody beside."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.calls.queries import record_call
from portal.invitations import hub_answers, reminding
from portal.invitations.rules import (
    CONFIRMED_BY_CALL,
    INVITATION_MACHINE,
    STATE_OF,
    Choice,
    asks_feeling,
    check_answerable,
    day_of,
    due_of_call,
    needs_call_when_declined,
)
from portal.locks import lock_row
from portal.models import (
    AnswerChannel,
    CallReason,
    DayFeeling,
    Invitation,
    InvitationState,
    Person,
    SmsMeaning,
)

_CHOICES: dict[SmsMeaning, Choice] = {
    SmsMeaning.YES: "yes",
    SmsMeaning.NO: "no",
    SmsMeaning.CALL_ME: "call_me",
}

#: Read by the professional who calls, whatever the language of the person's page.
OTHER_DAY = "La personne préfère un autre jour."


def answer(
    session: Session,
    *,
    invitation: Invitation,
    choice: Choice,
    channel: AnswerChannel,
    helper_id: int | None = None,
    reason: str | None = None,
    other_day: bool = False,
    actor: Actor | None = None,
) -> None:
    """Record an answer and all that follows from it; the same answer twice changes nothing.

    Raises :class:`IllegalTransitionError`, in words for the person, when the meeting is past,
    cancelled, or (for a hub's meeting) full. ``reason``: of a « non », never asked for.
    ``other_day``: who asks to be called would come another day. ``actor``: the professional who
    writes an answer given by phone or beside.
    """
    hold(session, invitation)
    check_answerable(invitation, clock.now())
    target, before = STATE_OF[choice], invitation.state
    if target is before and not other_day:
        return
    hub_answers.follow_answer(session, invitation, choice)
    stamp(invitation, channel, helper_id or (actor.account.id if actor else None))
    invitation.reason = reason if choice == "no" else None
    if target is not before:
        INVITATION_MACHINE.move(
            session,
            invitation,
            target,
            actor=actor,
            name="answered",
            reason=invitation.reason,
            details={"channel": channel.value, "helper": invitation.helper_id},
        )
    _ask_call(session, invitation, choice, before, OTHER_DAY if other_day else None)
    reminding.withdraw_question(session, invitation)
    reminding.replan(session, invitation)


def answer_by_sms(
    session: Session, *, subject_id: int, person: Person, meaning: SmsMeaning
) -> None:
    """The answer of an SMS received on an invitation; another's invitation is not found.

    Raises :class:`IllegalTransitionError` as :func:`answer` does, and for a meaning that is no
    answer: the caller then gives the SMS to somebody to read.
    """
    row = session.scalar(
        select(Invitation).where(Invitation.id == subject_id, Invitation.person_id == person.id)
    )
    choice = _CHOICES.get(meaning)
    if row is None or choice is None:
        raise IllegalTransitionError("this SMS answers no invitation of this person")
    answer(session, invitation=row, choice=choice, channel=AnswerChannel.SMS)


def record_feeling(
    session: Session,
    *,
    invitation: Invitation,
    feeling: DayFeeling,
    channel: AnswerChannel,
    helper_id: int | None = None,
) -> None:
    """« Tout s’est bien passé ? » A bad day is called about the same day."""
    hold(session, invitation)
    if not asks_feeling(invitation, clock.now()):
        check_answerable(invitation, clock.now())
        raise IllegalTransitionError("nothing is asked before the day")
    if invitation.feeling is feeling:
        return
    invitation.feeling, invitation.feeling_at = feeling, clock.now()
    session.flush()
    record_event(
        session,
        actor=None,
        subject=invitation,
        name="day_said",
        to_state=feeling.value,
        details={"channel": channel.value, "helper": helper_id},
    )
    reminding.replan(session, invitation)
    if feeling is DayFeeling.BAD:
        record_call(
            session,
            reason=CallReason.BAD_DAY,
            due_on=clock.today(),
            person=invitation.person,
            subject=invitation,
        )


def hold(session: Session, invitation: Invitation) -> None:
    """Wait for whoever answers at the same time; a hub's cohort is held first, as it does."""
    if invitation.booking is not None:
        lock_row(session, invitation.booking.membership.cohort)
    lock_row(session, invitation)


def stamp(invitation: Invitation, channel: AnswerChannel, helper_id: int | None) -> None:
    """When and how the person answered."""
    invitation.answered_at = clock.now()
    invitation.answered_by = channel
    invitation.helper_id = helper_id


def _ask_call(
    session: Session,
    invitation: Invitation,
    choice: Choice,
    before: InvitationState,
    note: str | None,
) -> None:
    if choice == "call_me":
        reason = CallReason.CALL_ME
    elif choice == "yes" and invitation.kind in CONFIRMED_BY_CALL:
        reason = CallReason.INTERESTED
    elif choice == "no" and needs_call_when_declined(invitation, before):
        reason = CallReason.CANNOT_COME
    else:
        return
    record_call(
        session,
        reason=reason,
        due_on=due_of_call(clock.today(), choice, day_of(invitation.starts_at)),
        person=invitation.person,
        subject=invitation,
        note=note,
    )
