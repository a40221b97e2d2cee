"""Small random worlds, tight enough for every branch of the rules to be hit.

Few skills, few communes, and dates drawn near the limits of the rules (today, the start
wanted, the latest start, one year).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from matching import (
    Commune,
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
from matching.index import Index
from tests.reference.reference import World

TODAY = date(2026, 11, 20)
SKILLS = ("pave", "kerb", "survey", "weld", "alone")
CREDENTIALS = ("caces", "aipr")
OCCUPATIONS = ("F1702", "F1701", "H2913", "K2204")
# Home, next door (under 2 km), 7 km, 27 km, 42 km away; and one whose centre is not known.
COMMUNES = (
    Commune("62041", 50.2930, 2.7820),
    Commune("62042", 50.2990, 2.7900),
    Commune("62043", 50.3500, 2.8200),
    Commune("62044", 50.2100, 3.1400),
    Commune("62045", 50.2000, 3.3600),
)
UNLOCATED = "99999"
CODES = (*(commune.code for commune in COMMUNES), UNLOCATED)
TAXONOMY = Taxonomy(
    {
        "pave": Skill("pave", "Poser des pavés", "roads"),
        "kerb": Skill("kerb", "Poser des bordures", "roads"),
        "survey": Skill("survey", "Implanter un chantier", "roads"),
        "weld": Skill("weld", "Souder", "metal"),
        "alone": Skill("alone", "Sans famille", None),
    },
    {
        "F1702": Occupation("F1702", "Construction de routes", (), ("F1701", "K2204")),
        "F1701": Occupation("F1701", "Construction en béton", (), ("H2913",)),
    },
)


def day(*offsets: int) -> st.SearchStrategy[date]:
    """A day at one of these distances from today."""
    return st.sampled_from(offsets).map(lambda days: TODAY + timedelta(days=days))


levels = st.sampled_from((0, 1, 1, 2, 3))
taught_levels = st.sampled_from((1, 2, 3, 3))
asked_levels = st.sampled_from((1, 2, 2, 3))
needs = st.one_of(
    st.builds(Prerequisite, skill=st.sampled_from(SKILLS), level=asked_levels),
    st.builds(Prerequisite, credential=st.sampled_from(CREDENTIALS)),
)
kinds = st.sampled_from(
    (
        RequirementKind.REGULATORY,
        RequirementKind.DAY_ONE,
        RequirementKind.DAY_ONE,
        RequirementKind.DESIRED,
        RequirementKind.TRAINING_PLANNED,
        RequirementKind.ON_THE_JOB,
    )
)
requirements = st.builds(
    lambda need, kind: Requirement(need.skill, need.level, need.credential, kind), needs, kinds
)
asked = st.one_of(st.just([]), *(st.lists(requirements, min_size=n, max_size=6) for n in (1, 2, 3)))
expiries = st.one_of(st.none(), day(-1, 0, 4, 5, 6, 14, 29, 30, 31, 200))
people = st.builds(
    Person,
    id=st.just(""),
    commune=st.sampled_from(CODES),
    available_from=day(-10, -10, 0, 3, 5, 6, 14, 15, 30, 60, 365, 366),
    skills=st.dictionaries(st.sampled_from(SKILLS), levels, min_size=2),
    credentials=st.dictionaries(st.sampled_from(CREDENTIALS), expiries, max_size=2),
    no_credentials=st.frozensets(st.sampled_from(CREDENTIALS), max_size=1),
    modes=st.frozensets(st.sampled_from(tuple(Mode)), max_size=2),
    max_minutes=st.sampled_from((20, 35, 60, 90, 240, 240)),
    interests=st.dictionaries(
        st.sampled_from(OCCUPATIONS), st.sampled_from((1, 1, -1)), max_size=2
    ),
    last_proposed=st.one_of(st.none(), day(-40, -7, -1)),
)


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    """An offer; its latest start is never before the start wanted."""
    wanted = draw(day(-20, -3, 0, 5, 5, 14, 30, 60, 370))
    return Offer(
        id="",
        occupation=draw(st.sampled_from(OCCUPATIONS)),
        commune=draw(st.sampled_from(CODES)),
        start_wanted=wanted,
        start_latest=wanted + timedelta(days=draw(st.sampled_from((0, 1, 10, 30, 60, 90)))),
        requirements=tuple(draw(asked)),
    )


@st.composite
def generous(draw: st.DrawFn) -> Session:
    """A remote session with seats that teaches everything: it covers several gaps at once."""
    start = draw(day(0, 5, 14))
    end = start + timedelta(days=draw(st.sampled_from((1, 5, 15, 30, 60))))
    everything = dict.fromkeys(SKILLS, 3)
    return Session("", start, end, 3, None, True, (), everything, frozenset(CREDENTIALS))


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """A session, on site or remote."""
    start = draw(day(-1, 0, 0, 3, 5, 6, 14, 30, 300))
    commune = draw(st.one_of(st.none(), st.sampled_from(CODES)))
    return Session(
        id="",
        start=start,
        end=start + timedelta(days=draw(st.sampled_from((0, 1, 5, 15, 60, 65)))),
        seats_left=draw(st.sampled_from((0, 1, 5, 5))),
        commune=commune,
        remote=commune is None,
        prerequisites=tuple(draw(st.lists(needs, max_size=1))),
        teaches=draw(st.dictionaries(st.sampled_from(SKILLS), taught_levels, min_size=1)),
        delivers=draw(st.frozensets(st.sampled_from(CREDENTIALS), max_size=2)),
    )


TWIN_FIELDS = ("commune", "modes", "credentials", "interests", "last_proposed")


@st.composite
def twins(draw: st.DrawFn, size: int) -> list[Person]:
    """People who differ by one skill and one field at most, so that late keys decide."""
    first = replace(
        draw(people),
        commune=CODES[0],
        available_from=draw(day(-10, 0, 5)),
        modes=frozenset({Mode.CAR}),
        max_minutes=240,
    )
    found = [first]
    for _ in range(draw(st.integers(2, size + 2))):
        other = draw(people)
        field = draw(st.sampled_from(TWIN_FIELDS))
        skill = draw(st.sampled_from(SKILLS))
        skills = {name: level for name, level in first.skills.items() if name != skill}
        if skill in other.skills:
            skills[skill] = other.skills[skill]
        found.append(replace(first, skills=skills, **{field: getattr(other, field)}))
    return found


@st.composite
def worlds(draw: st.DrawFn, size: int = 4) -> World:
    """A world with at least one person and one offer; ids are not in the order of creation."""
    found = draw(st.one_of(st.lists(people, min_size=1, max_size=size), twins(size)))
    jobs = draw(st.lists(offers(), min_size=1, max_size=size))
    trainings = draw(st.lists(sessions(), max_size=2 * size))
    trainings += draw(st.lists(generous(), max_size=1))
    return World(
        [replace(person, id=f"p{7 * n % 10}é") for n, person in enumerate(found)],
        [replace(offer, id=f"o{3 * n % 10}") for n, offer in enumerate(jobs)],
        [replace(session, id=f"s{7 * n % 11}") for n, session in enumerate(trainings)],
        list(COMMUNES),
        draw(st.sampled_from((TAXONOMY, TAXONOMY, Taxonomy()))),
        TODAY,
    )


def index_of(world: World) -> Index:
    """The engine's index of a world."""
    return Index.build(
        world.people, world.offers, world.sessions, world.communes, world.taxonomy, world.today
    )
