"""The world made from rows, and brought up to date when some of them have changed."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import matching as engine
from portal.matchmaking import loading
from portal.matchmaking.loading import Nomenclature
from portal.matchmaking.stamps import Mark, changed_owners, read_marks
from portal.models import (
    Commune,
    Credential,
    ImportRun,
    Interest,
    JobOffer,
    OccupationLink,
    OccupationSkill,
    OfferRequirement,
    Person,
    SessionCredential,
    SessionPrerequisite,
    SessionSkill,
    Skill,
    SkillAssertion,
    SkillLink,
    TrainingSession,
)

Fingerprint = tuple[Mark, ...]
Prints = Mapping[str, Fingerprint]

PARTS: dict[str, tuple[Any, ...]] = {
    "nomenclature": (Skill, OccupationSkill, Commune, SkillLink, OccupationLink, ImportRun),
    "people": (Person, SkillAssertion, Credential, Interest),
    "offers": (JobOffer, OfferRequirement),
    "sessions": (TrainingSession, SessionSkill, SessionCredential, SessionPrerequisite),
}
# Beyond, reading everything again costs less than reading what has changed.
MOST = {"people": 5_000, "offers": 2_000, "sessions": 1_000}
# Beyond, people are replaced all at once.
_FEW_PEOPLE = 8
_MANY_OBJECTS = 300_000


@dataclass(frozen=True)
class World:
    """The engine's index on a day, and the nomenclature it was built with."""

    index: engine.Index
    nomenclature: Nomenclature
    today: date


def read_prints(session: Session) -> Prints:
    """The marks of every part, read in two statements."""
    marks = read_marks(session, (table for tables in PARTS.values() for table in tables))
    return {name: tuple(marks[table] for table in tables) for name, tables in PARTS.items()}


def build_world(session: Session, today: date) -> World:
    """Every row read."""
    with _collector_at_rest():
        links = loading.load_nomenclature(session)
        index = engine.Index.build(
            loading.load_people(session, links.canonical, today),
            loading.load_offers(session, links.canonical, today),
            loading.load_sessions(session, links.canonical, today),
            loading.load_communes(session),
            links.taxonomy,
            today,
        )
    return World(index, links, today)


def with_changes(session: Session, last: World, before: Prints, now: Prints) -> World | None:
    """The last world with what changed since, or None when all is better read again."""
    if before["nomenclature"] != now["nomenclature"]:
        return None
    changed = {
        name: changed_owners(session, PARTS[name], before[name], now[name], most)
        for name, most in MOST.items()
    }
    world = last
    for name, follow in _FOLLOW.items():
        owners = changed[name]
        if owners is None:
            return None
        if owners:
            world = replace(world, index=follow(session, world, owners))
    return world


def is_whole(session: Session, world: World) -> bool:
    """Whether the world has as many people, offers and sessions as the rows say."""
    index = world.index
    known = len(index.people.number), len(index.book), len(index.sessions.sessions)
    return known == loading.count_records(session, world.today)


def _with_people(session: Session, last: World, changed: set[int]) -> engine.Index:
    """The index with these people as they are now."""
    index, held = last.index, last.index.people
    records = loading.load_people(session, last.nomenclature.canonical, last.today, changed)
    # One read again for having changed within the minute is most often as it was.
    new = [
        record
        for record in records
        if record.id not in held.number or held.people[held.number[record.id]] != record
    ]
    left = _left(session, Person, changed, records, held.number.keys())
    if left:
        index = index.among(held.number.keys() - left)
    if len(new) > _FEW_PEOPLE:
        return index.with_people(new)
    for record in new:
        index = index.with_person(record)
    return index


def _with_offers(session: Session, last: World, changed: set[int]) -> engine.Index:
    """The index with these offers as they are now.

    A draft saved field by field was not in it and is not now: nothing is built again.
    """
    index, book = last.index, last.index.book
    records = loading.load_offers(session, last.nomenclature.canonical, last.today, changed)
    left = _left(session, JobOffer, changed, records, book.names)
    if left:
        index = index.with_offers_among(book.names - left)
    new = [record for record in records if record.id not in book or book.offer(record.id) != record]
    return index.with_offers(new)


def _with_sessions(session: Session, last: World, changed: set[int]) -> engine.Index:
    """The index with these sessions as they are now."""
    held = {one.id: one for one in last.index.sessions.sessions}
    records = loading.load_sessions(session, last.nomenclature.canonical, last.today, changed)
    left = _left(session, TrainingSession, changed, records, held.keys())
    now = {name: one for name, one in held.items() if name not in left}
    now |= {record.id: record for record in records}
    return last.index if now == held else last.index.with_sessions(now.values())


_FOLLOW = {"people": _with_people, "sessions": _with_sessions, "offers": _with_offers}


def _left(
    session: Session, table: Any, changed: set[int], records: Iterable[Any], known: Set[str]
) -> set[str]:
    """The ids known that are no longer to be: closed, archived, or removed."""
    found = session.scalars(select(table.public_id).where(table.id.in_(changed))).all()
    left = set(found) - {record.id for record in records}
    if len(found) < len(changed):
        # A row removed has left its key, which says nothing of its id.
        left |= known - set(session.scalars(select(table.public_id)))
    return left & known


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """No search for garbage while millions of records are made, nor through them afterwards.

    They live until the next world and are in no cycle: a walk through all of them, at any page,
    would stop the process for a second. A small world is left to the collector: putting it aside
    costs a walk through everything, which only many records are worth.
    """
    gc.disable()
    try:
        yield
        made = gc.get_count()[0]
        if made > _MANY_OBJECTS:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
    finally:
        gc.enable()
