"""The records the engine reasons on, exactly as the interchange files carry them.

No status, age, sex, name, nationality, health or address finer than the commune has a
field here: a fact that has no field cannot change a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

LEVEL_CANNOT, LEVEL_WITH_HELP, LEVEL_ALONE, LEVEL_CAN_SHOW = 0, 1, 2, 3
LEVELS = (LEVEL_CANNOT, LEVEL_WITH_HELP, LEVEL_ALONE, LEVEL_CAN_SHOW)
DEFAULT_MAX_MINUTES = 60


class Mode(StrEnum):
    """A way of travelling that a person has."""

    WALK = "walk"
    BIKE = "bike"
    BUS = "bus"
    MOPED = "moped"
    CAR = "car"


class RequirementKind(StrEnum):
    """When a requirement has to be met. Only the first two decide the group."""

    REGULATORY = "regulatory"
    DAY_ONE = "day_one"
    TRAINING_PLANNED = "training_planned"
    ON_THE_JOB = "on_the_job"
    DESIRED = "desired"


DECIDING_KINDS = frozenset({RequirementKind.REGULATORY, RequirementKind.DAY_ONE})


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """A skill at a level (0 to 3), or a credential: exactly one of the two."""

    skill: str | None = None
    level: int | None = None
    credential: str | None = None

    def __post_init__(self) -> None:
        if (self.skill is None) == (self.credential is None):
            raise ValueError("a requirement names either a skill or a credential")
        if (self.skill is None) != (self.level is None):
            raise ValueError("a skill requirement has a level, a credential has none")
        if self.level is not None and self.level not in LEVELS:
            raise ValueError(f"level {self.level!r} is not one of {LEVELS}")


@dataclass(frozen=True, slots=True)
class Requirement(Prerequisite):
    """A prerequisite of an offer, with the moment it must be met."""

    kind: RequirementKind = RequirementKind.DAY_ONE

    @property
    def decides(self) -> bool:
        """Whether an unknown or a gap here can change the group."""
        return self.kind in DECIDING_KINDS


@dataclass(frozen=True, slots=True)
class Person:
    """A person: what is known of them. What is in no map is *unknown*, never absent.

    ``skills`` maps a skill id to a level 0 (cannot), 1 (with help), 2 (alone) or 3 (can
    show others). ``credentials`` maps a type to its last day of validity, None when it
    never expires; ``no_credentials`` holds the types known to be absent. ``interests``
    maps an occupation code to 1 (liked) or -1 (disliked). ``max_minutes`` is one way.
    """

    id: str
    commune: str
    available_from: date
    skills: Mapping[str, int] = field(default_factory=dict)
    credentials: Mapping[str, date | None] = field(default_factory=dict)
    no_credentials: frozenset[str] = frozenset()
    modes: frozenset[Mode] = frozenset()
    max_minutes: int = DEFAULT_MAX_MINUTES
    interests: Mapping[str, int] = field(default_factory=dict)
    last_proposed: date | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A job: when it should start, when it must have started at the latest, and what it asks."""

    id: str
    occupation: str
    commune: str
    start_wanted: date
    start_latest: date
    posts: int = 1
    requirements: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """A dated training session. ``commune`` is None when, and only when, it is remote."""

    id: str
    start: date
    end: date
    seats_left: int
    commune: str | None = None
    remote: bool = False
    prerequisites: tuple[Prerequisite, ...] = ()
    teaches: Mapping[str, int] = field(default_factory=dict)
    delivers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune and its centre, in decimal degrees."""

    code: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Occupation:
    """An occupation (ROME code) with its core skills and neighbouring occupations."""

    code: str
    label: str
    core_skills: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill and its group (ROME macro-competence), None when it has no group."""

    id: str
    label: str
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Skills by id and occupations by code. An empty one knows no group and no neighbour."""

    skills: Mapping[str, Skill] = field(default_factory=dict)
    occupations: Mapping[str, Occupation] = field(default_factory=dict)

    def group_of(self, skill: str) -> str | None:
        """The group of a skill, or None when it has none or is not known here."""
        known = self.skills.get(skill)
        return known.group if known else None
