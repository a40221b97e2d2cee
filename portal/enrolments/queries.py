"""Positionings in the database, as an actor may see and move them (domain reference §4.8)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access import people as people_access
from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.enrolments.rules import (
    BOARD_ORDER,
    ENDED_STATES,
    PRESENT_STATES,
    PRIVATE_STATES,
    Side,
)
from portal.models import (
    AttendanceWeek,
    BlockResult,
    Cohort,
    CohortState,
    DomainEvent,
    Enrollment,
    EnrollmentState,
    Membership,
    Person,
    Role,
    TrainingAction,
    TrainingSession,
)
from portal.text import like_pattern
from portal.trainings import queries as catalogue
from portal.web.paging import Page, paginate

PAGE_SIZE = 30
_BOARD_LIMIT = 400
MOST_FOUND = 20
# An exit stays in sight of the training organisation for the follow-up of the group, not for ever.
_KEPT_IN_SIGHT = timedelta(days=180)

VIEWS: dict[str, ColumnElement[bool]] = {
    "en-cours": Enrollment.state.not_in(ENDED_STATES | PRESENT_STATES),
    "en-formation": Enrollment.state.in_(PRESENT_STATES),
    "terminees": Enrollment.state.in_(ENDED_STATES),
}


def follows(actor: Actor) -> ColumnElement[bool]:
    """The actor's structure follows the person (joined with her)."""
    return people_access.may_write(actor)


def runs_session(actor: Actor) -> ColumnElement[bool]:
    """The actor gives the training, or its hub fills it (joined with session and action).

    A draft takes any session of the catalogue by a click, and a cancelled cohort fills none:
    neither opens what others sent to that session.
    """
    if actor.role is Role.HUB:
        return exists(
            select(Cohort.id).where(
                Cohort.session_id == TrainingSession.id,
                Cohort.hub_id == actor.organisation.id,
                Cohort.state.not_in((CohortState.DRAFT, CohortState.CANCELLED)),
            )
        )
    return catalogue.is_own(actor)


def may_see(actor: Actor) -> ColumnElement[bool]:
    """Positionings the actor may read (joined with person, session and action).

    Who follows the person sees them all. A training organisation or a hub sees those of its own
    sessions once something was sent to it, and no longer long after the end of the session.
    """
    if not actor.can(Capability.ENROLMENTS):
        return false()
    if actor.role in (Role.TRAINING, Role.HUB):
        return and_(
            people_access.is_active(),
            runs_session(actor),
            Enrollment.state.not_in(PRIVATE_STATES),
            or_(
                Enrollment.state.not_in(ENDED_STATES),
                TrainingSession.end >= clock.today() - _KEPT_IN_SIGHT,
            ),
        )
    return follows(actor)


def joined() -> Select[Enrollment]:
    """Positionings with what their scope is written on."""
    return (
        select(Enrollment)
        .join(Enrollment.person)
        .join(Enrollment.session)
        .join(TrainingSession.action)
    )


def loading(query: Select[Enrollment]) -> Select[Enrollment]:
    """What every screen shows of a positioning, in the same statement."""
    action = joinedload(Enrollment.session).joinedload(TrainingSession.action)
    return query.options(
        joinedload(Enrollment.person),
        joinedload(Enrollment.prescriber),
        joinedload(Enrollment.by),
        joinedload(Enrollment.session).joinedload(TrainingSession.commune),
        action.joinedload(TrainingAction.program),
        action.joinedload(TrainingAction.organisation),
    )


def get_enrolment(session: Session, actor: Actor, public_id: str) -> Enrollment | None:
    """A positioning the actor may read."""
    return session.scalar(
        loading(joined()).where(Enrollment.public_id == public_id, may_see(actor))
    )


def get_session(session: Session, actor: Actor, public_id: str) -> TrainingSession | None:
    """A session whose positionings the actor works on: any for a prescriber, one's own else."""
    query = (
        select(TrainingSession)
        .join(TrainingSession.action)
        .where(TrainingSession.public_id == public_id)
    )
    if actor.role in (Role.TRAINING, Role.HUB):
        query = query.where(runs_session(actor))
    return session.scalar(
        query.options(
            joinedload(TrainingSession.commune),
            joinedload(TrainingSession.action).joinedload(TrainingAction.program),
            joinedload(TrainingSession.action).joinedload(TrainingAction.organisation),
        )
    )


def list_of_session(
    session: Session, actor: Actor, row: TrainingSession, only: Collection[str] | None = None
) -> list[Enrollment]:
    """The positionings of a session that the actor may read, in the order of the board."""
    query = loading(joined()).where(Enrollment.session_id == row.id, may_see(actor))
    if only is not None:
        query = query.where(Enrollment.public_id.in_(only))
    rows = session.scalars(query.order_by(Enrollment.id).limit(_BOARD_LIMIT)).all()
    return sorted(rows, key=lambda e: (BOARD_ORDER.index(e.state), e.rank or 0, e.id))


def list_of_person(session: Session, actor: Actor, person: Person) -> list[Enrollment]:
    """The positionings of a person, the latest session first."""
    query = loading(joined()).where(Enrollment.person_id == person.id, may_see(actor))
    return list(session.scalars(query.order_by(TrainingSession.start.desc(), Enrollment.id)))


