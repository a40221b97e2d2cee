"""The register in the database, as the actor may read it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.people import followed_by_organisation, is_active
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.locks import hold_row
from portal.models import (
    Commune,
    MajorProject,
    NeedEndReason,
    NeedState,
    Occupation,
    Person,
    UnmetNeed,
)
from portal.needs.counting import Axis, Fact
from portal.needs.rules import NEED_MACHINE, WAITING, Cell
from portal.web.paging import Page, paginate

PAGE_SIZE = 25
STANDINGS: Mapping[str, frozenset[NeedState]] = {
    "attente": WAITING,
    "ouverts": frozenset({NeedState.OPEN}),
    "pris": frozenset({NeedState.TAKEN_UP}),
    "clos": frozenset({NeedState.CLOSED}),
    "tous": frozenset(NeedState),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the register is narrowed by; empty narrows nothing."""

    axis: Axis = Axis.TRADE
    standing: str = "attente"
    year: int | None = None
    place: str = ""
    trade: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """The needs as counted, the trades by code, and the choices of the filters."""

    facts: list[Fact]
    trades: dict[str, str]
    places: list[str]
    years: list[int]


def read_filters(arguments: Mapping[str, str]) -> Filters:
    """The filters of an address; anything strange narrows nothing."""
    asked, year = arguments.get("par", ""), arguments.get("annee", "")
    standing = arguments.get("etat", "")
    return Filters(
        axis=Axis(asked) if asked in set(Axis) else Axis.TRADE,
        standing=standing if standing in STANDINGS else "attente",
        year=int(year) if year.isdecimal() and len(year) == 4 else None,
        place=arguments.get("territoire", "")[:120],
        trade=arguments.get("metier", "")[:10],
    )


def masks(actor: Actor) -> bool:
    """Whether small counts are masked: those who see no person read no small count (INV-15)."""
    return not actor.can(Capability.PEOPLE_READ)


def may_read(actor: Actor) -> ColumnElement[bool]:
    """Needs of the actor's département, those it recorded, and all of them for the Région."""
    if not actor.can(Capability.NEEDS_READ):
        return false()
    if actor.departement_code is None:
        return true()
    return or_(
        UnmetNeed.commune.has(Commune.departement_code == actor.departement_code),
        and_(UnmetNeed.commune_code.is_(None), UnmetNeed.recorded_by_id == actor.account.id),
    )


def get_register(session: Session, actor: Actor, filters: Filters) -> Register:
    """The needs that the filters keep, in one statement."""
    rows = session.execute(
        select(
            UnmetNeed.occupation_code,
            Occupation.label,
            UnmetNeed.state,
            UnmetNeed.recorded_on,
            UnmetNeed.project_id,
            UnmetNeed.jobs,
            UnmetNeed.blocking,
            Commune.departement_code,
            Commune.epci_name,
            Commune.name,
        )
        .outerjoin(Occupation, Occupation.code == UnmetNeed.occupation_code)
        .outerjoin(Commune, Commune.code == UnmetNeed.commune_code)
        .where(may_read(actor))
    ).all()
    masked = masks(actor)
    facts, trades = [], {}
    for code, label, state, day, project, jobs, blocking, *place in rows:
        trades[code or ""] = label or _("métier à préciser")
        cell = Cell(code or "", _place_name(*place, masked=masked), state, day.year)
        facts.append(Fact(cell, project is None, jobs, _lacks(blocking)))
    return Register(
        facts=[fact for fact in facts if _kept(fact, filters)],
        trades=trades,
        places=sorted({fact.cell.place for fact in facts}),
        years=sorted({fact.cell.year for fact in facts}, reverse=True),
    )


def _place_name(
    departement: str | None, epci: str | None, commune: str | None, *, masked: bool
) -> str:
    """Where: an intercommunality, or the département for those whose counts are masked."""
    if departement is None:
        return str(_("lieu à préciser"))
    wide = str(_("département %(code)s", code=departement))
    return wide if masked else (epci or commune or wide)


def _lacks(blocking: Mapping[str, object]) -> frozenset[str]:
    blockers = blocking.get("blockers")
    rows = blockers if isinstance(blockers, list) else []
    return frozenset(str(row["label"]) for row in rows if row.get("label"))


