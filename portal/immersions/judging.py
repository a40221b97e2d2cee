"""From rows to the rules: what is known of a convention, and what they say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal.immersions import rules
from portal.immersions.convention import Aim, Breach, Convention, Earlier, Prescriber, Right
from portal.immersions.parameters import load_rules
from portal.immersions.periods import Period
from portal.immersions.states import VOID_STATES
from portal.models import (
    Establishment,
    Habilitation,
    HabilitationKind,
    Immersion,
    ImmersionObject,
    Occupation,
    Organisation,
    OrganisationKind,
    Person,
)
from portal.offers.siret import SiretError, checked_siret

_FIRST_KINDS = (OrganisationKind.DEPARTEMENT, OrganisationKind.MDS)


@dataclass(slots=True)
class Draft:
    """What a form says of an immersion, named like the columns it fills."""

    person: Person
    establishment: Establishment
    occupation: Occupation | None
    prescriber: Organisation | None
    object: ImmersionObject
    objectives: str
    tasks: str
    start: date
    end: date
    presence_days: int
    weekly_hours: float
    schedule: str
    tutor_name: str
    place: str | None = None
    tutor_role: str | None = None
    tutor_contact: str | None = None
    legal_representative: str | None = None
    employed: bool = False
    contract_suspended: bool | None = None
    current_employer_agreed: bool | None = None
    no_replacement_declared: bool = False
    renewal_of: Immersion | None = None
    cohort_id: int | None = None


Asked: TypeAlias = Draft | Immersion


def judge(session: Session, asked: Asked, *, own_id: int | None = None) -> list[Breach]:
    """What the law of its first day says against it, beside the person's other immersions.

    ``own_id``: the row itself when it exists, which is not one of the others. For a decision
    that is kept, hold the person's row first (:func:`portal.locks.lock_row`).
    """
    return rules.check(to_convention(session, asked, own_id=own_id))


def to_convention(session: Session, asked: Asked, *, own_id: int | None = None) -> Convention:
    """The plain values that the rules read."""
    person = asked.person
    rows = _other_rows(session, person.id, own_id)
    here = [row for row in rows if row.establishment_id == asked.establishment.id]
    period = Period(asked.start, asked.end)
    renewed = asked.renewal_of
    return Convention(
        period=period,
        presence_days=asked.presence_days,
        weekly_hours=asked.weekly_hours,
        aim=Aim(asked.object.value, asked.objectives),
        tasks=asked.tasks,
        schedule=asked.schedule,
        tutor_name=asked.tutor_name,
        siret=_valid_siret(asked.establishment),
        birth_date=person.birth_date,
        prescriber=_prescriber(session, asked.prescriber),
        tutor_contact=asked.tutor_contact or "",
        person_contacts=frozenset(text for text in (person.phone, person.email) if text),
        legal_representative=asked.legal_representative or "",
        employed=asked.employed,
        contract_suspended=bool(asked.contract_suspended),
        employer_agreed=bool(asked.current_employer_agreed),
        no_replacement=asked.no_replacement_declared,
        renewal_of=str(renewed.id) if renewed else None,
        hours_elsewhere=_hours_at_once(period, [row for row in rows if row not in here]),
        others=tuple(map(_earlier, here)),
        prescribers=tuple(
            row.name for row in list_prescribers(session, person.departement_code, asked.start)
        ),
    )


def _other_rows(session: Session, person_id: int, own_id: int | None) -> Sequence[Immersion]:
    """The person's other immersions, as they are now whatever was read before."""
    query = (
        select(Immersion)
        .where(
            Immersion.person_id == person_id,
            Immersion.state.not_in(VOID_STATES),
            Immersion.id != (own_id or 0),
        )
        .options(joinedload(Immersion.assessment))
        .order_by(Immersion.id)
        .execution_options(populate_existing=True)
    )
    with session.no_autoflush:
        return session.scalars(query).all()


def _hours_at_once(period: Period, rows: Sequence[Immersion]) -> float:
    return sum(row.weekly_hours for row in rows if period.overlap(Period(row.start, row.end)))


def _earlier(row: Immersion) -> Earlier:
    return Earlier(
        key=str(row.id),
        period=Period(row.start, row.end),
        aim=Aim(row.object.value, row.objectives),
        renewal_of=str(row.renewal_of_id) if row.renewal_of_id else None,
        outcome=row.assessment.objectives.value if row.assessment else None,
    )


def _valid_siret(establishment: Establishment) -> str | None:
    try:
        return checked_siret(establishment.siret or "")
    except SiretError:
        return None


def _prescriber(session: Session, row: Organisation | None) -> Prescriber | None:
    if row is None:
        return None
    rights = session.scalars(select(Habilitation).where(Habilitation.organisation_id == row.id))
    return Prescriber(
        row.name,
        row.kind.value,
        tuple(Right(right.kind.value, right.valid_from, right.valid_until) for right in rights),
    )


def list_prescribers(
    session: Session, departement_code: str | None, day: date
) -> list[Organisation]:
    """The structures of a département that may prescribe that day, the Département's first."""
    law = load_rules().on(day)
    if departement_code is None or "prescriber_kinds" not in law:
        return []
    kinds = [OrganisationKind(value) for value in law["prescriber_kinds"].items]
    rights = [HabilitationKind(value) for value in law["prescriber_rights"].items]
    on_file = select(Habilitation.organisation_id).where(
        Habilitation.kind.in_(rights),
        Habilitation.valid_from <= day,
        or_(Habilitation.valid_until.is_(None), Habilitation.valid_until >= day),
    )
    query = (
        select(Organisation)
        .where(
            Organisation.active,
            Organisation.departement_code == departement_code,
            or_(Organisation.kind.in_(kinds), Organisation.id.in_(on_file)),
        )
        .order_by(Organisation.name, Organisation.id)
    )
    found = session.scalars(query).all()
    return sorted(found, key=lambda row: row.kind not in _FIRST_KINDS)
