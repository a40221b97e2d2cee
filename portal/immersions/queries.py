"""Immersions in the database, as the actor may see them (domain reference §4.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal import clock
from portal.access import people as people_access
from portal.access.actor import Actor
from portal.access.people import is_active
from portal.access.roles import Capability
from portal.immersions.states import (
    ASSESSABLE_STATES,
    EDITABLE_STATES,
    ENDED_STATES,
    HOST_STATES,
    SIGNING_STATES,
)
from portal.models import (
    Cohort,
    CohortMembership,
    DomainEvent,
    EmployerCommitment,
    Establishment,
    Immersion,
    ImmersionPlace,
    ImmersionState,
    MembershipState,
    Occupation,
    OccupationSkill,
    Organisation,
    Person,
    ReferenceOrigin,
    Referral,
    Role,
    Skill,
)
from portal.web.paging import Page, paginate

PAGE_SIZE = 20
VIEWS = ("open", "prepare", "sign", "validate", "current", "assess", "ended")
_GESTURES = 5
_S, _M = ImmersionState, MembershipState
#: Selected, and still in the group.
_PLACEABLE = (
    _M.SELECTED,
    _M.IMMERSION_PLANNED,
    _M.IMMERSION_DONE,
    _M.PREPARING,
    _M.READY,
    _M.ADMITTED,
    _M.IN_TRAINING,
)


def may_manage(actor: Actor) -> ColumnElement[bool]:
    """Those the actor prepares, has signed and follows: its structure's, its own, its cohorts'."""
    if not actor.can(Capability.IMMERSIONS):
        return false()
    return and_(
        Immersion.person.has(is_active()),
        or_(
            Immersion.support_id == actor.organisation.id,
            Immersion.by_id == actor.account.id,
            _in_own_cohort(actor),
        ),
    )


def _in_own_cohort(actor: Actor) -> ColumnElement[bool]:
    if actor.role is not Role.HUB:
        return false()
    own = select(Cohort.id).where(Cohort.hub_id == actor.organisation.id)
    return Immersion.cohort_id.in_(own)


def may_prescribe(actor: Actor) -> ColumnElement[bool]:
    """Those addressed to the actor's structure, once they are more than a draft."""
    if not actor.can(Capability.IMMERSIONS):
        return false()
    return and_(
        Immersion.person.has(is_active()),
        Immersion.prescriber_id == actor.organisation.id,
        Immersion.state != _S.DRAFT,
    )


def may_read(actor: Actor) -> ColumnElement[bool]:
    """Those the actor manages or prescribes, and those of the people whose file it may open."""
    if not actor.can(Capability.IMMERSIONS):
        return false()
    return or_(
        may_manage(actor),
        may_prescribe(actor),
        Immersion.person.has(people_access.may_read(actor)),
    )


def may_host(actor: Actor) -> ColumnElement[bool]:
    """Those of the employer's own establishment (:func:`hosted_by`)."""
    establishment = actor.organisation.establishment_id
    if not actor.can(Capability.EMPLOYER_CARDS) or establishment is None:
        return false()
    return hosted_by(establishment)


