"""What may happen to a positioning, and what it needs first (domain reference §4.3)."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from flask_babel import gettext as _

from portal.access.transitions import IllegalTransitionError, Machine
from portal.models import Enrollment, EnrollmentReason, EnrollmentState

HOLD = timedelta(hours=48)
ENTRY_WORKING_DAYS = 3
#: From how many half-days missed without a reason somebody has to call the person.
UNEXPLAINED_ALERT = 2
#: How soon a breakdown should be known after the last day of presence.
KNOWN_WITHIN = timedelta(days=5)

_S = EnrollmentState

# A person may renounce at any time before the first day; after it, the exit is a breakdown. What
# was cancelled or not kept may be taken up again: one row stands for a person and a session.
ENROLMENT_MACHINE: Machine[EnrollmentState] = Machine(
    {
        _S.SUGGESTED: frozenset({_S.PROPOSED, _S.AGREED, _S.CANCELLED}),
        _S.PROPOSED: frozenset({_S.AGREED, _S.CANCELLED}),
        _S.AGREED: frozenset({_S.POSITIONED, _S.CANCELLED}),
        _S.POSITIONED: frozenset({_S.INVITED, _S.CANDIDATE, _S.CANCELLED}),
        _S.INVITED: frozenset({_S.PRESENT, _S.ABSENT, _S.CANCELLED}),
        _S.ABSENT: frozenset({_S.INVITED, _S.PRESENT, _S.CANCELLED}),
        _S.PRESENT: frozenset({_S.CANDIDATE, _S.ABSENT, _S.NOT_SELECTED, _S.CANCELLED}),
        _S.CANDIDATE: frozenset({_S.SELECTED, _S.WAITING, _S.NOT_SELECTED, _S.CANCELLED}),
        _S.SELECTED: frozenset({_S.ADMITTED, _S.WAITING, _S.NOT_SELECTED, _S.CANCELLED}),
        _S.WAITING: frozenset({_S.SELECTED, _S.NOT_SELECTED, _S.CANCELLED}),
        _S.NOT_SELECTED: frozenset({_S.CANDIDATE}),
        _S.ADMITTED: frozenset({_S.ENTERED, _S.CANCELLED}),
        _S.ENTERED: frozenset({_S.IN_PROGRESS, _S.COMPLETED, _S.DROPPED, _S.EXCLUDED}),
        _S.IN_PROGRESS: frozenset({_S.COMPLETED, _S.DROPPED, _S.EXCLUDED}),
        _S.COMPLETED: frozenset(),
        _S.DROPPED: frozenset(),
        _S.EXCLUDED: frozenset(),
        _S.CANCELLED: frozenset({_S.PROPOSED}),
    }
)

# A cohort that admits has made the other gates itself (information, selection, immersion): its
# people go straight to « retenu », and the seat is given from there as to anybody. Who waits in
# the session, was refused there or has left it is not taken past the others.
COHORT_MACHINE: Machine[EnrollmentState] = Machine(
    dict.fromkeys(
        (
            _S.SUGGESTED,
            _S.PROPOSED,
            _S.AGREED,
            _S.POSITIONED,
            _S.INVITED,
            _S.PRESENT,
            _S.ABSENT,
            _S.CANDIDATE,
            _S.ADMITTED,
            _S.CANCELLED,
        ),
        frozenset({_S.SELECTED}),
    )
)

#: Known to those who follow the person alone: she has not said yes, or nothing was sent yet.
PRIVATE_STATES = frozenset({_S.SUGGESTED, _S.PROPOSED, _S.AGREED})
#: The person is there, or was.
TRAINED_STATES = frozenset({_S.ENTERED, _S.IN_PROGRESS, _S.COMPLETED, _S.DROPPED, _S.EXCLUDED})
PRESENT_STATES = frozenset({_S.ENTERED, _S.IN_PROGRESS})
#: Ends after which the person must not be left in front of nothing: two other sessions.
BROKEN_STATES = frozenset({_S.NOT_SELECTED, _S.DROPPED, _S.EXCLUDED, _S.CANCELLED})
ENDED_STATES = BROKEN_STATES | {_S.COMPLETED}

#: The order of the board, from the first idea to the end.
BOARD_ORDER = (
    _S.SUGGESTED,
    _S.PROPOSED,
    _S.AGREED,
    _S.POSITIONED,
    _S.INVITED,
    _S.PRESENT,
    _S.ABSENT,
    _S.CANDIDATE,
    _S.SELECTED,
    _S.WAITING,
    _S.ADMITTED,
    _S.ENTERED,
    _S.IN_PROGRESS,
    _S.COMPLETED,
    _S.NOT_SELECTED,
    _S.DROPPED,
    _S.EXCLUDED,
    _S.CANCELLED,
)

_R = EnrollmentReason
CANCEL_REASONS = (
    _R.JOB_FOUND,
    _R.OTHER_SESSION,
    _R.HEALTH_FAMILY,
    _R.CHILDCARE,
    _R.MONEY,
    _R.DISTANCE,
    _R.NOT_SUITED,
    _R.UNREACHABLE,
    _R.SESSION_CANCELLED,
    _R.OTHER,
)
NOT_SELECTED_REASONS = (_R.PREREQUISITE, _R.MOTIVATION, _R.SEATS, _R.OTHER_SESSION, _R.OTHER)
DROP_REASONS = (
    _R.JOB_FOUND,
    _R.NOT_SUITED,
    _R.HEALTH_FAMILY,
    _R.CHILDCARE,
    _R.MONEY,
    _R.DISTANCE,
    _R.UNREACHABLE,
    _R.OTHER,
)
EXCLUSION_REASONS = (_R.RULES, _R.UNREACHABLE, _R.OTHER)
#: What touches health, family or money is for those who follow the person (domain reference §4.8).
PERSONAL_REASONS = frozenset({_R.HEALTH_FAMILY, _R.CHILDCARE, _R.MONEY})


class Side(StrEnum):
    """Who moves a positioning: those who follow the person, those who give the training."""

    PRESCRIBER = "prescriber"
    ORGANISER = "organiser"


def shown_reason(reason: EnrollmentReason | None, *, opens_file: bool) -> str | None:
    """The reason of an end, in words that the reader may read."""
    if reason is None:
        return None
    if reason in PERSONAL_REASONS and not opens_file:
        return str(_("raison personnelle"))
    return reason.label


def check_agreement(enrolment: Enrollment) -> None:
    """Nothing is said of a person to an organisation before she said yes."""
    if enrolment.agreed_at is None:
        raise IllegalTransitionError(
            _("L’accord de la personne n’est pas noté : qui l’a entendu, quand, comment ?")
        )


def check_not_to_come(day: date, today: date) -> None:
    """What is recorded as done has been done."""
    if day > today:
        raise IllegalTransitionError(_("Cette date est à venir."))


def check_started(start: date, day: date) -> None:
    """Nobody enters before the first day of the session."""
    if day < start:
        raise IllegalTransitionError(_("La session n’a pas commencé à cette date."))


def check_exit(entered: date | None, last_present: date | None, today: date) -> None:
    """The last day of presence is between the entry and today."""
    if last_present is None:
        return
    check_not_to_come(last_present, today)
    if entered is not None and last_present < entered:
        raise IllegalTransitionError(_("La dernière présence ne peut pas précéder l’entrée."))


def known_late(enrolment: Enrollment) -> bool | None:
    """Whether a breakdown was known more than five days after the last presence; None: no date."""
    if enrolment.last_present_on is None or enrolment.exit_recorded_on is None:
        return None
    return enrolment.exit_recorded_on - enrolment.last_present_on > KNOWN_WITHIN


def absences_to_explain(unexplained: int, seen: int) -> int:
    """Half-days missed without a reason that nobody has dealt with, when they call for it."""
    left = unexplained - seen
    return left if left >= UNEXPLAINED_ALERT else 0
