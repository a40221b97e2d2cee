"""The five groups and the day ready, rule by rule, at their limits."""

from __future__ import annotations

from datetime import date

import pytest

from matching import Group, Mode, Person, Session, Taxonomy, explain
from tests.matching.build import (
    FAR,
    HOME,
    NEAR,
    credential,
    index,
    needs,
    offer,
    on,
    pair,
    person,
    session,
    skill,
)
from tests.matching.worlds import TODAY, UNLOCATED

PAVES = {"pave": 2}
CANNOT = {"pave": 0}
TEACHES = {"teaches": {"pave": 2}}


def group_and_day(who: Person, *sessions: Session, asks: str = "pave") -> tuple[Group, date | None]:
    found = pair(who, offer(skill(asks)), *sessions)
    return found.group, found.ready_by


# --- one requirement --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "group"),
    [(3, Group.READY), (2, Group.READY), (1, Group.GAP), (0, Group.GAP)],
    ids=["above", "exactly", "below", "cannot"],
)
def test_a_known_level_is_compared_with_the_level_asked(level: int, group: Group) -> None:
    assert group_and_day(person(skills={"pave": level}))[0] is group


def test_an_unknown_skill_is_to_check_and_never_a_gap() -> None:
    found = pair(person(), offer(skill("pave")))
    assert (found.group, found.unknown, found.doubt, found.gap) == (Group.TO_CHECK, 1, 1, 0)


