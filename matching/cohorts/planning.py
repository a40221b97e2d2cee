"""Phases of a cohort, planned backward from the session's start (``domain.md`` §3.5).

A phase is given by how many weeks before the start it begins and how many it lasts. Moving the
session moves every phase. Moving a phase moves those before it, which are planned backward from
it, and leaves those after it. What then does not fit is listed, never corrected in silence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations

from matching.closed_days import DAY, open_on_or_after, open_on_or_before

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class PhaseRule:
    """A phase: its first week, counted backward from the start, and its length in weeks.

    ``recruits``: people can still join the cohort in this phase.
    """

    code: str
    weeks_before: int
    weeks: int
    recruits: bool = False

    def __post_init__(self) -> None:
        if self.weeks < 1:
            raise ValueError(f"phase {self.code!r} lasts at least a week")


@dataclass(frozen=True, slots=True)
class Phase:
    """A dated phase, first and last day included; the last day is an open one."""

    code: str
    start: date
    end: date
    recruits: bool = False
    moved: bool = False


class ConflictKind(StrEnum):
    """What does not fit."""

    OVERLAP = "overlap"
    AFTER_START = "after_start"
    PAST = "past"
    CLOSED_DAY = "closed_day"
    NO_OPEN_DAY = "no_open_day"


@dataclass(frozen=True, slots=True)
class DateConflict:
    """One conflict of a phase. ``with_phase`` is the next phase it runs into.

    ``suggestion`` is the nearest open day to begin on, when the first day is closed.
    """

    kind: ConflictKind
    phase: str
    day: date
    with_phase: str | None = None
    suggestion: date | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every phase, in the order planned, and everything that does not fit."""

    start: date
    phases: tuple[Phase, ...]
    conflicts: tuple[DateConflict, ...]

    @property
    def act_before(self) -> date | None:
        """The last open day on which somebody can still join; None when no phase recruits.

        Past it, inviting more people fills no seat: « agissez avant le … ».
        """
        return max((phase.end for phase in self.phases if phase.recruits), default=None)


def plan_backward(
    start: date,
    rules: Sequence[PhaseRule],
    today: date,
    moved: Mapping[str, date] | None = None,
    begun: Collection[str] = (),
    closed: Collection[date] = (),
    weeks: Mapping[str, int] | None = None,
) -> Schedule:
    """The dates of every phase, recomputed whole.

    ``moved`` gives the first day of the phases that somebody moved, ``begun`` the phases that
    have begun or are over (their past is no conflict), ``closed`` days of rest beyond weekends
    and public holidays, ``weeks`` the length of the phases made longer or shorter than their rule
    (their rule still says which phases may run side by side). Phases that begin in the same week
    keep the order of their rules. Raises ``ValueError`` when two rules share a code, or
    when a moved phase has no rule.
    """
    ordered = _ordered(rules, moved or {})
    phases = _dated(start, ordered, moved or {}, closed, weeks or {})
    conflicts = [
        *_overlaps(start, ordered, phases),
        *(c for phase in phases for c in _faults(phase, today, begun, closed)),
    ]
    return Schedule(start, phases, tuple(conflicts))


def _ordered(rules: Sequence[PhaseRule], moved: Mapping[str, date]) -> list[PhaseRule]:
    codes = [rule.code for rule in rules]
    if len(set(codes)) < len(codes) or moved.keys() - set(codes):
        raise ValueError("every phase has one rule, and every moved phase has one")
    return sorted(rules, key=lambda rule: -rule.weeks_before)


def _dated(
    start: date,
    rules: Sequence[PhaseRule],
    moved: Mapping[str, date],
    closed: Collection[date],
    weeks: Mapping[str, int],
) -> tuple[Phase, ...]:
    phases: list[Phase] = []
    shift = timedelta(0)
    for rule in reversed(rules):
        planned = start - rule.weeks_before * WEEK
        if rule.code in moved:
            shift = moved[rule.code] - planned
        lasts = weeks.get(rule.code, rule.weeks)
        phases.append(_phase(rule, planned + shift, lasts, rule.code in moved, closed))
    return tuple(reversed(phases))


def _phase(
    rule: PhaseRule, first: date, weeks: int, moved: bool, closed: Collection[date]
) -> Phase:
    last = first + weeks * WEEK - DAY
    end = max(first, open_on_or_before(last, closed))
    return Phase(rule.code, first, end, rule.recruits, moved)


def _overlaps(
    start: date, rules: Sequence[PhaseRule], phases: Sequence[Phase]
) -> Iterator[DateConflict]:
    """Phases that run into a later one, or past the start, when their rules did not."""
    for (rule, phase), (later, after) in combinations(zip(rules, phases, strict=True), 2):
        meant = rule.weeks_before - rule.weeks < later.weeks_before
        if phase.start > after.start or (phase.end >= after.start and not meant):
            yield DateConflict(ConflictKind.OVERLAP, phase.code, after.start, after.code)
    for rule, phase in zip(rules, phases, strict=True):
        if phase.end >= start and rule.weeks_before >= rule.weeks:
            yield DateConflict(ConflictKind.AFTER_START, phase.code, phase.end)


def _faults(
    phase: Phase, today: date, begun: Collection[str], closed: Collection[date]
) -> Iterator[DateConflict]:
    if phase.code in begun:
        return
    if phase.start < today:
        yield DateConflict(ConflictKind.PAST, phase.code, phase.start)
    suggestion = open_on_or_after(phase.start, closed)
    if suggestion > phase.end:
        yield DateConflict(ConflictKind.NO_OPEN_DAY, phase.code, phase.start, None, suggestion)
    elif suggestion != phase.start:
        yield DateConflict(ConflictKind.CLOSED_DAY, phase.code, phase.start, None, suggestion)
