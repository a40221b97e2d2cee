"""Quarters, small counts and gaps: what a project's figures obey, without a database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import total_ordering

from portal.models import MajorProject

# Under it a count could point at somebody (INV-15); nobody at all points at no one.
SMALLEST_SHOWN = 5
DEFAULT_QUARTERS = 4
MOST_QUARTERS = 8
_WRITTEN = re.compile(r"(20\d\d)-T([1-4])")


@total_ordering
@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a year, written « 2027-T3 »."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str | None) -> Quarter | None:
        """The quarter written so, None for anything else."""
        found = _WRITTEN.fullmatch(text or "")
        return cls(int(found[1]), int(found[2])) if found else None

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter of a day."""
        return cls(day.year, (day.month - 1) // 3 + 1)

    def __lt__(self, other: Quarter) -> bool:
        return (self.year, self.number) < (other.year, other.number)

    def __str__(self) -> str:
        return f"{self.year}-T{self.number}"

    @property
    def label(self) -> str:
        """« T3 2027 »."""
        return f"T{self.number}\u00a0{self.year}"

    @property
    def first_day(self) -> date:
        """The first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        """The last day."""
        after = Quarter(self.year + self.number // 4, self.number % 4 + 1)
        return after.first_day - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Range:
    """A number known exactly (``low`` = ``high``) or only between two bounds, both included."""

    low: int
    high: int

    @property
    def exact(self) -> bool:
        """Whether the number may be said."""
        return self.low == self.high

    def __add__(self, other: Range) -> Range:
        """The sum of two counts as shown: it unmasks neither."""
        return Range(self.low + other.low, self.high + other.high)


def shown_count(count: int, *, masked: bool) -> Range:
    """A count of people as the reader may know it: from 1 to 4 is told as such to some roles."""
    if masked and 0 < count < SMALLEST_SHOWN:
        return Range(1, SMALLEST_SHOWN - 1)
    return Range(count, count)


def gap(jobs: int, ready: Range, seats: int) -> Range:
    """Jobs that neither people ready or in training nor free seats answer, never below zero.

    Drawn from the count as shown, so that subtracting gives back nothing that was masked.
    """
    return Range(max(0, jobs - ready.high - seats), max(0, jobs - ready.low - seats))


def shade(jobs: int, missing: Range) -> int:
    """0 (all answered, or nothing needed) to 4 (nearly nothing is), from the upper bound."""
    if jobs <= 0 or missing.high == 0:
        return 0
    return min(4, 1 + 4 * missing.high // (jobs + 1))


def is_over(project: MajorProject, today: date) -> bool:
    """A project that has ended is readable, never proposed (S3-26)."""
    return project.ends_on is not None and project.ends_on < today


def window(
    quarters: list[Quarter], today: date, start: Quarter | None, end: Quarter | None
) -> list[Quarter]:
    """The quarters shown: those asked, at most eight; by default the next four of the list."""
    ahead = [quarter for quarter in quarters if quarter >= Quarter.of(today)]
    known = ahead or quarters
    first = start or (known[0] if known else Quarter.of(today))
    found = [q for q in quarters if q >= first and (end is None or q <= end)]
    return found[: MOST_QUARTERS if end else DEFAULT_QUARTERS]
