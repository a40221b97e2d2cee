"""The order inside a group, key by key, and what is left out of a list."""

from __future__ import annotations

import hashlib
from datetime import date

import numpy as np
import pytest

from matching import Interest, Mode, Offer, Person, rank_offers, rank_people
from matching.ordering import week_of
from matching.travel import bucket
from tests.matching.build import (
    FAR,
    FARTHER,
    NEXT_DOOR,
    credential,
    index,
    offer,
    on,
    person,
    session,
    skill,
)


def people_order(job: Offer, *people: Person) -> list[str]:
    """Ids in the adviser's list, whatever the order of the index."""
    first = [pair.person for pair in rank_people(index(people, [job]), job).people]
    again = [pair.person for pair in rank_people(index(people[::-1], [job]), job).people]
    assert first == again
    return first


def offers_order(who: Person, *offers: Offer) -> list[str]:
    """Ids in the person's own list, whatever the order of the index."""
    first = [pair.offer for pair in rank_offers(index([who], offers), who).offers]
    assert first == [pair.offer for pair in rank_offers(index([who], offers[::-1]), who).offers]
    return first


def digest(job: str, who: str) -> str:
    return hashlib.sha256(f"{job}|{who}".encode()).hexdigest()


def test_interest_liked_then_neighbour_then_neutral_then_disliked() -> None:
    # F1701 and K2204 are neighbours of F1702; H2913 is not.
    job = offer(occupation="F1701")
    found = people_order(
        job,
        person("disliked", interests={"F1701": -1}),
        person("neutral", interests={"H2913": 1}),
        person("neighbour", interests={"F1702": 1}),
        person("liked", interests={"F1701": 1}),
    )
    assert found == ["liked", "neighbour", "neutral", "disliked"]


def test_a_neighbour_is_one_way() -> None:
    built = index([person(interests={"K2204": 1})])
    assert rank_people(built, offer()).people[0].interest is Interest.NEUTRAL


def test_a_disliked_occupation_stays_disliked_beside_a_liked_neighbour() -> None:
    built = index([person(interests={"F1702": 1, "F1701": -1})])
    assert rank_people(built, offer(occupation="F1701")).people[0].disliked


def test_interest_comes_before_the_week_and_after_the_group() -> None:
    job = offer(skill("pave"))
    able = {"pave": 2}
    found = people_order(
        job,
        person("unknown but keen", interests={"F1702": 1}),
        person("able later but keen", skills=able, available_from=on(25), interests={"F1702": 1}),
        person("able now", skills=able),
    )
    assert found == ["able later but keen", "able now", "unknown but keen"]


def test_a_disliked_offer_is_left_out_of_the_person_s_list_and_flagged_to_the_adviser() -> None:
    who = person(interests={"F1702": -1})
    built = index([who], [offer(), offer(name="far", commune=FARTHER, occupation="F1702")])
    mine = rank_offers(built, who)
    assert mine.offers == ()
    assert (mine.out_of_reach, mine.with_car) == (1, 0)
    assert rank_people(built, offer()).people[0].disliked


def test_days_of_one_iso_week_are_equal_and_the_next_monday_is_later() -> None:
    # Today is a Friday: Sunday is in the same week, Monday is not.
    job = offer()
    names = people_order(
        job,
        person("monday", available_from=on(3)),
        person("sunday", available_from=on(2)),
        person("friday", available_from=on(0)),
    )
    same_week = sorted(["sunday", "friday"], key=lambda name: digest("job", name))
    assert names == [*same_week, "monday"]


@pytest.mark.parametrize("year", [2020, 2021, 2026, 2032])
def test_weeks_are_iso_weeks_across_the_new_year(year: int) -> None:
    days = [date.fromordinal(date(year, 12, 20).toordinal() + n) for n in range(30)]
    numbers = week_of(np.array([day.toordinal() for day in days]))
    weeks = [day.isocalendar()[:2] for day in days]
    assert [weeks.index(week) for week in weeks] == [
        numbers.tolist().index(number) for number in numbers.tolist()
    ]


