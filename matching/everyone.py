"""What is asked for everyone at once, and the answers as plain values, one after the other.

The same call answers for a whole world and for a shard of it (see ``shards``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from matching.bulk.lists import best_offers, rankings
from matching.index import Index
from matching.output import offer_ranking_record, person_ranking_record
from matching.pathways.everyone import Goals, pathways_of_everyone
from matching.pathways.record import pathways_record
from matching.ranking import rank_people
from matching.sessions import SessionTable
from matching.shards import (
    OFFERS_PER_SHARD,
    PEOPLE_PER_SHARD,
    Records,
    Shard,
    shards_of_offers,
    shards_of_people,
)


@dataclass(frozen=True, slots=True)
class PersonLists:
    """The first offers of every person."""

    top: int


@dataclass(frozen=True, slots=True)
class OfferLists:
    """The first people of every offer."""

    top: int


@dataclass(frozen=True, slots=True)
class PersonPathways:
    """The pathways of every person towards their goals."""

    goals: Goals


Work = PersonLists | OfferLists | PersonPathways
Values = dict[str, Any]


def shards_for(records: Records, work: Work, most: int | None = None) -> list[Shard]:
    """The shards this work is done in, those with most pairs first."""
    if isinstance(work, OfferLists):
        return shards_of_offers(records, most or OFFERS_PER_SHARD)
    return shards_of_people(records, most or PEOPLE_PER_SHARD)


def answers(
    index: Index, work: Work, *, beyond: int = 0, register: SessionTable | None = None
) -> Iterator[Values]:
    """The answer for each person, or offer, in the order of the index.

    ``beyond``: the records of the other kind left out of the index, all out of reach.
    ``register``: every session, where the index has only those in reach (see ``compose_for``).
    """
    if isinstance(work, PersonPathways):
        everybody = range(len(index.people.people))
        found = pathways_of_everyone(index, work.goals, everybody, register)
        return map(pathways_record, found)
    if isinstance(work, OfferLists):
        offers = index.offers.offers
        lists = (offer_ranking_record(rank_people(index, one, work.top)) for one in offers)
    else:
        ranked = rankings(index, best_offers(index, work.top))
        lists = (person_ranking_record(one) for one in ranked)
    return (_with_all(values, beyond) for values in lists)


def _with_all(values: Values, beyond: int) -> Values:
    values["out_of_reach"] += beyond
    return values
