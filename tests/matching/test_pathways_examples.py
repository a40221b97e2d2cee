"""Pathways by example: the acceptance cases of the trade, and edited sequences."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from matching.index import Index
from matching.pathways import (
    Barrier,
    BlockReason,
    Composition,
    OccupationGoal,
    PathwayOptions,
    ProblemKind,
    Scenario,
    ScenarioName,
    Step,
    StepKind,
    check_sequence,
    compose,
    follow,
)
from matching.records import (
    Commune,
    Mode,
    Occupation,
    Offer,
    Person,
    Prerequisite,
    Requirement,
    RequirementKind,
    Session,
    Taxonomy,
)

TODAY = date(2026, 1, 5)
ARRAS, CAMBRAI, NICE = "62041", "59122", "06088"
COMMUNES = (
    Commune(ARRAS, 50.291, 2.777),
    Commune(CAMBRAI, 50.176, 3.235),
    Commune(NICE, 43.7, 7.26),
)
TAXONOMY = Taxonomy(occupations={"F1702": Occupation("F1702", "VRD", ("drive", "lay"))})
PERSON = Person(
    "p", ARRAS, TODAY, skills={"drive": 0, "lay": 2, "read": 0}, modes=frozenset({Mode.CAR})
)
VRD = OccupationGoal("F1702")


def session(name: str, start: date, end: date, **given: object) -> Session:
    return Session(name, start, end, **{"seats_left": 4, "commune": ARRAS} | given)


DRIVING = session(
    "driving",
    date(2026, 3, 2),
    date(2026, 3, 13),
    teaches={"drive": 2},
    delivers=frozenset({"caces"}),
)


def world(*sessions: Session) -> Index:
    return Index.build((), (), sessions, COMMUNES, TAXONOMY, TODAY)


def composed(
    *sessions: Session,
    person: Person = PERSON,
    goal: Offer | OccupationGoal = VRD,
    options: PathwayOptions = PathwayOptions(),  # noqa: B008
) -> Composition:
    return compose(world(*sessions), person, goal, TODAY, options)


def named(answer: Composition) -> dict[ScenarioName, Scenario]:
    return {name: scenario for scenario in answer.scenarios for name in scenario.names}


def kinds(scenario: Scenario) -> list[StepKind]:
    return [step.kind for step in scenario.steps]


def offer(wanted: date, latest: date, *needs: Prerequisite, commune: str = ARRAS) -> Offer:
    requirements = tuple(
        Requirement(n.skill, n.level, n.credential, kind=RequirementKind.DAY_ONE) for n in needs
    )
    return Offer("o", "F1702", commune, wanted, latest, requirements=requirements)


JUNE = session("june", date(2026, 6, 1), date(2026, 6, 12), teaches={"drive": 2})


def test_no_seat_before_june_shows_june() -> None:
    full = replace(DRIVING, seats_left=0)
    fast = named(composed(full, JUNE))[ScenarioName.FAST]
    assert fast.hire == date(2026, 6, 13)
    assert [step.session for step in fast.steps if step.session] == ["june"]


def test_no_seat_before_june_for_an_offer_of_april_is_an_unmet_need() -> None:
    april = offer(date(2026, 4, 1), date(2026, 4, 30), Prerequisite("drive", 2))
    unmet = composed(replace(DRIVING, seats_left=0), JUNE, goal=april).unmet
    assert unmet is not None
    (blocker,) = unmet.blockers
    assert (blocker.need, blocker.reason) == (Prerequisite("drive", 2), BlockReason.ENDS_TOO_LATE)
    assert blocker.nearest_date == date(2026, 6, 12)
    assert [(m.session, m.reason) for m in blocker.nearest] == [
        ("june", BlockReason.ENDS_TOO_LATE),
        ("driving", BlockReason.FULL),
    ]


def test_a_step_waits_for_the_barrier_that_blocks_it() -> None:
    early = session("early", date(2026, 3, 1), date(2026, 3, 10), teaches={"drive": 2})
    late = session("late", date(2026, 3, 16), date(2026, 3, 25), teaches={"drive": 2})
    childcare = Barrier("garde d’enfant", date(2026, 3, 15))
    options = PathwayOptions(barriers=(childcare,))
    fast = named(composed(early, late, options=options))[ScenarioName.FAST]
    assert kinds(fast) == [StepKind.BARRIER, StepKind.TRAINING, StepKind.HIRE]
    assert fast.steps[0].labels == ("garde d’enfant",)
    assert fast.steps[1].session == "late"
    edited = [replace(fast.steps[1], start=early.start, end=early.end, session="early")]
    problems = check_sequence(
        world(early, late), PERSON, VRD, [*edited, fast.steps[-1]], TODAY, options
    )
    assert [(p.kind, p.limit) for p in problems] == [
        (ProblemKind.BEFORE_ALLOWED, date(2026, 3, 15))
    ]


def test_a_barrier_may_leave_remote_training_alone() -> None:
    childcare = Barrier("garde", date(2026, 3, 20), frozenset({StepKind.HIRE}))
    scenario = composed(DRIVING, options=PathwayOptions(barriers=(childcare,))).scenarios[0]
    assert scenario.hire == date(2026, 3, 20)
    assert kinds(scenario)[-2:] == [StepKind.BARRIER, StepKind.HIRE]


def test_an_earlier_session_meets_the_prerequisite_of_a_later_one() -> None:
    basics = session("basics", date(2026, 2, 2), date(2026, 3, 27), teaches={"read": 2})
    title = session(
        "title",
        date(2026, 5, 4),
        date(2026, 7, 31),
        prerequisites=(Prerequisite("read", 2),),
        teaches={"drive": 2},
        delivers=frozenset({"tp"}),
    )
    too_soon = replace(title, id="soon", start=date(2026, 3, 20))
    found = named(composed(basics, title, too_soon))[ScenarioName.QUALIFYING]
    trainings = [step for step in found.steps if step.kind is StepKind.TRAINING]
    assert [step.session for step in trainings] == ["basics", "title"]
    assert trainings[0].covers == (Prerequisite("read", 2),)
    assert trainings[1].covers == (Prerequisite("drive", 2),)
    assert [asked.to_check for asked in trainings[1].asks] == [False]
    assert found.certifications == ("tp",)


def test_a_credential_that_expires_before_the_job_is_renewed() -> None:
    person = replace(PERSON, credentials={"aipr": date(2026, 4, 10)})
    april = offer(date(2026, 4, 20), date(2026, 5, 1), Prerequisite(credential="aipr"))
    renewal = session("aipr", date(2026, 3, 3), date(2026, 3, 3), delivers=frozenset({"aipr"}))
    scenario = composed(renewal, person=person, goal=april).scenarios[0]
    assert scenario.certifications == ("aipr",)
    assert scenario.hire == date(2026, 4, 20)
    assert composed(person=person, goal=april).unmet is not None


def test_unknown_skills_are_asked_today_or_shown_by_an_immersion() -> None:
    names = named(composed(person=replace(PERSON, skills={"drive": 2})))
    fast, safe = names[ScenarioName.FAST], names[ScenarioName.SAFE]
    assert kinds(fast) == [StepKind.CHECK, StepKind.HIRE]
    assert fast.steps[0].covers == (Prerequisite("lay", 2),)
    assert (fast.hire, fast.unknowns) == (TODAY, 1)
    assert kinds(safe) == [StepKind.IMMERSION, StepKind.HIRE]
    assert (safe.unknowns, safe.steps[0].covers) == (0, (Prerequisite("lay", 2),))
    assert any(asked.to_check and asked.observed for asked in safe.steps[-1].asks)
    assert (safe.steps[0].end - safe.steps[0].start).days == 13


def test_an_immersion_takes_the_waiting_time_before_the_training() -> None:
    fast, safe = composed(DRIVING).scenarios
    assert kinds(fast) == [StepKind.TRAINING, StepKind.HIRE]
    assert kinds(safe) == [StepKind.IMMERSION, StepKind.TRAINING, StepKind.HIRE]
    assert fast.hire == safe.hire == date(2026, 3, 14)
    assert ScenarioName.QUALIFYING in fast.names


def test_an_immersion_stays_within_one_month_date_to_date() -> None:
    options = PathwayOptions(immersion_days=30, not_before=date(2026, 1, 31))
    safe = named(composed(DRIVING, options=options))[ScenarioName.SAFE]
    assert (safe.steps[0].start, safe.steps[0].end) == (date(2026, 1, 31), date(2026, 2, 28))


def test_a_session_that_ends_on_the_last_day_still_allows_the_hire() -> None:
    job = offer(date(2026, 3, 2), date(2026, 3, 13), Prerequisite("drive", 2))
    scenario = composed(DRIVING, goal=job).scenarios[0]
    assert scenario.hire == date(2026, 3, 13)
    assert check_sequence(world(DRIVING), PERSON, job, scenario.steps, TODAY) == ()


def test_a_job_out_of_reach_or_already_started_is_an_unmet_need() -> None:
    away = composed(goal=offer(TODAY, TODAY, commune=NICE)).unmet
    assert away is not None
    assert [b.reason for b in away.blockers] == [BlockReason.JOB_OUT_OF_REACH]
    late = replace(PERSON, available_from=date(2026, 3, 1))
    missed = composed(goal=offer(TODAY, date(2026, 2, 1)), person=late).unmet
    assert missed is not None
    (blocker,) = missed.blockers
    assert (blocker.reason, blocker.nearest_date) == (
        BlockReason.PERSON_TOO_LATE,
        date(2026, 3, 1),
    )


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"commune": NICE}, BlockReason.OUT_OF_REACH),
        ({"seats_left": 0}, BlockReason.FULL),
        ({"start": date(2026, 1, 2)}, BlockReason.STARTS_TOO_SOON),
        ({"end": date(2027, 3, 1)}, BlockReason.ENDS_TOO_LATE),
        ({"prerequisites": (Prerequisite("read", 1),)}, BlockReason.PREREQUISITE),
        ({"teaches": {"drive": 1}}, BlockReason.NO_SESSION),
    ],
)
def test_an_unmet_need_says_why_a_session_cannot_serve(
    given: dict[str, object], reason: BlockReason
) -> None:
    unmet = composed(replace(DRIVING, **given)).unmet
    assert unmet is not None
    assert [(b.need, b.reason) for b in unmet.blockers] == [(Prerequisite("drive", 2), reason)]


def test_gaps_closed_only_by_overlapping_sessions_do_not_fit_together() -> None:
    laying = session("laying", date(2026, 3, 9), date(2026, 3, 20), teaches={"lay": 2})
    person = replace(PERSON, skills={"drive": 0, "lay": 0})
    unmet = composed(DRIVING, laying, person=person).unmet
    assert unmet is not None
    assert [b.reason for b in unmet.blockers] == [BlockReason.DO_NOT_FIT_TOGETHER] * 2


@pytest.mark.parametrize("code", ["Z9999", "EMPTY"])
def test_an_occupation_of_which_nothing_is_known_has_no_pathway(code: str) -> None:
    with pytest.raises(LookupError, match=code):
        composed(goal=OccupationGoal(code))


def test_two_overlapping_trainings_are_refused() -> None:
    laying = session("laying", date(2026, 3, 9), date(2026, 3, 20), teaches={"lay": 2})
    steps = [Step(StepKind.TRAINING, s.start, s.end, session=s.id) for s in (DRIVING, laying)] + [
        Step(StepKind.HIRE, date(2026, 3, 21), date(2026, 3, 21))
    ]
    problems = check_sequence(world(DRIVING, laying), PERSON, VRD, steps, TODAY)
    assert [(p.kind, p.step) for p in problems] == [(ProblemKind.OVERLAP, 1)]


HIRE = Step(StepKind.HIRE, date(2026, 3, 14), date(2026, 3, 14))
TRAIN = Step(StepKind.TRAINING, DRIVING.start, DRIVING.end, session="driving")
TRY = Step(StepKind.IMMERSION, date(2026, 1, 19), date(2026, 2, 1), commune=ARRAS)
ASK = Step(StepKind.CHECK, TODAY, TODAY)


@pytest.mark.parametrize(
    ("description", "steps", "expected"),
    [
        ("the composed one", [TRY, TRAIN, HIRE], []),
        ("training removed", [HIRE], [(ProblemKind.KNOWN_GAP, 0)]),
        ("no hire", [TRAIN], [(ProblemKind.NO_HIRE, None)]),
        ("immersion after", [TRAIN, TRY, HIRE], [(ProblemKind.OUT_OF_ORDER, 1)]),
        (
            "seven steps",
            [ASK, ASK, ASK, ASK, TRY, TRAIN, HIRE],
            [(ProblemKind.TOO_MANY_STEPS, None)],
        ),
        (
            "too long",
            [replace(TRY, end=date(2026, 2, 20)), TRAIN, HIRE],
            [(ProblemKind.IMMERSION_TOO_LONG, 0)],
        ),
        ("too far", [replace(TRY, commune=NICE), TRAIN, HIRE], [(ProblemKind.OUT_OF_REACH, 0)]),
        ("moved", [replace(TRAIN, start=date(2026, 3, 3)), HIRE], [(ProblemKind.OTHER_DATES, 0)]),
        (
            "gone",
            [replace(TRAIN, session="none"), HIRE],
            [(ProblemKind.UNKNOWN_SESSION, 0), (ProblemKind.KNOWN_GAP, 1)],
        ),
        (
            "hire first",
            [TRAIN, HIRE, replace(TRY, start=date(2026, 4, 1), end=date(2026, 4, 9))],
            [(ProblemKind.HIRE_NOT_LAST, 1)],
        ),
        (
            "next year",
            [TRAIN, replace(HIRE, start=date(2027, 2, 1), end=date(2027, 2, 1))],
            [(ProblemKind.OUT_OF_HORIZON, 1)],
        ),
        (
            "backwards",
            [replace(TRY, end=date(2026, 1, 18)), TRAIN, HIRE],
            [(ProblemKind.ENDS_BEFORE_START, 0)],
        ),
    ],
)
def test_an_edited_sequence_is_judged_by_the_same_rules(
    description: str, steps: list[Step], expected: list[tuple[ProblemKind, int | None]]
) -> None:
    problems = check_sequence(world(DRIVING), PERSON, VRD, steps, TODAY)
    assert [(p.kind, p.step) for p in problems] == expected, description


def test_a_hire_after_the_last_day_of_the_offer_is_too_late() -> None:
    job = offer(date(2026, 3, 2), date(2026, 3, 13), Prerequisite("drive", 2))
    problems = check_sequence(world(DRIVING), PERSON, job, [TRAIN, HIRE], TODAY)
    assert [(p.kind, p.limit) for p in problems] == [
        (ProblemKind.TOO_LATE_FOR_OFFER, date(2026, 3, 13))
    ]


def test_a_composed_scenario_followed_again_is_the_same() -> None:
    index = world(DRIVING)
    for scenario in compose(index, PERSON, VRD, TODAY).scenarios:
        again = follow(index, PERSON, VRD, scenario.steps, TODAY)
        assert replace(again, names=scenario.names) == scenario
    swapped = follow(index, PERSON, VRD, [TRAIN], TODAY)
    assert swapped.hire == date(2026, 3, 14)
