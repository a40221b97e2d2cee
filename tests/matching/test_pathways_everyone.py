"""The pathways of everyone: the goals of the rule, and each as the composer alone answers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.match.worlds import build
from matching import Group, Index, Person, rank_offers
from matching.pathways import Goal, OccupationGoal, compose
from matching.pathways import everyone as module
from matching.pathways.everyone import Goals, goals_of_everyone, pathways_of_everyone
from tests.matching.worlds import index_of, worlds
from tests.reference.reference import World


def one_by_one(index: Index, person: Person, goals: Goals) -> list[Goal]:
    """The goals of a person as the rule reads."""
    offers = {offer.id: offer for offer in index.offers.offers}
    ranked = rank_offers(index, person).offers
    jobs = [offers[pair.offer] for pair in ranked if pair.group is not Group.READY]
    known = index.taxonomy.occupations
    liked = [
        OccupationGoal(code)
        for code in sorted(person.interests)
        if person.interests[code] > 0 and code in known and known[code].core_skills
    ]
    return [*jobs[: goals.offers], *(liked if goals.liked else ())]


def assert_as_alone(index: Index, goals: Goals) -> None:
    everybody = range(len(index.people.people))
    found = list(pathways_of_everyone(index, goals, everybody))
    assert [one.person for one in found] == [person.id for person in index.people.people]
    for one, person in zip(found, index.people.people, strict=True):
        wanted = one_by_one(index, person, goals)
        assert [goal for goal, _ in one.towards] == wanted
        for goal, composition in one.towards:
            assert composition == compose(index, person, goal, index.today)


@settings(max_examples=60, deadline=None)
@given(worlds(), st.integers(0, 3), st.booleans())
def test_everyone_as_one_by_one(world: World, offers: int, liked: bool) -> None:
    assert_as_alone(index_of(world), Goals(offers, liked))


def test_everyone_as_one_by_one_on_a_territory_where_liked_trades_are_known() -> None:
    index = build(60, 300, 150, "departement").indexed()
    assert_as_alone(index, Goals())
    found = list(goals_of_everyone(index, Goals(), range(60)))
    kinds = {type(goal).__name__ for _, goals in found for goal in goals}
    assert kinds == {"Offer", "OccupationGoal"}


def test_people_ready_for_much_are_looked_at_deeper(monkeypatch: pytest.MonkeyPatch) -> None:
    index = build(60, 300, 150, "departement").indexed()
    expected = list(goals_of_everyone(index, Goals(), range(60)))
    monkeypatch.setattr(module, "_DEPTHS", (1, 2))
    assert list(goals_of_everyone(index, Goals(), range(60))) == expected


def test_some_people_only() -> None:
    index = build(20, 50, 30, "departement").indexed()
    every = list(pathways_of_everyone(index, Goals(), range(20)))
    assert list(pathways_of_everyone(index, Goals(), [3, 7, 8])) == [every[n] for n in (3, 7, 8)]
