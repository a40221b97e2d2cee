"""What the pathway composer is given and what it answers. Dates are inclusive days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from matching.records import Commune, Offer, Prerequisite, Taxonomy
from matching.requirements import Outcome
from matching.sessions import SessionTable

MAX_STEPS = 6
MAX_IMMERSION_DAYS = 30


class PathwayWorld(Protocol):
    """What the composer reads of the world: an ``Index`` will do."""

    @property
    def sessions(self) -> SessionTable: ...
    @property
    def communes(self) -> Mapping[str, Commune]: ...
    @property
    def taxonomy(self) -> Taxonomy: ...


class StepKind(StrEnum):
    """What a step is. The first two are milestones: they occupy no day."""

    CHECK = "check"
    BARRIER = "barrier"
    IMMERSION = "immersion"
    TRAINING = "training"
    HIRE = "hire"


OCCUPYING = frozenset({StepKind.IMMERSION, StepKind.TRAINING, StepKind.HIRE})


class ScenarioName(StrEnum):
    """How a scenario is presented."""

    FAST = "fast"
    SAFE = "safe"
    QUALIFYING = "qualifying"


@dataclass(frozen=True, slots=True)
class OccupationGoal:
    """An occupation: its core skills done alone, and the credentials the caller adds."""

    occupation: str
    credentials: tuple[str, ...] = ()


Goal = Offer | OccupationGoal


@dataclass(frozen=True, slots=True)
class Barrier:
    """Something solved on ``solved_on`` (child care, a licence…), and what it blocks until then."""

    label: str
    solved_on: date
    blocks: frozenset[StepKind] = OCCUPYING

    def __post_init__(self) -> None:
        if not self.blocks or not self.blocks <= OCCUPYING:
            raise ValueError("a barrier blocks immersions, trainings or hires")


@dataclass(frozen=True, slots=True)
class PathwayOptions:
    """What the caller knows beyond the records.

    ``immersion_days`` is the length, first and last day included, cut at one month date to
    date; ``immersion_notice`` the days between today and the earliest immersion.
    ``immersion_communes`` are where an immersion can take place; none given means the
    commune of the offer, or the person's own for an occupation.
    """

    immersion_days: int = 14
    immersion_notice: int = 14
    immersion_communes: tuple[str, ...] = ()
    not_before: date | None = None
    barriers: tuple[Barrier, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.immersion_days <= MAX_IMMERSION_DAYS:
            raise ValueError(f"an immersion lasts 1 to {MAX_IMMERSION_DAYS} days")
        if self.immersion_notice < 0:
            raise ValueError("the notice of an immersion is not negative")


@dataclass(frozen=True, slots=True)
class Asked:
    """A prerequisite at the start of a step. ``observed``: unknown, the immersion answers it."""

    need: Prerequisite
    outcome: Outcome
    observed: bool = False

    @property
    def to_check(self) -> bool:
        """Whether somebody must still ask before the step."""
        return self.outcome is Outcome.UNKNOWN


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``minutes`` is one way, None when nobody travels.

    ``covers``: what the scenario asks and this step brings (training), shows (immersion)
    or asks the person (check). ``labels``: the barriers lifted.
    """

    kind: StepKind
    start: date
    end: date
    session: str | None = None
    offer: str | None = None
    commune: str | None = None
    minutes: float | None = None
    asks: tuple[Asked, ...] = ()
    covers: tuple[Prerequisite, ...] = ()
    delivers: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A dated pathway. ``unknowns`` are the distinct facts to check that no step observes."""

    names: tuple[ScenarioName, ...]
    steps: tuple[Step, ...]
    hire: date
    certifications: tuple[str, ...]
    unknowns: int


class BlockReason(StrEnum):
    """Why something cannot be part of any scenario."""

    JOB_OUT_OF_REACH = "job_out_of_reach"
    PERSON_TOO_LATE = "person_too_late"
    NO_SESSION = "no_session"
    FULL = "full"
    OUT_OF_REACH = "out_of_reach"
    STARTS_TOO_SOON = "starts_too_soon"
    ENDS_TOO_LATE = "ends_too_late"
    PREREQUISITE = "prerequisite"
    DO_NOT_FIT_TOGETHER = "do_not_fit_together"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A session that covers a blocking gap, and why it cannot be taken."""

    session: str
    start: date
    end: date
    reason: BlockReason
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Blocker:
    """One blocking fact: the gap (None when it is the job or the date), why, what is nearest.

    ``nearest_date`` is the end of the first session that covers the gap without a fault of
    its own other than its dates, or the day the person could start the job.
    """

    need: Prerequisite | None
    reason: BlockReason
    nearest: tuple[NearMiss, ...] = ()
    nearest_date: date | None = None


@dataclass(frozen=True, slots=True)
class UnmetNeed:
    """What keeps the goal out of reach: the line of the register of unmet needs."""

    goal: str
    latest: date
    blockers: tuple[Blocker, ...]


@dataclass(frozen=True, slots=True)
class Composition:
    """At most three scenarios, or the reasons why there is none. Never both, never neither."""

    scenarios: tuple[Scenario, ...]
    unmet: UnmetNeed | None = None
