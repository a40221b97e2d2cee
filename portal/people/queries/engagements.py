"""What still holds a person somewhere: a file closes once each of these has its end.

An archived person is in no list any more (INV-18): a seat or a rank left behind would be lost to
everybody, for nobody could see it to free it.
"""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    ACTIVE_INTRODUCTION_STATES,
    COHORT_EXIT_STATES,
    Cohort,
    CohortMembership,
    CohortState,
    Enrollment,
    EnrollmentState,
    Immersion,
    ImmersionState,
    Introduction,
    MembershipState,
    Person,
    TrainingSession,
)

_E, _I, _M = EnrollmentState, ImmersionState, MembershipState
# Not sent yet, or over: nobody counts on the person.
_FREE_ENROLMENTS = (
    _E.SUGGESTED,
    _E.PROPOSED,
    _E.AGREED,
    _E.NOT_SELECTED,
    _E.COMPLETED,
    _E.DROPPED,
    _E.EXCLUDED,
    _E.CANCELLED,
)
_FREE_IMMERSIONS = (_I.DRAFT, _I.CHECKED, _I.CLOSED, _I.REFUSED, _I.CANCELLED)
_FREE_MEMBERSHIPS = COHORT_EXIT_STATES | {_M.HIRED, _M.FOLLOWED_M3, _M.FOLLOWED_M6}


def why_file_stays_open(session: Session, person: Person) -> str | None:
    """What to end first, in words; None when the file may close."""
    held = (
        (
            _introductions(person),
            _("Une mise en relation est en cours\u00a0: dites d’abord comment elle finit."),
        ),
        (
            _enrolments(person),
            _("Une session compte sur la personne\u00a0: notez d’abord la fin du positionnement."),
        ),
        (
            _memberships(person),
            _("La personne est dans une cohorte\u00a0: notez d’abord ce qu’elle fait ensuite."),
        ),
        (
            _immersions(person),
            _("Une immersion est en cours\u00a0: dites d’abord comment elle finit."),
        ),
    )
    for query, words in held:
        if session.scalar(query.limit(1)) is not None:
            return str(words)
    return None


def _introductions(person: Person) -> Select[int]:
    return select(Introduction.id).where(
        Introduction.person_id == person.id, Introduction.state.in_(ACTIVE_INTRODUCTION_STATES)
    )


def _enrolments(person: Person) -> Select[int]:
    """Those of sessions that are not over: later, the seat is nobody's."""
    return (
        select(Enrollment.id)
        .join(TrainingSession, TrainingSession.id == Enrollment.session_id)
        .where(
            Enrollment.person_id == person.id,
            Enrollment.state.not_in(_FREE_ENROLMENTS),
            TrainingSession.end >= clock.today(),
        )
    )


def _memberships(person: Person) -> Select[int]:
    return (
        select(CohortMembership.id)
        .join(Cohort, Cohort.id == CohortMembership.cohort_id)
        .where(
            CohortMembership.person_id == person.id,
            CohortMembership.state.not_in(_FREE_MEMBERSHIPS),
            Cohort.state.not_in((CohortState.CLOSED, CohortState.CANCELLED)),
        )
    )


def _immersions(person: Person) -> Select[int]:
    return select(Immersion.id).where(
        Immersion.person_id == person.id, Immersion.state.not_in(_FREE_IMMERSIONS)
    )
