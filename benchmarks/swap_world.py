"""The 500 synthetic people of the swap tests, as rows of the portal, the same for the same seed.

What the rules read (skills, licences, ways to travel, dates, tastes) is drawn at random. What
they must never read (name, sex, birth date, status, health, barriers…) is dealt in turn, so that
giving each person the neighbour's changes it for everybody.

Each commune has a twin, 300 m away, that is in no offer and no session. A person lives where
the twin is in the same travel bucket of every offer, and as much in reach of every place.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from matching import Commune as Centre
from matching import Mode
from matching.travel import Floats, Places, bucket, shortest_minutes
from portal import clock
from portal.access.actor import Actor
from portal.models import (
    AssertionSource,
    Barrier,
    BarrierImpact,
    BarrierTheme,
    Credential,
    Interest,
    JobOffer,
    Person,
    PersonRestricted,
    PersonStatus,
    RequirementKind,
    Role,
    Sex,
    SkillAssertion,
    StatusCode,
    StatusSource,
)
from tests.support.factories import Factory

PEOPLE = 500
SEED = 20261120
SKILLS = ("paver", "border", "niveler", "coffrer", "guider", "signaler", "lire_un_plan", "mesurer")
TRADES = ("F1702", "F1701", "I1101")
LICENCES = ("permis_b", "aipr")
FIRST_NAMES = ("Amina", "Jean", "Oksana", "Kévin", "Fatoumata", "Marie-Thérèse", "Nguyen", "Yanis")
STATUSES = tuple(StatusCode)
THEMES = tuple(BarrierTheme)
LIMITS = (None, "ne porte pas plus de 10 kg", "station debout limitée", "malentendant")
_MODES = ("walk", "bike", "bus", "moped", "car", "bus|walk", "bike|bus", "")
Place = tuple[str, str, str, float, float]


@dataclass
class SwapWorld:
    """The rows, and where each person could live as well: what is swapped, and who looks."""

    session: Session
    adviser: Actor
    offers: list[JobOffer]
    people: list[int]
    homes: dict[int, tuple[str, str]] = field(default_factory=dict)


def build(session: Session) -> SwapWorld:
    """Fill an empty, migrated database; committed."""
    make, rng = Factory(session), random.Random(SEED)
    adviser = make.account(Role.ADVISER)
    referent = make.account(Role.REFERENT)
    places = _places(rng)
    for pair in places:
        for place in pair:
            make.commune(place)
    offers = _offers(make, rng, adviser, [first for first, _ in places])
    trainings = _sessions(make, rng, [first for first, _ in places])
    world = SwapWorld(session, Actor(adviser, adviser.memberships[0]), offers, [])
    world.homes = _homes(rng, places, [str(offer.commune_code) for offer in offers], trainings)
    owner = referent.memberships[0].organisation_id
    session.execute(insert(Person), [_person(rng, n, owner, world) for n in world.homes])
    world.people = list(world.homes)
    _facts_that_count(session, rng, world.people)
    _facts_that_never_count(session, world.people)
    session.commit()
    return world


def _places(rng: random.Random) -> list[tuple[Place, Place]]:
    pairs = []
    for n in range(30):
        latitude, longitude = 50.2 + rng.random() * 0.2, 2.7 + rng.random() * 0.3
        first = (f"62{n:03}", f"Bourg {n}", "62000", latitude, longitude)
        pairs.append(
            (first, (f"62{n + 500}", f"Hameau {n}", "62000", latitude + 0.0027, longitude))
        )
    return pairs


def _offers(make: Factory, rng: random.Random, adviser: Any, places: list[Place]) -> list[JobOffer]:
    offers = []
    for n in range(3):
        day = clock.today() + timedelta(days=20 + 9 * n)
        trade = make.occupation(TRADES[n % len(TRADES)], f"Métier {n % len(TRADES)}")
        offer = make.offer(
            adviser,
            place=rng.choice(places),
            occupation=trade,
            public_id=f"offre{n:09}",
            start_wanted=day,
            start_latest=day + timedelta(days=60),
        )
        kinds = [RequirementKind.DAY_ONE, RequirementKind.DAY_ONE, RequirementKind.DESIRED]
        for code, kind in zip(rng.sample(SKILLS, 3), kinds, strict=True):
            make.requires(offer, make.skill(f"tp.{code}", group=f"g.{code[0]}"), kind)
        make.requires(offer, make.credential_type(LICENCES[n % 2], LICENCES[n % 2]))
        offers.append(offer)
    return offers


def _sessions(make: Factory, rng: random.Random, places: list[Place]) -> list[str]:
    used = []
    for n in range(8):
        place = rng.choice(places)
        taught = {f"tp.{code}": 2 for code in rng.sample(SKILLS, 3)}
        for code in taught:
            make.skill(code, group=f"g.{code[3]}")
        make.session_of_training(
            teaches=taught, delivers=(LICENCES[0],), place=place, starts_in=3 + n, lasts=10 + n
        )
        used.append(place[0])
    return used


def _homes(
    rng: random.Random, places: list[tuple[Place, Place]], jobs: list[str], trainings: list[str]
) -> dict[int, tuple[str, str]]:
    """For each person (by key), a commune and its twin: as far from everything, to the rules."""
    centres = {place[0]: Centre(place[0], *place[3:]) for pair in places for place in pair}
    targets, rows = Places.build([*jobs, *trainings], centres)

    def minutes(code: str, means: frozenset[Mode]) -> Floats:
        """To each job, then each session."""
        found: Floats = shortest_minutes(means, targets.km_from(code, centres))[rows]
        return found

    def same(codes: tuple[str, str], own: frozenset[Mode], most: int) -> bool:
        """Same bucket of every place in use, and as much in reach, with their means or a car."""
        for means in (own, own | {Mode.CAR}):
            one, other = (minutes(code, means) for code in codes)
            if not np.array_equal(bucket(one), bucket(other)):
                return False
            if not np.array_equal(one <= most, other <= most):
                return False
        return True

    @cache
    def fitting(own: frozenset[Mode], most: int) -> list[tuple[str, str]]:
        """Where somebody can live: near a job rather than far from all."""
        codes = [(first[0], second[0]) for first, second in places]
        found = [pair for pair in codes if same(pair, own, most)]
        near = [pair for pair in found if min(minutes(pair[0], own)[: len(jobs)]) <= most]
        return near or found

    means = {n: means_of(n) for n in range(1, PEOPLE + 1)}
    return {n: rng.choice(fitting(own_modes(m), most)) for n, (m, most) in means.items()}


def own_modes(modes: str) -> frozenset[Mode]:
    """Ways to travel, as the engine has them."""
    return frozenset(Mode(mode) for mode in modes.split("|") if mode)


def means_of(number: int) -> tuple[str, int]:
    """How a person travels, and for how long at most."""
    return _MODES[number % len(_MODES)], (30, 45, 60, 90)[number // len(_MODES) % 4]


def _person(rng: random.Random, number: int, owner: int, world: SwapWorld) -> dict[str, Any]:
    today = clock.today()
    modes, minutes = means_of(number)
    last = rng.choice((None, None, today - timedelta(days=rng.randint(1, 90))))
    return {
        "id": number,
        "public_id": f"personne{number:06}",
        "owner_id": owner,
        "commune_code": world.homes[number][0],
        "departement_code": "62",
        "modes": modes,
        "max_minutes": minutes,
        "available_from": today + timedelta(days=rng.choice((0, 0, 0, 10, 30, 60))),
        "last_proposed_on": last,
        "shared_on": today,
        **personal(number),
    }


def personal(number: int) -> dict[str, Any]:
    """What the n-th set of personal facts says of somebody: never the same for two in a row."""
    first = FIRST_NAMES[number % len(FIRST_NAMES)]
    return {
        "first_name": first,
        "last_name": f"Essai{number % 97}",
        "search_name": f"{first.lower()} essai{number % 97}",
        "birth_date": date(1960 + number % 49, 1 + number % 12, 1 + number % 28),
        "email": f"p{number % 89}@exemple.test",
        "phone": f"06 39 98 {number % 83:02} 00",
        "language": ("fr", "en", "ar", "uk")[number % 4],
        "education_level": 1 + number % 8,
        "project": f"Projet {number % 7}",
    }


def _facts_that_count(session: Session, rng: random.Random, people: list[int]) -> None:
    levels, licences, tastes = [], [], []
    for person in people:
        levels += [
            {
                "person_id": person,
                "skill_code": f"tp.{code}",
                "level": rng.choice((0, 1, 2, 2, 3)),
                "source": AssertionSource.DECLARED,
                "asserted_on": clock.today(),
            }
            for code in SKILLS
            if rng.random() < 0.6
        ]
        licences += [
            {"person_id": person, "type_code": code, "held": rng.random() < 0.7}
            for code in LICENCES
            if rng.random() < 0.7
        ]
        if rng.random() < 0.4:
            liking = {"occupation_code": rng.choice(TRADES), "liking": rng.choice((1, 1, -1))}
            tastes.append({"person_id": person, **liking})
    session.execute(insert(SkillAssertion), levels)
    session.execute(insert(Credential), licences)
    session.execute(insert(Interest), tastes)


def _facts_that_never_count(session: Session, people: list[int]) -> None:
    today = clock.today()
    session.execute(
        insert(PersonRestricted),
        [{"person_id": n, "sex_for_counts": sex_of(n), **health(n)} for n in people],
    )
    session.execute(
        insert(PersonStatus),
        [
            {
                "person_id": n,
                "code": STATUSES[n % len(STATUSES)],
                "start": today - timedelta(days=400),
                "source": StatusSource.DECLARED,
            }
            for n in people
        ],
    )
    session.execute(
        insert(Barrier),
        [
            {
                "public_id": f"frein{n:09}",
                "person_id": n,
                "theme": THEMES[n % len(THEMES)],
                "impact": BarrierImpact.STRONG,
                "observed_on": today,
            }
            for n in people
        ],
    )


def sex_of(number: int) -> Sex:
    """Women and men in turn."""
    return tuple(Sex)[number % 2]


def health(number: int) -> dict[str, Any]:
    """Functional limits, in words, and what helps."""
    limit = LIMITS[number % len(LIMITS)]
    return {"functional_limits": limit, "accommodation": limit and "poste aménagé"}
