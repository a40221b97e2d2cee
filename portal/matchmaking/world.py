"""The index of a process, brought up to date when what it was built from has changed.

A fingerprint (see ``stamps``) is read at each use; a list on screen is thus never
older than the row just saved, by this process or another. What a transaction writes is in its own
lists alone, until it commits.

The index of a large territory is made by one process and kept on disk (see ``shelf``): the others
open it, read what changed since, and hold nothing but that beside. A small one is built by each
process, which costs less than opening it.
"""

from __future__ import annotations

import ctypes
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, SessionTransaction

import matching as engine
from matching.usefulness import useful_sessions_of
from portal import clock, config
from portal.db import INDEX_FOLDER, READ_ONLY
from portal.matchmaking import loading
from portal.matchmaking.building import (
    PARTS,
    Fingerprint,
    Prints,
    World,
    build_world,
    is_whole,
    read_prints,
    with_changes,
)
from portal.matchmaking.loading import Nomenclature
from portal.matchmaking.shelf import Shelf, shelf_of
from portal.matchmaking.stamps import Mark, read_marks
from portal.matchmaking.version import ENGINE_VERSION

__all__ = ["World", "WorldCache", "cache_of", "current_world", "nomenclature_marks"]

log = logging.getLogger(__name__)

_SCOPES_KEPT = 32
_SEEN = "matchmaking_world"
_MATCHES_KEPT = 100_000


