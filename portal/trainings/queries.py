"""Sessions in the database, as the actor may see and correct them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from portal import clock
from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.models import (
    Commune,
    ProgramOccupation,
    RecruitmentState,
    Role,
    SessionCredential,
    SessionPrerequisite,
    SessionSkill,
    TrainingAction,
    TrainingProgram,
    TrainingSession,
)
from portal.text import like_pattern
from portal.trainings.rules import box_around, distance_km, new_since
from portal.trainings.searching import CatalogueFilters, Understood
from portal.web.paging import Page, paginate

PAGE_SIZE = 25
_CLOSED = (RecruitmentState.CANCELLED, RecruitmentState.CLOSED, RecruitmentState.FULL)


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """A page of the list; ``distances`` are kilometres by commune code, when a place is asked."""

    page: Page[TrainingSession]
    distances: dict[str, float]
    new_count: int


def is_own(actor: Actor) -> ColumnElement[bool]:
    """Given by the actor's own organisation (joined with its action)."""
    if actor.role is not Role.TRAINING:
        return false()
    own = TrainingAction.organisation_id == actor.organisation.id
    if actor.organisation.siret:
        return or_(own, TrainingAction.organiser_siret == actor.organisation.siret)
    return own


def may_read(actor: Actor) -> ColumnElement[bool]:
    """The catalogue is one for all the professionals who may open it."""
    return true() if actor.can(Capability.CATALOGUE_READ) else false()


def may_correct(actor: Actor) -> ColumnElement[bool]:
    """A training organisation corrects its own sessions; a hub and an administrator, all."""
    if not actor.can(Capability.CATALOGUE_WRITE):
        return false()
    return is_own(actor) if actor.role is Role.TRAINING else true()


def list_sessions(
    session: Session,
    actor: Actor,
    filters: CatalogueFilters,
    understood: Understood,
    *,
    matching: Collection[str] | None,
    number: int,
) -> CataloguePage:
    """A page of sessions by first day, the actor's own first; the same few statements always.

    ``matching`` holds the public ids that suit the actor's portfolio, None for who has none.
    """
    distances = _distances(session, filters, understood)
    conditions = [may_read(actor), *_period(actor, filters)]
    if filters.trade:
        conditions.append(_about(filters.trade, understood.occupations))
    if understood.commune is not None:
        conditions.append(or_(TrainingSession.remote, TrainingSession.commune_code.in_(distances)))
    if filters.with_seats:
        conditions.append(has_seats())
    if filters.only_new:
        conditions.append(TrainingSession.first_seen_at > new_since(actor.account))
    if filters.portfolio and matching is not None:
        conditions.append(TrainingSession.public_id.in_(matching))
    own_first = case((is_own(actor), 0), else_=1)
    query = (
        _joined()
        .where(*conditions)
        .options(*_loading())
        .order_by(own_first, TrainingSession.start, TrainingSession.id)
    )
    page = paginate(session, query, number=number, size=PAGE_SIZE)
    return CataloguePage(page, distances, count_new(session, actor))


def _joined() -> Select[Any]:
    return select(TrainingSession).join(TrainingSession.action).join(TrainingAction.program)


def _loading() -> tuple[ExecutableOption, ...]:
    action = contains_eager(TrainingSession.action)
    return (
        action.contains_eager(TrainingAction.program),
        action.joinedload(TrainingAction.organisation),
        joinedload(TrainingSession.commune),
    )


def _period(actor: Actor, filters: CatalogueFilters) -> list[ColumnElement[bool]]:
    """Between the days asked, else still to start; cancelled ones only to who gives them."""
    shown = or_(TrainingSession.recruitment != RecruitmentState.CANCELLED, is_own(actor))
    found = [shown, TrainingSession.start >= (filters.since or clock.today())]
    if filters.until:
        found.append(TrainingSession.start <= filters.until)
    return found


