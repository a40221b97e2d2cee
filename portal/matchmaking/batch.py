"""Suggestions for everyone: the first jobs of each person's list, computed at once.

What a person's référent may see counts: live, fresh offers shared with partners or public.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import psycopg
from sqlalchemy import ColumnElement, and_, delete, not_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import matching as engine
from matching.bulk.lists import best_offers, rankings
from portal import clock
from portal.db import Database
from portal.matchmaking import loading
from portal.matchmaking.version import ENGINE_VERSION
from portal.matchmaking.world import cache_of, current_world
from portal.matchmaking.writing import Row, replace_suggestions
from portal.models import Confidentiality, JobOffer, Person, Suggestion

KEPT = 20
#: People whose suggestions are written at once.
BLOCK = 2_000
_TOLD_EVERY = 1_000
Report = Callable[[str, int, int], None]
Finish = Callable[[Session], None]
Maker = Callable[[engine.Index, int, Report], Iterator[engine.PersonRanking]]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh found: people, offers, pairs kept, and those ready or one step away."""

    people: int
    offers: int
    pairs: int
    ready: int
    one_step: int


def here(index: engine.Index, top: int, report: Report) -> Iterator[engine.PersonRanking]:
    """The first offers of everyone, made by this process, in the order of the index."""
    return rankings(index, best_offers(index, top, progress=partial(report, "calcul")))


def refresh_suggestions(session: Session, report: Report, make: Maker = here) -> Refreshed:
    """Replace every suggestion, in the caller's transaction. ``report``: phase, done, total.

    ``make`` says who makes the lists: this process, or others (see ``elsewhere``).
    """
    world = current_world(session)
    index = cache_of(session).with_offers_among(world, _ids_of_proposable(session))
    ids = _ids(session)
    people = len(index.people.people)
    report("calcul", 0, people)
    lists = make(index, KEPT, report)
    groups: Counter[str] = Counter()

    def rows() -> Iterator[Row]:
        for done, ranking in enumerate(lists):
            if done % _TOLD_EVERY == 0:
                report("écriture", done, people)
            for row in _rows(ranking, ids):
                groups[row["group_code"]] += 1
                yield row

    replace_suggestions(session, rows())
    _forget_unlisted(session)
    report("écriture", people, people)
    return Refreshed(
        people=people,
        offers=len(index.book),
        pairs=groups.total(),
        ready=groups[engine.Group.READY.value],
        one_step=groups[engine.Group.ONE_STEP.value],
    )


def refresh_in_blocks(database: Database, report: Report, finish: Finish) -> None:
    """Replace the suggestions of everyone, some people at a time, each time in one transaction.

    ``report`` is told the people done between two of them, and stops the work by raising: those
    done have their new suggestions, the others the former ones, with their date. ``finish`` ends
    the last transaction, in which the suggestions of people no longer listed leave. Who is
    archived, or objects, while it runs is given none by the blocks that follow.
    """
    started = clock.now()
    with database.session(read_only=True) as session:
        world = current_world(session)
        index = cache_of(session).with_offers_among(world, _ids_of_proposable(session))
    everyone = _by_commune(index)
    for done in range(0, len(everyone), BLOCK):
        report("calcul", done, len(everyone))
        part = index.among(frozenset(everyone[done : done + BLOCK]))
        _write_block(database, list(rankings(part, best_offers(part, KEPT))))
    report("calcul", len(everyone), len(everyone))
    with database.transaction() as session:
        session.execute(delete(Suggestion).where(Suggestion.computed_at < started))
        _forget_unlisted(session)
        finish(session)


def _by_commune(index: engine.Index) -> list[str]:
    """Everyone, neighbours together: they share the distances."""
    ids = list(index.people.number)
    return [ids[number] for number in np.argsort(index.people.place, kind="stable").tolist()]


def _write_block(database: Database, lists: Sequence[engine.PersonRanking]) -> None:
    for last in (False, False, True):
        try:
            with database.transaction() as session:
                names = [ranking.person for ranking in lists]
                ids = _ids(session, names)
                rows = [row for ranking in lists for row in _rows(ranking, ids)]
                replace_suggestions(session, rows, [ids[name] for name in names if name in ids])
            return
        except (IntegrityError, psycopg.IntegrityError):
            # A person or an offer removed since its key was read: it has none at the next try.
            if last:
                raise


def _proposable() -> ColumnElement[bool]:
    return (JobOffer.confidentiality == Confidentiality.PUBLIC) | (
        JobOffer.shared_at.is_not(None) & (JobOffer.confidentiality != Confidentiality.ADVISER_ONLY)
    )


def _ids_of_proposable(session: Session) -> Sequence[str]:
    return session.scalars(select(JobOffer.public_id).where(_proposable())).all()


def _forget_unlisted(session: Session) -> None:
    """Remove the suggestions of those who left the lists since theirs were made."""
    left = select(Person.id).where(not_(and_(*loading.LISTED_PEOPLE)))
    statement = delete(Suggestion).where(Suggestion.person_id.in_(left))
    session.execute(statement.execution_options(synchronize_session=False))


def _ids(session: Session, people: Collection[str] | None = None) -> dict[str, int]:
    """The database keys behind public ids, all random, of people (or these) and of offers.

    Those listed now, not when the work began.
    """
    some = select(Person.public_id, Person.id).where(*loading.LISTED_PEOPLE)
    if people is not None:
        some = some.where(Person.public_id.in_(people))
    offers = select(JobOffer.public_id, JobOffer.id).where(
        *loading.listed_offers(clock.today()), _proposable()
    )
    found = (session.execute(query) for query in (some, offers))
    return {public_id: key for rows in found for public_id, key in rows}


def _rows(ranking: engine.PersonRanking, ids: dict[str, int]) -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {
            "person_id": ids[ranking.person],
            "rank": rank,
            "offer_id": ids[pair.offer],
            "group_code": pair.group.value,
            "ready_by": pair.ready_by,
            "unknown": pair.unknown,
            "gap": pair.gap,
            "minutes": pair.minutes,
            "engine_version": ENGINE_VERSION,
            "computed_at": now,
        }
        for rank, pair in enumerate(ranking.offers, start=1)
        if ranking.person in ids and pair.offer in ids
    ]
