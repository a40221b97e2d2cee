"""Records with everything that a test does not speak of already filled in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from matching import (
    Index,
    Mode,
    Offer,
    Pair,
    Person,
    Prerequisite,
    Requirement,
    RequirementKind,
    Session,
    Taxonomy,
    rank_offers,
    rank_people,
)
from tests.matching.worlds import COMMUNES, TAXONOMY, TODAY

HOME, NEXT_DOOR, NEAR, FAR, FARTHER = (commune.code for commune in COMMUNES)


def on(days: int) -> date:
    """A day counted from today."""
    return TODAY + timedelta(days=days)


def person(name: str = "ada", **fields: Any) -> Person:
    """Someone with a car, available today, of whom nothing is known."""
    defaults = {
        "commune": HOME, "available_from": TODAY, "modes": frozenset({Mode.CAR}),
        "max_minutes": 60,
    }  # fmt: skip
    return Person(name, **{**defaults, **fields})


def offer(*requirements: Requirement, name: str = "job", **fields: Any) -> Offer:
    """A job at home wanted in 30 days, at the latest in 60."""
    defaults = {
        "occupation": "F1702", "commune": HOME, "start_wanted": on(30), "start_latest": on(60)
    }  # fmt: skip
    return Offer(name, requirements=requirements, **{**defaults, **fields})


def session(name: str = "course", *, start: int = 5, end: int = 20, **fields: Any) -> Session:
    """A session at home with seats, in days from today."""
    where = {} if fields.get("remote") else {"commune": HOME}
    return Session(name, on(start), on(end), **{"seats_left": 3, **where, **fields})


def skill(name: str, level: int = 2, kind: str = "day_one") -> Requirement:
    """A skill an offer asks."""
    return Requirement(skill=name, level=level, kind=RequirementKind(kind))


def credential(name: str, kind: str = "regulatory") -> Requirement:
    """A credential an offer asks."""
    return Requirement(credential=name, kind=RequirementKind(kind))


def needs(name: str, level: int | None = None) -> Prerequisite:
    """What a session asks: a skill when there is a level, else a credential."""
    return Prerequisite(credential=name) if level is None else Prerequisite(name, level)


def index(
    people: Iterable[Person] = (),
    offers: Iterable[Offer] = (),
    sessions: Iterable[Session] = (),
    taxonomy: Taxonomy = TAXONOMY,
) -> Index:
    """An index on the test communes."""
    return Index.build(people, offers, sessions, COMMUNES, taxonomy, TODAY)


def pair(who: Person, what: Offer, *sessions: Session, taxonomy: Taxonomy = TAXONOMY) -> Pair:
    """The pair, taken from the offer's list and checked to be the same in the person's list."""
    built = index([who], [what], sessions, taxonomy)
    (found,) = rank_people(built, what).people
    mine = rank_offers(built, who).offers
    assert mine == (() if found.disliked else (found,))
    return found
