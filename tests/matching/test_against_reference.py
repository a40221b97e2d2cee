"""The engine says exactly what the plain reference says, in every small world."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from itertools import pairwise

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from matching import Group, Outcome, explain, rank_offers, rank_people, simulate, useful_questions
from matching.ranking import Pair
from tests.matching.worlds import index_of, worlds
from tests.reference import reference
from tests.reference.reference import ReferencePair, World

quick = settings(max_examples=100, deadline=None)


def lines(pairs: tuple[Pair, ...]) -> list[dict[str, object]]:
    """What the engine listed, minutes apart from rounding noise."""
    return [{**pair._asdict(), "minutes": round(pair.minutes, 9)} for pair in pairs]


def expected(pairs: list[ReferencePair]) -> list[dict[str, object]]:
    """What the reference listed, in the same form."""
    return [{**asdict(pair), "minutes": round(pair.minutes, 9)} for pair in pairs]


@quick
@given(worlds())
def test_the_list_of_each_person_is_the_reference_list(world: World) -> None:
    index = index_of(world)
    for person in world.people:
        ranking = rank_offers(index, person)
        pairs, beyond = reference.list_of_person(world, person)
        assert lines(ranking.offers) == expected(pairs)
        assert (ranking.out_of_reach, ranking.with_car) == beyond
        assert ranking.person == person.id


@quick
@given(worlds())
def test_the_list_of_each_offer_is_the_reference_list(world: World) -> None:
    index = index_of(world)
    for offer in world.offers:
        ranking = rank_people(index, offer)
        pairs, beyond = reference.list_of_offer(world, offer)
        assert lines(ranking.people) == expected(pairs)
        assert (ranking.out_of_reach, ranking.with_car) == beyond
        assert ranking.offer == offer.id


@quick
@given(worlds())
def test_a_person_or_an_offer_outside_the_index_is_ranked_just_the_same(world: World) -> None:
    person, offer = world.people[0], world.offers[0]
    without_person = index_of(replace(world, people=world.people[1:]))
    without_offer = index_of(replace(world, offers=world.offers[1:]))
    index = index_of(world)
    assert rank_offers(without_person, person) == rank_offers(index, person)
    assert rank_people(without_offer, offer) == rank_people(index, offer)
    assert rank_people(without_person.with_person(person), offer) == rank_people(index, offer)
    assert rank_offers(without_offer.with_offer(offer), person) == rank_offers(index, person)


@quick
@given(worlds(), worlds(size=1), st.integers(0, 4))
def test_replacing_one_person_is_the_same_as_building_anew(
    world: World, other: World, which: int
) -> None:
    changed = replace(other.people[0], id=world.people[which % len(world.people)].id)
    people = [changed if person.id == changed.id else person for person in world.people]
    anew = index_of(replace(world, people=people))
    updated = index_of(world).with_person(changed)
    for offer in world.offers:
        assert rank_people(updated, offer) == rank_people(anew, offer)
    assert updated.people.people == anew.people.people
    assert updated.unlocated == anew.unlocated


@quick
@given(worlds(size=2))
def test_the_explanation_says_what_the_list_says_and_why(world: World) -> None:
    index = index_of(world)
    for person in world.people:
        for offer in world.offers:
            said = explain(index, person, offer)
            assert said.in_reach == reference.in_reach(world, person, offer.commune)
            if not said.in_reach:
                assert (said.group, said.ready_by, said.step) == (None, None, None)
                continue
            line = asdict(reference.pair(world, person, offer))
            line["minutes"] = pytest.approx(line["minutes"])
            assert {key: getattr(said, key) for key in line} == line


@quick
@given(worlds(size=2))
def test_each_requirement_is_explained_by_its_class_its_fact_and_its_sessions(
    world: World,
) -> None:
    index = index_of(world)
    for person in world.people:
        for offer in world.offers:
            for reading in explain(index, person, offer).requirements:
                need = reading.requirement
                found = reference.outcome(person, need, offer.start_wanted)
                assert reading.outcome == found
                assert (reading.fact is None) == (reading.outcome is Outcome.UNKNOWN)
                backed = found == "unknown" and reference.is_backed(world, person, need)
                assert bool(reading.backed_by) == backed
                covering = [s for s in world.sessions if reference.covers(s, need)]
                covering.sort(key=lambda session: (session.end, session.id))
                options = reading.sessions
                shown = covering if found == "gap" else []
                assert [option.session for option in options] == [s.id for s in shown]
                for option, session in zip(options, shown, strict=True):
                    assert option.open == reference.is_open(world, person, session)
                    assert option.in_time == (session.end <= offer.start_latest)


@quick
@given(worlds(size=3))
def test_the_step_of_an_explanation_is_an_open_session_that_covers_every_gap(
    world: World,
) -> None:
    index = index_of(world)
    trainings = {session.id: session for session in world.sessions}
    for person in world.people:
        for offer in world.offers:
            said = explain(index, person, offer)
            gaps = reference.deciding(person, offer, "gap")
            if said.step is None:
                assert said.group is not Group.ONE_STEP or not gaps
                continue
            session = trainings[said.step]
            assert reference.is_open(world, person, session)
            assert all(reference.covers(session, need) for need in gaps)
            assert session.end == said.ready_by


@quick
@given(worlds())
def test_useful_questions_are_those_of_the_reference(world: World) -> None:
    index = index_of(world)
    for person in world.people:
        asked = useful_questions(index, person, limit=10)
        brute = reference.questions(world, person)
        assert [(q.kind, q.id, q.weight, q.pairs) for q in asked] == [
            (kind, name, float(weight), pairs) for kind, name, weight, pairs in brute
        ]
        assert useful_questions(index, person) == asked[:3]


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_the_simulator_counts_what_the_reference_counts(world: World) -> None:
    index = index_of(world)
    for offer in world.offers:
        effects = [(e.now, e.if_desired, e.if_planned) for e in simulate(index, offer)]
        assert effects == reference.simulation(world, offer)


KEY_NAMES = (
    "group", "interest", "week", "doubt", "unknown_and_gap", "desired", "travel", "equity", "digest"
)  # fmt: skip


def deciding_key(world: World, first: ReferencePair, second: ReferencePair) -> str:
    """The first key on which two neighbours of an offer's list differ."""
    proposed = {person.id: person.last_proposed for person in world.people}
    a, b = (reference.keys(p, proposed[p.person], equity=True) for p in (first, second))
    return next(name for name, x, y in zip(KEY_NAMES, a, b, strict=True) if x != y)


