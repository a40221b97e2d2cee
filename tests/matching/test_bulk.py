"""The lists of everyone at once: equal to one at a time, and to the reference, on every path.

Without numba the loops are plain Python: what is compared is the same.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from benchmarks.match.worlds import World as Land
from benchmarks.match.worlds import build
from matching import (
    Commune,
    Group,
    Mode,
    Person,
    PersonRanking,
    Requirement,
    Session,
    Taxonomy,
    list_offers,
    rank_offers,
)
from matching.bulk.keys import MOST_ROWS, key_of
from matching.bulk.lists import Lists, best_offers, rankings
from matching.bulk.reach import NOWHERE, every_party, farthest, parties_of
from matching.cli import main
from matching.index import Index
from matching.travel import minutes_by
from tests.matching.build import index as index_on
from tests.matching.build import offer, on, person, skill
from tests.matching.good_files import OFFER, arguments, write_files
from tests.matching.worlds import TODAY, index_of, worlds
from tests.reference import reference
from tests.reference.reference import ReferencePair, World


def same(first: Lists, second: Lists) -> bool:
    """Whether every column is the same, bit for bit."""
    return all(a.tobytes() == b.tobytes() for a, b in zip(first, second, strict=True))


def on_every_path(index: Index, top: int) -> list[PersonRanking]:
    """The lists of everyone, once every path has given the same ones."""
    lists = best_offers(index, top, compiled=False)
    assert same(lists, best_offers(index, top, compiled=True))
    assert same(lists, best_offers(index, top, compiled=True, threads=2))
    return list(rankings(index, lists))


def as_said(pairs: Sequence[ReferencePair], top: int) -> list[tuple[object, ...]]:
    """The lines of the reference, without the travel time that it computes apart."""
    return [
        (p.person, p.offer, p.group, p.ready_by, p.unknown, p.doubt, p.gap, p.desired_met)
        for p in pairs[:top]
    ]


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_the_lists_of_everyone_are_those_of_the_reference(world: World) -> None:
    index = index_of(world)
    for top in (1, 2, 20):
        for found, who in zip(on_every_path(index, top), index.people.people, strict=True):
            wanted, (out, by_car) = reference.list_of_person(world, who)
            assert [tuple(pair)[:8] for pair in found.offers] == as_said(wanted, top)
            assert (found.out_of_reach, found.with_car) == (out, by_car)
            assert found == rank_offers(index, who, top)


@settings(max_examples=40, deadline=None)
@given(worlds(), worlds())
def test_everyone_again_once_people_and_offers_have_changed(world: World, other: World) -> None:
    index = index_of(world)
    on_every_path(index, 5)
    for changed in other.people:
        index = index.with_person(changed)
    for changed_offer in other.offers:
        index = index.with_offer(changed_offer)
    people = {p.id: p for p in (*world.people, *other.people)}
    offers = {o.id: o for o in (*world.offers, *other.offers)}
    anew = World(
        list(people.values()), list(offers.values()), world.sessions, world.communes,
        world.taxonomy, world.today,
    )  # fmt: skip
    found = {ranking.person: ranking for ranking in on_every_path(index, 5)}
    assert found == {ranking.person: ranking for ranking in on_every_path(index_of(anew), 5)}
    for who in people.values():
        wanted, beyond = reference.list_of_person(anew, who)
        assert [tuple(pair)[:8] for pair in found[who.id].offers] == as_said(wanted, 5)
        assert found[who.id][2:] == beyond


@pytest.fixture(scope="module")
def land() -> Land:
    """Hundreds of offers around each person, so that most are beaten and many tie."""
    return build(120, 900, 500, "departement", seed=5)


@pytest.mark.parametrize("top", [1, 20, 300])
def test_what_is_cut_off_unseen_would_not_have_been_shown(land: Land, top: int) -> None:
    index = land.indexed()
    for found, who in zip(on_every_path(index, top), land.people, strict=True):
        whole = rank_offers(index, who)
        assert found.offers == whole.offers[:top]
        assert (found.out_of_reach, found.with_car) == (whole.out_of_reach, whole.with_car)


def test_who_was_free_after_a_start_now_past_is_ready_by_that_day_whatever_the_doubts() -> None:
    late = offer(
        skill("pave"), skill("weld"), name="late", start_wanted=on(-25), start_latest=on(10)
    )
    index = index_on([person(available_from=on(-20))], [offer(skill("weld")), late])
    (found,) = on_every_path(index, 1)
    assert [(pair.offer, pair.doubt, pair.ready_by) for pair in found.offers] == [
        ("late", 2, on(-20))
    ]


def test_a_crowded_list_is_that_of_the_reference(land: Land) -> None:
    index, world = land.indexed(), World(*land)
    found = on_every_path(index, 20)
    far_going = sorted(range(120), key=lambda n: found[n].out_of_reach)[:4]
    for number in far_going:
        wanted, beyond = reference.list_of_person(world, land.people[number])
        assert [tuple(pair)[:8] for pair in found[number].offers] == as_said(wanted, 20)
        assert found[number][2:] == beyond


def test_the_order_of_the_records_changes_nothing(land: Land) -> None:
    index = land.indexed()
    backwards = Index.build(*(rows[::-1] for rows in land[:4]), land.taxonomy, land.today)
    found = list(rankings(index, best_offers(index, 20)))
    assert list(rankings(backwards, best_offers(backwards, 20))) == found[::-1]


def test_nobody_or_nothing_to_do_gives_empty_lists() -> None:
    nobody = Index.build([], [offer()], [], [], Taxonomy(), TODAY)
    assert on_every_path(nobody, 20) == []
    nothing = Index.build([person()], [], [], [], Taxonomy(), TODAY)
    assert on_every_path(nothing, 20) == [PersonRanking("ada", (), 0, 0)]


def test_progress_is_told_up_to_the_last_person(land: Land) -> None:
    told: list[tuple[int, int]] = []
    best_offers(land.indexed(), 1, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (120, 120)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("minutes", [0.0, 1.0, 20.0, 30.0, 45.0, 60.0, 90.0, 1e9])
def test_the_farthest_kilometre_is_the_last_one_within_the_minutes(
    mode: Mode, minutes: float
) -> None:
    km = farthest(mode, minutes)
    if km == NOWHERE:
        assert minutes_by(mode, np.zeros(1))[0] > minutes
        return
    at, beyond = minutes_by(mode, np.array([km, np.nextafter(km, np.inf)]))
    assert at <= minutes < beyond


def test_a_key_holds_the_extremes_apart() -> None:
    most = MOST_ROWS
    last_day = date.max.toordinal()
    worst = key_of(4, 3, last_day, most | most << 12 | 0 << 24, 3)
    assert 0 < key_of(0, 0, 1, most << 36, 0) < worst < 2**63
    assert key_of(2, 1, -1, 0, 0) < key_of(2, 1, 1, 0, 0) == key_of(2, 1, 7, 0, 0)
    assert key_of(2, 1, 7, 0, 0) < key_of(2, 1, 8, 0, 0)


def test_an_offer_that_asks_too_many_things_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_files(tmp_path)
    needs = [{"kind": "day_one", "skill": f"s{n}", "level": 1} for n in range(MOST_ROWS + 1)]
    (tmp_path / "offers.jsonl").write_text(json.dumps({**OFFER, "requirements": needs}))
    assert main(arguments("rank", tmp_path)) == 2
    assert "4095 exigences au plus" in capsys.readouterr().err
    asked = tuple(Requirement(skill=f"s{n}", level=1) for n in range(MOST_ROWS))
    full = Index.build([person()], [offer(*asked)], [], [], Taxonomy(), TODAY)
    assert rank_offers(full, person()).offers[0].unknown == MOST_ROWS


def test_a_person_out_of_the_index_has_a_list(land: Land) -> None:
    index = land.indexed()
    stranger = Person("zoe", land.communes[0].code, TODAY, modes=frozenset({Mode.CAR}))
    assert rank_offers(index, stranger) == rank_offers(index.with_person(stranger), stranger)


@pytest.mark.parametrize("changed", [0, 3])
def test_a_page_of_a_list_is_that_part_of_the_whole(land: Land, changed: int) -> None:
    index = land.indexed().with_offers([replace(o, posts=9) for o in land.offers[:changed]])
    for who in land.people[:20]:
        whole, listed = rank_offers(index, who), list_offers(index, who)
        of_group = {group: [p for p in whole.offers if p.group is group] for group in Group}
        assert listed.sizes() == {group: len(pairs) for group, pairs in of_group.items()}
        assert (listed.out_of_reach, listed.with_car) == whole[2:]
        for some in (slice(0, 7), slice(3, 4), slice(40, 60), slice(5, 5), slice(10**6, None)):
            assert listed.pairs(some) == whole.offers[some]
            for group, pairs in of_group.items():
                assert listed.of_group(group, some) == tuple(pairs[some])


@pytest.mark.parametrize("minutes", [40, 900, 5000, 12_000, 10**7])
def test_no_place_is_missed_anywhere_on_the_globe(minutes: int) -> None:
    draw = np.random.default_rng(minutes)
    degrees = zip(draw.uniform(-90, 90, 60), draw.uniform(-180, 180, 60), strict=True)
    communes = [Commune(f"{n:05}", *at) for n, at in enumerate(degrees)]
    around = ((51, 0.1), (51, -0.1), (-17, 179.9), (-17, -179.9), (90, 0), (89.9, 170))
    communes += [Commune(f"9{n:04}", *at) for n, at in enumerate(around)]
    taught = {"a": 1}
    jobs = [offer(name=f"o{c.code}", commune=c.code) for c in communes]
    teach = [Session(f"s{c.code}", TODAY, TODAY, 1, c.code, teaches=taught) for c in communes]
    for home in communes[::3]:
        who = person(commune=home.code, modes=frozenset({Mode.CAR}), max_minutes=minutes)
        index = Index.build([who], jobs, teach, communes, Taxonomy(), TODAY)
        judged = index.judge_person(who)
        assert rank_offers(index, who).out_of_reach == int(np.sum(~judged.in_reach))
        alone = np.zeros(1, dtype=np.int64)
        territory, limits = index.stage.territory, index.people.limits
        parties = parties_of(territory, index.communes, [(home.code, alone)], limits)
        (party,) = every_party(territory, parties)
        assert (party.session_km <= party.limit[0]).tolist() == judged.sessions.in_reach.tolist()


def test_a_list_of_nothing_is_empty_and_never_made_for_everyone(land: Land) -> None:
    index = land.indexed()
    assert rank_offers(index, land.people[0], 0).offers == ()
    with pytest.raises(ValueError, match="at least 1 offer"):
        best_offers(index, 0)


def test_communes_measured_together_have_the_parties_they_have_alone(land: Land) -> None:
    lost = person(name="lost", commune="99999")
    index = land.indexed().with_person(lost)
    territory, limits = index.stage.territory, index.people.limits
    homes = [who.commune for who in (*land.people, lost)]
    some = [
        (home, np.array([n for n, other in enumerate(homes) if other == home]))
        for home in dict.fromkeys(homes)
    ]
    together = parties_of(territory, index.communes, some, limits)
    first = 0
    for party, home in zip(every_party(territory, together), some, strict=True):
        parties = parties_of(territory, index.communes, [home], limits)
        (alone,) = every_party(territory, parties)
        for one, other in zip(party, alone._replace(near=alone.near + first), strict=True):
            assert one.tobytes() == other.tobytes()
        assert together.km[party.near].tobytes() == parties.km[alone.near].tobytes()
        first += len(parties.place)
