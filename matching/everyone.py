"""What is asked for everyone at once, and the answers as plain values, one after the other.

The same call answers for a whole world and for a shard of it (see ``shards``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from matching.bulk.lists import best_offers, rankings
from matching.bulk.offer_lists import first_people
from matching.groups import Group
from matching.index import Index
from matching.ordering import Interest
from matching.output import offer_ranking_json, person_ranking_json, to_json
from matching.pathways.everyone import Goals, pathways_of_everyone
from matching.pathways.record import pathways_record
from matching.ranking import OfferRanking, Pair, PersonRanking
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
    lists: Iterator[PersonRanking | OfferRanking]
    if isinstance(work, OfferLists):
        lists = first_people(index, work.top)
    else:
        lists = rankings(index, best_offers(index, work.top))
    return (_values(one, beyond) for one in lists)


def _values(one: PersonRanking | OfferRanking, beyond: int) -> Values:
    mine = isinstance(one, PersonRanking)
    owner, pairs, out_of_reach, with_car = one
    return {
        "person" if mine else "offer": owner,
        "offers" if mine else "people": [
            {**pair._asdict(), "interest": pair.interest.name.lower()} for pair in pairs
        ],
        "out_of_reach": out_of_reach + beyond,
        "with_car": with_car,
    }


def ranking_of(values: Values) -> PersonRanking | OfferRanking:
    """The list that its values came from."""
    mine = "offers" in values
    pairs = tuple(_pair(one) for one in values["offers" if mine else "people"])
    counts = values["out_of_reach"], values["with_car"]
    if mine:
        return PersonRanking(values["person"], pairs, *counts)
    return OfferRanking(values["offer"], pairs, *counts)


def _pair(values: Values) -> Pair:
    group, interest = Group(values["group"]), Interest[values["interest"].upper()]
    return Pair(**{**values, "group": group, "interest": interest})


def line(values: Values) -> str:
    """The line that one machine writes for an answer."""
    if "pathways" in values:
        return to_json(values)
    ranking = ranking_of(values)
    if isinstance(ranking, PersonRanking):
        return person_ranking_json(ranking)
    return offer_ranking_json(ranking)
