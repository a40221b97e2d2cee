"""A table cut, joined or brought up to date gives the answers of one built anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import index as index_module
from matching import rank_offers, rank_people, simulate
from matching.bulk.lists import best_offers, rankings
from matching.index import Index
from matching.rows import Rows
from matching.usefulness import useful_sessions
from tests.matching.worlds import index_of, worlds
from tests.reference.reference import World

quick = settings(max_examples=25, deadline=None)
subsets = st.sets(st.integers(0, 9))


@pytest.fixture(autouse=True, scope="module")
def cut_even_few() -> Iterator[None]:
    """Small worlds take the path of large ones: cut out of the table, not built again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_module, "_FEW", 0)
        yield


def assert_same_answers(one: Index, other: Index, world: World) -> None:
    """Every list, simulation and useful session of the world's people and offers."""
    for offer in world.offers:
        assert rank_people(one, offer) == rank_people(other, offer)
        assert simulate(one, offer) == simulate(other, offer)
    for person in world.people:
        assert rank_offers(one, person) == rank_offers(other, person)
        assert useful_sessions(one, person) == useful_sessions(other, person)
    assert one.unlocated == other.unlocated
    everyone = (
        {ranking.person: ranking for ranking in rankings(index, best_offers(index, 20))}
        for index in (one, other)
    )
    assert next(everyone) == next(everyone)


def some(ids: list[str], numbers: set[int]) -> set[str]:
    return {name for number, name in enumerate(ids) if number in numbers}


@quick
@given(worlds(), subsets, subsets)
def test_a_part_is_as_built_with_that_part_alone(
    world: World, people: set[int], offers: set[int]
) -> None:
    kept = some([person.id for person in world.people], people)
    jobs = some([offer.id for offer in world.offers], offers)
    part = replace(
        world,
        people=[person for person in world.people if person.id in kept],
        offers=[offer for offer in world.offers if offer.id in jobs],
    )
    cut = index_of(world).among(kept).with_offers_among(jobs)
    assert_same_answers(cut, index_of(part), world)
    assert list(cut.people.people) == part.people


@quick
@given(worlds(), worlds(size=3), subsets)
def test_people_replaced_and_added_at_once(world: World, other: World, which: set[int]) -> None:
    known = [person.id for person in world.people]
    changed = [
        replace(
            person, id=known[number] if number in which and number < len(known) else f"n{number}"
        )
        for number, person in enumerate(other.people)
    ]
    now = {person.id: person for person in [*world.people, *changed]}
    anew = index_of(replace(world, people=list(now.values())))
    assert_same_answers(index_of(world).with_people(changed), anew, world)
    with pytest.raises(ValueError, match="share the id"):
        index_of(world).with_people([changed[0], changed[0]])


@quick
@given(worlds(), worlds(size=3), worlds(size=3))
def test_offers_and_then_sessions_replaced(world: World, offers: World, trained: World) -> None:
    updated = index_of(world)
    for offer in offers.offers:
        updated = updated.with_offer(offer)
    updated = updated.with_sessions(trained.sessions)
    now = {offer.id: offer for offer in [*world.offers, *offers.offers]}
    anew = replace(world, offers=list(now.values()), sessions=trained.sessions)
    assert_same_answers(updated, index_of(anew), anew)
    assert {offer.id: offer for offer in updated.offers.offers} == now
    assert len(updated.book) == len(now)


@quick
@given(worlds(), subsets, st.data())
def test_a_book_with_late_offers_is_cut_like_another(
    world: World, kept: set[int], data: st.DataObject
) -> None:
    changed = replace(data.draw(st.sampled_from(world.offers)), posts=9)
    ids = some([offer.id for offer in world.offers], kept)
    now = [changed if offer.id == changed.id else offer for offer in world.offers]
    anew = index_of(replace(world, offers=[offer for offer in now if offer.id in ids]))
    book = index_of(world).with_offer(changed).with_offers_among(ids)
    assert_same_answers(book, anew, world)
    assert [book.book.offer(name) for name in sorted(ids)] == sorted(
        (offer for offer in now if offer.id in ids), key=lambda offer: offer.id
    )


def test_rows_are_read_where_they_are() -> None:
    view = Rows.over(["a", "b", "c"])  # any sequence that is not a tuple
    changed = view.with_record(1, "B").with_record(3, "D")
    assert list(changed) == ["a", "B", "c", "D"]
    assert changed[-1] == "D"
    assert changed[1:3] == ("B", "c")
    assert list(view) == ["a", "b", "c"]
    cut = changed.taking(np.array([1, 2, 3]))
    assert list(cut.then(["e"]).with_record(0, "x")) == ["x", "c", "D", "e"]
    assert list(cut) == ["B", "c", "D"]
