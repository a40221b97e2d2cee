"""What lists and explanations carry to a page: rows and words, ready to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from portal.models import (
    Commune,
    JobOffer,
    OfferRequirement,
    Person,
    RequirementKind,
    TrainingSession,
)

GROUP_KEYS = ("ready", "one_step", "to_check", "longer_path", "gap")


class Outcome(StrEnum):
    """How a requirement stands for a person; « backed » is unknown, with a sister skill held."""

    MET = "met"
    BACKED = "backed"
    UNKNOWN = "unknown"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class SessionChoice:
    """A session that covers a gap, as the person meets it; ``obstacles`` are in words."""

    row: TrainingSession
    minutes: float | None
    obstacles: tuple[str, ...]
    in_time: bool
    covers_all: bool

    @property
    def open(self) -> bool:
        """Whether the person can join it."""
        return not self.obstacles


@dataclass(frozen=True, slots=True)
class RequirementView:
    """A requirement for a person: its class, the fact used, and what covers a gap."""

    row: OfferRequirement
    label: str
    kind: RequirementKind
    outcome: Outcome
    fact: str | None
    backed_by: tuple[str, ...] = ()
    sessions: tuple[SessionChoice, ...] = ()
    proved: bool = False

    @property
    def decides(self) -> bool:
        """Whether it can change the group."""
        return self.kind in (RequirementKind.REGULATORY, RequirementKind.DAY_ONE)


@dataclass(frozen=True, slots=True)
class Line:
    """A pair in a list, as a sentence would say it."""

    person: Person
    offer: JobOffer
    group: str
    ready_by: date | None
    minutes: float
    mode: str
    interest: str
    requirements: tuple[RequirementView, ...]
    step: TrainingSession | None

    @property
    def disliked(self) -> bool:
        """The person said no to this occupation."""
        return self.interest == "disliked"

    @property
    def liked(self) -> bool:
        """The person said yes to this occupation, or to a neighbour."""
        return self.interest in ("liked", "neighbour")

    def _deciding(self, *outcomes: Outcome) -> list[RequirementView]:
        return [r for r in self.requirements if r.decides and r.outcome in outcomes]

    @property
    def met(self) -> list[RequirementView]:
        """What decides and is met."""
        return self._deciding(Outcome.MET)

    @property
    def to_check(self) -> list[RequirementView]:
        """What decides and is to be asked."""
        return self._deciding(Outcome.UNKNOWN, Outcome.BACKED)

    @property
    def learnable(self) -> list[RequirementView]:
        """What decides, is not known yet, and can be learned in an open session."""
        return [r for r in self._deciding(Outcome.GAP) if any(s.open for s in r.sessions)]

    @property
    def missing(self) -> list[RequirementView]:
        """What decides, is not known yet, and no open session teaches."""
        return [r for r in self._deciding(Outcome.GAP) if not any(s.open for s in r.sessions)]

    @property
    def desired_met(self) -> int:
        """How many of the desired requirements are met."""
        return sum(
            r.kind is RequirementKind.DESIRED and r.outcome is Outcome.MET
            for r in self.requirements
        )


@dataclass(frozen=True, slots=True)
class GroupView:
    """One of the five bands: ``count`` pairs in all, the first of them in ``lines``."""

    key: str
    count: int
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class ListView:
    """The five bands, and who is in none of them because of the way there."""

    groups: tuple[GroupView, ...]
    out_of_reach: int
    with_car: int
    unplaced: int
    computed_on: date

    def group(self, key: str) -> GroupView:
        """One band."""
        return next(group for group in self.groups if group.key == key)

    @property
    def count(self) -> int:
        """How many pairs in the five bands."""
        return sum(group.count for group in self.groups)


@dataclass(frozen=True, slots=True)
class ExplanationView:
    """« Pourquoi ? »: the pair, opened up. ``group`` is None when it is out of reach."""

    person: Person
    offer: JobOffer
    group: str | None
    ready_by: date | None
    minutes: float
    mode: str
    in_reach: bool
    with_car: bool
    interest: str
    step: TrainingSession | None
    requirements: tuple[RequirementView, ...]
    computed_on: date


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question worth asking: its answer moves ``pairs`` jobs out of « à vérifier »."""

    kind: str
    code: str
    label: str
    pairs: int


@dataclass(frozen=True, slots=True)
class EffectView:
    """What a requirement costs: (ready, one step) as it stands, and under softer kinds."""

    row: OfferRequirement
    now: tuple[int, int]
    if_desired: tuple[int, int]
    if_planned: tuple[int, int]

    @property
    def gained(self) -> int:
        """How many more people, ready or one step away, if it were only desired."""
        return sum(self.if_desired) - sum(self.now)


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of a scenario, with the rows it is about."""

    kind: str
    title: str
    start: date
    end: date
    weekly_hours: float | None = None
    commune: Commune | None = None
    minutes: float | None = None
    organisation: str | None = None
    session: TrainingSession | None = None
    offer: JobOffer | None = None
    to_check: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """A dated scenario; several names when one plan is both."""

    names: tuple[str, ...]
    steps: tuple[StepView, ...]
    hire_on: date
    certifications: tuple[str, ...]
    unknowns: int


@dataclass(frozen=True, slots=True)
class BlockerView:
    """What blocks, in words, and the nearest sessions."""

    label: str | None
    reason: str
    reason_text: str
    nearest_date: date | None
    sessions: tuple[TrainingSession, ...] = ()


@dataclass(frozen=True, slots=True)
class CompositionView:
    """At most three scenarios, or what blocks."""

    scenarios: tuple[ScenarioView, ...]
    blockers: tuple[BlockerView, ...] = ()
    warnings: tuple[str, ...] = field(default=())
