"""The lists of everyone at once: equal to one at a time, and to the reference, on every path."""

from __future__ import annotations

from hypothesis import given, settings

from matching import rank_offers
from matching.bulk.lists import Lists, best_offers, rankings
from tests.matching.worlds import index_of, worlds
from tests.reference.reference import World


def same(first: Lists, second: Lists) -> bool:
    """Whether every column is the same, bit for bit."""
    return all(a.tobytes() == b.tobytes() for a, b in zip(first, second, strict=True))


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_the_lists_of_everyone_are_those_of_each(world: World) -> None:
    index = index_of(world)
    for top in (1, 2, 20):
        lists = best_offers(index, top, compiled=False)
        alone = [rank_offers(index, person, top) for person in index.people.people]
        assert list(rankings(index, lists)) == alone
        assert same(lists, best_offers(index, top, compiled=True))
        assert same(lists, best_offers(index, top, compiled=True, threads=2))
