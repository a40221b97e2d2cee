"""Suggestions for everyone: the first jobs of each person's list, computed at once.

What a person's référent may see counts: live, fresh offers shared with partners or public.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

import matching as engine
from matching.bulk.lists import best_offers, rankings
from portal import clock
from portal.matchmaking.version import ENGINE_VERSION
from portal.matchmaking.world import cache_of, current_world
from portal.models import Confidentiality, JobOffer, Person, Suggestion

KEPT = 20
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh found: people, offers, pairs kept, and those ready or one step away."""

    people: int
    offers: int
    pairs: int
    ready: int
    one_step: int


def refresh_suggestions(session: Session, report: Report) -> Refreshed:
    """Replace every suggestion, in the caller's transaction. ``report``: phase, done, total."""
    world = current_world(session)
    index = cache_of(session).with_offers_among(world, session.scalars(_proposable()))
    ids = _ids(session)
    people = index.people.people
    report("calcul", 0, len(people))
    lists = best_offers(index, KEPT, progress=partial(report, "calcul"))
    rows = [row for ranking in rankings(index, lists) for row in _rows(ranking, ids)]
    report("écriture", len(people), len(people))
    session.execute(delete(Suggestion))
    for batch in _batches(rows):
        session.execute(insert(Suggestion), batch)
    groups = [row["group_code"] for row in rows]
    return Refreshed(
        people=len(people),
        offers=len(index.offers.offers),
        pairs=len(rows),
        ready=groups.count(engine.Group.READY.value),
        one_step=groups.count(engine.Group.ONE_STEP.value),
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


def _batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, 1_000)):
        yield batch
