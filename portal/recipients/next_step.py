"""« Ma prochaine étape »: the one thing to do now, of all that is planned for the person.

What waits for the person's answer counts as due in two days: it comes before a distant date, and
after an appointment of tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access import offers as offer_access
from portal.models import (
    Enrollment,
    EnrollmentState,
    Establishment,
    Immersion,
    ImmersionState,
    Introduction,
    IntroductionState,
    Invitation,
    InvitationKind,
    InvitationState,
    JobOffer,
    PathwayState,
    PathwayStep,
    Person,
    StepKind,
    StepState,
    TrainingAction,
    TrainingSession,
)
from portal.recipients.pathway import get_current, get_proposed, sentence_of
from portal.recipients.saying_dates import day_of
from portal.recipients.trips import Trip, trip
from portal.text import N_, capital

#: How soon an answer that is waited for counts as due.
_ANSWER_WITHIN = timedelta(days=2)

_INVITED = {
    InvitationKind.APPOINTMENT: N_("Vous voyez votre conseiller."),
    InvitationKind.VISIT: N_("Vous visitez un lieu de travail."),
    InvitationKind.INFORMATION: N_("Vous allez à une réunion d’information."),
    InvitationKind.EMPLOYER_MEETING: N_("Vous rencontrez un employeur."),
    InvitationKind.IMMERSION: N_("Vous essayez un métier en entreprise."),
    InvitationKind.TRAINING: N_("Vous commencez une formation."),
    InvitationKind.JOB: N_("Vous commencez le travail."),
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do, when, where, with whom, and the one button.

    ``what`` and ``action`` are in the language of the page; ``detail``, ``place`` and ``who``
    stay in French. ``day`` None: no date is known, or it is an answer to give.
    """

    due: date
    what: str
    action: str
    href: str
    day: date | None = None
    hour: datetime | None = None
    until: date | None = None
    detail: str | None = None
    place: str | None = None
    trip: Trip | None = None
    who: str | None = None


def get_next_step(session: Session, person: Person) -> NextStep | None:
    """The first thing due; None when nothing is planned."""
    today = clock.today()
    found = [
        *_invitations(session, person),
        *_answers(session, person, today),
        *_enrolments(session, person, today),
        *_immersions(session, person, today),
        *_steps(session, person, today),
    ]
    return min(found, key=lambda step: step.due, default=None)


def _invitations(session: Session, person: Person) -> Iterator[NextStep]:
    row = session.scalar(
        select(Invitation)
        .where(
            Invitation.person_id == person.id,
            Invitation.state.in_((InvitationState.SENT, InvitationState.ACCEPTED)),
            # Said how it went: it is behind.
            Invitation.feeling.is_(None),
            Invitation.starts_at >= clock.start_of(clock.today()),
        )
        .order_by(Invitation.starts_at, Invitation.id)
        .options(joinedload(Invitation.commune), joinedload(Invitation.organisation))
        .limit(1)
    )
    if row is None:
        return
    day = day_of(row.starts_at)
    waits = row.state is InvitationState.SENT
    yield NextStep(
        due=min(day, clock.today() + _ANSWER_WITHIN) if waits else day,
        what=str(_(_INVITED[row.kind])),
        action=str(_("Je réponds") if waits else _("Voir le rendez-vous")),
        href=url_for("recipients.invitation", public_id=row.public_id),
        day=day,
        hour=row.starts_at,
        detail=capital(row.title),
        place=_joined(row.place, row.commune.name if row.commune else None),
        trip=trip(person, row.commune),
        who=row.organisation.name,
    )


def _answers(session: Session, person: Person, today: date) -> Iterator[NextStep]:
    """A job or a pathway that waits for a yes or a no."""
    due = today + _ANSWER_WITHIN
    asked = _asked_offer(session, person)
    if asked is not None:
        yield NextStep(
            due=due,
            what=str(_("On vous propose un travail.")),
            action=str(_("Je réponds")),
            href=url_for("recipients.lead", public_id=asked.public_id),
            detail=asked.title or (asked.occupation.label if asked.occupation else None),
            place=asked.commune.name if asked.commune else None,
            trip=trip(person, asked.commune),
        )
    if get_proposed(session, person) is not None:
        yield NextStep(
            due=due,
            what=str(_("On vous propose un parcours.")),
            action=str(_("Je réponds")),
            href=url_for("recipients.pathway"),
        )