def _kept(fact: Fact, filters: Filters) -> bool:
    cell = fact.cell
    return (
        cell.state in STANDINGS[filters.standing]
        and filters.year in (None, cell.year)
        and filters.place in ("", cell.place)
        and filters.trade in ("", cell.trade)
    )


def list_rows(session: Session, actor: Actor, trade: Occupation, number: int) -> Page[UnmetNeed]:
    """The needs of a trade that may be told one by one, the latest first.

    Those of projects; those of people only for who may see people.
    """
    told = or_(UnmetNeed.project_id.is_not(None), true() if not masks(actor) else false())
    query = (
        select(UnmetNeed)
        .where(UnmetNeed.occupation_code == trade.code, may_read(actor), told)
        .options(
            joinedload(UnmetNeed.commune),
            joinedload(UnmetNeed.project),
            joinedload(UnmetNeed.person),
            joinedload(UnmetNeed.taken_up_by),
        )
        .order_by(UnmetNeed.recorded_on.desc(), UnmetNeed.id.desc())
    )
    return paginate(session, query, number=number, size=PAGE_SIZE)


def named_people(session: Session, actor: Actor, rows: Collection[UnmetNeed]) -> set[int]:
    """Those of these needs' people whom the actor's structure follows: they may be named."""
    ids = {row.person_id for row in rows if row.person_id is not None}
    if not ids or masks(actor):
        return set()
    query = select(Person.id).where(
        Person.id.in_(ids), is_active(), followed_by_organisation(actor)
    )
    return set(session.scalars(query))


def list_states(session: Session, actor: Actor, trade: Occupation) -> set[NeedState]:
    """The states that needs of a trade are in: only those can be moved."""
    query = select(UnmetNeed.state).where(UnmetNeed.occupation_code == trade.code, may_read(actor))
    return set(session.scalars(query.distinct()))


def get_open_need(
    session: Session, *, project: MajorProject, trade: Occupation, quarter: str | None
) -> UnmetNeed | None:
    """The need already recorded for a gap of a project and not closed."""
    return session.scalar(
        select(UnmetNeed).where(
            UnmetNeed.project_id == project.id,
            UnmetNeed.occupation_code == trade.code,
            UnmetNeed.quarter == quarter,
            UnmetNeed.state.in_(WAITING),
        )
    )


def record_project_need(
    session: Session,
    actor: Actor,
    *,
    project: MajorProject,
    trade: Occupation,
    quarter: str | None,
    jobs: int,
    commune: Commune | None,
    note: str | None,
) -> UnmetNeed:
    """A gap of a project that neither people nor seats answer; once per trade and quarter."""
    hold_row(session, project)  # of two sent at once, the second one finds the first
    if get_open_need(session, project=project, trade=trade, quarter=quarter) is not None:
        raise IllegalTransitionError(_("Ce besoin est déjà au registre."))
    need = UnmetNeed(
        project_id=project.id,
        occupation_code=trade.code,
        quarter=quarter,
        jobs=jobs,
        commune_code=commune.code if commune else project.commune_code,
        note=note or None,
        recorded_by_id=actor.account.id,
        recorded_on=clock.today(),
    )
    session.add(need)
    session.flush()
    record_event(session, actor=actor, subject=need, name="unmet_need_recorded")
    return need


def record_steering(
    session: Session,
    actor: Actor,
    *,
    trade: Occupation,
    source: NeedState,
    target: NeedState,
    reason: NeedEndReason | None = None,
) -> int:
    """Move every need of a trade that the actor may read from a state to another; how many.

    Closing needs a reason (INV-10). Needs are steered by trade: who steers sees nobody.
    """
    if target is NeedState.CLOSED and reason is None:
        raise IllegalTransitionError(_("Dites pourquoi ces besoins sont clos."))
    rows = session.scalars(
        select(UnmetNeed)
        .where(UnmetNeed.occupation_code == trade.code, UnmetNeed.state == source, may_read(actor))
        .order_by(UnmetNeed.id)
    ).all()
    for row in rows:
        row.end_reason = reason if target is NeedState.CLOSED else None
        if target is NeedState.TAKEN_UP:
            row.taken_up_by_id = actor.organisation.id
        NEED_MACHINE.move(
            session,
            row,
            target,
            actor=actor,
            name="unmet_need_moved",
            reason=reason.value if reason else None,
        )
    return len(rows)
