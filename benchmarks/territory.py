"""A made-up territory of any size, the same for the same seed: people, offers, sessions.

Skills come in groups of eight. An occupation asks skills of two or three groups; a person has
practised two occupations and knows a part of their skills, at unequal levels; a session teaches
a few skills of one group, and some deliver a credential. Communes lie on a 60 km square.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from matching import (
    Commune,
    Index,
    Mode,
    Occupation,
    Offer,
    Person,
    Prerequisite,
    Requirement,
    RequirementKind,
    Session,
    Skill,
    Taxonomy,
)

TODAY = date(2026, 11, 20)
COMMUNES, OCCUPATIONS, GROUPS, SKILLS_PER_GROUP, CREDENTIALS = 400, 120, 60, 8, 30
KINDS = (
    *[RequirementKind.DAY_ONE] * 4,
    RequirementKind.DESIRED,
    RequirementKind.DESIRED,
    RequirementKind.TRAINING_PLANNED,
    RequirementKind.ON_THE_JOB,
)


class Territory(NamedTuple):
    """What ``Index.build`` takes, in its order."""

    people: list[Person]
    offers: list[Offer]
    sessions: list[Session]
    communes: list[Commune]
    taxonomy: Taxonomy
    today: date

    def indexed(self) -> Index:
        """The engine's index."""
        return Index.build(*self)


def build(people: int, offers: int, sessions: int, seed: int = 20261120) -> Territory:
    """A territory of these numbers."""
    rng = random.Random(seed)
    communes = [
        Commune(f"62{n:03}", 50.0 + rng.random() * 0.54, 2.6 + rng.random() * 0.84)
        for n in range(COMMUNES)
    ]
    taxonomy = _taxonomy(rng)
    codes = [commune.code for commune in communes]
    return Territory(
        [_person(rng, f"P{n:06}", codes, taxonomy) for n in range(people)],
        [_offer(rng, f"O{n:06}", codes, taxonomy) for n in range(offers)],
        [_session(rng, f"S{n:06}", codes) for n in range(sessions)],
        communes,
        taxonomy,
        TODAY,
    )


def _skills_of(group: int) -> list[str]:
    return [f"s{group:02}{n}" for n in range(SKILLS_PER_GROUP)]


def _taxonomy(rng: random.Random) -> Taxonomy:
    skills = {
        name: Skill(name, name, f"g{group:02}")
        for group in range(GROUPS)
        for name in _skills_of(group)
    }
    codes = [f"X{n:04}" for n in range(OCCUPATIONS)]
    occupations = {}
    for code in codes:
        pool = [s for g in rng.sample(range(GROUPS), 3) for s in _skills_of(g)]
        core = tuple(rng.sample(pool, 10))
        occupations[code] = Occupation(code, code, core, tuple(rng.sample(codes, 5)))
    return Taxonomy(skills, occupations)


def _day(rng: random.Random, least: int, most: int) -> date:
    return TODAY + timedelta(days=rng.randint(least, most))


def _credential(rng: random.Random) -> str:
    return f"c{rng.randrange(CREDENTIALS):02}"


def _person(rng: random.Random, name: str, codes: Sequence[str], taxonomy: Taxonomy) -> Person:
    trades = rng.sample(sorted(taxonomy.occupations), 4)
    known = [s for trade in trades[:2] for s in taxonomy.occupations[trade].core_skills]
    known += [f"s{rng.randrange(GROUPS):02}{rng.randrange(SKILLS_PER_GROUP)}" for _ in range(12)]
    return Person(
        name,
        rng.choice(codes),
        _day(rng, -60, 120),
        {s: rng.choice((0, 1, 2, 2, 3)) for s in known if rng.random() < 0.8},
        {_credential(rng): rng.choice((None, _day(rng, -100, 900))) for _ in range(3)},
        frozenset(_credential(rng) for _ in range(6)),
        frozenset(rng.sample(tuple(Mode), rng.randint(0, 3))),
        rng.choice((30, 45, 60, 90, 120)),
        {trades[0]: 1, trades[2]: rng.choice((1, -1))},
        rng.choice((None, _day(rng, -300, -1))),
    )


def _offer(rng: random.Random, name: str, codes: Sequence[str], taxonomy: Taxonomy) -> Offer:
    occupation = rng.choice(sorted(taxonomy.occupations))
    core = taxonomy.occupations[occupation].core_skills
    needs = [
        Requirement(skill=s, level=rng.choice((1, 2, 2, 3)), kind=rng.choice(KINDS))
        for s in rng.sample(core, 5)
    ]
    needs += [
        Requirement(credential=_credential(rng), kind=RequirementKind.REGULATORY)
        for _ in range(rng.randint(0, 2))
    ]
    wanted = _day(rng, 5, 150)
    latest = wanted + timedelta(days=rng.choice((0, 15, 30, 60, 90)))
    return Offer(name, occupation, rng.choice(codes), wanted, latest, 1, tuple(needs))


def _session(rng: random.Random, name: str, codes: Sequence[str]) -> Session:
    start = _day(rng, -10, 270)
    remote = rng.random() < 0.1
    group = rng.randrange(GROUPS)
    before = Prerequisite(skill=rng.choice(_skills_of(rng.randrange(GROUPS))), level=1)
    return Session(
        name,
        start,
        start + timedelta(days=rng.choice((2, 5, 10, 30, 60, 90))),
        rng.randint(0, 12),
        None if remote else rng.choice(codes),
        remote,
        (before,) if rng.random() < 0.5 else (),
        {s: rng.choice((1, 2, 2, 3)) for s in rng.sample(_skills_of(group), 4)},
        frozenset({_credential(rng)} if rng.random() < 0.5 else ()),
    )
