"""The index of a process, rebuilt when what it was built from has changed.

A fingerprint (see ``stamps``) is read at each use; a list on screen is thus never
older than the row just saved, by this process or another.
"""

from __future__ import annotations

import gc
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import matching as engine
from matching.usefulness import useful_sessions
from portal import clock
from portal.db import READ_ONLY
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
_SCOPES_KEPT = 32
_SEEN = "matchmaking_world"
_MATCHES_KEPT = 100_000
# Beyond, reading everything again costs less than replacing rows one by one.
_FEW = {"people": 50, "offers": 5}


@dataclass(frozen=True)
class World:
    """The engine's index on a day, and the nomenclature it was built with."""

    index: engine.Index
    nomenclature: Nomenclature
    today: date


class Kept:
    """The last results, under what they were made from."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.found: OrderedDict[tuple[object, object], tuple[object, Any]] = OrderedDict()


class WorldCache:
    """The last world of one database, part by part, and its restrictions to what one may see."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: dict[str, tuple[object, Any]] = {}
        self._world: tuple[object, World] | None = None
        self._prints: dict[str, Fingerprint] = {}
        self._scopes = Kept(_SCOPES_KEPT)
        self._matches = Kept(_MATCHES_KEPT)
        self._matched_offers: object = None

    def world(self, session: Session) -> World:
        """The world as the session's database is now."""
        with self._lock:
            return self._current(session)

    def _current(self, session: Session) -> World:
        today = clock.today()
        prints = _fingerprints(session)
        whole = (today, *prints.values())
        if self._world is None or self._world[0] != whole:
            world = self._with_changes(session, today, prints)
            if world is None:
                with _collector_at_rest():
                    world = self._build(session, today, prints)
            self._world = (whole, world)
            self._prints = prints
        return self._world[1]

    def _with_changes(
        self, session: Session, today: date, prints: dict[str, Fingerprint]
    ) -> World | None:
        """The last world with the few people and offers changed since, or None beyond a few."""
        if self._world is None or self._world[1].today != today:
            return None
        last = self._world[1]
        if any(prints[name] != self._prints[name] for name in ("nomenclature", "sessions")):
            return None
        changed = {
            name: changed_owners(session, _PARTS[name], self._prints[name], prints[name], most)
            for name, most in _FEW.items()
        }
        people, offers = changed["people"], changed["offers"]
        if people is None or offers is None:
            return None
        index = _with_people(session, last, people)
        if index is not None:
            index = _with_offers(session, replace(last, index=index), offers)
        return None if index is None else replace(last, index=index)

    def _build(self, session: Session, today: date, prints: dict[str, Fingerprint]) -> World:
        known = prints["nomenclature"]
        links, communes = self._part(
            "nomenclature",
            known,
            lambda: (loading.load_nomenclature(session), loading.load_communes(session)),
        )
        people = self._unchanged("people", today, prints) or loading.load_people(
            session, links.canonical, today
        )
        offers = self._unchanged("offers", today, prints) or loading.load_offers(
            session, links.canonical, today
        )
        sessions = self._part(
            "sessions",
            (today, known, prints["sessions"]),
            lambda: loading.load_sessions(session, links.canonical, today),
        )
        index = engine.Index.build(people, offers, sessions, communes, links.taxonomy, today)
        return World(index, links, today)

    def _unchanged(self, name: str, today: date, prints: dict[str, Fingerprint]) -> Any:
        """The records of the last world, when what they come from has not changed."""
        if self._world is None or self._world[1].today != today:
            return None
        if any(prints[part] != self._prints[part] for part in ("nomenclature", name)):
            return None
        index = self._world[1].index
        return index.people.people if name == "people" else index.offers.offers

    def _part(self, name: str, key: object, load: Any) -> Any:
        held = self._parts.get(name)
        if held is None or held[0] != key:
            held = self._parts[name] = (key, load())
        return held[1]

    def among(self, world: World, person_ids: Iterable[str]) -> engine.Index:
        """The index with these people alone; the last few restrictions are kept."""
        wanted, index = frozenset(person_ids), world.index
        people = self._cut(index.people, wanted, lambda: index.among(wanted).people)
        return replace(index, people=people)

    def with_offers_among(self, world: World, offer_ids: Iterable[str]) -> engine.Index:
        """The index with these offers alone; the last few restrictions are kept.

        They outlive a change of people, the most frequent one.
        """
        wanted, index = frozenset(offer_ids), world.index
        few: engine.Index = self._cut(index.offers, wanted, lambda: index.with_offers_among(wanted))
        return replace(few, people=index.people)

    def matches_of(self, world: World, person: engine.Person) -> tuple[str, ...]:
        """The sessions worth telling a person about, among all offers; kept per person."""
        offers = world.index.offers
        with self._lock:
            if self._matched_offers is not offers:
                self._matched_offers, self._matches = offers, Kept(_MATCHES_KEPT)
            kept = self._matches
        found: tuple[str, ...] = self._kept(
            kept, (offers, person), lambda: useful_sessions(world.index, person)
        )
        return found

    def _cut(self, whole: object, wanted: frozenset[str], build: Callable[[], Any]) -> Any:
        return self._kept(self._scopes, (whole, wanted), build)

    def _kept(self, kept: Kept, key: tuple[object, object], build: Callable[[], Any]) -> Any:
        # What the key names by its id is held beside the value, so that no other gets that id.
        whole, part = key
        name = (id(whole), part if isinstance(part, frozenset) else id(part))
        with self._lock:
            if name in kept.found:
                kept.found.move_to_end(name)
                return kept.found[name][1]
        value = build()
        with self._lock:
            kept.found[name] = (key, value)
            while len(kept.found) > kept.most:
                kept.found.popitem(last=False)
        return value


_MANY_OBJECTS = 300_000


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


def _with_people(session: Session, last: World, changed: set[int]) -> engine.Index | None:
    """The index with these people as they are now; None when a file itself was removed."""
    index = last.index
    if not changed:
        return index
    records = loading.load_people(session, last.nomenclature.canonical, last.today, changed)
    for record in records:
        # One read again for having changed within the minute is most often as it was.
        if record.id not in index.people.number or _held(index, record) != record:
            index = index.with_person(record)
    now = {record.id for record in records}
    ids = _public_ids(session, Person, changed)
    left = {name for name in ids - now if name in index.people.number}
    if len(ids) < len(changed):
        return None
    return index.among(index.people.number.keys() - left) if left else index


def _with_offers(session: Session, last: World, changed: set[int]) -> engine.Index | None:
    """The index with these offers as they are now; None when an offer itself was removed.

    A draft saved field by field was not in it and is not now: nothing is built again.
    """
    index = last.index
    if not changed:
        return index
    records = loading.load_offers(session, last.nomenclature.canonical, last.today, changed)
    ids = _public_ids(session, JobOffer, changed)
    if len(ids) < len(changed):
        return None
    left = ids - {record.id for record in records}
    known = {offer.id: offer for offer in index.offers.offers}
    if left & known.keys():
        index = index.with_offers_among(known.keys() - left)
    for record in records:
        if known.get(record.id) != record:
            index = index.with_offer(record)
    return index


def _held(index: engine.Index, person: engine.Person) -> engine.Person:
    return index.people.people[index.people.number[person.id]]


def _public_ids(session: Session, table: Any, keys: set[int]) -> set[str]:
    return set(session.scalars(select(table.public_id).where(table.id.in_(keys))))


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
