"""What an actor may see, as the ids that cut an index.

The rule of who reads an offer goes through all those of a territory, of which a page shows some
twenty. What it gave is kept with the marks of the tables that it reads (see ``stamps``), themselves
read at each page: it is never older than the row just saved.
"""

from __future__ import annotations

import threading
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, select
from sqlalchemy.orm import Session

from portal.access import offers as offer_access
from portal.access.actor import Actor
from portal.db import READ_ONLY
from portal.matchmaking.stamps import Mark, read_marks
from portal.matchmaking.world import Kept, WorldCache, cache_of
from portal.models import JobOffer

#: In ``Session.info``: what was already read for this page.
_SEEN = "matchmaking_seen"
_PLACES_KEPT = 256

Ids = frozenset[str]


class _Read(NamedTuple):
    """What an actor may read, by which rule, at which marks of the tables of the rule."""

    rule: ColumnElement[bool]
    marks: dict[Any, Mark]
    ids: Ids


_reads: WeakKeyDictionary[WorldCache, Kept] = WeakKeyDictionary()
_lock = threading.Lock()


def offers_read_by(session: Session, actor: Actor) -> Ids:
    """The public ids of the offers the actor may read.

    A page that only reads looks once: all its lists are of the same moment.
    """
    rule = offer_access.may_read(actor)
    if not session.info.get(READ_ONLY):
        return offers_of(session, rule)
    place = actor.organisation.id, actor.role
    seen: dict[Any, Ids] = session.info.setdefault(_SEEN, {})
    if place not in seen:
        seen[place] = _as_now(session, rule, place)
    return seen[place]


def _as_now(session: Session, rule: ColumnElement[bool], place: tuple[Any, ...]) -> Ids:
    """The ids of a rule, kept under the place that it is about."""
    # The marks first: rows that change in between make newer ids under older marks, which the
    # next page will not find.
    marks = read_marks(session, offer_access.TABLES_READ)
    with _lock:
        reads = _reads.setdefault(cache_of(session), Kept(_PLACES_KEPT))
        kept: _Read | None = reads.get(place)
    if kept is None or kept.marks != marks or not kept.rule.compare(rule):
        kept = _Read(rule, marks, offers_of(session, rule))
        with _lock:
            reads.put(place, kept)
    return kept.ids


def offers_of(session: Session, visible: ColumnElement[bool]) -> Ids:
    """The public ids of the offers of a condition."""
    return ids_of(session, select(JobOffer.public_id).where(visible))


def ids_of(session: Session, query: Select[str] | CompoundSelect[str]) -> Ids:
    """The public ids of a query, in one row: a page may see ten thousand."""
    found = query.subquery()
    joined = session.scalar(select(func.aggregate_strings(found.c.public_id, " ")))
    return frozenset((joined or "").split())
