"""The lists of every offer at once: equal to one at a time, and to the reference, on every path."""

from __future__ import annotations

from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from benchmarks.match.worlds import World as Land
from benchmarks.match.worlds import build
from matching import Mode, OfferRanking, Taxonomy, rank_people
from matching.bulk import offer_lists
from matching.bulk.offer_lists import OfferLists, best_people, rankings_of_offers
from matching.bulk.scene import MOST_COMPILED, scene_of
from matching.cli import main
from matching.index import Index
from tests.matching.build import index as index_on
from tests.matching.build import offer, on, person, skill
from tests.matching.good_files import arguments, write_files
from tests.matching.worlds import TODAY, index_of, worlds
from tests.reference import reference
from tests.reference.reference import World


def same(first: OfferLists, second: OfferLists) -> bool:
    """Whether every column is the same, bit for bit."""
    return all(a.tobytes() == b.tobytes() for a, b in zip(first, second, strict=True))


def on_every_path(index: Index, top: int) -> list[OfferRanking]:
    """The lists of every offer, once every path has given the same ones."""
    lists = best_people(index, top, compiled=False)
    assert same(lists, best_people(index, top, compiled=True))
    assert same(lists, best_people(index, top, compiled=True, threads=2))
    return list(rankings_of_offers(index, lists))


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_the_lists_of_every_offer_are_those_of_the_reference(world: World) -> None:
    index = index_of(world)
    for top in (1, 2, 20):
        for found, job in zip(on_every_path(index, top), index.offers.offers, strict=True):
            wanted, (out, by_car) = reference.list_of_offer(world, job)
            lines = [
                (p.person, p.offer, p.group, p.ready_by, p.unknown, p.doubt, p.gap, p.desired_met)
                for p in wanted[:top]
            ]
            assert [tuple(pair)[:8] for pair in found.people] == lines
            assert (found.out_of_reach, found.with_car) == (out, by_car)
            assert found == rank_people(index, job, top)


@settings(max_examples=30, deadline=None)
@given(worlds(), worlds())
def test_every_offer_again_once_people_and_offers_have_changed(world: World, other: World) -> None:
    index = index_of(world)
    for changed in other.people:
        index = index.with_person(changed)
    for changed_offer in other.offers:
        index = index.with_offer(changed_offer)
    for found, job in zip(on_every_path(index, 5), index.offers.offers, strict=True):
        assert found == rank_people(index, job, 5)


@pytest.fixture(scope="module")
def land() -> Land:
    """Hundreds of people around each offer, so that most are beaten and many tie."""
    return build(900, 100, 500, "departement", seed=6)


@pytest.mark.parametrize("top", [1, 20, 250])
def test_who_is_passed_unseen_would_not_have_been_shown(land: Land, top: int) -> None:
    index = land.indexed()
    for found, job in zip(on_every_path(index, top), land.offers, strict=True):
        assert found == rank_people(index, job, top)


def test_who_was_free_after_a_start_now_past_is_met_before_those_who_wait_for_today() -> None:
    late = offer(skill("pave"), skill("weld"), start_wanted=on(-25), start_latest=on(10))
    known = person("bob", available_from=on(-30), skills={"weld": 2})
    index = index_on([known, person("ada", available_from=on(-20))], [late])
    (found,) = on_every_path(index, 1)
    assert [(pair.person, pair.doubt, pair.ready_by) for pair in found.people] == [
        ("ada", 2, on(-20))
    ]


def test_the_order_of_the_records_changes_nothing(land: Land) -> None:
    index = land.indexed()
    backwards = Index.build(*(rows[::-1] for rows in land[:4]), land.taxonomy, land.today)
    found = list(rankings_of_offers(index, best_people(index, 20)))
    assert list(rankings_of_offers(backwards, best_people(backwards, 20))) == found[::-1]


def test_nobody_or_nothing_to_do_gives_empty_lists() -> None:
    nobody = Index.build([], [offer()], [], [], Taxonomy(), TODAY)
    assert on_every_path(nobody, 20) == [OfferRanking(offer().id, (), 0, 0)]
    nothing = Index.build([person()], [], [], [], Taxonomy(), TODAY)
    assert on_every_path(nothing, 20) == []


def test_who_is_in_no_known_place_is_out_of_reach(land: Land) -> None:
    lost = person(commune="99999", modes=frozenset({Mode.CAR}))
    index = land.indexed().with_person(lost)
    lists = best_people(index, 20)
    assert np.all(index.people.number[lost.id] != lists.person)
    assert next(rankings_of_offers(index, lists)) == rank_people(index, land.offers[0], 20)


def test_progress_is_told_up_to_the_last_person(land: Land) -> None:
    told: list[tuple[int, int]] = []
    best_people(land.indexed(), 1, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (900, 900)


def test_longer_lists_than_a_sieve_holds_are_made_one_by_one(tmp_path: Path, land: Land) -> None:
    with pytest.raises(ValueError, match="from 1 to 256"):
        best_people(land.indexed(), MOST_COMPILED + 1)
    write_files(tmp_path)
    written = []
    for top in (MOST_COMPILED, MOST_COMPILED + 1):
        out = tmp_path / f"{top}.jsonl"
        asked = [*arguments("rank", tmp_path), "--by", "offer", "--top", str(top)]
        assert main([*asked, "--out", str(out)]) == 0
        written.append(out.read_text(encoding="utf-8"))
    assert written[0] == written[1] != ""


def test_no_list_is_of_nobody(land: Land) -> None:
    index = land.indexed()
    with pytest.raises(ValueError, match="from 1 to 256"):
        best_people(index, 0)
    assert rank_people(index, land.offers[0], 0).people == ()


def test_a_part_that_fails_leaves_its_sieve_to_the_next(
    land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    sieves: SimpleQueue[Any] = SimpleQueue()
    sieves.put("the only one")

    def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(offer_lists, "_met", fails)
    scene = scene_of(land.indexed(), 3, compiled=False)
    with pytest.raises(MemoryError):
        offer_lists._part(scene, sieves, [("62041", np.arange(2))])
    assert sieves.get_nowait() == "the only one"
