"""Hires in the database, as the actor may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal import clock
from portal.access.actor import Actor
from portal.access.people import followed_by_organisation, is_active
from portal.access.roles import Capability
from portal.hires.rules import ALERTS
from portal.introductions.queries import may_follow as may_follow_introduction
from portal.introductions.rules import ENDED_STATES
from portal.models import (
    CURRENT_PATHWAY_STATES,
    Cohort,
    Establishment,
    FollowUpKind,
    FollowUpSide,
    Hire,
    HireState,
    Introduction,
    JobFollowUp,
    JobOffer,
    Pathway,
    Person,
)
from portal.web.paging import Page, paginate

PAGE_SIZE = 20
VIEWS = ("due", "alerts", "ending", "current", "ended")
SOON = timedelta(days=7)
_ENDING = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class HirePage:
    """A page of the list, and how many hires each view holds."""

    page: Page[Hire]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Left:
    """What is still under way for a person who has just been hired."""

    introductions: list[Introduction]
    elsewhere: int
    pathway: Pathway | None


def may_follow(actor: Actor) -> ColumnElement[bool]:
    """Hires recorded by the actor's structure, of its cohorts, or of the people it follows."""
    if not actor.can(Capability.HIRES):
        return false()
    place = actor.organisation.id
    reached = [Hire.organisation_id == place, Hire.cohort.has(Cohort.hub_id == place)]
    if actor.can(Capability.PEOPLE_READ):
        reached.append(Hire.person.has(followed_by_organisation(actor)))
    return and_(Hire.person.has(is_active()), or_(*reached))


def made_by(establishment_id: int) -> ColumnElement[bool]:
    """The hires of an establishment."""
    return and_(Hire.establishment_id == establishment_id, Hire.person.has(is_active()))


def follow_up_is_open() -> ColumnElement[bool]:
    """News still to be taken: same rule as :func:`portal.hires.rules.is_open`, in SQL."""
    of_person = and_(
        JobFollowUp.side == FollowUpSide.PERSON, JobFollowUp.kind != FollowUpKind.END_OF_SITE
    )
    current = JobFollowUp.hire.has(Hire.state == HireState.CURRENT)
    return and_(JobFollowUp.done_on.is_(None), or_(current, of_person))


def follow_up_is_alert() -> ColumnElement[bool]:
    """A difficulty that nobody has dealt with yet."""
    return and_(JobFollowUp.result.in_(ALERTS), JobFollowUp.settled_on.is_(None))


def view_condition(view: str, today: date) -> ColumnElement[bool]:
    """Which hires belong to a view of the list."""
    current = Hire.state == HireState.CURRENT
    conditions = {
        "due": Hire.follow_ups.any(and_(follow_up_is_open(), JobFollowUp.due <= today + SOON)),
        "alerts": Hire.follow_ups.any(follow_up_is_alert()),
        "ending": and_(current, Hire.end_planned <= today + _ENDING),
        "ended": Hire.state != HireState.CURRENT,
    }
    return conditions.get(view, current)


def _next_due() -> ColumnElement[date]:
    return (
        select(func.min(JobFollowUp.due))
        .where(JobFollowUp.hire_id == Hire.id, follow_up_is_open())
        .correlate(Hire)
        .scalar_subquery()
    )


def _loaded(query: Select[Hire]) -> Select[Hire]:
    return query.options(
        joinedload(Hire.person),
        joinedload(Hire.establishment).joinedload(Establishment.commune),
        joinedload(Hire.offer).joinedload(JobOffer.occupation),
        joinedload(Hire.cohort).joinedload(Cohort.occupation),
        joinedload(Hire.organisation),
        selectinload(Hire.follow_ups).joinedload(JobFollowUp.by),
    )


def list_hires(session: Session, actor: Actor, view: str, number: int) -> HirePage:
    """A page of the hires the actor follows, those whose news are due first."""
    today = clock.today()
    query = _loaded(select(Hire)).where(may_follow(actor), view_condition(view, today))
    order = Hire.ended_on.desc() if view == "ended" else _next_due().asc().nulls_last()
    page = paginate(session, query.order_by(order, Hire.id), number=number, size=PAGE_SIZE)
    columns = [
        func.count(Hire.id).filter(view_condition(name, today)).label(name) for name in VIEWS
    ]
    counts = session.execute(select(*columns).where(may_follow(actor))).one()
    return HirePage(page, dict(counts._mapping))


def get_hire(session: Session, actor: Actor, public_id: str) -> Hire | None:
    """A hire the actor follows."""
    return session.scalar(
        _loaded(select(Hire)).where(Hire.public_id == public_id, may_follow(actor))
    )


def get_any_person_of(session: Session, public_id: str) -> int | None:
    """Whose hire it is, for the log of refusals."""
    return session.scalar(select(Hire.person_id).where(Hire.public_id == public_id))


def list_of_person(session: Session, actor: Actor, person: Person) -> list[Hire]:
    """The hires of a person that the actor follows, the latest first."""
    rows = session.scalars(
        _loaded(select(Hire))
        .where(Hire.person_id == person.id, may_follow(actor))
        .order_by(Hire.start.desc(), Hire.id.desc())
    )
    return list(rows)


def get_own(session: Session, establishment_id: int, public_id: str) -> Hire | None:
    """A hire of the establishment."""
    reach = made_by(establishment_id)
    return session.scalar(_loaded(select(Hire)).where(Hire.public_id == public_id, reach))


def list_own(session: Session, establishment_id: int, number: int) -> Page[Hire]:
    """A page of the people hired by the establishment, those still there first."""
    query = (
        _loaded(select(Hire))
        .where(made_by(establishment_id))
        .order_by(Hire.state != HireState.CURRENT, Hire.start.desc(), Hire.id.desc())
    )
    return paginate(session, query, number=number, size=PAGE_SIZE)


def get_left(session: Session, actor: Actor, hire: Hire) -> Left:
    """Introductions and a pathway that a hire may close, if the actor confirms it."""
    under_way = and_(
        Introduction.person_id == hire.person_id, Introduction.state.not_in(ENDED_STATES)
    )
    rows = session.scalars(
        select(Introduction)
        .where(under_way, may_follow_introduction(actor))
        .options(
            joinedload(Introduction.offer).joinedload(JobOffer.occupation),
            joinedload(Introduction.offer).joinedload(JobOffer.commune),
        )
        .order_by(Introduction.id)
    ).all()
    everywhere = session.scalar(select(func.count(Introduction.id)).where(under_way)) or 0
    return Left(list(rows), everywhere - len(rows), _current_pathway(session, actor, hire))


def _current_pathway(session: Session, actor: Actor, hire: Hire) -> Pathway | None:
    """The one pathway under way, where the actor may change the person's file."""
    if not actor.can(Capability.PATHWAYS):
        return None
    return session.scalar(
        select(Pathway).where(
            Pathway.person_id == hire.person_id,
            Pathway.state.in_(CURRENT_PATHWAY_STATES),
            exists(
                select(Person.id).where(
                    Person.id == Pathway.person_id, followed_by_organisation(actor)
                )
            ),
        )
    )
