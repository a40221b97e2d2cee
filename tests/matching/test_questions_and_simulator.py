"""What to ask a person, and what each requirement of an offer costs."""

from __future__ import annotations

import pytest

from matching import Mode, RequirementKind, SubjectKind, simulate, useful_questions
from tests.matching.build import (
    FARTHER,
    credential,
    index,
    offer,
    on,
    person,
    session,
    skill,
)


def asked(who: object, *offers: object, limit: int = 3) -> list[tuple[str, float, int]]:
    built = index([who], offers)  # type: ignore[list-item]
    found = useful_questions(built, who, limit)  # type: ignore[arg-type]
    return [(question.id, question.weight, question.pairs) for question in found]


def test_each_pair_to_check_counts_one_over_its_unknowns() -> None:
    offers = (
        offer(skill("pave"), skill("weld"), name="a"),
        offer(skill("pave"), skill("kerb"), skill("weld"), name="b"),
        offer(credential("caces"), name="c"),
    )
    assert asked(person(), *offers) == [
        ("caces", 1.0, 1),
        ("pave", pytest.approx(5 / 6), 2),
        ("weld", pytest.approx(5 / 6), 2),
    ]


def test_equal_weights_put_skills_first_then_the_id() -> None:
    offers = (offer(credential("aipr"), name="a"), offer(skill("weld"), name="b"))
    assert [name for name, *_ in asked(person(), *offers)] == ["weld", "aipr"]
    built = index([], offers)
    assert [q.kind for q in useful_questions(built, person())] == [
        SubjectKind.SKILL,
        SubjectKind.CREDENTIAL,
    ]


def test_weights_that_are_equal_only_as_fractions_are_equal() -> None:
    thirds = [offer(skill("weld"), skill("pave"), skill("alone"), name=f"t{n}") for n in range(3)]
    whole = offer(skill("kerb"), name="w")
    assert [name for name, *_ in asked(person(), *thirds, whole, limit=9)] == [
        "alone", "kerb", "pave", "weld",
    ]  # fmt: skip


def test_the_same_skill_twice_in_an_offer_is_one_pair() -> None:
    twice = offer(skill("pave", 1), skill("pave", 3, "regulatory"))
    assert asked(person(), twice) == [("pave", 0.5, 1)]


@pytest.mark.parametrize(
    ("job", "description"),
    [
        (offer(skill("pave"), commune=FARTHER), "out of reach"),
        (offer(skill("pave"), occupation="K2204"), "disliked"),
        (offer(skill("pave"), skill("kerb")), "a gap that nothing covers"),
        (offer(skill("pave"), start_wanted=on(-9), start_latest=on(-8)), "over before one is free"),
        (offer(skill("pave", kind="on_the_job")), "does not decide"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_only_offers_of_the_list_that_are_to_check_count(job: object, description: str) -> None:
    who = person(skills={"kerb": 0}, interests={"K2204": -1})
    assert asked(who, job) == [], description


def test_the_simulator_counts_people_now_and_once_softened() -> None:
    job = offer(skill("pave"), credential("caces"), skill("weld", kind="desired"))
    able = {"credentials": {"caces": None}}
    people = [
        person("ready", skills={"pave": 2}, **able),
        person("trainable", skills={"pave": 1}, **able),
        person("no caces", skills={"pave": 2}, no_credentials=frozenset({"caces"})),
        person("unknown", **able),
        person("far", skills={"pave": 2}, modes=frozenset({Mode.WALK}), commune=FARTHER, **able),
    ]
    course = session(teaches={"pave": 2})
    pave, caces, weld = simulate(index(people, [job], [course]), job)
    assert (pave.now, pave.if_desired, pave.if_planned) == ((1, 1), (3, 0), (3, 0))
    assert (caces.now, caces.if_desired, caces.if_planned) == ((1, 1), (2, 1), (2, 1))
    assert (weld.now, weld.if_desired, weld.if_planned) == ((1, 1), (1, 1), (1, 1))
    assert [effect.requirement for effect in (pave, caces, weld)] == list(job.requirements)
    assert pave.requirement.kind is RequirementKind.DAY_ONE


def test_an_offer_without_requirement_has_nothing_to_simulate() -> None:
    assert simulate(index([person()]), offer()) == ()
