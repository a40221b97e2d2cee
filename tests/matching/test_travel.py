"""How far and how long."""

from __future__ import annotations

import math

import numpy as np
import pytest

from matching import Commune, Mode, rank_offers
from matching.travel import Places, minutes_by, shortest_minutes
from tests.matching.build import HOME, NEXT_DOOR, index, offer, person
from tests.matching.worlds import UNLOCATED

CENTRES = {
    "arras": Commune("arras", 50.2930, 2.7820),
    "paris": Commune("paris", 48.8566, 2.3522),
    "antipode": Commune("antipode", -50.2930, -177.2180),
}


def km(origin: str, *codes: str) -> list[float]:
    places, _ = Places.build(codes, CENTRES)
    return places.km_from(origin, CENTRES).tolist()


def test_the_distance_is_the_great_circle_between_the_centres() -> None:
    assert km("arras", "paris") == [pytest.approx(162.8, abs=0.2)]
    assert km("arras", "antipode") == [pytest.approx(math.pi * 6371.0)]


def test_a_commune_is_two_kilometres_from_itself_known_or_not() -> None:
    assert km("arras", "arras") == [2.0]
    assert km("nowhere", "nowhere") == [2.0]


def test_from_several_places_at_once_the_kilometres_are_those_from_each() -> None:
    starts, lines = Places.build(("paris", "nowhere", "antipode", "lost"), CENTRES)
    places, numbers = Places.build(("arras", "nowhere", "paris"), CENTRES)
    together = places.km_between(starts, lines, numbers)
    one_by_one = [places.km_from(code, CENTRES, numbers) for code in starts.codes]
    np.testing.assert_array_equal(together, one_by_one)
    assert together[1, 1] == together[0, 2] == 2.0


def test_two_communes_nearer_than_two_kilometres_are_two_kilometres_apart() -> None:
    who = person(modes=frozenset({Mode.CAR}))
    built = index([who], [offer(commune=NEXT_DOOR)])
    assert rank_offers(built, who).offers[0].minutes == 5 + 60 * 1.3 * 2 / 50


@pytest.mark.parametrize("pair", [("arras", "nowhere"), ("nowhere", "arras")])
def test_a_commune_without_centre_is_infinitely_far_from_any_other(pair: tuple[str, str]) -> None:
    assert km(*pair) == [math.inf]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Mode.WALK, 60 * 1.3 * 10 / 4.5),
        (Mode.BIKE, 2 + 60 * 1.3 * 10 / 14),
        (Mode.BUS, 15 + 60 * 1.3 * 10 / 20),
        (Mode.MOPED, 3 + 60 * 1.3 * 10 / 35),
        (Mode.CAR, 5 + 60 * 1.3 * 10 / 50),
    ],
)
def test_minutes_of_each_mode_over_ten_kilometres(mode: Mode, expected: float) -> None:
    assert minutes_by(mode, np.array([10.0])).tolist() == [pytest.approx(expected)]


def test_the_quickest_mode_counts_and_depends_on_the_distance() -> None:
    modes = frozenset({Mode.BIKE, Mode.BUS})
    near, far = shortest_minutes(modes, np.array([2.0, 40.0]))
    assert (near, far) == (2 + 78 * 2 / 14, 15 + 78 * 40 / 20)


def test_no_mode_is_walking() -> None:
    km_away = np.array([3.0])
    assert shortest_minutes(frozenset(), km_away) == minutes_by(Mode.WALK, km_away)


@pytest.mark.parametrize(("most", "listed"), [(34, 0), (35, 1)])
def test_in_reach_compares_the_exact_minutes_with_the_most(most: int, listed: int) -> None:
    who = person(modes=frozenset({Mode.WALK}), max_minutes=most)
    ranking = rank_offers(index([who], [offer()]), who)
    assert (len(ranking.offers), ranking.out_of_reach) == (listed, 1 - listed)


def test_a_commune_without_centre_reaches_itself_only_and_is_reported() -> None:
    who = person(commune=UNLOCATED)
    built = index([who], [offer(commune=UNLOCATED, name="here"), offer(name="elsewhere")])
    ranking = rank_offers(built, who)
    assert [pair.offer for pair in ranking.offers] == ["here"]
    assert (ranking.out_of_reach, ranking.with_car) == (1, 0)
    assert built.unlocated == (UNLOCATED,)
    assert built.with_person(person(commune=HOME)).with_offer(offer(name="here")).unlocated == ()
