"""Projects, their versioned lists, and the sessions and offers of their trades."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, false, func, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from portal import clock
from portal.access import offers as offer_access
from portal.access.actor import Actor
from portal.access.people import is_active
from portal.access.roles import Capability
from portal.models import (
    LIVE_OFFER_STATES,
    SEATED_STATES,
    Enrollment,
    JobOffer,
    MajorProject,
    Person,
    ProgramOccupation,
    ProjectTrade,
    ProjectVersion,
    RecruitmentState,
    TrainingAction,
    TrainingProgram,
    TrainingSession,
)
from portal.projects.rules import Quarter

_NOT_JOINED = (RecruitmentState.CANCELLED, RecruitmentState.CLOSED)
_MOST_OFFERS = 50


def may_read(actor: Actor) -> ColumnElement[bool]:
    """Projects and their lists are public facts: one reading for all who may open them."""
    return true() if actor.can(Capability.PROJECTS_READ) else false()


def list_projects(session: Session, actor: Actor) -> list[MajorProject]:
    """Every project with its versions, those that have ended last."""
    rows = session.scalars(
        select(MajorProject)
        .where(may_read(actor))
        .options(selectinload(MajorProject.versions).selectinload(ProjectVersion.trades))
        .order_by(MajorProject.name)
    ).all()
    today = clock.today()
    return sorted(rows, key=lambda row: (row.ends_on or date.max) < today)


def get_project(session: Session, actor: Actor, code: str) -> MajorProject | None:
    """A project by its code, with its versions."""
    return session.scalar(
        select(MajorProject)
        .where(MajorProject.code == code, may_read(actor))
        .options(selectinload(MajorProject.versions), joinedload(MajorProject.commune))
    )


def current_version(project: MajorProject, asked: str | None = None) -> ProjectVersion | None:
    """The version asked, else the latest one in force today, else the first one to come."""
    by_name = {version.version: version for version in project.versions}
    if asked in by_name:
        return by_name[asked]
    today = clock.today()
    in_force = [version for version in project.versions if version.valid_from <= today]
    return next(iter(in_force), project.versions[-1] if project.versions else None)


def list_trades(session: Session, version: ProjectVersion) -> list[ProjectTrade]:
    """The trades of a version with their occupation and needs, in the order of the list."""
    rows = session.scalars(
        select(ProjectTrade)
        .where(ProjectTrade.version_id == version.id)
        .options(joinedload(ProjectTrade.occupation), selectinload(ProjectTrade.needs))
        .order_by(ProjectTrade.position)
    )
    return list(rows)


def list_sessions_by_occupation(
    session: Session, codes: Collection[str]
) -> dict[str, list[TrainingSession]]:
    """Sessions still to start that prepare each occupation and can be joined, by last day."""
    rows = session.execute(
        select(ProgramOccupation.occupation_code, TrainingSession)
        .join(TrainingProgram, TrainingProgram.id == ProgramOccupation.program_id)
        .join(TrainingAction, TrainingAction.program_id == TrainingProgram.id)
        .join(TrainingSession, TrainingSession.action_id == TrainingAction.id)
        .where(
            ProgramOccupation.occupation_code.in_(codes),
            TrainingSession.start >= clock.today(),
            TrainingSession.recruitment.not_in(_NOT_JOINED),
        )
        .order_by(TrainingSession.end, TrainingSession.id)
    )
    found: dict[str, list[TrainingSession]] = defaultdict(list)
    for code, row in rows:
        if code is not None:
            found[code].append(row)
    return found


def count_in_training(
    session: Session, actor: Actor, codes: Collection[str]
) -> dict[str, dict[Quarter, int]]:
    """People who hold a seat of a session that prepares each occupation, by quarter of its end.

    Those of the actor's département, whoever follows them: no name leaves.
    """
    held = (
        select(
            ProgramOccupation.occupation_code,
            TrainingSession.end,
            func.count(Enrollment.person_id.distinct()),
        )
        .join(TrainingProgram, TrainingProgram.id == ProgramOccupation.program_id)
        .join(TrainingAction, TrainingAction.program_id == TrainingProgram.id)
        .join(TrainingSession, TrainingSession.action_id == TrainingAction.id)
        .join(Enrollment, Enrollment.session_id == TrainingSession.id)
        .join(Person, Person.id == Enrollment.person_id)
        .where(
            ProgramOccupation.occupation_code.in_(codes),
            TrainingSession.end >= clock.today(),
            Enrollment.state.in_(SEATED_STATES),
            is_active(),
        )
        .group_by(ProgramOccupation.occupation_code, TrainingSession.end)
    )
    if actor.departement_code is not None:
        held = held.where(Person.departement_code == actor.departement_code)
    found: dict[str, dict[Quarter, int]] = defaultdict(lambda: defaultdict(int))
    for code, day, count in session.execute(held):
        if code is not None:
            found[code][Quarter.of(day)] += count
    return found


def load_sessions(session: Session, rows: Sequence[TrainingSession]) -> list[TrainingSession]:
    """The same sessions with what a list of them shows, by first day."""
    found = session.scalars(
        select(TrainingSession)
        .where(TrainingSession.id.in_([row.id for row in rows]))
        .options(
            joinedload(TrainingSession.action).joinedload(TrainingAction.program),
            joinedload(TrainingSession.action).joinedload(TrainingAction.organisation),
            joinedload(TrainingSession.commune),
        )
        .order_by(TrainingSession.start, TrainingSession.id)
        .execution_options(populate_existing=True)
    )
    return list(found)


def list_offers(session: Session, actor: Actor, trade: ProjectTrade) -> list[JobOffer]:
    """Live offers of the trade that carry the project's tag, as the actor may read them."""
    rows = session.scalars(
        select(JobOffer)
        .where(
            offer_access.may_read(actor),
            JobOffer.project_id == trade.version.project_id,
            JobOffer.occupation_code == trade.occupation_code,
            JobOffer.state.in_(LIVE_OFFER_STATES),
        )
        .options(joinedload(JobOffer.commune), joinedload(JobOffer.establishment))
        .order_by(JobOffer.start_wanted, JobOffer.id)
        .limit(_MOST_OFFERS)
    )
    return list(rows)
