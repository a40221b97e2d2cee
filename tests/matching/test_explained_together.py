"""Pairs explained together say what each says by itself."""

from __future__ import annotations

from hypothesis import given, settings

from matching import Explanation, Group, explain, explain_offers, explain_people
from matching.ordering import Interest
from matching.usefulness import useful_sessions, useful_sessions_of
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


def said_useful(explained: list[Explanation]) -> set[str]:
    """The open sessions that cover a gap of a listed job, by the explanations of all jobs."""
    return {
        option.session
        for said in explained
        if said.group in (Group.ONE_STEP, Group.LONGER_PATH)
        if said.interest is not Interest.DISLIKED
        for row in said.requirements
        if row.requirement.decides
        for option in row.sessions
        if option.open
    }


@quick
@given(worlds())
def test_sessions_worth_telling_are_those_the_explanations_name(world: World) -> None:
    index = index_of(world)
    together = useful_sessions_of(index, world.people)
    assert together == [useful_sessions(index, person) for person in world.people]
    for person, found in zip(world.people, together, strict=True):
        assert set(found) == said_useful(explain_offers(index, person, world.offers))