def has_seats() -> ColumnElement[bool]:
    """Seats are left, or recruitment is open and nobody said how many."""
    return and_(
        TrainingSession.recruitment.not_in(_CLOSED),
        or_(
            TrainingSession.seats_left > 0,
            and_(
                TrainingSession.seats_left.is_(None),
                TrainingSession.recruitment == RecruitmentState.OPEN,
            ),
        ),
    )


def prepares(codes: Collection[str]) -> ColumnElement[bool]:
    """The programme prepares one of these occupations."""
    return TrainingProgram.occupations.any(
        or_(
            ProgramOccupation.occupation_code.in_(codes),
            ProgramOccupation.rome_code.in_(codes),
        )
    )


def _about(text: str, codes: Collection[str]) -> ColumnElement[bool]:
    titled = TrainingProgram.search_title.like(like_pattern(text), escape="\\")
    return or_(titled, prepares(codes)) if codes else titled


def _distances(
    session: Session, filters: CatalogueFilters, understood: Understood
) -> dict[str, float]:
    """Kilometres from the place asked to each commune that gives sessions within the radius."""
    place = understood.commune
    if place is None:
        return {}
    if place.latitude is None or place.longitude is None:
        return {place.code: 0.0}
    centre = (place.latitude, place.longitude)
    south, north, west, east = box_around(centre, filters.radius)
    rows = session.execute(
        select(Commune.code, Commune.latitude, Commune.longitude).where(
            Commune.latitude.between(south, north),
            Commune.longitude.between(west, east),
            Commune.code.in_(select(TrainingSession.commune_code)),
        )
    )
    found = {code: distance_km(centre, (lat, lon)) for code, lat, lon in rows if lat and lon}
    return {code: km for code, km in found.items() if km <= filters.radius}


def count_new(session: Session, actor: Actor) -> int:
    """How many sessions still to start came since the actor last looked."""
    query = select(func.count(TrainingSession.id)).where(
        may_read(actor),
        TrainingSession.first_seen_at > new_since(actor.account),
        TrainingSession.start >= clock.today(),
        TrainingSession.recruitment != RecruitmentState.CANCELLED,
    )
    return session.scalar(query) or 0


def record_catalogue_seen(session: Session, actor: Actor) -> None:
    """The actor has seen what is new: from now on, only what comes later is."""
    actor.account.catalogue_seen_at = clock.now()
    session.flush()


def get_session(session: Session, actor: Actor, public_id: str) -> TrainingSession | None:
    """A session with all that its page shows."""
    return _one(session, public_id, may_read(actor))


def get_correctable(session: Session, actor: Actor, public_id: str) -> TrainingSession | None:
    """A session the actor may correct, with all that its page shows."""
    return _one(session, public_id, may_correct(actor))


def can_correct(session: Session, actor: Actor, row: TrainingSession) -> bool:
    """Whether the actor may correct a session."""
    query = select(TrainingSession.id).join(TrainingSession.action)
    return session.scalar(query.where(TrainingSession.id == row.id, may_correct(actor))) is not None


def _one(session: Session, public_id: str, scope: ColumnElement[bool]) -> TrainingSession | None:
    found: TrainingSession | None = session.scalar(
        _joined()
        .where(TrainingSession.public_id == public_id, scope)
        .options(
            *_loading(),
            contains_eager(TrainingSession.action)
            .contains_eager(TrainingAction.program)
            .selectinload(TrainingProgram.occupations)
            .joinedload(ProgramOccupation.occupation),
            selectinload(TrainingSession.skills).joinedload(SessionSkill.skill),
            selectinload(TrainingSession.credentials).joinedload(SessionCredential.credential),
            selectinload(TrainingSession.prerequisites).joinedload(SessionPrerequisite.skill),
            selectinload(TrainingSession.prerequisites).joinedload(SessionPrerequisite.credential),
            selectinload(TrainingSession.info_meetings),
        )
    )
    return found
