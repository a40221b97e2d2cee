"""The equity panel of a cohort: masked counts for a human, who decides what to do (T-EQ-02).

Categories come from facts the engine never sees (INV-08), and leave here as counts alone, those
under five masked with what would give them away (INV-15).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.people import is_active
from portal.hubs.candidates import in_pool, not_in
from portal.hubs.sourcing import list_journeys
from portal.matchmaking import cohorts as engine
from portal.models import (
    Cohort,
    CohortMembership,
    Person,
    PersonRestricted,
    PersonStatus,
    Sex,
    StatusCode,
)
from portal.text import N_

#: The dimensions, in the order shown, each with its categories and their words.
DIMENSIONS: Mapping[str, Mapping[str, str]] = {
    "sex": {
        Sex.WOMAN.value: N_("femmes"),
        Sex.MAN.value: N_("hommes"),
        "unknown": N_("non renseigné"),
    },
    "age": {
        "under_26": N_("moins de 26 ans"),
        "between": N_("de 26 à 49 ans"),
        "over_50": N_("50 ans et plus"),
        "unknown": N_("non renseigné"),
    },
    "qpv": {
        "qpv": N_("quartier prioritaire"),
        "other": N_("ailleurs, ou non renseigné"),
    },
}
DIMENSION_LABELS = {"sex": N_("Sexe"), "age": N_("Âge"), "qpv": N_("Lieu de vie")}
STAGE_LABELS = {
    engine.Stage.POOL: N_("Vivier"),
    engine.Stage.INVITED: N_("Invitées"),
    engine.Stage.SELECTED: N_("Retenues"),
    engine.Stage.ADMITTED: N_("Admises"),
}
#: The groups of people the cohort could invite: those beyond are not its pool.
_POOL_GROUPS = frozenset({"ready", "one_step", "to_check", "longer_path"})
# Databases limit how many values one statement takes.
_AT_ONCE = 5_000


def age_category(birth: date | None, today: date) -> str:
    """Under 26, 50 and over, or between (§4.5.6 d); the birth date goes no further."""
    if birth is None:
        return "unknown"
    age = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
    if age < 26:
        return "under_26"
    return "over_50" if age >= 50 else "between"


def stage_of(steps_done: int, *, invited: bool) -> engine.Stage:
    """How far somebody went, as the panel counts it."""
    if steps_done >= 4:
        return engine.Stage.ADMITTED
    if steps_done >= 2:
        return engine.Stage.SELECTED
    return engine.Stage.INVITED if invited else engine.Stage.POOL


def get_panel(session: Session, *, cohort: Cohort) -> engine.Panel:
    """Who is in the pool, invited, selected and admitted: masked counts and ratios."""
    stages = _stages_of_members(session, cohort)
    stages |= dict.fromkeys(_pool_of(session, cohort) - stages.keys(), engine.Stage.POOL)
    facts = _facts(session, stages)
    members = [
        engine.Member(stage, facts[person_id])
        for person_id, stage in stages.items()
        if person_id in facts
    ]
    return engine.equity_panel(members, {name: tuple(rows) for name, rows in DIMENSIONS.items()})


def _stages_of_members(session: Session, cohort: Cohort) -> dict[int, engine.Stage]:
    rows = session.scalars(
        select(CohortMembership)
        .join(CohortMembership.person)
        .where(CohortMembership.cohort_id == cohort.id, is_active())
    )
    return {
        journey.membership.person_id: stage_of(journey.steps_done, invited=journey.invited)
        for journey in list_journeys(session, rows)
    }


def _pool_of(session: Session, cohort: Cohort) -> set[int]:
    """The people within reach that the cohort could invite."""
    offer = engine.cohort_offer(session, cohort)
    if offer is None:
        return set()
    rows = session.execute(
        select(Person.id, Person.public_id).where(in_pool(cohort), not_in(cohort))
    )
    ids = {row.public_id: row.id for row in rows}
    groups = engine.groups_of_people(session, offer, list(ids))
    return {ids[name] for name, group in groups.items() if group in _POOL_GROUPS}


def _facts(session: Session, people: Iterable[int]) -> dict[int, dict[str, str]]:
    """The categories of each person, and nothing else of them."""
    wanted: list[int] = list(people)
    found: dict[int, dict[str, str]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        found |= _facts_of_few(session, wanted[start : start + _AT_ONCE])
    return found


def _facts_of_few(session: Session, wanted: Sequence[int]) -> dict[int, dict[str, str]]:
    today = clock.today()
    rows = session.execute(
        select(Person.id, Person.birth_date, PersonRestricted.sex_for_counts)
        .outerjoin(PersonRestricted, PersonRestricted.person_id == Person.id)
        .where(Person.id.in_(wanted))
    )
    qpv = set(
        session.scalars(
            select(PersonStatus.person_id).where(
                PersonStatus.person_id.in_(wanted),
                PersonStatus.code == StatusCode.QPV,
                PersonStatus.start <= today,
                or_(PersonStatus.end.is_(None), PersonStatus.end >= today),
            )
        )
    )
    return {
        row.id: {
            "sex": row.sex_for_counts.value if row.sex_for_counts else "unknown",
            "age": age_category(row.birth_date, today),
            "qpv": "qpv" if row.id in qpv else "other",
        }
        for row in rows
    }


# In words -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CountRow:
    """A category and its counts, stage by stage; None is masked."""

    label: str
    counts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One dimension."""

    label: str
    rows: tuple[CountRow, ...]


@dataclass(frozen=True, slots=True)
class PanelView:
    """The panel as the page says it."""

    stages: tuple[str, ...]
    whole: tuple[int | None, ...]
    tables: tuple[Table, ...]
    alerts: tuple[str, ...]


def view_of(panel: engine.Panel) -> PanelView:
    """Counts in tables, alerts in sentences."""
    stages = tuple(engine.Stage)

    def counts(dimension: str, category: str) -> tuple[int | None, ...]:
        return tuple(panel.counts[engine.Cell(dimension, category, stage)] for stage in stages)

    return PanelView(
        stages=tuple(str(_(STAGE_LABELS[stage])) for stage in stages),
        whole=counts("", ""),
        tables=tuple(
            Table(
                str(_(DIMENSION_LABELS[name])),
                tuple(CountRow(str(_(words)), counts(name, key)) for key, words in rows.items()),
            )
            for name, rows in DIMENSIONS.items()
        ),
        alerts=tuple(_alert(found) for found in panel.alerts),
    )


def _alert(found: engine.Disparity) -> str:
    words = DIMENSIONS[found.dimension]
    text = _(
        "%(dimension)s\u00a0: «\u00a0%(category)s\u00a0» arrive moins souvent que"
        " «\u00a0%(best)s\u00a0» à l’étape «\u00a0%(stage)s\u00a0»",
        dimension=_(DIMENSION_LABELS[found.dimension]),
        category=_(words[found.category]),
        best=_(words[found.best]),
        stage=_(STAGE_LABELS[found.stage]),
    )
    return f"{text}{_ratio(found.ratio)}."


def _ratio(ratio: Fraction | None) -> str:
    """A ratio read aloud; nothing when it would give a masked count away."""
    if ratio is None:
        return ""
    return str(_(" (%(count)s fois quand l’autre y arrive 100 fois)", count=int(ratio * 100)))
