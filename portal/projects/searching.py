"""What is asked of a project's plan: quarters, family, place, version; read from the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.models import Commune, MajorProject, ProjectTrade
from portal.places import find_communes, only_commune
from portal.projects.rules import Quarter
from portal.reference.starter import load_starter

VIEWS = ("dessin", "tableau")


@dataclass(frozen=True, slots=True)
class PlanFilters:
    """What the plan is narrowed by; None and empty narrow nothing."""

    start: Quarter | None = None
    end: Quarter | None = None
    family: str = ""
    place: str = ""
    version: str | None = None
    view: str = VIEWS[0]


@dataclass(frozen=True, slots=True)
class Place:
    """From where people are counted: a commune, and what else the words may mean."""

    commune: Commune | None
    others: tuple[Commune, ...] = ()
    known: bool = True


def read_filters(arguments: Mapping[str, str]) -> PlanFilters:
    """The filters of an address; anything strange narrows nothing."""
    start = Quarter.parse(arguments.get("de"))
    end = Quarter.parse(arguments.get("a"))
    view = arguments.get("vue", "")
    return PlanFilters(
        start=start,
        end=None if start and end and end < start else end,
        family=arguments.get("famille", "")[:40],
        place=arguments.get("lieu", "").strip()[:120],
        version=arguments.get("version"),
        view=view if view in VIEWS else VIEWS[0],
    )


def place_of(session: Session, project: MajorProject, text: str) -> Place:
    """The commune typed, else that of the project."""
    if not text:
        return Place(project.commune)
    found = find_communes(session, text)
    if not found:
        return Place(project.commune, known=False)
    chosen = only_commune(found, text) or found[0]
    return Place(chosen, tuple(row for row in found if row is not chosen)[:4])


def families_of(trades: Iterable[ProjectTrade]) -> list[tuple[str, str]]:
    """The families of these trades with their labels, in the order of the labels."""
    labels = {family.id: family.label for family in load_starter().families}
    codes = {trade.occupation.family for trade in trades if trade.occupation.family}
    return sorted(((code, labels.get(code, code)) for code in codes), key=lambda pair: pair[1])


def quarters_of(trades: Iterable[ProjectTrade]) -> list[Quarter]:
    """The quarters for which the list says a need, in order."""
    found = {Quarter.parse(need.quarter) for trade in trades for need in trade.needs}
    return sorted(quarter for quarter in found if quarter is not None)
