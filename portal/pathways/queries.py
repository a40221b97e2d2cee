"""Pathways read: one, those of a person, those under way in a portfolio."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from portal.access import offers as offer_access
from portal.access import people as access
from portal.access.actor import Actor
from portal.access.people import PersonAccess
from portal.models import (
    CURRENT_PATHWAY_STATES,
    JobOffer,
    LabelledEnum,
    Pathway,
    PathwayState,
    PathwayStep,
    Person,
    Referral,
    StepState,
    TrainingAction,
    TrainingSession,
    UnmetNeed,
)
from portal.pathways.goals import Goal
from portal.pathways.rules import is_late, next_step
from portal.text import N_
from portal.web.paging import Page, paginate

PAGE_SIZE = 25
_OPEN_STEPS = (StepState.TO_DO, StepState.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Opened:
    """A pathway as the actor found it, with the actor's level on its person."""

    pathway: Pathway
    level: PersonAccess

    @property
    def writes(self) -> bool:
        """Whether the actor may change it."""
        return self.level >= PersonAccess.WRITE


class Standing(LabelledEnum):
    """Which pathways a list holds."""

    CURRENT = "en-cours", N_("Acceptés ou en cours")
    PROPOSED = "proposes", N_("Proposés, sans réponse")
    ENDED = "termines", N_("Terminés")
    ALL = "tous", N_("Tous")


_STANDING_STATES = {
    Standing.CURRENT: CURRENT_PATHWAY_STATES,
    Standing.PROPOSED: frozenset({PathwayState.DRAFT, PathwayState.PROPOSED}),
    Standing.ENDED: frozenset(
        {
            PathwayState.REACHED,
            PathwayState.BROKEN,
            PathwayState.REPLACED,
            PathwayState.DECLINED,
        }
    ),
    Standing.ALL: frozenset(PathwayState),
}


class Portfolio(StrEnum):
    """Whose people."""

    MINE = "miens"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of pathways is narrowed to."""

    standing: Standing = Standing.CURRENT
    portfolio: Portfolio = Portfolio.MINE
    late: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list."""

    pathway: Pathway
    readable: bool
    next: PathwayStep | None
    late: bool


def get_opened(session: Session, actor: Actor, public_id: str) -> Opened | None:
    """The pathway under this id with the actor's level (perhaps NONE); None when none is."""
    pathway = session.scalar(
        select(Pathway).where(Pathway.public_id == public_id).options(*_whole())
    )
    if pathway is None:
        return None
    return Opened(pathway, access.access_to(session, actor, pathway.person_id))


def _whole() -> tuple[ExecutableOption, ...]:
    steps, goal = selectinload(Pathway.steps), joinedload(Pathway.goal_offer)
    training = steps.joinedload(PathwayStep.session)
    program = training.joinedload(TrainingSession.action).joinedload(TrainingAction.program)
    person = joinedload(Pathway.person)
    return (
        steps.joinedload(PathwayStep.commune),
        program,
        training.joinedload(TrainingSession.commune),
        goal.joinedload(JobOffer.occupation),
        goal.joinedload(JobOffer.establishment),
        goal.selectinload(JobOffer.requirements),
        joinedload(Pathway.goal_occupation),
        joinedload(Pathway.agreed_with),
        joinedload(Pathway.by),
        person.joinedload(Person.commune),
        person.selectinload(Person.referrals).options(
            joinedload(Referral.account), joinedload(Referral.organisation)
        ),
    )


def list_pathways(session: Session, actor: Actor, person: Person) -> list[Pathway]:
    """The pathways of a person whose file the actor may read: the current one, then the latest."""
    current = Pathway.state.in_(CURRENT_PATHWAY_STATES)
    rows = session.scalars(
        select(Pathway)
        .join(Person, Person.id == Pathway.person_id)
        .where(Pathway.person_id == person.id, access.may_read(actor))
        .order_by(current.desc(), Pathway.created_at.desc(), Pathway.id.desc())
        .options(*_listed())
    )
    return list(rows)