def test_the_random_worlds_reach_every_group_every_key_and_every_edge() -> None:
    seen: Counter[str] = Counter()

    @seed(1)
    @settings(max_examples=250, deadline=None, database=None)
    @given(worlds())
    def sample(world: World) -> None:
        for offer in world.offers:
            found, (out, by_car) = reference.list_of_offer(world, offer)
            seen.update(line.group for line in found)
            seen.update(f"interest {line.interest}" for line in found)
            for first, second in pairwise(found):
                seen[f"key {deciding_key(world, first, second)}"] += 1
            seen["out of reach"] += out
            seen["with a car"] += by_car
            for line in found:
                seen["backed"] += line.unknown > line.doubt
                seen["unknown and gap, to check"] += bool(
                    line.group == "to_check" and line.gap and line.unknown
                )
                seen["too late but one step"] += line.group == "one_step" and not line.gap
                seen["several gaps, one step"] += line.group == "one_step" and line.gap > 1
                seen["no gap, longer path"] += line.group == "longer_path" and not line.gap
                seen["several gaps, longer path"] += line.group == "longer_path" and line.gap > 1

    sample()
    wanted = [
        *reference.GROUP_ORDER,
        *(f"interest {n}" for n in range(4)),
        *(f"key {name}" for name in KEY_NAMES),
        "out of reach", "with a car", "backed", "unknown and gap, to check",
        "too late but one step", "several gaps, one step", "no gap, longer path",
        "several gaps, longer path",
    ]  # fmt: skip
    assert {name: seen[name] for name in wanted if seen[name] < 3} == {}
