"""The pathways of everyone: which goals each person has, and the scenarios towards each.

The goals of a person are the first offers of their list that they are not ready for, in the
order of the list, then the occupations they like and of which something is known, by code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from matching.bulk.lists import best_offers, rankings
from matching.groups import Group
from matching.index import Index
from matching.pathways.composer import compose_for
from matching.pathways.plans import Composition, Goal, OccupationGoal
from matching.pathways.situation import Traveller
from matching.ranking import PersonRanking, rank_offers
from matching.records import Person, Taxonomy
from matching.sessions import SessionTable

# Lists are made this deep for everyone at once, then deeper for those whose first so many offers
# do not hold enough goals; the whole list of the few left is made last.
_DEPTHS = (64, 256)


@dataclass(frozen=True, slots=True)
class Goals:
    """How many offers are goals for each person, and whether the occupations they like are."""

    offers: int = 3
    liked: bool = True


class Pathways(NamedTuple):
    """The compositions of a person, each with its goal."""

    person: str
    towards: tuple[tuple[Goal, Composition], ...]


def pathways_of_everyone(
    index: Index, goals: Goals, people: Sequence[int], register: SessionTable | None = None
) -> Iterator[Pathways]:
    """The pathways of some people of the index (by number), in this order.

    ``register``: see ``compose_for``.
    """
    chosen = goals_of_everyone(index, goals, people)
    for person, wanted in chosen:
        traveller = Traveller(index, person, index.today)
        towards = [(goal, compose_for(traveller, goal, register=register)) for goal in wanted]
        yield Pathways(person.id, tuple(towards))


def goals_of_everyone(
    index: Index, goals: Goals, people: Sequence[int]
) -> Iterator[tuple[Person, list[Goal]]]:
    """Each of these people (numbers of the index, rising) with their goals."""
    some = index.among({index.people.people[n].id for n in people})
    offers = {offer.id: offer for offer in index.offers.offers}
    jobs = _jobs_of_everyone(some, goals.offers) if goals.offers else {}
    for person in some.people.people:
        liked = liked_occupations(person, index.taxonomy) if goals.liked else []
        yield person, [*(offers[name] for name in jobs.get(person.id, ())), *liked]


def _jobs_of_everyone(index: Index, most: int) -> dict[str, list[str]]:
    """For each person of the index, the first offers they are not ready for."""
    found: dict[str, list[str]] = {}
    left = index
    for depth in _DEPTHS:
        short = set()
        for ranking in rankings(left, best_offers(left, depth)):
            found[ranking.person] = _not_ready(ranking, most)
            if len(found[ranking.person]) < most and len(ranking.offers) == depth:
                short.add(ranking.person)
        left = left.among(short)
    for person in left.people.people:
        found[person.id] = _not_ready(rank_offers(index, person), most)
    return found


def _not_ready(ranking: PersonRanking, most: int) -> list[str]:
    return [pair.offer for pair in ranking.offers if pair.group is not Group.READY][:most]


def liked_occupations(person: Person, taxonomy: Taxonomy) -> list[OccupationGoal]:
    """The occupations a person likes and whose core skills are known, by code."""
    return [
        OccupationGoal(code)
        for code, thought in sorted(person.interests.items())
        if thought > 0 and code in taxonomy.occupations and taxonomy.occupations[code].core_skills
    ]
