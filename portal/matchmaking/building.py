"""The world made from rows, and what tells that some of them have changed since."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import matching as engine
from portal.matchmaking import loading
from portal.matchmaking.loading import Nomenclature
from portal.matchmaking.stamps import Mark, read_marks
from portal.models import (
    Commune,
    Credential,
    ImportRun,
    IndexGeneration,
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

PARTS: dict[str, tuple[Any, ...]] = {
    "nomenclature": (Skill, OccupationSkill, SkillLink, OccupationLink),
    "communes": (Commune,),
    "imports": (ImportRun,),
    "generations": (IndexGeneration,),
    "people": (Person, SkillAssertion, Credential, Interest),
    "offers": (JobOffer, OfferRequirement),
    "sessions": (TrainingSession, SessionSkill, SessionCredential, SessionPrerequisite),
}
_MANY_OBJECTS = 300_000


@dataclass(frozen=True)
class World:
    """The engine's index on a day, and the nomenclature it was built with."""

    index: engine.Index
    nomenclature: Nomenclature
    today: date


@dataclass(frozen=True, slots=True)
class Prints:
    """What a world was made from: the marks of every part, and the imports that were over."""

    parts: Mapping[str, Fingerprint]
    runs: frozenset[int]

    @classmethod
    def from_words(cls, words: Mapping[str, Any]) -> Prints:
        """The prints that :meth:`words` gave.

        ``KeyError``, ``TypeError`` or ``ValueError`` when they are of another version.
        """
        parts = {
            part: tuple(
                Mark.from_words(mark)
                for _table, mark in zip(tables, words["marks"][part], strict=True)
            )
            for part, tables in PARTS.items()
        }
        return cls(parts, frozenset(words["runs"]))

    def words(self) -> dict[str, Any]:
        """The prints in what JSON can hold."""
        marks = {part: [mark.words() for mark in found] for part, found in self.parts.items()}
        return {"marks": marks, "runs": sorted(self.runs)}


def read_prints(session: Session, last: Prints | None = None) -> Prints:
    """The marks of every part, in two statements when no import is over since the ``last``."""
    marks = read_marks(session, (table for tables in PARTS.values() for table in tables))
    parts = {name: tuple(marks[table] for table in tables) for name, tables in PARTS.items()}
    if last is not None and last.parts["imports"] == parts["imports"]:
        return Prints(parts, last.runs)
    return Prints(parts, frozenset(session.scalars(select(ImportRun.id))))


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


def is_whole(session: Session, world: World) -> bool:
    """Whether the world has as many people, offers and sessions as the rows say."""
    index = world.index
    known = len(index.people.number), len(index.book), len(index.sessions.sessions)
    return known == loading.count_records(session, world.today)


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
