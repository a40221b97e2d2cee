"""A world cut into shards: the same answers, to the last bit, whatever the cut."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.match.worlds import build
from matching import rank_offers, rank_people
from matching.everyone import (
    Answer,
    OfferLists,
    PersonLists,
    PersonPathways,
    Work,
    answers,
    shards_for,
)
from matching.index import Index
from matching.pathways.everyone import Goals
from matching.shards import Records, Shard, shards_of_offers, shards_of_people
from tests.matching.worlds import index_of, worlds
from tests.reference.reference import World

sizes = st.integers(1, 3)


def held(shards: list[Shard]) -> list[int]:
    return sorted(chain.from_iterable(shard.owners for shard in shards))


def cut(index: Index, most: int) -> tuple[Records, list[Shard], list[Shard]]:
    records = Records.of(index)
    return records, shards_of_people(records, most), shards_of_offers(records, most)


@settings(max_examples=50, deadline=None)
@given(worlds(), sizes)
def test_everybody_and_every_offer_is_in_one_shard_with_all_in_reach(
    world: World, most: int
) -> None:
    index = index_of(world)
    records, by_person, by_offer = cut(index, most)
    assert held(by_person) == list(range(len(records.people)))
    assert held(by_offer) == list(range(len(records.offers)))
    for shard in by_person:
        jobs, trainings = ({row.id for row in rows} for rows in (shard.offers, shard.sessions))
        assert shard.beyond == len(records.offers) - len(jobs)
        assert len(shard.owners) == len(shard.people) <= most
        for person in shard.people:
            judged = index.judge_person(person)
            near = [o.id for o, r in zip(records.offers, judged.in_reach, strict=True) if r]
            assert jobs.issuperset(near)
            day = world.today.toordinal()
            open_to = index.sessions.availability(person, day, index.communes).in_reach
            assert trainings.issuperset(
                s.id for s, r in zip(index.sessions.sessions, open_to, strict=True) if r
            )
    for shard in by_offer:
        crowd = {person.id for person in shard.people}
        assert shard.beyond == len(records.people) - len(crowd)
        for offer in shard.offers:
            reached = index.judge_offer(offer).in_reach
            assert crowd.issuperset(p.id for p, r in zip(records.people, reached, strict=True) if r)


def test_a_shard_leaves_out_what_is_far_and_the_heaviest_comes_first() -> None:
    index = build(600, 400, 200).indexed()
    records, by_person, by_offer = cut(index, 50)
    for shards in (by_person, by_offer):
        weights = [shard.weight for shard in shards]
        assert weights == sorted(weights, reverse=True)
        assert min(len(shard.sessions) for shard in shards) < len(records.sessions)
        assert min(shard.beyond for shard in shards) > 0
    assert len(by_person) >= 12


def in_shards(index: Index, work: Work, most: int) -> list[Answer]:
    """The answers of the shards, put back in the order of the records."""
    records = Records.of(index)
    found: dict[int, Answer] = {}
    for shard in shards_for(records, work, most):
        part = answers(
            shard.indexed(records.ground), work, beyond=shard.beyond, register=index.sessions
        )
        found.update(zip(shard.owners, part, strict=True))
    return [found[number] for number in range(len(found))]


@settings(max_examples=50, deadline=None)
@given(worlds(), sizes, st.sampled_from((1, 2, 20)))
def test_shards_give_the_lists_of_the_whole_world(world: World, most: int, top: int) -> None:
    index = index_of(world)
    for work in (PersonLists(top), OfferLists(top)):
        assert in_shards(index, work, most) == list(answers(index, work))


@settings(max_examples=30, deadline=None)
@given(worlds(), st.integers(1, 20))
def test_answers_are_the_lists_of_each(world: World, top: int) -> None:
    index = index_of(world)
    for one, person in zip(answers(index, PersonLists(top)), index.people.people, strict=True):
        assert one == rank_offers(index, person, top)
    for one, offer in zip(answers(index, OfferLists(top)), index.offers.offers, strict=True):
        assert one == rank_people(index, offer, top)


@settings(max_examples=50, deadline=None)
@given(worlds(), sizes, st.integers(0, 3), st.booleans())
def test_shards_give_the_pathways_of_the_whole_world(
    world: World, most: int, offers: int, liked: bool
) -> None:
    index, work = index_of(world), PersonPathways(Goals(offers, liked))
    assert in_shards(index, work, most) == list(answers(index, work))


@pytest.mark.parametrize("work", [PersonLists(5), OfferLists(5), PersonPathways(Goals())])
def test_the_same_on_a_territory_with_roads_between(work: Work) -> None:
    index = build(150, 80, 120).indexed()
    assert in_shards(index, work, 20) == list(answers(index, work))
