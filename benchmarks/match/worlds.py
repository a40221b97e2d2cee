"""Made-up territories of any size for the benchmark, the same for the same seed.

A *region* is a plane of 200 × 160 km with 3,000 communes and a *departement* one of 90 × 75 km
with 900: towns draw communes around them, and weights of communes follow Zipf's law, as
populations do. 500 occupations have 12 core skills each: two that many trades share, the others
of three groups of 25. A person has practised two trades and said something of part of what they
ask; the rest is unknown. An offer asks 4 to 8 of its trade's core skills, and often a credential;
one in fifty was wanted some days ago, as catalogues have late ones.
A session teaches some of a trade's skills; four in ten deliver a credential, three in ten ask
something first. Trades are drawn with Zipf weights too: some are common, most are rare.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
SEED = 20261120
# A country is so many regions (551,500 km² / 32,000 km²).
REGIONS = 17
OCCUPATIONS, GROUPS, GROUP_SIZE, SHARED, CREDENTIALS = 500, 120, 25, 60, 40
# Width and height in km, communes, towns.
PLANES = {"region": (200.0, 160.0, 3000, 14), "departement": (90.0, 75.0, 900, 5)}
KINDS = (
    *[RequirementKind.DAY_ONE] * 5,
    *[RequirementKind.DESIRED] * 3,
    RequirementKind.TRAINING_PLANNED,
    RequirementKind.ON_THE_JOB,
)
# How people get about, and how often (a third has no vehicle).
TRAVELS: tuple[tuple[frozenset[Mode], float], ...] = (
    (frozenset(), 0.05),
    (frozenset({Mode.WALK, Mode.BUS}), 0.25),
    (frozenset({Mode.BUS, Mode.BIKE}), 0.12),
    (frozenset({Mode.BIKE}), 0.06),
    (frozenset({Mode.MOPED, Mode.BUS}), 0.07),
    (frozenset({Mode.CAR}), 0.35),
    (frozenset({Mode.CAR, Mode.BIKE}), 0.10),
)
MINUTES, MINUTES_SHARE = (20, 30, 45, 60, 90), (0.1, 0.3, 0.3, 0.25, 0.05)

Draw = np.random.Generator
Rows = NDArray[np.int64]


class World(NamedTuple):
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


class Land(NamedTuple):
    """Commune codes and occupations, with how often each is drawn."""

    communes: list[Commune]
    commune_share: NDArray[np.float64]
    codes: list[str]
    cores: list[list[str]]
    trade_share: NDArray[np.float64]


def build(
    people: int, offers: int, sessions: int = 4000, plane: str = "region", seed: int = SEED
) -> World:
    """A world of these numbers. A bigger one does not begin with the same records."""
    draw = np.random.default_rng(seed)
    communes, share = _communes(draw, plane)
    taxonomy = _taxonomy(draw)
    codes = list(taxonomy.occupations)
    cores = [list(taxonomy.occupations[code].core_skills) for code in codes]
    land = Land(communes, share, codes, cores, _zipf(draw, len(codes), 0.7))
    return World(
        _people(draw, people, land),
        _offers(draw, offers, land),
        _sessions(draw, sessions, land),
        communes,
        taxonomy,
        TODAY,
    )


def elsewhere(number: int, sessions: int, seed: int = SEED) -> tuple[list[Commune], list[Session]]:
    """The communes and sessions of another region, that far to the south of the first."""
    other = build(1, 1, sessions, seed=seed + number)
    shift = 3.0 * number
    communes = [
        Commune(f"{number:02}{c.code}", c.latitude - shift, c.longitude) for c in other.communes
    ]
    moved = [
        replace(s, id=f"{number:02}{s.id}", commune=s.commune and f"{number:02}{s.commune}")
        for s in other.sessions
    ]
    return communes, moved


def _zipf(draw: Draw, size: int, power: float) -> NDArray[np.float64]:
    weights = 1.0 / np.arange(1, size + 1) ** power
    draw.shuffle(weights)
    return np.asarray(weights / weights.sum())


def _communes(draw: Draw, plane: str) -> tuple[list[Commune], NDArray[np.float64]]:
    width, height, number, towns = PLANES[plane]
    centres = draw.random((towns, 2)) * (width, height)
    near = centres[draw.integers(towns, size=number)] + draw.normal(0, 14, (number, 2))
    spread = draw.random((number, 2)) * (width, height)
    xy = np.where(draw.random((number, 1)) < 0.5, near, spread)
    latitude, longitude = 49.2 + xy[:, 1] / 111.2, 1.4 + xy[:, 0] / 71.5
    places = zip(latitude.tolist(), longitude.tolist(), strict=True)
    found = [Commune(f"{n:05}", lat, lon) for n, (lat, lon) in enumerate(places)]
    return found, _zipf(draw, number, 0.8)


def _taxonomy(draw: Draw) -> Taxonomy:
    skills = {
        name: Skill(name, name, f"g{group:03}")
        for group in range(GROUPS)
        for name in (f"k{group:03}{n:02}" for n in range(GROUP_SIZE))
    }
    names = list(skills)
    codes = [f"X{n:04}" for n in range(OCCUPATIONS)]
    occupations = {}
    for code in codes:
        families = draw.choice(np.arange(3, GROUPS), 3, replace=False)
        own = (families[:, None] * GROUP_SIZE + np.arange(GROUP_SIZE)).ravel()
        core = [*draw.choice(SHARED, 2, replace=False), *draw.choice(own, 10, replace=False)]
        near = draw.choice(OCCUPATIONS, 5, replace=False)
        occupations[code] = Occupation(
            code, code, tuple(names[s] for s in core), tuple(codes[n] for n in near)
        )
    return Taxonomy(skills, occupations)


def _days(draw: Draw, least: int, most: int, size: int) -> list[date]:
    return [TODAY + timedelta(days=n) for n in draw.integers(least, most + 1, size).tolist()]


def _people(draw: Draw, number: int, land: Land) -> list[Person]:
    places = draw.choice(len(land.communes), number, p=land.commune_share).tolist()
    trades = draw.choice(len(land.codes), (number, 4), p=land.trade_share).tolist()
    travels = draw.choice(len(TRAVELS), number, p=[share for _, share in TRAVELS]).tolist()
    minutes = draw.choice(MINUTES, number, p=MINUTES_SHARE).tolist()
    free = _days(draw, -90, 60, number)
    proposed = _days(draw, -300, -1, number)
    level = draw.choice(5, (number, 30), p=(0.06, 0.14, 0.3, 0.15, 0.35)).tolist()
    shared = draw.integers(SHARED, size=(number, 6)).tolist()
    cards = draw.integers(CREDENTIALS, size=(number, 6)).tolist()
    expiry = _days(draw, -200, 1500, number)
    chance = draw.random((number, 4)).tolist()
    people = []
    for n in range(number):
        told = [*land.cores[trades[n][0]], *land.cores[trades[n][1]]]
        told += [f"k{s // GROUP_SIZE:03}{s % GROUP_SIZE:02}" for s in shared[n]]
        likes = {land.codes[trades[n][0]]: 1} if chance[n][0] < 0.6 else {}
        if chance[n][1] < 0.5:
            likes[land.codes[trades[n][2]]] = 1 if chance[n][1] < 0.3 else -1
        held = {f"c{cards[n][0]:02}": expiry[n] if chance[n][2] < 0.5 else None}
        if chance[n][2] < 0.3:
            held[f"c{cards[n][1]:02}"] = None
        people.append(
            Person(
                f"P{n:06}",
                land.communes[places[n]].code,
                free[n],
                {s: a for s, a in zip(told, level[n], strict=True) if a < 4},
                held,
                frozenset(f"c{c:02}" for c in cards[n][2:]),
                TRAVELS[travels[n]][0],
                minutes[n],
                likes,
                proposed[n] if chance[n][3] < 0.6 else None,
            )
        )
    return people


def _offers(draw: Draw, number: int, land: Land) -> list[Offer]:
    places = draw.choice(len(land.communes), number, p=land.commune_share).tolist()
    trades = draw.choice(len(land.codes), number, p=land.trade_share).tolist()
    wanted = _days(draw, 5, 120, number)
    later = draw.choice((0, 15, 30, 60, 90), number).tolist()
    size = draw.integers(4, 9, number).tolist()
    kinds = draw.integers(len(KINDS), size=(number, 8)).tolist()
    levels = draw.choice(3, (number, 8), p=(0.35, 0.5, 0.15)).tolist()
    order = np.argsort(draw.random((number, 12)), axis=1).tolist()
    card = draw.integers(CREDENTIALS, size=number).tolist()
    chance = draw.random(number).tolist()
    # The same world but for them: they were wanted from 1 to 30 days ago.
    wanted = [
        TODAY - (day - TODAY) // 4 if late >= 0.98 else day
        for day, late in zip(wanted, chance, strict=True)
    ]
    offers = []
    for n in range(number):
        core = land.cores[trades[n]]
        needs = [
            Requirement(skill=core[order[n][r]], level=1 + levels[n][r], kind=KINDS[kinds[n][r]])
            for r in range(size[n] - (chance[n] < 0.45))
        ]
        if chance[n] < 0.45:
            kind = RequirementKind.REGULATORY if chance[n] < 0.3 else RequirementKind.DESIRED
            needs.append(Requirement(credential=f"c{card[n]:02}", kind=kind))
        offers.append(
            Offer(
                f"O{n:06}",
                land.codes[trades[n]],
                land.communes[places[n]].code,
                wanted[n],
                wanted[n] + timedelta(days=later[n]),
                1,
                tuple(needs),
            )
        )
    return offers


def _sessions(draw: Draw, number: int, land: Land) -> list[Session]:
    places = draw.choice(len(land.communes), number, p=land.commune_share).tolist()
    trades = draw.integers(len(land.codes), size=number).tolist()
    start = _days(draw, -10, 270, number)
    length = draw.choice((2, 5, 10, 30, 60, 90), number).tolist()
    seats = draw.integers(0, 13, number).tolist()
    order = np.argsort(draw.random((number, 12)), axis=1).tolist()
    card = draw.integers(CREDENTIALS, size=number).tolist()
    chance = draw.random((number, 3)).tolist()
    sessions = []
    for n in range(number):
        core, remote = land.cores[trades[n]], chance[n][0] < 0.1
        before = Prerequisite(skill=core[order[n][11]], level=1)
        sessions.append(
            Session(
                f"S{n:06}",
                start[n],
                start[n] + timedelta(days=length[n]),
                seats[n],
                None if remote else land.communes[places[n]].code,
                remote,
                (before,) if chance[n][1] < 0.3 else (),
                {core[s]: 2 + (s % 3 == 0) for s in order[n][:4]},
                frozenset({f"c{card[n]:02}"} if chance[n][2] < 0.4 else ()),
            )
        )
    return sessions
