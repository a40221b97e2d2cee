"""The index of a process, brought up to date when what it was built from has changed.

A fingerprint (see ``stamps``) is read at each use; a list on screen is thus never
older than the row just saved, by this process or another. What a transaction writes is in its own
lists alone, until it commits.

The index of a large territory is made by one process and kept on disk (see ``generations``): the
others open it, read what changed since (see ``overlay``), and hold nothing but that beside. They go
on so, however much has changed and on another day, while the next is made. A small one is built by
each process, which costs less than opening it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
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
    read_prints,
)
from portal.matchmaking.generations import (
    Held,
    announce_generation,
    give_memory_back,
    make_generation,
    newest,
    open_generation,
)
from portal.matchmaking.overlay import follow
from portal.matchmaking.shelf import Shelf, shelf_of
from portal.matchmaking.stamps import DAYS_FOLLOWED, read_marks

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


class WorldCache:
    """The last world of one database, and its restrictions to what one may see.

    ``folder`` is where indexes are kept on disk, None for nowhere.
    """

    def __init__(self, database: Engine, folder: Path | None = None) -> None:
        self._engine, self._folder = database, folder
        # Taken again by a transaction that fails, and ends, while its world is made.
        self._lock = threading.RLock()
        self._held: Held | None = None
        self._watch = clock.Watch()
        self._writing: WeakKeyDictionary[Session, Held] = WeakKeyDictionary()
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
            if self._watch.was_set_back():
                self._distrust()
            last = self._writing.get(session, self._held)
            held = self._current(session, last)
            if session.info.get(READ_ONLY):
                self._held = held
            elif held is not last:
                self._writing[session] = held
                event.listen(session, "after_commit", self._share)
                event.listen(session, "after_transaction_end", self._forget)
            return held.world

    def _distrust(self) -> None:
        """Read anew: what was saved since the clock was set back may be older than what is held.

        The marks tell it while the moments that some rows bear are to come, not once they have.
        """
        self._held = None
        self._writing.clear()
        if self.shelf is not None:
            self.shelf.ask()

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

        One that somebody found old is made again too. Nothing of it is kept in this process.
        """
        today = clock.today()
        if self.shelf is None:
            return False
        self.shelf.forget_others(clock.start_of(today) - timedelta(days=DAYS_FOLLOWED + 1))
        if self._is_small(session, today):
            self.shelf.clear()
            return False
        with self.shelf.alone():
            if anew or self.shelf.is_asked() or not self._is_of(session, self.shelf, today):
                make_generation(self._engine, self.shelf)
        return True

    def _is_of(self, session: Session, shelf: Shelf, today: date) -> bool:
        held = open_generation(session, shelf, today)
        return held is not None and held.made_on == today and not shelf.is_asked()

    def announce(self, session: Session) -> None:
        """Have on disk the index of what a long transaction writes, for when it commits.

        Nobody waits for it then. Not for a small territory; one that cannot be made stops nothing.
        """
        if self.shelf is None or self._is_small(session, clock.today()):
            return
        try:
            announce_generation(session, self.shelf)
        except OSError:  # a disk that refuses
            log.exception("no index can be kept in %s", self.shelf.folder)
        give_memory_back()

    def _is_small(self, session: Session, today: date) -> bool:
        return sum(loading.count_records(session, today)) < config.SMALL_TERRITORY

    def _current(self, session: Session, held: Held | None) -> Held:
        today, prints = clock.today(), read_prints(session, held.prints if held else None)
        if held is None or held.prints != prints or held.world.today != today:
            followed = self._followed(session, held, today, prints)
            return followed or self._anew(session, today, prints)
        return held

    def _followed(
        self, session: Session, held: Held | None, today: date, prints: Prints
    ) -> Held | None:
        """The last world with what changed since; None when another is to be had."""
        if held is None:
            return None
        name = None if self.shelf is None else newest(session, self.shelf)
        if self.shelf is not None and name not in (None, held.generation):
            return open_generation(session, self.shelf, today)
        if self.shelf is None or held.generation is None:
            # Building a small one costs no more than what a day alters.
            if today != held.world.today:
                return None
            followed = follow(session, held.world, held.prints, prints, today, bounded=True)
            return replace(held, world=followed.world, prints=prints) if followed else None
        if name is None:
            return None  # the database is no longer the one that was read
        return self._further(session, self.shelf, held, today, prints)

    def _further(
        self, session: Session, shelf: Shelf, held: Held, today: date, prints: Prints
    ) -> Held | None:
        """A world of the newest generation, further from it; None when that is too old."""
        if held.made_on is None or (today - held.made_on).days > DAYS_FOLLOWED:
            return None
        followed = follow(session, held.world, held.prints, prints, today, bounded=False)
        if followed is None:
            return None
        if followed.much:
            shelf.ask()
        return replace(held, world=followed.world, prints=prints)

    def _anew(self, session: Session, today: date, prints: Prints) -> Held:
        if self.shelf is not None and not self._is_small(session, today):
            held = open_generation(session, self.shelf, today) or self._made(
                self.shelf, session, today
            )
            if held is not None:
                return held
        return Held(build_world(session, today), prints)

    def _made(self, shelf: Shelf, session: Session, today: date) -> Held | None:
        """The world put on the shelf by this process, or by another one waited for.

        None when the disk or the database refuses, which must stop no page.
        """
        if _is_writing(session):
            shelf.ask()
            return None
        try:
            with shelf.alone():
                held = open_generation(session, shelf, today)
                if held is None:
                    make_generation(self._engine, shelf)
                    give_memory_back()
                    held = open_generation(session, shelf, today)
                return held
        except (OSError, OperationalError):
            log.exception("no index can be kept in %s", shelf.folder)
            return None

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


def _is_writing(session: Session) -> bool:
    """Whether nothing else can write in the database until this session is over (SQLite)."""
    connection = session.connection().connection.driver_connection
    return isinstance(connection, sqlite3.Connection) and connection.in_transaction


def nomenclature_marks(session: Session) -> Fingerprint:
    """What changes when skills, trades or the links between them do."""
    tables = (*PARTS["nomenclature"], *PARTS["communes"], *PARTS["imports"])
    return tuple(read_marks(session, tables).values())


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