class Kept:
    """The last results, under what they were made from."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.found: OrderedDict[Any, Any] = OrderedDict()

    def get(self, key: Any) -> Any:
        """What is kept under a key, or None."""
        if key in self.found:
            self.found.move_to_end(key)
        return self.found.get(key)

    def put(self, key: Any, value: Any) -> None:
        """Keep it; the one asked least recently leaves."""
        self.found[key] = value
        while len(self.found) > self.most:
            self.found.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _Held:
    """A world, the marks at which it is, and the generation of the shelf it comes from."""

    world: World
    prints: Prints
    generation: str | None = None


class WorldCache:
    """The last world of one database, and its restrictions to what one may see.

    ``folder`` is where indexes are kept on disk, None for nowhere.
    """

    def __init__(self, database: Engine, folder: Path | None = None) -> None:
        self._engine, self._folder = database, folder
        # Taken again by a transaction that fails, and ends, while its world is made.
        self._lock = threading.RLock()
        self._held: _Held | None = None
        self._writing: WeakKeyDictionary[Session, _Held] = WeakKeyDictionary()
        self._scopes = Kept(_SCOPES_KEPT)
        self._matches = Kept(_MATCHES_KEPT)
        self._matched_offers: object = None

    @cached_property
    def shelf(self) -> Shelf | None:
        """Where the index of this database is kept, None for nowhere."""
        return None if self._folder is None else shelf_of(self._engine, self._folder)

    def world(self, session: Session) -> World:
        """The world as the session's database is now.

        That of a transaction which may write becomes everybody's when it commits, never before:
        what it takes back would stay in the lists.
        """
        with self._lock:
            last = self._writing.get(session, self._held)
            held = self._current(session, last)
            if session.info.get(READ_ONLY):
                self._held = held
            elif held is not last:
                self._writing[session] = held
                event.listen(session, "after_commit", self._share)
                event.listen(session, "after_transaction_end", self._forget)
            return held.world

    def _share(self, session: Session) -> None:
        if session.in_nested_transaction():
            return
        with self._lock:
            self._held = self._writing.pop(session, self._held)

    def _forget(self, session: Session, ended: SessionTransaction) -> None:
        if ended.nested or ended.parent is None:
            with self._lock:
                self._writing.pop(session, None)

    def prepare(self, session: Session, *, anew: bool = False) -> bool:
        """Have an index of today on the shelf, or make another ``anew``; False for a small one.

        Nothing of it is kept in this process.
        """
        today = clock.today()
        if self.shelf is None or self._is_small(session, today):
            return False
        if anew:
            with self.shelf.alone():
                make_generation(self._engine, self.shelf)
        elif self._opened(self.shelf, session, today) is None:
            self._made(self.shelf, session, today)
        return True

    def _is_small(self, session: Session, today: date) -> bool:
        return sum(loading.count_records(session, today)) < config.SMALL_TERRITORY

    def _current(self, session: Session, held: _Held | None) -> _Held:
        today, prints = clock.today(), read_prints(session)
        if held is None or held.prints != prints or held.world.today != today:
            followed = self._followed(session, held, today, prints)
            return followed or self._anew(session, today, prints)
        return held

    def _followed(
        self, session: Session, held: _Held | None, today: date, prints: Prints
    ) -> _Held | None:
        """The last world with what changed since; None when another is to be had."""
        if held is None or held.world.today != today:
            return None
        if held.generation is not None and self.shelf and held.generation != self.shelf.named():
            return None
        world = with_changes(session, held.world, held.prints, prints)
        return None if world is None else replace(held, world=world, prints=prints)

    def _anew(self, session: Session, today: date, prints: Prints) -> _Held:
        if self.shelf is not None and not self._is_small(session, today):
            held = self._opened(self.shelf, session, today) or self._made(
                self.shelf, session, today
            )
            if held is not None:
                return held
        return _Held(build_world(session, today), prints)

    def _made(self, shelf: Shelf, session: Session, today: date) -> _Held | None:
        """The world put on the shelf by this process, or by another one waited for.

        None when the disk refuses, which must stop no page.
        """
        try:
            with shelf.alone():
                held = self._opened(shelf, session, today)
                if held is None:
                    make_generation(self._engine, shelf)
                    give_memory_back()
                    held = self._opened(shelf, session, today)
                return held
        except OSError:
            log.exception("no index can be kept in %s", shelf.folder)
            return None

    def _opened(self, shelf: Shelf, session: Session, today: date) -> _Held | None:
        """The world on the shelf with what changed since; None when it cannot be told."""
        found = shelf.read()
        if found is None:
            return None
        name, index, about = found
        if about.get("engine") != ENGINE_VERSION or index.today != today:
            return None
        nomenclature = Nomenclature(index.taxonomy, about["canonical"])
        before = {
            part: tuple(Mark.from_words(words) for words in about["marks"][part]) for part in PARTS
        }
        prints = read_prints(session)
        world = with_changes(session, World(index, nomenclature, today), before, prints)
        if world is None or not is_whole(session, world):
            return None
        return _Held(world, prints, name)

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
        few: engine.Index = self._cut(index.book, wanted, lambda: index.with_offers_among(wanted))
        return replace(few, people=index.people)

    def matches_of(
        self, world: World, people: Sequence[engine.Person]
    ) -> dict[str, tuple[str, ...]]:
        """The sessions worth telling each of these people about, by id; kept per person."""
        offers = world.index.book
        with self._lock:
            if self._matched_offers is not offers:
                self._matched_offers, self._matches = offers, Kept(_MATCHES_KEPT)
            matches = self._matches
            known: dict[str, Any] = {person.id: matches.get(person.id) for person in people}
        lacking = [one for one in people if known[one.id] is None or known[one.id][0] != one]
        if lacking:
            found = useful_sessions_of(world.index, lacking)
            with self._lock:
                for person, sessions in zip(lacking, found, strict=True):
                    known[person.id] = person, sessions
                    matches.put(person.id, known[person.id])
        return {name: sessions for name, (_person, sessions) in known.items()}

    def _cut(self, whole: object, wanted: frozenset[str], build: Callable[[], Any]) -> Any:
        # What the key names by its id is held beside the value, so that no other gets that id.
        name = (id(whole), wanted)
        with self._lock:
            found = self._scopes.get(name)
        if found is None:
            found = whole, build()
            with self._lock:
                self._scopes.put(name, found)
        return found[1]


def make_generation(database: Engine, shelf: Shelf) -> None:
    """Read every committed row and put the index on the shelf. Under ``shelf.alone()``."""
    today = clock.today()
    with Session(database) as session:
        prints = read_prints(session)
        world = build_world(session, today)
    marks = {part: [mark.words() for mark in found] for part, found in prints.items()}
    about = {
        "engine": ENGINE_VERSION,
        "canonical": dict(world.nomenclature.canonical),
        "marks": marks,
    }
    shelf.put(world.index, about)
    log.info("an index of %d people is kept on disk", len(world.index.people.number))


def give_memory_back() -> None:
    """Return to the system the memory of the records that were read: half of it, where known.

    The C library keeps what is freed; the process would weigh what it weighed while building.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def nomenclature_marks(session: Session) -> Fingerprint:
    """What changes when skills, trades or the links between them do."""
    return tuple(read_marks(session, PARTS["nomenclature"]).values())


_caches: WeakKeyDictionary[Engine, WorldCache] = WeakKeyDictionary()
_caches_lock = threading.Lock()


def cache_of(session: Session) -> WorldCache:
    """The cache of the session's database in this process."""
    bind = session.get_bind()
    if not isinstance(bind, Engine):
        bind = bind.engine
    with _caches_lock:
        if bind not in _caches:
            _caches[bind] = WorldCache(bind, session.info.get(INDEX_FOLDER))
        return _caches[bind]


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
