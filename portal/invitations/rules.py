"""What may follow what in the life of an invitation: pure decisions.

An answer is never a contract: a person may change their mind until the hour of the meeting, and
a professional writes afterwards whether they came (domain reference §3.4).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Literal

from flask_babel import gettext as _

from portal import clock
from portal.access.transitions import IllegalTransitionError, Machine
from portal.models import FIRST_DAYS, Invitation, InvitationKind, InvitationState
from portal.today.tasks import working_days_after

Choice = Literal["yes", "no", "call_me"]

_S, _K = InvitationState, InvitationKind

INVITATION_MACHINE = Machine[InvitationState](
    {
        _S.SENT: frozenset(
            {_S.ACCEPTED, _S.DECLINED, _S.CALL_ASKED, _S.CANCELLED, _S.ATTENDED, _S.MISSED}
        ),
        _S.ACCEPTED: frozenset({_S.DECLINED, _S.CALL_ASKED, _S.CANCELLED, _S.ATTENDED, _S.MISSED}),
        _S.CALL_ASKED: frozenset({_S.ACCEPTED, _S.DECLINED, _S.CANCELLED, _S.ATTENDED, _S.MISSED}),
        _S.DECLINED: frozenset({_S.ACCEPTED, _S.CALL_ASKED, _S.CANCELLED, _S.ATTENDED}),
        # A presence noted by mistake is corrected.
        _S.ATTENDED: frozenset({_S.MISSED}),
        _S.MISSED: frozenset({_S.ATTENDED}),
    }
)

STATE_OF: dict[Choice, InvitationState] = {
    "yes": _S.ACCEPTED,
    "no": _S.DECLINED,
    "call_me": _S.CALL_ASKED,
}

#: What the person presses; one who would come another day is called.
BUTTONS: dict[str, Choice] = {
    "yes": "yes",
    "no": "no",
    "call_me": "call_me",
    "other_day": "call_me",
}

#: The person may still answer, or change their answer.
OPEN_STATES = frozenset({_S.SENT, _S.ACCEPTED, _S.CALL_ASKED, _S.DECLINED})
#: « Je veux bien essayer »: the référent calls to confirm, because somebody else waits for it.
CONFIRMED_BY_CALL = frozenset({_K.VISIT, _K.EMPLOYER_MEETING})
#: Declined, somebody else is to be told: the employer, the training organisation.
MATTERS_TO_OTHERS = FIRST_DAYS | {_K.EMPLOYER_MEETING}

_USUAL_START = time(8)

CONFIRM_WITHIN = 2
"""Working days within which the référent calls (domain reference §3.4, step 5)."""


def check_answerable(invitation: Invitation, now: datetime) -> None:
    """Raise :class:`IllegalTransitionError`, in words for the person, once it is too late."""
    if invitation.state is _S.CANCELLED:
        raise IllegalTransitionError(
            _("Ce rendez-vous est annulé. Appelez votre conseiller pour en parler.")
        )
    if invitation.state not in OPEN_STATES or has_started(invitation, now):
        raise IllegalTransitionError(
            _("Ce rendez-vous est passé. Appelez votre conseiller pour en parler.")
        )


def has_started(invitation: Invitation, now: datetime) -> bool:
    """Whether its hour has come."""
    return ends_of_use(invitation) <= now


def has_hour(starts_at: datetime) -> bool:
    """Whether an hour is known: midnight in Paris stands for « hour to be said »."""
    return starts_at.astimezone(clock.PARIS).time() != time()


def ends_of_use(invitation: Invitation) -> datetime:
    """Until when a message about it is of use: its start; eight o’clock when no hour is known."""
    starts = invitation.starts_at
    if has_hour(starts):
        return starts
    return datetime.combine(day_of(starts), _USUAL_START, tzinfo=clock.PARIS)


def is_reminded(invitation: Invitation) -> bool:
    """Whether reminders are useful: the person said yes, or the day was agreed on before."""
    if invitation.state is _S.ACCEPTED:
        return True
    return invitation.state in (_S.SENT, _S.CALL_ASKED) and invitation.kind in FIRST_DAYS


def asks_feeling(invitation: Invitation, now: datetime) -> bool:
    """Whether « Tout s’est bien passé ? » is asked: a first day that began, within the week."""
    return (
        invitation.kind in FIRST_DAYS
        and invitation.state not in (_S.CANCELLED, _S.DECLINED, _S.MISSED)
        and ends_of_use(invitation) <= now < invitation.starts_at + timedelta(days=7)
    )


def needs_call_when_declined(invitation: Invitation, before: InvitationState) -> bool:
    """Whether a « non » is told to somebody: it was a « oui » before, or others wait for it."""
    return before is _S.ACCEPTED or invitation.kind in MATTERS_TO_OTHERS


def due_of_call(today: date, choice: Choice, day: date) -> date:
    """By when the référent calls; a « oui » is confirmed before the day itself when it is near."""
    due = working_days_after(today, CONFIRM_WITHIN)
    return due if choice == "yes" and due < day else working_days_after(today, 1)


def day_of(instant: datetime) -> date:
    """The day of an instant, in Paris."""
    return instant.astimezone(clock.PARIS).date()
