"""Assignments against every possible one, and what must hold of any of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array

from matching import Group
from matching.cohorts import (
    Assignment,
    Bar,
    Candidate,
    Link,
    NotProvenError,
    Pairing,
    PinFault,
    Place,
    Proposal,
    propose,
)
from matching.cohorts.exact import LARGEST_COST, Face, lexicographic
from tests.reference import cohorts_reference as reference
from tests.reference.cohorts_reference import Case

quick = settings(max_examples=80, deadline=None)
WAVES = ("spring", "summer")


def solved(case: Case) -> Proposal:
    return propose(case.candidates, case.places, case.links, case.pins, case.forbids)


def pairs(proposal: Proposal) -> set[Pairing]:
    return {Pairing(a.candidate, a.place) for a in proposal.assignments}


def link(candidate: str, place: str, seconds: int | None = 600, **known: object) -> Link:
    return Link(candidate, place, seconds, **known)  # type: ignore[arg-type]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """At most twelve pairs, so that every way can be tried."""
    people, count = draw(st.sampled_from([(2, 4), (3, 3), (3, 4), (4, 3), (4, 2), (6, 2), (5, 2)]))
    candidates = [
        Candidate(f"p{n}", draw(st.integers(0, 3)), draw(st.sampled_from([1, 1, 1, 2, 3])))
        for n in range(people)
    ]
    places = [
        Place(f"q{n}", f"c{n % 2}", draw(st.integers(0, 3)), "62001", draw(st.sampled_from(WAVES)))
        for n in range(count)
    ]
    groups = draw(st.sampled_from([(None,), tuple(Group)[:4], (*tuple(Group), None)]))
    links = [
        Link(
            person.id,
            place.id,
            draw(st.integers(0, 3)),
            draw(st.sampled_from(groups)),
            draw(st.integers(-2, 2)),
            draw(st.sampled_from([None, None, None, Bar.OUT_OF_REACH, Bar.REFUSED_BY_PERSON])),
        )
        for person in candidates
        for place in places
        if draw(st.integers(0, 9))
    ]
    every = [Pairing(person.id, place.id) for person in candidates for place in places]
    pins = draw(st.lists(st.sampled_from(every), max_size=2, unique=True))
    forbids = draw(st.lists(st.sampled_from(every), max_size=2, unique=True))
    return Case(candidates, places, links, pins, forbids)


@quick
@given(cases())
def test_the_proposal_is_the_best_of_all_ways(case: Case) -> None:
    proposal, best = solved(case), reference.best(case)
    assert (best is None) == bool(proposal.broken)
    if best is not None:
        assert pairs(proposal) == best


@quick
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(case: Case, rng: object) -> None:
    def mixed(items: object) -> list:  # type: ignore[type-arg]
        copy = list(items)  # type: ignore[call-overload]
        rng.shuffle(copy)  # type: ignore[attr-defined]
        return copy

    other = Case(*(mixed(getattr(case, name)) for name in case.__dataclass_fields__))
    assert solved(case) == solved(other) == solved(case)


@quick
@given(cases())
def test_whoever_is_left_has_a_reason_for_each_place_and_an_irreducible_conflict(
    case: Case,
) -> None:
    proposal = solved(case)
    if proposal.broken:
        assert proposal == Proposal((), (), None, proposal.broken)
        return
    placed = {a.candidate for a in proposal.assignments}
    assert [u.candidate for u in proposal.unplaced] == sorted(
        {c.id for c in case.candidates} - placed
    )
    for left in proposal.unplaced:
        named = [place for reason in left.reasons for place in reason.places]
        assert sorted(named) == sorted(place.id for place in case.places)
        full = {p for r in left.reasons if r.bar is Bar.FULL for p in r.places}
        assert bool(full) == (left.conflict is not None)
        if left.conflict:
            assert full <= set(left.conflict.places)
            assert_irreducible(case, proposal, left.candidate)


def assert_irreducible(case: Case, proposal: Proposal, person: str) -> None:
    """The conflict of a person cannot be met whole, and can without any one element."""
    conflict = next(u.conflict for u in proposal.unplaced if u.candidate == person)
    assert conflict is not None
    assert person in conflict.people
    assert set(conflict.pins) <= set(case.pins)
    assert len(conflict.people) + len(conflict.pins) == conflict.seats + 1
    assert not reference.all_fit(case, conflict)
    for element in (*conflict.people, *conflict.pins):
        assert reference.all_fit(case, conflict, without=element), (conflict, element)


@quick
@given(cases())
def test_broken_pins_hold_as_soon_as_any_one_of_them_leaves(case: Case) -> None:
    for broken in solved(case).broken:
        alone = replace(case, pins=broken.pins)
        assert reference.best(alone) is None
        for pin in broken.pins:
            assert reference.best(replace(case, pins=set(broken.pins) - {pin})) is not None


def fifteen(limit: int = 1) -> Case:
    """Fifteen people, ten places in each of two waves; person 9 is far from everything."""
    people = [Candidate(f"p{n:02}", waiting_days=n, limit=limit) for n in range(15)]
    places = [Place(f"c{c}-{wave}", f"c{c}", 2, "62001", wave) for c in range(5) for wave in WAVES]
    links = [
        link(p.id, q.id, 60 * (5 + n * k % 7), bar=Bar.OUT_OF_REACH if n == 9 else None)
        for n, p in enumerate(people)
        for k, q in enumerate(places)
    ]
    return Case(people, places, links)


def test_t_hub_07_nobody_twice_capacities_respected_travel_within_the_limit_or_flagged() -> None:
    case = fifteen()
    proposal = solved(case)
    assert len(proposal.assignments) == 14
    assert max(Counter(a.candidate for a in proposal.assignments).values()) == 1
    assert max(Counter(a.place for a in proposal.assignments).values()) <= 2
    assert all(a.flag is None for a in proposal.assignments)
    (left,) = proposal.unplaced
    assert (left.candidate, left.conflict) == ("p09", None)
    assert [reason.bar for reason in left.reasons] == [Bar.OUT_OF_REACH]
    pinned = solved(replace(case, pins=[Pairing("p09", "c0-spring")]))
    assert not pinned.unplaced
    flagged = [a for a in pinned.assignments if a.flag]
    assert [(a.candidate, a.pinned, a.flag) for a in flagged] == [("p09", True, Bar.OUT_OF_REACH)]


def test_who_asked_for_two_immersions_gets_them_in_two_waves_after_everybody_has_one() -> None:
    proposal = solved(fifteen(limit=2))
    assert proposal.totals is not None
    assert (proposal.totals.placed, proposal.totals.assignments) == (14, 20)
    held = Counter((a.candidate, a.place.split("-")[1]) for a in proposal.assignments)
    assert max(held.values()) == 1


def test_five_people_who_can_only_go_to_three_places() -> None:
    people = [Candidate(f"p{n}") for n in range(6)]
    places = [Place("small", "a", 1, "62001"), Place("big", "b", 2, "62001"),
              Place("far", "c", 9, "62002")]  # fmt: skip
    links = [link(f"p{n}", place) for n in range(5) for place in ("small", "big")]
    links += [link("p5", "far")]
    proposal = propose(people, places, links)
    assert len(proposal.unplaced) == 2
    conflict = proposal.unplaced[0].conflict
    assert conflict is not None
    assert (len(conflict.people), conflict.places, conflict.seats) == (4, ("big", "small"), 3)


def test_conflicts_about_the_same_places_merge_into_one_shortage() -> None:
    people = [Candidate(f"p{n}") for n in range(7)]
    places = [Place("q", "a", 3, "62001"), Place("r", "b", 1, "62001")]
    links = [link(f"p{n}", "q") for n in range(5)] + [link("p5", "r"), link("p6", "r")]
    proposal = propose(people, places, links, pins=[Pairing("p0", "q")])
    assert [(s.people, s.places, s.seats, s.missing) for s in proposal.shortages] == [
        (("p1", "p2", "p3", "p4"), ("q",), 3, 2),
        (("p5", "p6"), ("r",), 1, 1),
    ]


def test_sixty_people_and_sixty_places_travel_as_little_as_another_solver_finds() -> None:
    seconds = np.random.default_rng(62).integers(60, 3600, (60, 60))
    people = [Candidate(f"p{n:02}") for n in range(60)]
    places = [Place(f"q{n:02}", "c", 1, "62001") for n in range(60)]
    links = [
        link(p.id, q.id, int(seconds[row, column]))
        for row, p in enumerate(people)
        for column, q in enumerate(places)
    ]
    totals = propose(people, places, links).totals
    assert totals is not None
    assert (totals.placed, totals.assignments) == (60, 60)
    assert totals.seconds == seconds[linear_sum_assignment(seconds)].sum()


def test_a_conflict_names_the_pin_that_takes_the_seat() -> None:
    people, places = [Candidate("a"), Candidate("b")], [Place("q", "c", 1, "62001")]
    links = [link("a", "q"), link("b", "q")]
    (left,) = propose(people, places, links, pins=[Pairing("a", "q")]).unplaced
    assert left.conflict is not None
    assert (left.conflict.people, left.conflict.pins) == (("b",), (Pairing("a", "q"),))


@pytest.mark.parametrize(
    ("description", "better", "worse"),
    [
        ("fewer of the worst group before more ready", [Group.ONE_STEP] * 2,
         [Group.READY, Group.TO_CHECK]),
        ("a ready person before one a step away", [Group.READY] * 2,
         [Group.READY, Group.ONE_STEP]),
    ],
)  # fmt: skip
def test_groups_come_before_wishes_and_travel(
    description: str, better: list[Group], worse: list[Group]
) -> None:
    people = [Candidate("a"), Candidate("b")]
    places = [Place("q", "c", 1, "62001"), Place("r", "c", 1, "62001")]
    links = [
        link("a", "q", 3600, group=better[0], wish=-2),
        link("b", "r", 3600, group=better[1], wish=-2),
        link("a", "r", 60, group=worse[0], wish=2),
        link("b", "q", 60, group=worse[1], wish=2),
    ]
    assert pairs(propose(people, places, links)) == {Pairing("a", "q"), Pairing("b", "r")}


def test_the_longest_wait_is_served_when_all_else_is_equal() -> None:
    people = [Candidate(f"p{n}", waiting_days=n) for n in range(5)]
    proposal = propose(people, [Place("q", "c", 2, "62001")], [link(p.id, "q") for p in people])
    assert {a.candidate for a in proposal.assignments} == {"p3", "p4"}
    assert proposal.totals is not None
    assert proposal.totals.waiting_days == 7


def test_a_wait_counts_once_however_many_places_somebody_has() -> None:
    """Both are placed, one of them twice: whoever waited longer has no claim to the second."""
    places = [Place("q", "c", 2, "62001", "1"), Place("r", "c", 1, "62001", "2")]
    links = [link(person, place) for person in "ab" for place in "qr"]
    waits = [(5, 6), (6, 5)]
    one, other = (
        propose([Candidate("a", a, 2), Candidate("b", b, 2)], places, links) for a, b in waits
    )
    assert len(one.assignments) == 3
    assert pairs(one) == pairs(other)


def test_a_forbidden_pair_moves_and_a_second_solve_differs_by_that() -> None:
    people, places = [Candidate("a")], [Place("q", "c", 1, "62001"), Place("r", "d", 1, "62001")]
    links = [link("a", "q", 60), link("a", "r", 120)]
    assert pairs(propose(people, places, links)) == {Pairing("a", "q")}
    again = propose(people, places, links, forbids=[Pairing("a", "q")])
    assert pairs(again) == {Pairing("a", "r")}
    both = propose(people, places, links, forbids=[Pairing("a", "q"), Pairing("a", "r")])
    assert both.unplaced[0].reasons[0].bar is Bar.FORBIDDEN


@pytest.mark.parametrize(
    ("fault", "pins"),
    [
        (PinFault.UNKNOWN, [("nobody", "q")]),
        (PinFault.BARRED, [("b", "q")]),
        (PinFault.TOO_MANY_FOR_PERSON, [("a", "q"), ("a", "r")]),
        (PinFault.TWICE_IN_WAVE, [("twice", "q"), ("twice", "r")]),
        (PinFault.TOO_MANY_FOR_PLACE, [("a", "q"), ("twice", "q")]),
        (PinFault.TOO_MANY_FOR_PLACE, [("a", "none")]),
    ],
)
def test_pins_that_cannot_hold_are_named(fault: PinFault, pins: list[tuple[str, str]]) -> None:
    people = [Candidate("a"), Candidate("b"), Candidate("twice", limit=2)]
    places = [Place(name, "c", capacity, "62001") for name, capacity in
              (("q", 1), ("r", 1), ("none", 0))]  # fmt: skip
    links = [link("a", "q"), link("b", "q", bar=Bar.REFUSED_BY_COMPANY)]
    held = [Pairing(*pin) for pin in pins]
    proposal = propose(people, places, links, pins=held)
    assert [(b.fault, sorted(b.pins)) for b in proposal.broken] == [(fault, sorted(held))]
    assert not proposal.assignments


def test_nobody_nowhere_and_nothing() -> None:
    assert propose([], [], []).assignments == ()
    alone = propose([Candidate("a")], [], [])
    assert [(u.candidate, u.reasons, u.conflict) for u in alone.unplaced] == [("a", (), None)]


@pytest.mark.parametrize(
    "given_",
    [
        ([Candidate("a"), Candidate("a")], [], []),
        ([], [Place("q", "c", 1, "62001")] * 2, []),
        ([Candidate("a")], [], [link("a", "q")]),
        ([Candidate("a")], [Place("q", "c", 1, "62001")], [link("a", "q"), link("a", "q")]),
    ],
)
def test_twins_and_strangers_are_refused(given_: tuple) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValueError, match=r"id|two links"):
        propose(*given_)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Candidate("a", limit=0),
        lambda: Candidate("a", waiting_days=-1),
        lambda: Place("q", "c", -1, "62001"),
        lambda: Link("a", "q"),
    ],
)
def test_senseless_records_are_refused(make: object) -> None:
    with pytest.raises(ValueError, match=r"a|q"):
        make()  # type: ignore[operator]


def test_a_problem_that_is_not_whole_is_refused_rather_than_answered() -> None:
    """An odd cycle: the corner is (½, ½, ½), which no rounding makes feasible and optimal."""
    rows = csr_array(np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], dtype=np.int64))
    ones = np.ones(3, dtype=np.int64)
    face = Face.build(rows, ones, 0 * ones, ones)
    with pytest.raises(NotProvenError):
        lexicographic(face, [-ones])
    with pytest.raises(NotProvenError):
        lexicographic(Face.build(rows, -ones, 0 * ones, ones), [ones])
    with pytest.raises(ValueError, match="zero"):
        lexicographic(face, [2 * LARGEST_COST * ones])


def test_an_assignment_says_what_it_cost() -> None:
    known = link("a", "q", 90, group=Group.READY, wish=1)
    (assignment,) = propose([Candidate("a")], [Place("q", "c", 1, "62001")], [known]).assignments
    assert assignment == Assignment("a", "q", 90, Group.READY, 1, pinned=False, flag=None)
