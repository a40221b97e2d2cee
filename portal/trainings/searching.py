"""What is asked of the catalogue: the address read, and its words understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import matchmaking as mm
from portal.models import Commune, Occupation
from portal.places import find_communes, only_commune
from portal.trainings.rules import DEFAULT_RADIUS, RADII

_PROPOSED = 4
_ROME_CODE = re.compile(r"[A-Z]\d{4}")


@dataclass(frozen=True, slots=True)
class CatalogueFilters:
    """What is asked of the list; empty means everything still to start."""

    trade: str = ""
    place: str = ""
    radius: int = DEFAULT_RADIUS
    since: date | None = None
    until: date | None = None
    with_seats: bool = False
    only_new: bool = False
    portfolio: bool = False

    @property
    def any(self) -> bool:
        """Whether something narrows the list."""
        return self != CatalogueFilters(radius=self.radius)


@dataclass(frozen=True, slots=True)
class Understood:
    """How typed words were read: the trade and the commune kept, and what else they may mean.

    ``place_known`` is false when nothing is spelled so: the place then narrows nothing, and the
    page says it.
    """

    occupations: dict[str, str] = field(default_factory=dict)
    other_occupations: dict[str, str] = field(default_factory=dict)
    commune: Commune | None = None
    other_communes: tuple[Commune, ...] = ()
    place_known: bool = True


def read_filters(arguments: Mapping[str, str]) -> CatalogueFilters:
    """The filters of an address; anything strange narrows nothing."""
    radius = arguments.get("rayon", "")
    return CatalogueFilters(
        trade=arguments.get("metier", "").strip()[:120],
        place=arguments.get("lieu", "").strip()[:120],
        radius=int(radius) if radius in {str(known) for known in RADII} else DEFAULT_RADIUS,
        since=_day(arguments.get("du", "")),
        until=_day(arguments.get("au", "")),
        with_seats=arguments.get("places") == "1",
        only_new=arguments.get("nouveau") == "1",
        portfolio=arguments.get("portefeuille") == "1",
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def understand(session: Session, filters: CatalogueFilters) -> Understood:
    """Resolve the trade and the place that were typed."""
    kept, others = _occupations(session, filters.trade)
    found = find_communes(session, filters.place) if filters.place else []
    chosen = (only_commune(found, filters.place) or found[0]) if found else None
    return Understood(
        occupations=kept,
        other_occupations=others,
        commune=chosen,
        other_communes=tuple(row for row in found if row is not chosen)[:_PROPOSED],
        place_known=bool(found) or not filters.place,
    )


def _occupations(session: Session, text: str) -> tuple[dict[str, str], dict[str, str]]:
    if not text:
        return {}, {}
    if _ROME_CODE.fullmatch(text.upper()):
        query = select(Occupation.code, Occupation.label).where(Occupation.code == text.upper())
        return dict(session.execute(query).all()), {}
    found = mm.resolve_occupations(session, text)
    sure = mm.sure_occupation(found)
    if sure is not None:
        return {sure.code: sure.label}, {}
    return {}, {match.code: match.label for match in found[:_PROPOSED]}