def _asked_offer(session: Session, person: Person) -> JobOffer | None:
    """The job whose employer may hear of the person if they say yes (T-SEC-06)."""
    if person.objected_at is not None or person.employers_refused_at is not None:
        return None
    return session.scalar(
        select(JobOffer)
        .join(Introduction, Introduction.offer_id == JobOffer.id)
        .where(
            Introduction.person_id == person.id,
            Introduction.state == IntroductionState.AGREEMENT_ASKED,
            offer_access.is_live(),
        )
        .order_by(Introduction.created_at, Introduction.id)
        .options(joinedload(JobOffer.occupation), joinedload(JobOffer.commune))
        .limit(1)
    )


def _enrolments(session: Session, person: Person, today: date) -> Iterator[NextStep]:
    row = session.scalar(
        select(TrainingSession)
        .join(Enrollment, Enrollment.session_id == TrainingSession.id)
        .where(
            Enrollment.person_id == person.id,
            Enrollment.state == EnrollmentState.ADMITTED,
            TrainingSession.start >= today,
        )
        .order_by(TrainingSession.start, TrainingSession.id)
        .options(
            joinedload(TrainingSession.commune),
            joinedload(TrainingSession.action).joinedload(TrainingAction.program),
        )
        .limit(1)
    )
    if row is not None:
        yield NextStep(
            due=row.start,
            what=str(_("Vous commencez une formation.")),
            action=str(_("Voir mon parcours")),
            href=url_for("recipients.pathway"),
            day=row.start,
            detail=row.action.program.title,
            place=row.commune.name if row.commune and not row.remote else None,
            trip=None if row.remote else trip(person, row.commune),
        )


def _immersions(session: Session, person: Person, today: date) -> Iterator[NextStep]:
    row = session.scalar(
        select(Immersion)
        .where(
            Immersion.person_id == person.id,
            Immersion.state == ImmersionState.VALIDATED,
            Immersion.start >= today,
        )
        .order_by(Immersion.start, Immersion.id)
        .options(
            joinedload(Immersion.establishment).joinedload(Establishment.commune),
            joinedload(Immersion.occupation),
        )
        .limit(1)
    )
    if row is not None:
        place = row.establishment
        yield NextStep(
            due=row.start,
            what=str(_("Vous essayez un métier en entreprise.")),
            action=str(_("Voir mon parcours")),
            href=url_for("recipients.pathway"),
            day=row.start,
            detail=row.occupation.label if row.occupation else None,
            place=row.place or _joined(place.name, place.commune.name if place.commune else None),
            trip=trip(person, place.commune),
            who=row.tutor_name,
        )


def _steps(session: Session, person: Person, today: date) -> Iterator[NextStep]:
    pathway = get_current(session, person)
    if pathway is None or pathway.state is PathwayState.PAUSED:
        return
    row = next((step for step in pathway.steps if _is_ahead(step, today)), None)
    if row is not None:
        yield _of_step(person, row, today)


def _is_ahead(step: PathwayStep, today: date) -> bool:
    if step.state is StepState.IN_PROGRESS:
        return step.end >= today
    return step.state is StepState.TO_DO and step.start >= today


def _of_step(person: Person, step: PathwayStep, today: date) -> NextStep:
    told = sentence_of(step)
    under_way = step.start < today
    far = step.session is not None and step.session.remote
    return NextStep(
        due=max(step.start, today),
        what=told.what,
        action=str(_("Voir mon parcours")),
        href=url_for("recipients.pathway"),
        day=None if under_way else step.start,
        until=step.end if under_way else None,
        detail=told.detail,
        place=told.place,
        trip=None if far or step.kind is StepKind.BARRIER else trip(person, step.commune),
        who=told.who,
    )


def _joined(*parts: str | None) -> str | None:
    """« Mairie, Arras »: the place, then its commune unless it is already said."""
    first, *others = [part for part in parts if part] or [""]
    return ", ".join([first, *(part for part in others if part not in first)]) or None
