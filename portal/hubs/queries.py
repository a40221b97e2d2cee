"""Cohorts and their people: who may see which, and the reads that several screens share."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.access.actor import Actor
from portal.access.people import followed_by_organisation, is_active
from portal.access.roles import Capability
from portal.hubs.rules import ENDED_COHORT_STATES
from portal.models import (
    Cohort,
    CohortMembership,
    CohortState,
    DomainEvent,
    EmployerCommitment,
    MajorProject,
    MembershipState,
    Organisation,
    Person,
    Role,
    TrainingAction,
    TrainingSession,
)
from portal.web.paging import Page, paginate

_PAGE = 30
_PILOTS = frozenset({Role.PILOT_REGION, Role.PILOT_DEPARTEMENT})


def sees_people(actor: Actor) -> bool:
    """Whether the actor may see people in a cohort: pilots see figures only (§4.8)."""
    return actor.can(Capability.HUBS_READ) and actor.role not in _PILOTS


def may_write(actor: Actor) -> ColumnElement[bool]:
    """The cohorts an actor runs: those of its own hub."""
    if not actor.can(Capability.HUBS_WRITE):
        return false()
    return Cohort.hub_id == actor.organisation.id


def may_read(actor: Actor) -> ColumnElement[bool]:
    """The cohorts an actor may open.

    Its own; beyond, for prescribers and pilots, those that are no draft any more in their
    département (in the whole region for its pilots).
    """
    if not actor.can(Capability.HUBS_READ):
        return false()
    if actor.can(Capability.HUBS_WRITE):
        return may_write(actor)
    known = Cohort.state != CohortState.DRAFT
    if actor.departement_code is None:
        return known if actor.role is Role.PILOT_REGION else false()
    return and_(known, Cohort.hub.has(Organisation.departement_code == actor.departement_code))


def may_see_member(actor: Actor) -> ColumnElement[bool]:
    """The people of a readable cohort whom the actor may see (joined with ``Person``).

    The hub sees its candidates; a prescriber those it proposed and those it follows.
    """
    if not sees_people(actor):
        return false()
    if actor.can(Capability.HUBS_WRITE):
        return is_active()
    own = CohortMembership.prescriber_id == actor.organisation.id
    return and_(is_active(), or_(own, followed_by_organisation(actor)))


_FRAME = (
    joinedload(Cohort.hub),
    joinedload(Cohort.occupation),
    joinedload(Cohort.project),
    joinedload(Cohort.coordinator),
    joinedload(Cohort.override_by),
    joinedload(Cohort.session).joinedload(TrainingSession.commune),
    joinedload(Cohort.session)
    .joinedload(TrainingSession.action)
    .options(joinedload(TrainingAction.program), joinedload(TrainingAction.organisation)),
    selectinload(Cohort.phases),
    selectinload(Cohort.commitments).options(
        joinedload(EmployerCommitment.establishment), selectinload(EmployerCommitment.places)
    ),
)


def _in_order(actor: Actor) -> Select[Cohort]:
    """The cohorts an actor may open, those under way first, then by their first day."""
    return (
        select(Cohort)
        .outerjoin(Cohort.session)
        .where(may_read(actor))
        .order_by(
            Cohort.state.in_(ENDED_COHORT_STATES),
            func.coalesce(TrainingSession.start, date.max),
            Cohort.id,
        )
    )


def list_cohorts(session: Session, actor: Actor) -> list[Cohort]:
    """The cohorts the actor may open, that have not ended."""
    running = Cohort.state.not_in(ENDED_COHORT_STATES)
    return list(session.scalars(_in_order(actor).where(running).options(*_FRAME)))


def page_of_cohorts(session: Session, actor: Actor, number: int) -> Page[Cohort]:
    """A page of the cohorts the actor may open, those that have ended last."""
    return paginate(session, _in_order(actor).options(*_FRAME), number=number, size=_PAGE)


def get_cohort(
    session: Session, actor: Actor, public_id: str, *, write: bool = False
) -> Cohort | None:
    """A cohort with its frame (session, phases, commitments), or None: another's is not there."""
    allowed = may_write(actor) if write else may_read(actor)
    return session.scalar(
        select(Cohort).where(Cohort.public_id == public_id, allowed).options(*_FRAME)
    )


def count_members(
    session: Session, cohorts: Iterable[Cohort]
) -> dict[int, Counter[MembershipState]]:
    """The people by state of each cohort, in one query."""
    rows = session.execute(
        select(CohortMembership.cohort_id, CohortMembership.state, func.count().label("members"))
        .where(CohortMembership.cohort_id.in_([row.id for row in cohorts]))
        .group_by(CohortMembership.cohort_id, CohortMembership.state)
    )
    found: dict[int, Counter[MembershipState]] = defaultdict(Counter)
    for row in rows:
        found[row.cohort_id][row.state] = row.members
    return found


def list_members(
    session: Session,
    actor: Actor,
    cohort: Cohort,
    public_ids: Collection[str] | None = None,
) -> list[CohortMembership]:
    """The people of a readable cohort whom the actor may see, with their names and structures.

    Those who wait come by rank; others by first name. ``public_ids`` keeps these only.
    """
    chosen = CohortMembership.public_id.in_(public_ids) if public_ids is not None else true()
    rows = session.scalars(
        select(CohortMembership)
        .join(CohortMembership.person)
        .where(CohortMembership.cohort_id == cohort.id, may_see_member(actor), chosen)
        .options(
            joinedload(CohortMembership.person),
            joinedload(CohortMembership.prescriber),
            joinedload(CohortMembership.next_step_owner),
        )
        .order_by(CohortMembership.rank, Person.first_name, Person.last_name, Person.id)
    )
    return list(rows)


def get_member(
    session: Session, actor: Actor, cohort: Cohort, public_id: str
) -> CohortMembership | None:
    """One person of a readable cohort, or None when the actor may not see them."""
    return next(iter(list_members(session, actor, cohort, [public_id])), None)


@dataclass(frozen=True, slots=True)
class Move:
    """A move of a person: when, from where, to where, by which structure."""

    at: datetime
    source: MembershipState
    target: MembershipState
    by: str


def list_moves(session: Session, membership: CohortMembership) -> list[Move]:
    """The moves of a person of a cohort, the latest first."""
    rows = session.scalars(
        select(DomainEvent)
        .where(
            DomainEvent.subject_kind == CohortMembership.__tablename__,
            DomainEvent.subject_id == membership.id,
            DomainEvent.from_state.is_not(None),
            DomainEvent.to_state.is_not(None),
        )
        .options(joinedload(DomainEvent.organisation))
        .order_by(DomainEvent.id.desc())
    )
    return [
        Move(
            row.at,
            MembershipState(row.from_state or ""),
            MembershipState(row.to_state or ""),
            row.organisation.name if row.organisation else "",
        )
        for row in rows
    ]


def list_projects(
    session: Session, today: date, cohort: Cohort | None = None
) -> list[MajorProject]:
    """The great projects a cohort may work for: none that has ended, except its own (S3-26)."""
    query = select(MajorProject).where(
        or_(
            MajorProject.ends_on.is_(None),
            MajorProject.ends_on >= today,
            MajorProject.id == (cohort.project_id if cohort else None),
        )
    )
    return list(session.scalars(query.order_by(MajorProject.name)))
