"""Suggestions for everyone: the first jobs of each person's list, computed at once.

What a person's référent may see counts: live, fresh offers shared with partners or public.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import matching as engine
from matching.bulk.lists import best_offers, rankings
from portal import clock
from portal.matchmaking.version import ENGINE_VERSION
from portal.matchmaking.world import cache_of, current_world
from portal.matchmaking.writing import Row, replace_suggestions
from portal.models import Confidentiality, JobOffer, Person

KEPT = 20
_TOLD_EVERY = 1_000
Report = Callable[[str, int, int], None]
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
    index = cache_of(session).with_offers_among(world, session.scalars(_proposable()))
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
    report("écriture", people, people)
    return Refreshed(
        people=people,
        offers=len(index.offers.offers),
        pairs=groups.total(),
        ready=groups[engine.Group.READY.value],
        one_step=groups[engine.Group.ONE_STEP.value],
    )


def _proposable() -> Any:
    return select(JobOffer.public_id).where(
        (JobOffer.confidentiality == Confidentiality.PUBLIC)
        | JobOffer.shared_at.is_not(None)
        & (JobOffer.confidentiality != Confidentiality.ADVISER_ONLY)
    )


def _ids(session: Session) -> dict[str, int]:
    """The database keys behind public ids, of people and offers alike (both are random)."""
    people = session.execute(select(Person.public_id, Person.id))
    offers = session.execute(select(JobOffer.public_id, JobOffer.id))
    return {public_id: key for rows in (people, offers) for public_id, key in rows}


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
    ]
