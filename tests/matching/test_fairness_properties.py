"""What equity may and may not do, and what others in a list may change to one's place: nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Index, Pair, rank_offers, rank_people, simulate, useful_questions
from matching.records import Offer, Person
from tests.matching.test_properties import never_falls
from tests.matching.worlds import TODAY, day, index_of, worlds
from tests.reference.reference import World

quick = settings(max_examples=30, deadline=None)


def rank_of(pairs: Sequence[Pair], person: Person) -> int:
    """Where somebody stands among the pairs of their own group."""
    (mine,) = [pair for pair in pairs if pair.person == person.id]
    return [p.person for p in pairs if p.group is mine.group].index(person.id)


@quick
@given(worlds(), st.randoms(use_true_random=False))
def test_questions_and_simulator_know_no_order_of_the_input(world: World, rng: object) -> None:
    def shuffled(items: list) -> list:  # type: ignore[type-arg]
        copy = items[:]
        rng.shuffle(copy)  # type: ignore[attr-defined]
        return copy

    mixed = replace_lists(world, shuffled(world.people), shuffled(world.offers))
    one, other = index_of(world), index_of(mixed)
    for person in world.people:
        assert useful_questions(one, person, 5) == useful_questions(other, person, 5)
    for offer in world.offers:
        assert simulate(one, offer) == simulate(other, offer)


def replace_lists(world: World, people: list[Person], offers: list[Offer]) -> World:
    """The same world with these people and offers, sessions and communes the other way round."""
    return World(
        people, offers, world.sessions[::-1], world.communes[::-1], world.taxonomy, world.today
    )


@quick
@given(worlds(), st.sampled_from(("caces", "aipr")), day(-1, 0, 5, 30, 200), st.integers(1, 400))
def test_a_credential_that_lasts_longer_never_moves_a_pair_down(
    world: World, credential: str, expiry: date, days: int
) -> None:
    index = index_of(world)
    for person in world.people:
        short = replace(person, credentials={**person.credentials, credential: expiry})
        longer = {**person.credentials, credential: expiry + timedelta(days=days)}
        never_falls(world, index, short, replace(person, credentials=longer))


def dated(index: Index, person: Person, last: date | None) -> Index:
    """The index where this person was last proposed on that day."""
    return index.with_person(replace(person, last_proposed=last))


@quick
@given(worlds(), st.one_of(st.none(), day(-40, -7, -1)))
def test_equity_decides_no_group_no_date_and_nothing_of_a_person_s_own_list(
    world: World, last: date | None
) -> None:
    index = index_of(world)
    for person in world.people:
        other = dated(index, person, last)
        for offer in world.offers:
            before = {pair.person: pair for pair in rank_people(index, offer).people}
            after = {pair.person: pair for pair in rank_people(other, offer).people}
            assert before == after
        proposed = replace(person, last_proposed=last)
        assert rank_offers(index, person) == rank_offers(other, proposed)


@quick
@given(worlds())
def test_being_proposed_today_never_moves_a_person_up(world: World) -> None:
    index = index_of(world)
    for person in world.people:
        after = dated(index, person, TODAY)
        for offer in world.offers:
            old, new = rank_people(index, offer).people, rank_people(after, offer).people
            if any(pair.person == person.id for pair in old):
                assert rank_of(new, person) >= rank_of(old, person)


@quick
@given(worlds(), st.data())
def test_others_in_a_list_change_neither_a_pair_nor_the_order_of_the_rest(
    world: World, data: st.DataObject
) -> None:
    """So a list restricted to what somebody may see is the whole list, seen through it."""
    index = index_of(world)
    kept = set(data.draw(st.lists(st.sampled_from(sorted(p.id for p in world.people)))))
    for offer in world.offers:
        whole = rank_people(index, offer).people
        assert rank_people(index.among(kept), offer).people == tuple(
            pair for pair in whole if pair.person in kept
        )
