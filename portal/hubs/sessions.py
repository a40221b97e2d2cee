"""The training session of a cohort: taken from the catalogue, or entered by the hub."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.db import new_public_id
from portal.hubs.planning import record_plan
from portal.hubs.rules import ENDED_COHORT_STATES, STARTED_COHORT_STATES
from portal.hubs.seats import count_states, seated
from portal.locks import lock_row
from portal.models import (
    Cohort,
    CohortState,
    Commune,
    Organisation,
    OrganisationKind,
    ProgramOccupation,
    RecruitmentState,
    TrainingAction,
    TrainingProgram,
    TrainingSession,
)
from portal.text import fold, like_pattern

#: What marks in the catalogue a session that a hub entered: no import ever writes there.
SOURCE = "hub"
_MOST = 20


@dataclass(frozen=True, slots=True)
class Entered:
    """A session as the hub says it."""

    title: str
    organiser: Organisation | None
    organiser_name: str
    start: date
    end: date
    commune: Commune
    seats: int


def list_candidates(
    session: Session, cohort: Cohort, today: date, text: str = ""
) -> list[TrainingSession]:
    """Sessions to come that no other cohort took: of the cohort's trade, or by words of a title."""
    prepares = exists().where(
        ProgramOccupation.program_id == TrainingProgram.id,
        ProgramOccupation.occupation_code == cohort.occupation_code,
    )
    named = TrainingProgram.search_title.like(like_pattern(text), escape="\\")
    taken = exists().where(
        Cohort.session_id == TrainingSession.id,
        Cohort.id != cohort.id,
        Cohort.state != CohortState.CANCELLED,
    )
    rows = session.scalars(
        select(TrainingSession)
        .join(TrainingSession.action)
        .join(TrainingAction.program)
        .where(
            TrainingSession.start > today,
            TrainingSession.recruitment != RecruitmentState.CANCELLED,
            ~taken,
            named if fold(text) else prepares,
        )
        .options(
            joinedload(TrainingSession.commune),
            joinedload(TrainingSession.action).options(
                joinedload(TrainingAction.program), joinedload(TrainingAction.organisation)
            ),
        )
        .order_by(TrainingSession.start, TrainingSession.id)
        .limit(_MOST)
    )
    return list(rows)


def get_session(session: Session, public_id: str) -> TrainingSession | None:
    """A session of the catalogue, which everybody may read."""
    return session.scalar(select(TrainingSession).where(TrainingSession.public_id == public_id))


def list_organisers(session: Session, actor: Actor) -> list[Organisation]:
    """The training organisations known in the hub's département, or in the whole region."""
    rows = session.scalars(
        select(Organisation)
        .where(
            Organisation.kind == OrganisationKind.TRAINING,
            or_(
                Organisation.departement_code == actor.departement_code,
                Organisation.departement_code.is_(None),
            ),
        )
        .order_by(Organisation.name)
    )
    return list(rows)


def take_session(
    session: Session, actor: Actor, cohort: Cohort, row: TrainingSession, *, today: date
) -> None:
    """Weld a session to the cohort and plan every phase from its dates.

    Refused once the training has begun, when another cohort has this session, or while somebody
    holds a seat of the session that the cohort would leave.
    """
    lock_row(session, cohort)
    if cohort.state in STARTED_COHORT_STATES | ENDED_COHORT_STATES:
        raise IllegalTransitionError(_("La formation a commencé\u00a0: sa session ne change plus."))
    other = select(Cohort.id).where(
        Cohort.session_id == row.id,
        Cohort.id != cohort.id,
        Cohort.state != CohortState.CANCELLED,
    )
    if session.scalar(other):
        raise IllegalTransitionError(_("Une autre cohorte occupe déjà cette session."))
    if cohort.session_id not in (None, row.id) and seated(count_states(session, cohort)):
        raise IllegalTransitionError(
            _("Des personnes ont leur place dans la session actuelle\u00a0: rendez-les d’abord.")
        )
    before = cohort.session.public_id if cohort.session else None
    cohort.session = row
    session.flush()
    record_plan(session, cohort, today)
    record_event(
        session,
        actor=actor,
        subject=cohort,
        name="session_chosen",
        details={"before": before, "after": row.public_id},
    )


def enter_session(
    session: Session, actor: Actor, cohort: Cohort, entered: Entered, *, today: date
) -> TrainingSession:
    """Add a session to the catalogue as the hub says it, and weld it to the cohort."""
    program = TrainingProgram(
        source=SOURCE,
        external_ref=new_public_id(),
        title=entered.title,
        search_title=fold(entered.title),
        occupations=[
            ProgramOccupation(
                rome_code=cohort.occupation_code, occupation_code=cohort.occupation_code
            )
        ],
    )
    action = TrainingAction(
        program=program,
        external_ref=new_public_id(),
        organisation=entered.organiser,
        organiser_name=entered.organiser_name,
    )
    row = TrainingSession(
        action=action,
        external_ref=new_public_id(),
        start=entered.start,
        end=entered.end,
        commune_code=entered.commune.code,
        seats=entered.seats,
        seats_left=entered.seats,
        recruitment=RecruitmentState.OPEN,
        corrected=True,
    )
    session.add(row)
    session.flush()
    record_event(session, actor=actor, subject=row, name="session_entered")
    take_session(session, actor, cohort, row, today=today)
    return row