def list_followed(session: Session, actor: Actor, view: str, number: int) -> Page[Enrollment]:
    """The positionings of the actor's people or sessions, by first day of the session."""
    query = loading(joined()).where(may_see(actor), VIEWS[view])
    ordered = query.order_by(TrainingSession.start, Enrollment.session_id, Enrollment.id)
    return paginate(session, ordered, number=number, size=PAGE_SIZE)


def count_views(session: Session, actor: Actor) -> dict[str, int]:
    """How many positionings in each view."""
    counts = [func.count(Enrollment.id).filter(condition) for condition in VIEWS.values()]
    found = session.execute(
        joined().with_only_columns(*counts, maintain_column_froms=True).where(may_see(actor))
    ).one()
    return dict(zip(VIEWS, found, strict=True))


def list_people_to_position(
    session: Session, actor: Actor, row: TrainingSession, text: str
) -> list[Person]:
    """People of the actor's structure whose name holds the text, not in this session yet."""
    known = select(Enrollment.person_id).where(Enrollment.session_id == row.id)
    query = (
        select(Person)
        .where(
            follows(actor),
            Person.search_name.like(like_pattern(text), escape="\\"),
            Person.id.not_in(known),
        )
        .order_by(Person.search_name, Person.id)
        .limit(MOST_FOUND)
    )
    return list(session.scalars(query))


def get_people(session: Session, actor: Actor, public_ids: Sequence[str]) -> list[Person]:
    """Those of these people whom the actor's structure follows."""
    query = select(Person).where(Person.public_id.in_(public_ids), follows(actor))
    return list(session.scalars(query.order_by(Person.id)))


def sides_of(session: Session, actor: Actor, row: TrainingSession) -> frozenset[Side]:
    """What the actor may move in a session.

    A prescriber moves what is between the person and the organisation; a referent also records
    what the organisation tells, as long as nobody of that organisation works here.
    """
    if actor.role in (Role.TRAINING, Role.HUB):
        return frozenset({Side.ORGANISER})
    if actor.role is Role.ADVISER or organiser_works_here(session, row):
        return frozenset({Side.PRESCRIBER})
    return frozenset({Side.PRESCRIBER, Side.ORGANISER})


def organiser_works_here(session: Session, row: TrainingSession) -> bool:
    """Whether the training organisation of a session has an account that can be used."""
    place = row.action.organisation_id
    if place is None:
        return False
    query = select(Membership.id).where(
        Membership.organisation_id == place,
        Membership.role == Role.TRAINING,
        Membership.active,
        Membership.account.has(active=True),
    )
    return session.scalar(query.limit(1)) is not None


def states_of_session(session: Session, row: TrainingSession) -> dict[EnrollmentState, int]:
    """How many positionings of a session in each state, whoever follows the people."""
    query = select(Enrollment.state, func.count(Enrollment.id)).group_by(Enrollment.state)
    rows = session.execute(query.where(Enrollment.session_id == row.id))
    return {state: count for state, count in rows}  # noqa: C416 -- rows are not pairs for typing


def list_weeks(session: Session, enrolment: Enrollment) -> list[AttendanceWeek]:
    """The weeks of presence, the last first."""
    query = select(AttendanceWeek).where(AttendanceWeek.enrollment_id == enrolment.id)
    return list(session.scalars(query.order_by(AttendanceWeek.monday.desc())))


def list_present(
    session: Session, actor: Actor, row: TrainingSession, monday: date
) -> list[tuple[Enrollment, AttendanceWeek | None]]:
    """Those who were in the training that week and still are, with what was said of the week."""
    people = [e for e in list_of_session(session, actor, row) if e.state in PRESENT_STATES]
    said = {
        week.enrollment_id: week
        for week in session.scalars(
            select(AttendanceWeek).where(
                AttendanceWeek.enrollment_id.in_([one.id for one in people]),
                AttendanceWeek.monday == monday,
            )
        )
    }
    sunday = monday + timedelta(days=6)
    here = [one for one in people if (one.entered_on or row.start) <= sunday]
    return [(one, said.get(one.id)) for one in here]


def list_blocks(session: Session, enrolment: Enrollment) -> list[BlockResult]:
    """The results by block."""
    query = select(BlockResult).where(BlockResult.enrollment_id == enrolment.id)
    return list(session.scalars(query.order_by(BlockResult.block)))


def list_history(session: Session, enrolment: Enrollment) -> list[DomainEvent]:
    """What happened, the last first."""
    query = (
        select(DomainEvent)
        .where(
            DomainEvent.subject_kind == "enrollment",
            DomainEvent.subject_id == enrolment.id,
            DomainEvent.to_state.is_not(None),
        )
        .order_by(DomainEvent.id.desc())
        .options(joinedload(DomainEvent.account), joinedload(DomainEvent.organisation))
    )
    return list(session.scalars(query))


def unexplained_of(session: Session, ids: Collection[int]) -> dict[int, int]:
    """Half-days missed without a reason, by positioning id."""
    query = (
        select(AttendanceWeek.enrollment_id, func.sum(AttendanceWeek.unexplained))
        .where(AttendanceWeek.enrollment_id.in_(ids))
        .group_by(AttendanceWeek.enrollment_id)
    )
    return {key: int(total) for key, total in session.execute(query)}
