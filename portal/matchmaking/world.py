"""The index of a process, rebuilt when what it was built from has changed.

A fingerprint (see ``stamps``) is read at each use; a list on screen is thus never
older than the row just saved, by this process or another.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

import matching as engine
from portal import clock
from portal.db import READ_ONLY
from portal.matchmaking import loading
from portal.matchmaking.loading import Nomenclature
from portal.matchmaking.stamps import OVERLAP, Mark, read_marks
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
_SCOPES_KEPT = 32
_SEEN = "matchmaking_world"
# Beyond, reading everyone again costs less than replacing people one by one.
_FEW = 50


@dataclass(frozen=True)
class World:
    """The engine's index on a day, and the nomenclature it was built with."""

    index: engine.Index
    nomenclature: Nomenclature
    today: date


class WorldCache:
    """The last world of one database, part by part, and its restrictions to what one may see."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: dict[str, tuple[object, Any]] = {}
        self._world: tuple[object, World] | None = None
        self._prints: dict[str, Fingerprint] = {}
        self._scopes: OrderedDict[tuple[object, ...], tuple[World, engine.Index]] = OrderedDict()

    def world(self, session: Session) -> World:
        """The world as the session's database is now."""
        with self._lock:
            return self._current(session)

    def _current(self, session: Session) -> World:
        today = clock.today()
        prints = _fingerprints(session)
        whole = (today, *prints.values())
        if self._world is None or self._world[0] != whole:
            world = self._with_changed_people(session, today, prints) or self._build(
                session, today, prints
            )
            self._world = (whole, world)
            self._prints = prints
            self._scopes.clear()
        return self._world[1]

    def _with_changed_people(
        self, session: Session, today: date, prints: dict[str, Fingerprint]
    ) -> World | None:
        """The last world with the few people who changed since, or None when more has changed."""
        if self._world is None or self._world[1].today != today:
            return None
        last = self._world[1]
        others = [name for name in _PARTS if name != "people"]
        if any(prints[name] != self._prints[name] for name in others):
            return None
        changed = _changed_people(session, self._prints["people"], prints["people"])
        if changed is None:
            return None
        records = loading.load_people(session, last.nomenclature.canonical, today, changed)
        if len(records) != len(changed):
            return None
        index = last.index
        for record in records:
            index = index.with_person(record)
        return World(index, last.nomenclature, today)

    def _build(self, session: Session, today: date, prints: dict[str, Fingerprint]) -> World:
        known = prints["nomenclature"]
        links, communes = self._part(
            "nomenclature",
            known,
            lambda: (loading.load_nomenclature(session), loading.load_communes(session)),
        )
        people = loading.load_people(session, links.canonical, today)
        offers = self._part(
            "offers",
            (today, known, prints["offers"]),
            lambda: loading.load_offers(session, links.canonical, today),
        )
        sessions = self._part(
            "sessions",
            (today, known, prints["sessions"]),
            lambda: loading.load_sessions(session, links.canonical, today),
        )
        index = engine.Index.build(people, offers, sessions, communes, links.taxonomy, today)
        return World(index, links, today)

    def _part(self, name: str, key: object, load: Any) -> Any:
        held = self._parts.get(name)
        if held is None or held[0] != key:
            held = self._parts[name] = (key, load())
        return held[1]

    def among(self, world: World, person_ids: Iterable[str]) -> engine.Index:
        """The index with these people alone; the last few restrictions are kept."""
        wanted = frozenset(person_ids)
        return self._scoped(world, ("people", wanted), lambda: world.index.among(wanted))

    def with_offers_among(self, world: World, offer_ids: Iterable[str]) -> engine.Index:
        """The index with these offers alone; the last few restrictions are kept."""
        wanted = frozenset(offer_ids)
        return self._scoped(
            world, ("offers", wanted), lambda: world.index.with_offers_among(wanted)
        )

    def _scoped(self, world: World, key: tuple[object, ...], build: Any) -> engine.Index:
        # The world is kept with what was cut from it, so that its id is not given to another one.
        full_key = (id(world), *key)
        with self._lock:
            if full_key in self._scopes:
                self._scopes.move_to_end(full_key)
                return self._scopes[full_key][1]
        index: engine.Index = build()
        with self._lock:
            self._scopes[full_key] = (world, index)
            while len(self._scopes) > _SCOPES_KEPT:
                self._scopes.popitem(last=False)
        return index


_PARTS: dict[str, tuple[Any, ...]] = {
    "nomenclature": (Skill, OccupationSkill, Commune, SkillLink, OccupationLink, ImportRun),
    "people": (Person, SkillAssertion, Credential, Interest),
    "offers": (JobOffer, OfferRequirement),
    "sessions": (TrainingSession, SessionSkill, SessionCredential, SessionPrerequisite),
}


def _fingerprints(session: Session) -> dict[str, Fingerprint]:
    """The marks of every part, read in two statements."""
    marks = read_marks(session, (table for tables in _PARTS.values() for table in tables))
    return {name: tuple(marks[table] for table in tables) for name, tables in _PARTS.items()}


def nomenclature_marks(session: Session) -> Fingerprint:
    """What changes when skills, trades or the links between them do."""
    marks = read_marks(session, _PARTS["nomenclature"])
    return tuple(marks.values())


def _changed_people(session: Session, before: Fingerprint, now: Fingerprint) -> set[int] | None:
    """The keys of people with a fact changed since ``before``; None if that cannot be told.

    A row that is gone leaves no trace of whose it was, and changes taken back (a transaction of
    this process that failed) make the last one older: everybody is then read again.
    """
    changed: set[int] = set()
    for table, was, now_is in zip(_PARTS["people"], before, now, strict=True):
        if was == now_is:
            continue
        if was.last is None or now_is.last is None or now_is.last < was.last:
            return None
        added = select(func.count()).select_from(table).where(table.created_at > was.last)
        if now_is.rows - was.rows != session.scalar(added):
            return None
        owner = table.id if table is Person else table.person_id
        moved = select(owner).where(table.updated_at >= was.last - OVERLAP).distinct()
        changed.update(session.scalars(moved.limit(_FEW + 1)))
        if len(changed) > _FEW:
            return None
    return changed


_caches: WeakKeyDictionary[Engine, WorldCache] = WeakKeyDictionary()
_caches_lock = threading.Lock()


def cache_of(session: Session) -> WorldCache:
    """The cache of the session's database in this process."""
    bind = session.get_bind()
    if not isinstance(bind, Engine):
        bind = bind.engine
    with _caches_lock:
        return _caches.setdefault(bind, WorldCache())


def current_world(session: Session) -> World:
    """The world as the session's database is now, changes not yet committed included.

    A page that only reads looks once: all it shows is of the same moment.
    """
    known: World | None = session.info.get(_SEEN)
    if known is not None:
        return known
    session.flush()
    world = cache_of(session).world(session)
    if session.info.get(READ_ONLY):
        session.info[_SEEN] = world
    return world
