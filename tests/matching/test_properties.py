"""What must hold of any world, by the document: « Properties that tests hold »."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import territory
from matching import Explanation, Group, Index, Offer, Person, explain, rank_offers, rank_people
from tests.matching.worlds import index_of, worlds
from tests.reference import reference
from tests.reference.reference import World

quick = settings(max_examples=70, deadline=None)
ORDER = tuple(Group)


def never_falls(world: World, index: Index, before: Person, after: Person) -> None:
    """No pair of this person moves to a higher-numbered group."""
    for offer in world.offers:
        old, new = explain(index, before, offer).group, explain(index, after, offer).group
        if old is not None and new is not None:
            assert ORDER.index(new) <= ORDER.index(old), (offer, before, after)


@quick
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(world: World, rng: object) -> None:
    def shuffled(items: list) -> list:  # type: ignore[type-arg]
        copy = items[:]
        rng.shuffle(copy)  # type: ignore[attr-defined]
        return copy

    mixed = World(
        shuffled(world.people),
        shuffled(world.offers),
        shuffled(world.sessions),
        shuffled(world.communes),
        world.taxonomy,
        world.today,
    )
    one, other = index_of(world), index_of(mixed)
    for person in world.people:
        assert rank_offers(one, person) == rank_offers(other, person)
        assert rank_offers(one, person) == rank_offers(one, person)
    for offer in world.offers:
        assert rank_people(one, offer) == rank_people(other, offer)
        pairs = [(explain(i, world.people[0], offer)) for i in (one, other)]
        assert pairs[0] == pairs[1]


@quick
@given(worlds(), st.data())
def test_raising_a_known_level_never_moves_a_pair_down(world: World, data: st.DataObject) -> None:
    index = index_of(world)
    for person in world.people:
        name = data.draw(st.sampled_from(sorted(person.skills)))
        level = data.draw(st.integers(person.skills[name], 3))
        raised = replace(person, skills={**person.skills, name: level})
        never_falls(world, index, person, raised)


@quick
@given(worlds())
def test_answering_an_unknown_at_the_top_never_moves_a_pair_down(world: World) -> None:
    index = index_of(world)
    for person in world.people:
        for name in {"pave", "kerb", "survey", "weld", "alone"} - person.skills.keys():
            answered = replace(person, skills={**person.skills, name: 3})
            never_falls(world, index, person, answered)


@quick
@given(worlds(), st.sampled_from(("caces", "aipr")))
def test_adding_a_credential_that_is_valid_never_moves_a_pair_down(
    world: World, credential: str
) -> None:
    index = index_of(world)
    for person in world.people:
        holder = replace(person, credentials={**person.credentials, credential: None})
        never_falls(world, index, person, holder)


def gap_answers(person: Person, offer: Offer) -> list[Person]:
    """The person, with each unknown that decides answered by a gap."""
    found = []
    for need in reference.deciding(person, offer, "unknown"):
        if need.skill is None:
            absent = person.no_credentials | {str(need.credential)}
            found.append(replace(person, no_credentials=absent))
        else:
            level = max(0, (need.level or 0) - 1)
            found.append(replace(person, skills={**person.skills, need.skill: level}))
    return found


@quick
@given(worlds())
def test_answering_an_unknown_with_a_gap_never_makes_a_person_ready(world: World) -> None:
    index = index_of(world)
    for offer in world.offers:
        for person in world.people:
            for answered in gap_answers(person, offer):
                assert explain(index, answered, offer).group is not Group.READY


@quick
@given(worlds())
def test_an_unknown_is_never_ready_and_a_gap_is_never_ready(world: World) -> None:
    for offer in world.offers:
        for pair in rank_people(index_of(world), offer).people:
            if pair.group in (Group.READY, Group.ONE_STEP):
                assert pair.unknown == 0
            if pair.group is Group.READY:
                assert pair.gap == 0
            assert pair.doubt <= pair.unknown
            assert (pair.ready_by is None) == (pair.group is Group.GAP)


@quick
@given(worlds())
def test_every_pair_is_listed_or_out_of_reach_or_disliked(world: World) -> None:
    index = index_of(world)
    for person in world.people:
        mine = rank_offers(index, person)
        told: Callable[[Offer], Explanation] = lambda o, p=person: explain(index, p, o)  # noqa: E731
        disliked = [o for o in map(told, world.offers) if o.in_reach and o.interest == 3]
        assert len(mine.offers) + mine.out_of_reach + len(disliked) == len(world.offers)
        assert mine.with_car <= mine.out_of_reach
    for offer in world.offers:
        theirs = rank_people(index, offer)
        assert len(theirs.people) + theirs.out_of_reach == len(world.people)


def test_a_larger_territory_gives_the_reference_lists_both_ways() -> None:
    """More sessions than fit one machine word, and lists of dozens of lines."""
    made = territory.build(people=150, offers=150, sessions=150, seed=3)
    world = World(*made)
    index = made.indexed()
    groups: set[Group] = set()
    for person, offer in zip(world.people[:10], world.offers[:10], strict=True):
        mine, beyond = reference.list_of_person(world, person)
        found = rank_offers(index, person)
        assert [(p.offer, p.group, p.ready_by) for p in found.offers] == [
            (p.offer, p.group, p.ready_by) for p in mine
        ]
        assert (found.out_of_reach, found.with_car) == beyond
        groups |= {pair.group for pair in found.offers}
        theirs, beyond = reference.list_of_offer(world, offer)
        ranked = rank_people(index, offer)
        assert [(p.person, p.group, p.ready_by) for p in ranked.people] == [
            (p.person, p.group, p.ready_by) for p in theirs
        ]
        assert (ranked.out_of_reach, ranked.with_car) == beyond
    assert groups == set(Group)