def _listed() -> tuple[ExecutableOption, ...]:
    goal = joinedload(Pathway.goal_offer)
    return (
        selectinload(Pathway.steps),
        goal.joinedload(JobOffer.occupation),
        goal.joinedload(JobOffer.commune),
        joinedload(Pathway.goal_occupation),
        joinedload(Pathway.person),
    )


def list_under_way(
    session: Session, actor: Actor, filters: Filters, *, today: date, number: int = 1
) -> Page[Row]:
    """One page of the pathways of the people the actor follows; the next date first."""
    mine = access.own_portfolio(actor) if filters.portfolio is Portfolio.MINE else None
    query = (
        select(Pathway)
        .join(Person, Person.id == Pathway.person_id)
        .where(access.may_write(actor), Pathway.state.in_(_STANDING_STATES[filters.standing]))
        .order_by(_next_date().asc().nulls_last(), Pathway.id)
        .options(*_listed())
    )
    if mine is not None:
        query = query.where(mine)
    if filters.late:
        query = query.where(_has_late_step(today))
    page = paginate(session, query, number=number, size=PAGE_SIZE)
    readable = readable_offers(session, actor, page.rows)
    return Page([_row(p, readable, today) for p in page.rows], page.number, page.size, page.total)


def _row(pathway: Pathway, readable: frozenset[int], today: date) -> Row:
    followed = pathway.state in (PathwayState.ACCEPTED, PathwayState.IN_PROGRESS)
    return Row(
        pathway,
        pathway.goal_offer_id in readable,
        next_step(pathway.steps),
        followed and any(is_late(step, today) for step in pathway.steps),
    )


def _next_date() -> ColumnElement[date]:
    return (
        select(func.min(PathwayStep.start))
        .where(PathwayStep.pathway_id == Pathway.id, PathwayStep.state.in_(_OPEN_STEPS))
        .correlate(Pathway)
        .scalar_subquery()
    )


def _has_late_step(today: date) -> ColumnElement[bool]:
    return and_(
        Pathway.state.in_((PathwayState.ACCEPTED, PathwayState.IN_PROGRESS)),
        exists(
            select(PathwayStep.id).where(
                PathwayStep.pathway_id == Pathway.id,
                or_(
                    and_(PathwayStep.state == StepState.TO_DO, PathwayStep.start < today),
                    and_(PathwayStep.state == StepState.IN_PROGRESS, PathwayStep.end < today),
                ),
            )
        ),
    )


def readable_offers(session: Session, actor: Actor, pathways: Iterable[Pathway]) -> frozenset[int]:
    """The ids of the goal offers that the actor may read; of the others only the trade is said."""
    ids = {p.goal_offer_id for p in pathways if p.goal_offer_id is not None}
    if not ids:
        return frozenset()
    query = select(JobOffer.id).where(JobOffer.id.in_(ids), offer_access.may_read(actor))
    return frozenset(session.scalars(query))


def get_person(
    session: Session, actor: Actor, public_id: str
) -> tuple[Person, PersonAccess] | None:
    """The person under this id and the actor's level (perhaps NONE); None when nobody is."""
    person = session.scalar(
        select(Person).where(Person.public_id == public_id).options(joinedload(Person.commune))
    )
    return (person, access.access_to(session, actor, person.id)) if person else None


def get_unmet_need(session: Session, person: Person, goal: Goal) -> UnmetNeed | None:
    """The need already recorded for this person and goal, the latest."""
    query = select(UnmetNeed).where(UnmetNeed.person_id == person.id)
    if goal.offer is not None:
        query = query.where(UnmetNeed.offer_id == goal.offer.id)
    elif goal.occupation is not None:
        query = query.where(
            UnmetNeed.occupation_code == goal.occupation.code, UnmetNeed.offer_id.is_(None)
        )
    return session.scalar(query.order_by(UnmetNeed.id.desc()).limit(1))


def get_version_of(session: Session, pathway: Pathway) -> Pathway | None:
    """The latest proposal that would replace this pathway."""
    return session.scalar(
        select(Pathway)
        .where(Pathway.replaces_id == pathway.id, Pathway.state == PathwayState.PROPOSED)
        .order_by(Pathway.id.desc())
        .limit(1)
    )
