"""What is asked for everyone at once, and the answers, one after the other.

The same call answers for a whole world and for a shard of it (see ``shards``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matching.bulk.lists import best_offers, rankings
from matching.bulk.offer_lists import first_people
from matching.index import Index
from matching.output import offer_ranking_json, person_ranking_json, to_json
from matching.pathways.everyone import Goals, pathways_of_everyone
from matching.pathways.record import Values, pathways_record
from matching.ranking import OfferRanking, PersonRanking
from matching.sessions import SessionTable
from matching.shards import (
    OFFERS_PER_SHARD,
    PEOPLE_PER_SHARD,
    TRAVELLERS_PER_SHARD,
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
#: Pathways are told as plain values: names, numbers and days.
Answer = PersonRanking | OfferRanking | Values


def usual_size(work: Work) -> int:
    """How many people (or offers) a shard of this work has at most when nothing is said."""
    if isinstance(work, OfferLists):
        return OFFERS_PER_SHARD
    return TRAVELLERS_PER_SHARD if isinstance(work, PersonPathways) else PEOPLE_PER_SHARD


def shards_for(records: Records, work: Work, most: int) -> list[Shard]:
    """The shards of ``most`` this work is done in, those with most pairs first."""
    if isinstance(work, OfferLists):
        return shards_of_offers(records, most)
    return shards_of_people(records, most)


def answers(
    index: Index, work: Work, *, beyond: int = 0, register: SessionTable | None = None
) -> Iterator[Answer]:
    """The answer for each person, or offer, in the order of the index.

    ``beyond``: the records of the other kind left out of the index, all out of reach.
    ``register``: every session, where the index has only those in reach (see ``compose_for``).
    """
    if isinstance(work, PersonPathways):
        everybody = range(len(index.people.people))
        found = pathways_of_everyone(index, work.goals, everybody, register)
        return map(pathways_record, found)
    lists: Iterator[PersonRanking | OfferRanking]
    if isinstance(work, OfferLists):
        lists = first_people(index, work.top)
    else:
        lists = rankings(index, best_offers(index, work.top))
    return (one._replace(out_of_reach=one.out_of_reach + beyond) for one in lists)


def line(answer: Answer) -> str:
    """The line that one machine writes for an answer."""
    if isinstance(answer, PersonRanking):
        return person_ranking_json(answer)
    if isinstance(answer, OfferRanking):
        return offer_ranking_json(answer)
    return to_json(answer)
