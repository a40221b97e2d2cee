"""Crowded little worlds, where scenarios chain several sessions: the front stays exact."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from matching.pathways import (
    Barrier,
    Goal,
    OccupationGoal,
    PathwayOptions,
    StepKind,
    prospects,
    search,
)
from matching.records import Occupation, Offer, Person, Prerequisite, Requirement, Session, Taxonomy
from tests.matching.test_pathways import HOME, TODAY, assert_exact_front, day
from tests.reference.pathways_reference import Case

SKILLS = ("s0", "s1", "s2", "s3", "s4")
CREDENTIALS = ("c1", "c2", "c3")
TAXONOMY = Taxonomy(occupations={"F1702": Occupation("F1702", "VRD", SKILLS[:3])})
BLOCKABLE = (StepKind.HIRE, StepKind.IMMERSION, StepKind.TRAINING)


@pytest.fixture(autouse=True)
def _as_before_many_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little worlds, with the tables and the first limits that only many sessions are worth."""
    monkeypatch.setattr(prospects, "FEW_COURSES", 0)
    monkeypatch.setattr(search, "MANY_COURSES", 0)


def _need(pick: random.Random) -> Prerequisite:
    if pick.random() < 0.7:
        return Prerequisite(skill=pick.choice(SKILLS), level=pick.choice((1, 2, 2, 3)))
    return Prerequisite(credential=pick.choice(CREDENTIALS))


def _session(pick: random.Random, number: int) -> Session:
    start = day(pick.randint(0, 60))
    taught = pick.sample(SKILLS, pick.choice((0, 1, 1, 2)))
    return Session(
        id=f"t{number}",
        start=start,
        end=start + timedelta(days=pick.randint(0, 8)),
        seats_left=3,
        commune=HOME,
        prerequisites=tuple(_need(pick) for _ in range(pick.choice((0, 0, 1, 2)))),
        teaches={skill: pick.choice((1, 2, 3)) for skill in taught},
        delivers=frozenset(pick.sample((*CREDENTIALS, "c9"), pick.choice((0, 0, 1)))),
    )


def _person(pick: random.Random) -> Person:
    skills = {s: pick.choice((0, 0, 0, 1, 2)) for s in SKILLS if pick.random() < 0.75}
    held = {"c1": day(pick.randint(0, 60))} if pick.random() < 0.4 else {}
    absent = frozenset(c for c in CREDENTIALS[1:] if pick.random() < 0.5)
    return Person("p", HOME, TODAY, skills, held, absent)


def _goal(pick: random.Random) -> Goal:
    if pick.random() < 0.5:
        return OccupationGoal("F1702", tuple(c for c in CREDENTIALS if pick.random() < 0.3))
    wanted = pick.randint(0, 60)
    needs = [_need(pick) for _ in range(pick.randint(1, 4))]
    asked = tuple(Requirement(n.skill, n.level, n.credential) for n in needs)
    latest = day(wanted + pick.randint(0, 40))
    return Offer("o", "F1702", HOME, day(wanted), latest, requirements=asked)


def _options(pick: random.Random) -> PathwayOptions:
    barriers = tuple(
        Barrier("b", day(pick.randint(0, 40)), frozenset(pick.sample(BLOCKABLE, 2)))
        for _ in range(pick.choice((0, 0, 1, 2)))
    )
    return PathwayOptions(pick.randint(1, 9), pick.randint(0, 9), barriers=barriers)


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_the_front_of_crowded_worlds_is_exact(first: int) -> None:
    for seed in range(first, first + 50):
        pick = random.Random(seed)
        sessions = [_session(pick, n) for n in range(pick.randint(4, 10))]
        case = Case(sessions, TAXONOMY, _person(pick), _goal(pick), TODAY, _options(pick))
        assert_exact_front(case)