def test_fewer_doubts_come_first_then_fewer_requirements_to_settle() -> None:
    job = offer(skill("pave"), skill("kerb"), skill("weld"))
    found = people_order(
        job,
        person("two doubts", skills={"weld": 2}),
        person("one doubt, one backed", skills={"kerb": 2}),
        person("one doubt", skills={"pave": 1, "kerb": 2, "survey": 0, "weld": 2}),
        person("one backed", skills={"weld": 2, "kerb": 2}),
    )
    # « one doubt » has a gap nothing covers: the last group.
    assert found == ["one backed", "one doubt, one backed", "two doubts", "one doubt"]


def test_among_equal_doubts_fewer_unknowns_and_gaps_come_first() -> None:
    job = offer(skill("pave"), skill("kerb"), skill("weld"))
    few = person("few", skills={"survey": 3, "pave": 2, "kerb": 2})
    many = person("many", skills={"survey": 3})
    assert people_order(job, many, few) == ["few", "many"]


def test_more_desired_requirements_met_come_first() -> None:
    job = offer(skill("weld", kind="desired"), credential("aipr", "desired"))
    found = people_order(
        job,
        person("none"),
        person("both", skills={"weld": 2}, credentials={"aipr": None}),
        person("one", skills={"weld": 3}),
    )
    assert found == ["both", "one", "none"]


def test_travel_buckets_include_their_limit() -> None:
    minutes = np.array([0, 30, 30.01, 45, 45.01, 60, 60.01, 500])
    assert bucket(minutes).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_the_nearer_bucket_comes_first_and_minutes_inside_a_bucket_do_not_count() -> None:
    names = people_order(
        offer(),
        person("far", commune=FARTHER, max_minutes=240),
        person("home"),
        person("next door", commune=NEXT_DOOR, modes=frozenset({Mode.BUS})),
    )
    near = sorted(["home", "next door"], key=lambda name: digest("job", name))
    assert names == [*near, "far"]


def test_equity_never_proposed_first_then_the_oldest() -> None:
    names = people_order(
        offer(),
        person("yesterday", last_proposed=on(-1)),
        person("never"),
        person("last year", last_proposed=on(-365)),
    )
    assert names == ["never", "last year", "yesterday"]


def test_the_digest_settles_what_is_left() -> None:
    names = [f"p{n}" for n in range(12)]
    found = people_order(offer(), *[person(name) for name in names])
    assert found == sorted(names, key=lambda name: digest("job", name))
    jobs = [f"é{n}" for n in range(12)]
    mine = offers_order(person(), *[offer(name=name) for name in jobs])
    assert mine == sorted(jobs, key=lambda name: digest(name, "ada"))


def test_groups_come_in_their_order() -> None:
    job = offer(skill("pave"))
    course = session(teaches={"pave": 2})
    people = [
        person("gap", skills={"pave": 0}, available_from=on(10)),
        person("to check"),
        person("longer", skills={"pave": 2}, available_from=on(100)),
        person("ready", skills={"pave": 2}),
        person("one step", skills={"pave": 1}),
    ]
    found = rank_people(index(people, [job], [course]), job).people
    assert [pair.person for pair in found] == ["ready", "one step", "to check", "longer", "gap"]


def test_top_is_the_beginning_of_the_whole_list() -> None:
    people = [person(f"p{n}", last_proposed=on(-n)) for n in range(9)]
    built = index(people, [offer()])
    whole = rank_people(built, offer())
    assert rank_people(built, offer(), top=4) == whole._replace(people=whole.people[:4])


def test_out_of_reach_pairs_are_counted_with_what_a_car_would_bring() -> None:
    who = person(modes=frozenset(), max_minutes=60)
    jobs = [offer(name="home"), offer(name="far", commune=FAR), offer(name="x", commune=FARTHER)]
    ranking = rank_offers(index([who], jobs), who)
    assert [pair.offer for pair in ranking.offers] == ["home"]
    assert (ranking.out_of_reach, ranking.with_car) == (2, 1)


def test_two_records_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="'ada'"):
        index([person(), person()])
    with pytest.raises(ValueError, match="'job'"):
        index([], [offer(), offer()])
    with pytest.raises(ValueError, match="'course'"):
        index([], [], [session(), session()])
