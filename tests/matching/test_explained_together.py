"""Pairs explained together say what each says by itself."""

from __future__ import annotations

from hypothesis import given, settings

from matching import Explanation, explain, explain_offers, explain_people
from tests.matching.worlds import index_of, worlds
from tests.reference.reference import World

quick = settings(max_examples=40, deadline=None)


def without_closed(said: Explanation) -> Explanation:
    """The same, of the sessions that the person can join alone."""
    readings = tuple(
        row._replace(sessions=tuple(option for option in row.sessions if option.open))
        for row in said.requirements
    )
    return said._replace(requirements=readings)


@quick
@given(worlds())
def test_the_offers_of_a_person_together_are_each_explained_the_same(world: World) -> None:
    index = index_of(world)
    for person in world.people:
        alone = [explain(index, person, offer) for offer in world.offers]
        assert explain_offers(index, person, []) == []
        assert explain_offers(index, person, world.offers) == alone
        open_ones = explain_offers(index, person, world.offers, closed=False)
        assert open_ones == [without_closed(said) for said in alone]


@quick
@given(worlds())
def test_the_people_of_an_offer_together_are_each_explained_the_same(world: World) -> None:
    index = index_of(world)
    for offer in world.offers:
        alone = [explain(index, person, offer) for person in world.people]
        assert explain_people(index, [], offer) == []
        assert explain_people(index, world.people, offer) == alone
        open_ones = explain_people(index, world.people, offer, closed=False)
        assert open_ones == [without_closed(said) for said in alone]