@pytest.mark.parametrize(
    ("known", "doubt", "description"),
    [
        ({"kerb": 2}, 0, "same group, level asked"),
        ({"kerb": 3}, 0, "same group, above"),
        ({"kerb": 1}, 1, "same group, below"),
        ({"weld": 3}, 1, "other group"),
        ({"kerb": 1, "survey": 2}, 0, "the best of the group counts"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_skill_of_the_same_group_backs_an_unknown(
    known: dict[str, int], doubt: int, description: str
) -> None:
    found = pair(person(skills=known), offer(skill("pave", 2)))
    assert (found.group, found.unknown, found.doubt) == (Group.TO_CHECK, 1, doubt), description


def test_without_taxonomy_nothing_is_backed() -> None:
    found = pair(person(skills={"kerb": 3}), offer(skill("pave")), taxonomy=Taxonomy())
    assert found.doubt == 1


@pytest.mark.parametrize(
    ("facts", "group", "description"),
    [
        ({"credentials": {"caces": None}}, Group.READY, "never expires"),
        ({"credentials": {"caces": on(30)}}, Group.READY, "last day is the start wanted"),
        ({"credentials": {"caces": on(29)}}, Group.GAP, "expired the day before"),
        ({"no_credentials": frozenset({"caces"})}, Group.GAP, "known to be absent"),
        ({}, Group.TO_CHECK, "nothing is known"),
        (
            {"credentials": {"caces": None}, "no_credentials": frozenset({"caces"})},
            Group.READY,
            "held wins over said absent",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_credential_is_judged_on_the_start_wanted(
    facts: dict[str, object], group: Group, description: str
) -> None:
    assert pair(person(**facts), offer(credential("caces"))).group is group, description


def test_an_unknown_credential_is_never_backed() -> None:
    found = pair(person(credentials={"aipr": None}), offer(credential("caces")))
    assert found.doubt == 1


@pytest.mark.parametrize("kind", ["training_planned", "on_the_job", "desired"])
@pytest.mark.parametrize("known", [{}, CANNOT], ids=["unknown", "gap"])
def test_other_kinds_never_decide(kind: str, known: dict[str, int]) -> None:
    found = pair(person(skills=known), offer(skill("pave", kind=kind)))
    assert (found.group, found.unknown, found.doubt, found.gap) == (Group.READY, 0, 0, 0)


def test_only_desired_requirements_that_are_met_are_counted() -> None:
    asked = [skill(s, kind="desired") for s in ("pave", "kerb", "weld")]
    who = person(skills={"pave": 2, "kerb": 1})
    found = pair(who, offer(*asked, skill("pave"), credential("aipr", "training_planned")))
    assert found.desired_met == 1


# --- group 1 and the dates of a person --------------------------------------------------


@pytest.mark.parametrize(
    ("available", "group", "ready_by"),
    [
        (-10, Group.READY, 0),
        (0, Group.READY, 0),
        (30, Group.READY, 30),
        (31, Group.ONE_STEP, 31),
        (60, Group.ONE_STEP, 60),
        (61, Group.LONGER_PATH, 61),
        (365, Group.LONGER_PATH, 365),
        (366, Group.GAP, None),
    ],
)
def test_without_gap_the_day_of_availability_decides(
    available: int, group: Group, ready_by: int | None
) -> None:
    found = group_and_day(person(skills=PAVES, available_from=on(available)))
    assert found == (group, None if ready_by is None else on(ready_by))


@pytest.mark.parametrize(
    ("available", "group", "ready_by"),
    [
        (30, Group.TO_CHECK, 30),
        (31, Group.TO_CHECK, 31),
        (61, Group.LONGER_PATH, 61),
        (366, Group.GAP, None),
    ],
)
def test_an_unknown_is_to_check_only_if_the_rest_would_do(
    available: int, group: Group, ready_by: int | None
) -> None:
    found = group_and_day(person(available_from=on(available)))
    assert found == (group, None if ready_by is None else on(ready_by))


def test_someone_free_between_two_past_dates_is_one_step_on_that_past_day() -> None:
    late = offer(start_wanted=on(-20), start_latest=on(-5))
    found = pair(person(available_from=on(-10)), late)
    assert (found.group, found.ready_by) == (Group.ONE_STEP, on(-10))


# --- group 2 ----------------------------------------------------------------------------


def test_one_open_session_that_covers_the_gap_is_one_step() -> None:
    found = group_and_day(person(skills=CANNOT), session(**TEACHES))
    assert found == (Group.ONE_STEP, on(20))


@pytest.mark.parametrize(
    ("changes", "group", "description"),
    [
        ({"end": 60}, Group.ONE_STEP, "ends on the latest start"),
        ({"end": 61}, Group.LONGER_PATH, "ends the day after the latest start"),
        ({"start": 0}, Group.ONE_STEP, "starts today"),
        ({"start": -1}, Group.GAP, "has started already"),
        ({"seats_left": 0}, Group.GAP, "is full"),
        ({"commune": NEAR}, Group.ONE_STEP, "is near"),
        ({"commune": FAR}, Group.GAP, "is out of reach"),
        ({"commune": UNLOCATED}, Group.GAP, "is nobody knows where"),
        ({"commune": None, "remote": True}, Group.ONE_STEP, "is remote"),
        ({"teaches": {"pave": 3}}, Group.ONE_STEP, "teaches above the level"),
        ({"teaches": {"pave": 1}}, Group.GAP, "teaches below the level"),
        ({"teaches": {"kerb": 3}}, Group.GAP, "teaches something else"),
        ({"prerequisites": (needs("weld", 1),)}, Group.ONE_STEP, "asks what is unknown"),
        ({"prerequisites": (needs("kerb", 2),)}, Group.LONGER_PATH, "asks what is a gap"),
        ({"prerequisites": (needs("kerb", 1),)}, Group.ONE_STEP, "asks what is met"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_makes_a_session_open_and_covering(
    changes: dict[str, object], group: Group, description: str
) -> None:
    who = person(skills={"pave": 0, "kerb": 1}, max_minutes=25)
    course = session(**{**TEACHES, **changes})
    assert group_and_day(who, course)[0] is group, description


@pytest.mark.parametrize(("start", "group"), [(10, Group.ONE_STEP), (9, Group.GAP)])
def test_a_session_cannot_start_before_the_person_is_available(start: int, group: Group) -> None:
    who = person(skills=CANNOT, available_from=on(10))
    assert group_and_day(who, session(start=start, **TEACHES))[0] is group


@pytest.mark.parametrize(("expiry", "group"), [(5, Group.ONE_STEP), (4, Group.LONGER_PATH)])
def test_a_prerequisite_credential_is_judged_on_the_start_of_the_session(
    expiry: int, group: Group
) -> None:
    who = person(skills=CANNOT, credentials={"aipr": on(expiry)})
    course = session(start=5, prerequisites=(needs("aipr"),), **TEACHES)
    assert group_and_day(who, course)[0] is group


def test_a_session_that_delivers_the_credential_refreshes_one_that_expires() -> None:
    who = person(credentials={"caces": on(10)})
    found = pair(who, offer(credential("caces")), session(delivers=frozenset({"caces"})))
    assert (found.group, found.gap) == (Group.ONE_STEP, 1)


def test_two_gaps_that_take_two_sessions_are_a_longer_path() -> None:
    who = person(skills={"pave": 0, "weld": 0})
    job = offer(skill("pave"), skill("weld"))
    apart = (session("a", **TEACHES), session("b", start=21, end=40, teaches={"weld": 2}))
    found = pair(who, job, *apart)
    assert (found.group, found.ready_by) == (Group.LONGER_PATH, on(40))
    together = session("c", end=50, teaches={"pave": 2, "weld": 3})
    found = pair(who, job, *apart, together)
    assert (found.group, found.ready_by) == (Group.ONE_STEP, on(50))


def test_ready_by_is_the_earliest_end_among_the_open_sessions() -> None:
    courses = (
        session("late", end=40, **TEACHES),
        session("full", end=8, seats_left=0, **TEACHES),
        session("soon", end=15, **TEACHES),
    )
    assert group_and_day(person(skills=CANNOT), *courses) == (Group.ONE_STEP, on(15))


# --- groups 3, 4 and 5 ------------------------------------------------------------------


def test_unknown_and_trainable_gap_is_to_check_and_ready_when_the_session_ends() -> None:
    found = pair(person(skills=CANNOT), offer(skill("pave"), skill("weld")), session(**TEACHES))
    assert (found.group, found.ready_by) == (Group.TO_CHECK, on(20))
    assert (found.unknown, found.gap) == (1, 1)


def test_unknown_and_gap_that_takes_longer_is_a_longer_path() -> None:
    course = session(end=61, **TEACHES)
    found = pair(person(skills=CANNOT), offer(skill("pave"), skill("weld")), course)
    assert (found.group, found.ready_by) == (Group.LONGER_PATH, on(61))


@pytest.mark.parametrize(("end", "group"), [(365, Group.LONGER_PATH), (366, Group.GAP)])
def test_a_longer_path_ends_within_a_year(end: int, group: Group) -> None:
    assert group_and_day(person(skills=CANNOT), session(end=end, **TEACHES))[0] is group


def test_a_longer_path_leaves_prerequisites_aside() -> None:
    course = session(prerequisites=(needs("pave", 1),), **TEACHES)
    assert group_and_day(person(skills=CANNOT), course) == (Group.LONGER_PATH, on(20))


def test_one_gap_that_nothing_covers_is_enough_for_the_last_group() -> None:
    who = person(skills={"pave": 0, "weld": 0})
    found = pair(who, offer(skill("pave"), skill("weld")), session(**TEACHES))
    assert (found.group, found.ready_by) == (Group.GAP, None)


def test_a_longer_path_is_ready_at_the_latest_of_the_earliest_ends() -> None:
    who = person(skills={"pave": 0, "weld": 0})
    courses = (
        session("a", end=100, **TEACHES),
        session("b", end=90, **TEACHES),
        session("c", end=70, teaches={"weld": 2}),
        session("d", end=80, teaches={"weld": 2}),
    )
    found = pair(who, offer(skill("pave"), skill("weld")), *courses)
    assert (found.group, found.ready_by) == (Group.LONGER_PATH, on(90))


def test_a_session_may_end_after_a_year_for_a_job_that_starts_later_still() -> None:
    far_off = offer(skill("pave"), start_wanted=on(500), start_latest=on(500))
    found = pair(person(skills=CANNOT), far_off, session(end=400, **TEACHES))
    assert (found.group, found.ready_by) == (Group.ONE_STEP, on(400))


def test_an_offer_that_asks_nothing_has_everyone_in_reach_ready() -> None:
    assert pair(person(), offer()).group is Group.READY


def test_the_same_skill_asked_twice_counts_twice() -> None:
    found = pair(person(), offer(skill("pave", 1), skill("pave", 3, "regulatory")))
    assert found.unknown == 2


def test_answering_below_a_session_s_own_prerequisite_can_close_that_session() -> None:
    """Why « meets the requirement » is not enough for the group never to fall."""
    job = offer(skill("kerb", 1), skill("pave"))
    course = session(prerequisites=(needs("kerb", 2),), **TEACHES)
    assert pair(person(skills=CANNOT), job, course).group is Group.TO_CHECK
    assert pair(person(skills={**CANNOT, "kerb": 1}), job, course).group is Group.LONGER_PATH
    assert pair(person(skills={**CANNOT, "kerb": 2}), job, course).group is Group.ONE_STEP


# --- explanation ------------------------------------------------------------------------


def test_the_explanation_gives_the_facts_the_backing_and_the_sessions() -> None:
    who = person(skills={"pave": 1, "kerb": 3}, credentials={"caces": on(10)}, max_minutes=25)
    job = offer(skill("pave"), skill("survey"), credential("caces"), skill("kerb"))
    courses = (
        session("full", end=9, seats_left=0, **TEACHES),
        session("far", commune=FAR, start=-2, prerequisites=(needs("weld", 1),), **TEACHES),
        session("remote", end=62, remote=True, commune=None, **TEACHES),
    )
    said = explain(index([who], [job], courses), who, job)
    pave, survey, caces, kerb = said.requirements
    assert pave.fact is not None
    assert pave.fact.level == 1
    assert [(o.session, o.open, o.in_time, o.obstacles) for o in pave.sessions] == [
        ("full", False, True, ("no_seat",)),
        ("far", False, True, ("starts_too_early", "out_of_reach")),
        ("remote", True, False, ()),
    ]
    assert pave.sessions[2].minutes is None
    assert (survey.outcome, survey.fact, survey.backed_by) == ("unknown", None, ("kerb",))
    assert caces.fact is not None
    assert (caces.outcome, caces.fact.held, caces.fact.expiry) == ("gap", True, on(10))
    assert (kerb.outcome, kerb.sessions) == ("met", ())


def test_the_explanation_names_the_session_of_the_one_step() -> None:
    who, job = person(skills=CANNOT), offer(skill("pave"))
    courses = (session("b", **TEACHES), session("a", **TEACHES), session("c", end=50, **TEACHES))
    said = explain(index([who], [job], courses), who, job)
    assert (said.group, said.step, said.ready_by) == (Group.ONE_STEP, "a", on(20))
    assert [option.covers_all for option in said.requirements[0].sessions] == [True] * 3


def test_a_session_that_ends_too_late_is_no_step() -> None:
    who, job = person(skills=CANNOT), offer(skill("pave"))
    said = explain(index([who], [job], [session(end=61, **TEACHES)]), who, job)
    (option,) = said.requirements[0].sessions
    assert (said.group, said.step) == (Group.LONGER_PATH, None)
    assert (option.open, option.in_time, option.covers_all) == (True, False, True)


def test_a_pair_out_of_reach_is_explained_as_such() -> None:
    who = person(modes=frozenset({Mode.WALK}))
    said = explain(index([who]), who, offer(skill("pave"), commune=NEAR))
    assert (said.in_reach, said.with_car, said.group, said.ready_by) == (False, True, None, None)
    assert said.requirements[0].outcome == "unknown"


def test_the_defaults_of_the_builders_are_what_the_tests_rely_on() -> None:
    assert (offer().commune, person().commune, person().available_from) == (HOME, HOME, TODAY)
