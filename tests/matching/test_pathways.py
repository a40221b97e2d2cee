"""Pathways: the composer against plain enumeration, and the rules it must never break."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.index import Index
from matching.pathways import (
    MAX_STEPS,
    Barrier,
    Composition,
    OccupationGoal,
    PathwayOptions,
    Scenario,
    ScenarioName,
    StepKind,
    check_sequence,
    compose,
)
from matching.pathways.composer import non_dominated
from matching.pathways.situation import study
from matching.pathways.unmet import job_blockers
from matching.records import (
    Commune,
    Occupation,
    Offer,
    Person,
    Prerequisite,
    Requirement,
    RequirementKind,
    Session,
    Taxonomy,
)
from tests.reference import pathways_reference as plain

TODAY = date(2026, 1, 5)
HOME, FAR = "62041", "59001"
COMMUNES = (Commune(HOME, 50.29, 2.78), Commune(FAR, 43.3, 5.4))
SKILLS, CREDENTIALS = ("s1", "s2", "s3"), ("c1", "c2")
MILESTONES = {StepKind.CHECK, StepKind.BARRIER}
TAXONOMY = Taxonomy(occupations={"F1702": Occupation("F1702", "VRD", ("s1", "s2"))})


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


skill_needs = st.builds(
    Prerequisite, skill=st.sampled_from(SKILLS), level=st.integers(1, 3), credential=st.none()
)
credential_needs = st.builds(Prerequisite, credential=st.sampled_from(CREDENTIALS))
needs = st.one_of(skill_needs, credential_needs)
days = st.integers(0, 90).map(day)


@st.composite
def sessions(draw: st.DrawFn) -> list[Session]:
    return [
        Session(
            id=f"t{number}",
            start=(start := draw(days)),
            end=start + timedelta(days=draw(st.integers(0, 30))),
            seats_left=draw(st.sampled_from((0, 3, 3, 3))),
            commune=draw(st.sampled_from((HOME, HOME, HOME, FAR))),
            prerequisites=tuple(draw(st.lists(needs, max_size=2))),
            teaches=draw(st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 3), max_size=2)),
            delivers=draw(st.frozensets(st.sampled_from((*CREDENTIALS, "c3")), max_size=2)),
        )
        for number in range(draw(st.integers(0, 7)))
    ]


@st.composite
def people(draw: st.DrawFn) -> Person:
    expiries = st.one_of(st.none(), days)
    return Person(
        id="p",
        commune=HOME,
        available_from=draw(st.sampled_from((TODAY, day(-9), day(12)))),
        skills=draw(st.dictionaries(st.sampled_from(SKILLS), st.integers(0, 3))),
        credentials=draw(st.dictionaries(st.sampled_from(CREDENTIALS), expiries, max_size=1)),
        no_credentials=draw(st.frozensets(st.sampled_from(CREDENTIALS))),
    )


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    wanted = draw(days)
    kinds = st.sampled_from(
        (RequirementKind.DAY_ONE, RequirementKind.REGULATORY, RequirementKind.DESIRED)
    )
    asked = draw(st.lists(st.tuples(needs, kinds), max_size=4))
    return Offer(
        id="o",
        occupation=draw(st.sampled_from(("F1702", "Z9999"))),
        commune=draw(st.sampled_from((HOME, HOME, HOME, FAR))),
        start_wanted=wanted,
        start_latest=wanted + timedelta(days=draw(st.integers(0, 60))),
        requirements=tuple(
            Requirement(skill=n.skill, level=n.level, credential=n.credential, kind=kind)
            for n, kind in asked
        ),
    )


goals = st.one_of(
    offers(),
    st.builds(
        OccupationGoal,
        st.just("F1702"),
        st.lists(st.sampled_from(CREDENTIALS), unique=True).map(tuple),
    ),
)
barriers = st.builds(
    Barrier,
    st.sampled_from(("garde d’enfant", "permis")),
    days,
    st.frozensets(
        st.sampled_from((StepKind.TRAINING, StepKind.HIRE, StepKind.IMMERSION)), min_size=1
    ),
)
options = st.builds(
    PathwayOptions,
    immersion_days=st.integers(1, 20),
    immersion_notice=st.integers(0, 20),
    not_before=st.one_of(st.none(), days),
    barriers=st.lists(barriers, max_size=2).map(tuple),
)


@st.composite
def cases(draw: st.DrawFn) -> plain.Case:
    return plain.Case(draw(sessions()), TAXONOMY, draw(people()), draw(goals), TODAY, draw(options))


def index_of(rows: list[Session], taxonomy: Taxonomy = TAXONOMY) -> Index:
    return Index.build((), (), rows, COMMUNES, taxonomy, TODAY)


def composed(case: plain.Case) -> Composition:
    index = index_of(list(case.sessions))
    return compose(index, case.person, case.goal, case.today, case.options)


def measure(scenario: Scenario) -> plain.Measure:
    return (scenario.hire, scenario.unknowns, not scenario.certifications)


def named(answer: Composition) -> dict[ScenarioName, Scenario]:
    return {name: scenario for scenario in answer.scenarios for name in scenario.names}


def assert_exact_front(case: plain.Case) -> None:
    table = index_of(list(case.sessions), case.taxonomy)
    situation = study(table, case.person, case.goal, case.today, case.options)
    if job_blockers(situation):
        assert plain.front(case) == []
        return
    front = non_dominated(situation, table.sessions, situation.immersion())
    found = {(date.fromordinal(f.measure.hire), *f.measure[1:], f.immersed, f.steps) for f in front}
    assert found == plain.shortest(case)


# One case serves all the promises: drawing it takes ten times longer than checking it.
@settings(max_examples=300, deadline=None)
@given(cases())
def test_every_promise_is_kept(case: plain.Case) -> None:
    """The exact front, names earned, rules kept, what blocks told, whatever the order."""
    answer, possible = composed(case), plain.ways(case)
    assert_exact_front(case)
    assert_names_are_earned(case, answer)
    assert_every_rule_is_kept(case, answer, possible)
    assert_what_blocks_is_told(case, answer)
    assert composed(replace(case, sessions=shuffled(case.sessions))) == answer


def shuffled(rows: Sequence[Session]) -> list[Session]:
    return random.Random(len(rows)).sample(list(rows), len(rows))


def assert_names_are_earned(case: plain.Case, answer: Composition) -> None:
    names = named(answer)
    fast_and_safe = {
        str(name): (measure(scenario), len(scenario.steps))
        for name, scenario in names.items()
        if name is not ScenarioName.QUALIFYING
    }
    assert fast_and_safe == plain.named(case)
    certified = {way.measure for way in plain.front(case) if not way.measure[2]}
    assert (ScenarioName.QUALIFYING in names) == bool(certified)
    if certified:
        assert measure(names[ScenarioName.QUALIFYING]) in certified


def assert_every_rule_is_kept(
    case: plain.Case, answer: Composition, possible: list[plain.Way]
) -> None:
    index = index_of(list(case.sessions))
    assert (answer.unmet is None) == bool(answer.scenarios)
    assert len(answer.scenarios) <= 3
    measures = [way.measure for way in possible]
    for scenario in answer.scenarios:
        steps = scenario.steps
        assert len(steps) <= MAX_STEPS
        assert steps[-1].kind is StepKind.HIRE
        assert steps[-1].end <= case.horizon
        assert [s.start for s in steps] == sorted(s.start for s in steps)
        assert not any(asked.outcome == "gap" for step in steps for asked in step.asks)
        mine = measure(scenario)
        assert mine in measures
        assert not any(plain.dominates(other, mine) for other in measures)
        sequence = check_sequence(index, case.person, case.goal, steps, TODAY, case.options)
        assert sequence == ()


def assert_what_blocks_is_told(case: plain.Case, answer: Composition) -> None:
    unmet = answer.unmet
    if unmet is None:
        return
    assert unmet.latest == case.latest
    assert unmet.blockers
    for blocker in unmet.blockers:
        assert blocker.need is None or case.fact(blocker.need, day(365)) == "gap"


@pytest.mark.parametrize("length", [0, 31])
def test_an_immersion_longer_than_a_month_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="immersion lasts"):
        PathwayOptions(immersion_days=length)
