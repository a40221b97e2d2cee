"""Indexes kept on disk: made of all the rows, opened, and known by the database they come from.

The name of a generation is written in the database (``index_generation``) once its rows are read,
and only what the database knows may serve. So whatever the rows of a database put back as it was
before, no later index answers for them; and an import may have the index of what it writes ready
before it commits: the name is seen with the rows, or never.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from matching.snapshot import StoredIndexError
from portal import clock
from portal.matchmaking.building import Prints, World, build_world, is_whole, read_prints
from portal.matchmaking.loading import Nomenclature
from portal.matchmaking.overlay import follow
from portal.matchmaking.shelf import Shelf
from portal.matchmaking.version import ENGINE_VERSION, READING_CODE
from portal.models import IndexGeneration

log = logging.getLogger(__name__)

# A generation may be replaced between the reading of its name and that of its files.
_TRIES = 3
# Longer than any machine keeps one.
_NAMES_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Held:
    """A world and what it is made from; the generation it comes from, and the day of that."""

    world: World
    prints: Prints
    generation: str | None = None
    made_on: date | None = None


def newest(session: Session, shelf: Shelf) -> str | None:
    """The generation to serve: the first of those named that the database knows."""
    names = shelf.names()
    known = _known(session, names) if names else frozenset()
    return next((name for name in names if name in known), None)


def _known(session: Session, names: Collection[str]) -> frozenset[str]:
    query = select(IndexGeneration.name).where(IndexGeneration.name.in_(names))
    return frozenset(session.scalars(query))


def open_generation(session: Session, shelf: Shelf, today: date) -> Held | None:
    """The world on the shelf with what changed since; None when it cannot be told."""
    for _ in range(_TRIES):
        name = newest(session, shelf)
        if name is None:
            return None
        try:
            return _opened(session, shelf, name, today)
        except StoredIndexError as error:
            if name in shelf.names():
                log.warning("the index kept on disk cannot serve: %s", error)
                return None
    return None


def _opened(session: Session, shelf: Shelf, name: str, today: date) -> Held | None:
    index, about = shelf.read(name)
    if (about.get("engine"), about.get("code")) != (ENGINE_VERSION, READING_CODE):
        return None
    try:
        before, canonical = Prints.from_words(about["prints"]), about["canonical"]
    except (KeyError, TypeError, ValueError) as error:  # of a release with other tables
        raise StoredIndexError(f"{name}: {error!r}") from error
    prints, made_on = read_prints(session, before), index.today
    known = World(index, Nomenclature(index.taxonomy, canonical), made_on)
    followed = follow(session, known, before, prints, today, bounded=False)
    if followed is None or not is_whole(session, followed.world):
        return None
    if followed.much:
        shelf.ask()
    return Held(followed.world, prints, name, made_on)


def make_generation(database: Engine, shelf: Shelf) -> None:
    """Read every committed row and put the index on the shelf. Under ``shelf.alone()``.

    ``OperationalError`` when the database refuses the name, which SQLite does while others write.
    """
    shelf.answer()
    try:
        with Session(database) as session:
            name = _put(session, shelf)
        with Session(database) as session, session.begin():
            _record(session, name)
    except Exception:
        shelf.ask()
        raise
    shelf.keep([name])


def announce_generation(session: Session, shelf: Shelf) -> bool:
    """Have ready the index of what a transaction will commit, its own rows included.

    False when another process builds: what it makes is then brought up to these rows. Beside it
    stays the one that serves, alone: however many imports a day has, the disk holds two.
    """
    with shelf.alone(wait=False) as alone:
        if alone:
            with Session(session.get_bind().engine) as committed:
                serving = newest(committed, shelf)
            with Session(session.connection()) as reader:
                name = _put(reader, shelf)
            shelf.keep([name] if serving is None else [name, serving])
            _record(session, name)
        return alone


def _put(session: Session, shelf: Shelf) -> str:
    prints = read_prints(session)
    world = build_world(session, clock.today())
    about = {
        "engine": ENGINE_VERSION,
        "code": READING_CODE,
        "canonical": dict(world.nomenclature.canonical),
        "prints": prints.words(),
    }
    name = shelf.put(world.index, about)
    log.info("an index of %d people is kept on disk", len(world.index.people.number))
    return name


def _record(session: Session, name: str) -> None:
    """Have the database know a generation, and forget those of long ago."""
    old = IndexGeneration.created_at < clock.now() - _NAMES_KEPT
    session.execute(delete(IndexGeneration).where(old))
    session.add(IndexGeneration(name=name))
    session.flush()


def give_memory_back() -> None:
    """Return to the system the memory of the records that were read: half of it, where known.

    The C library keeps what is freed; the process would weigh what it weighed while building.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
