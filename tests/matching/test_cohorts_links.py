"""What the engine, the travel rules and both sides say of each pair."""

from __future__ import annotations

import pytest

from matching import Group, Mode, Person
from matching.cohorts import (
    Bar,
    Candidate,
    Job,
    Link,
    Pairing,
    Place,
    Wishes,
    immersion_links,
    job_links,
    propose,
)
from tests.matching import build
from tests.matching.worlds import COMMUNES, UNLOCATED

CENTRES = {commune.code: commune for commune in COMMUNES}
PLACES = [
    Place("here", "roads", 1, build.HOME),
    Place("there", "rail", 1, build.FAR),
    Place("beyond", "rail", 1, build.FARTHER, "2"),
    Place("nowhere", "lost", 1, UNLOCATED),
]


def links_of(person: Person, wishes: Wishes | None = None) -> dict[str, Link]:
    found = immersion_links([person], PLACES, CENTRES, wishes or Wishes())
    return {link.place: link for link in found}


def test_travel_is_in_whole_seconds_and_says_what_is_out_of_reach() -> None:
    found = links_of(build.person(max_minutes=60))
    # 2 km at 50 km/h with the detour, plus 5 minutes: 8.12 minutes.
    assert found["here"].seconds == 487
    assert {place: link.bar for place, link in found.items()} == {
        "here": None,
        "there": None,
        "beyond": Bar.OUT_OF_REACH,
        "nowhere": Bar.UNKNOWN_TRAVEL,
    }
    on_foot = links_of(build.person(modes=frozenset({Mode.WALK})))
    assert on_foot["there"].bar is Bar.OUT_OF_REACH
    assert found["nowhere"].seconds is None


def test_wishes_of_both_sides_add_up_and_a_place_wins_over_its_company() -> None:
    wishes = Wishes(
        of_people={Pairing("ada", "rail"): 1, Pairing("ada", "beyond"): -1},
        of_companies={Pairing("ada", "rail"): 1, Pairing("ada", "roads"): -1},
    )
    found = links_of(build.person(), wishes)
    assert {place: link.wish for place, link in found.items()} == {
        "here": -1,
        "there": 2,
        "beyond": 0,
        "nowhere": 0,
    }
    with pytest.raises(ValueError, match="wish"):
        Wishes(of_people={Pairing("ada", "rail"): 2})


def test_a_refusal_of_either_side_comes_before_distance() -> None:
    wishes = Wishes(
        refused_by_people={Pairing("ada", "rail")},
        refused_by_companies={Pairing("ada", "here"), Pairing("ada", "there")},
    )
    found = links_of(build.person(), wishes)
    assert found["here"].bar is Bar.REFUSED_BY_COMPANY
    assert found["there"].bar is Bar.REFUSED_BY_PERSON
    assert found["beyond"].bar is Bar.REFUSED_BY_PERSON


def test_jobs_take_the_group_of_the_engine_and_leave_out_what_nothing_covers() -> None:
    able = build.person("able", skills={"pave": 2})
    unsaid = build.person("unsaid")
    unable = build.person("unable", skills={"pave": 0})
    afar = build.person("afar", skills={"pave": 3}, commune=build.FARTHER)
    index = build.index(people=[able, unsaid, unable, afar])
    job = Job("roads", build.offer(build.skill("pave"), posts=2))
    ids = {"able", "unsaid", "unable", "afar"}
    found = list(job_links(index, ids, [job]))
    assert {link.candidate: (link.group, link.bar) for link in found} == {
        "able": (Group.READY, None),
        "unsaid": (Group.TO_CHECK, None),
        "unable": (Group.GAP, Bar.GAP),
        "afar": (Group.READY, Bar.OUT_OF_REACH),
    }
    proposal = propose([Candidate(name) for name in sorted(ids)], [job], found)
    assert {a.candidate for a in proposal.assignments} == {"able", "unsaid"}
    assert proposal.totals is not None
    assert dict(proposal.totals.groups)[Group.TO_CHECK] == 1
    assert {u.candidate: u.reasons[0].bar for u in proposal.unplaced} == {
        "afar": Bar.OUT_OF_REACH,
        "unable": Bar.GAP,
    }


def test_the_session_of_the_cohort_counts_when_it_brings_what_the_job_asks() -> None:
    unable = build.person("unable", skills={"pave": 0})
    course = build.session(teaches={"pave": 2})
    index = build.index(people=[unable], sessions=[course])
    job = Job("roads", build.offer(build.skill("pave")))
    (link,) = job_links(index, {"unable"}, [job])
    assert (link.group, link.bar) == (Group.ONE_STEP, None)


def test_only_the_people_asked_for_are_linked() -> None:
    index = build.index(people=[build.person("ada"), build.person("bob")])
    found = job_links(index, {"bob", "stranger"}, [Job("roads", build.offer())])
    assert [link.candidate for link in found] == ["bob"]