def hosted_by(establishment_id: int) -> ColumnElement[bool]:
    """Those an establishment receives, from the signatures on: the person has said yes."""
    return and_(
        Immersion.person.has(is_active()),
        Immersion.establishment_id == establishment_id,
        Immersion.state.in_(HOST_STATES),
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """An immersion, and what the actor may do with it."""

    immersion: Immersion
    manages: bool
    prescribes: bool


def get_immersion(session: Session, actor: Actor, public_id: str) -> Opened | None:
    """An immersion the actor may read."""
    row = session.execute(
        _whole()
        .add_columns(may_manage(actor).label("manages"), may_prescribe(actor).label("prescribes"))
        .where(Immersion.public_id == public_id, may_read(actor))
    ).one_or_none()
    return Opened(row[0], bool(row.manages), bool(row.prescribes)) if row else None


def get_hosted(session: Session, establishment_id: int, public_id: str) -> Immersion | None:
    """An immersion that the establishment receives."""
    reach = hosted_by(establishment_id)
    return session.scalar(_whole().where(Immersion.public_id == public_id, reach))


def _whole() -> Select[Immersion]:
    return select(Immersion).options(
        joinedload(Immersion.person),
        joinedload(Immersion.establishment).joinedload(Establishment.commune),
        joinedload(Immersion.occupation),
        joinedload(Immersion.prescriber),
        joinedload(Immersion.support),
        joinedload(Immersion.by),
        joinedload(Immersion.renewal_of),
        joinedload(Immersion.assessment),
        selectinload(Immersion.signatures),
    )


def _short() -> Select[Immersion]:
    return select(Immersion).options(
        joinedload(Immersion.person),
        joinedload(Immersion.establishment),
        joinedload(Immersion.occupation),
        joinedload(Immersion.prescriber),
    )


@dataclass(frozen=True, slots=True)
class ImmersionPage:
    """A page of the list, and how many immersions each view holds."""

    page: Page[Immersion]
    counts: dict[str, int]


def list_followed(session: Session, actor: Actor, view: str, number: int) -> ImmersionPage:
    """A page of what the actor manages or prescribes, the first to begin first."""
    scope = or_(may_manage(actor), may_prescribe(actor))
    query = _short().where(scope, view_condition(actor, view))
    ordered = query.order_by(Immersion.start, Immersion.id)
    page = paginate(session, ordered, number=number, size=PAGE_SIZE)
    columns = [
        func.count(Immersion.id).filter(view_condition(actor, name)).label(name) for name in VIEWS
    ]
    counts = session.execute(select(*columns).where(scope)).one()
    return ImmersionPage(page, dict(counts._mapping))


def view_condition(actor: Actor, view: str) -> ColumnElement[bool]:
    """Which immersions belong to a view of the list."""
    conditions = {
        "prepare": Immersion.state.in_(EDITABLE_STATES),
        "sign": Immersion.state.in_(SIGNING_STATES),
        "validate": and_(
            Immersion.state == _S.IN_VALIDATION, Immersion.prescriber_id == actor.organisation.id
        ),
        "current": Immersion.state.in_((_S.VALIDATED, _S.IN_PROGRESS)),
        "assess": is_to_assess(clock.today()),
        "ended": Immersion.state.in_(ENDED_STATES),
    }
    return conditions.get(view, Immersion.state.not_in(ENDED_STATES))


def is_to_assess(today: date) -> ColumnElement[bool]:
    """Over, and nobody has said yet how it went."""
    return and_(Immersion.state.in_(ASSESSABLE_STATES), Immersion.end < today)


def list_hosted(session: Session, establishment_id: int, number: int) -> Page[Immersion]:
    """A page of what the establishment receives, the latest first."""
    query = _short().where(hosted_by(establishment_id)).options(joinedload(Immersion.assessment))
    ordered = query.order_by(Immersion.start.desc(), Immersion.id.desc())
    return paginate(session, ordered, number=number, size=PAGE_SIZE)


def list_of_person(session: Session, actor: Actor, person: Person) -> list[Immersion]:
    """The immersions of a person that the actor may read, the latest first."""
    query = _short().where(Immersion.person_id == person.id, may_read(actor))
    rows = session.scalars(query.order_by(Immersion.start.desc(), Immersion.id.desc()))
    return list(rows)


def get_person_to_place(
    session: Session, actor: Actor, public_id: str, cohort_id: int | None
) -> Person | None:
    """The person an immersion may be prepared for: a file one may read, or one's own cohort.

    The sheet bears the whole name: a hub prepares it once the person came and was selected.
    """
    reach = people_access.may_read(actor)
    if cohort_id is not None:
        members = select(CohortMembership.person_id).where(
            CohortMembership.cohort_id == cohort_id, CohortMembership.state.in_(_PLACEABLE)
        )
        reach = or_(reach, and_(is_active(), Person.id.in_(members)))
    query = select(Person).where(Person.public_id == public_id, reach)
    return session.scalar(query.options(selectinload(Person.referrals)))


def get_own_cohort(session: Session, actor: Actor, public_id: str) -> Cohort | None:
    """A cohort run by the actor's hub."""
    if actor.role is not Role.HUB:
        return None
    query = select(Cohort).where(
        Cohort.public_id == public_id, Cohort.hub_id == actor.organisation.id
    )
    return session.scalar(query.options(joinedload(Cohort.occupation)))


def get_place(session: Session, cohort: Cohort, public_id: str | None) -> ImmersionPlace | None:
    """A place of immersion that an employer promised to the cohort."""
    if not public_id:
        return None
    query = (
        select(ImmersionPlace)
        .join(ImmersionPlace.commitment)
        .where(ImmersionPlace.public_id == public_id, EmployerCommitment.cohort_id == cohort.id)
    )
    options = joinedload(ImmersionPlace.commitment).joinedload(EmployerCommitment.establishment)
    return session.scalar(query.options(options))


def get_establishment(session: Session, public_id: str) -> Establishment | None:
    """A firm by its address in the portal."""
    query = select(Establishment).where(Establishment.public_id == public_id)
    return session.scalar(query.options(joinedload(Establishment.commune)))


def get_support(session: Session, actor: Actor, person: Person) -> Organisation:
    """Who accompanies: the actor's structure if it follows the person, else the lead's."""
    referrals = session.scalars(
        select(Referral)
        .where(Referral.person_id == person.id, Referral.end.is_(None))
        .options(joinedload(Referral.organisation))
        .order_by(Referral.lead.desc(), Referral.id)
    ).all()
    if any(row.organisation_id == actor.organisation.id for row in referrals) or not referrals:
        return actor.organisation
    return referrals[0].organisation


def list_gestures(session: Session, occupation: Occupation | None) -> list[Skill]:
    """The gestures a tutor is asked about: the core skills of the trade, five at most."""
    if occupation is None:
        return []
    rows = session.scalars(
        select(OccupationSkill)
        .join(Skill)
        .where(
            OccupationSkill.occupation_code == occupation.code,
            OccupationSkill.core,
            Skill.retired.is_(False),
        )
        .options(joinedload(OccupationSkill.skill))
        .order_by(Skill.label, Skill.code)
    ).all()
    own = [row for row in rows if row.origin is ReferenceOrigin.STARTER]
    return [row.skill for row in (own or rows)[:_GESTURES]]


def list_history(session: Session, immersion: Immersion) -> list[DomainEvent]:
    """What happened to an immersion, in order, with who did it."""
    query = (
        select(DomainEvent)
        .where(
            DomainEvent.subject_kind == Immersion.__tablename__,
            DomainEvent.subject_id == immersion.id,
        )
        .options(joinedload(DomainEvent.account))
        .order_by(DomainEvent.at, DomainEvent.id)
    )
    return list(session.scalars(query))
