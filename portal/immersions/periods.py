"""Days of conventions: one month date to date, and what falls in twelve rolling months."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From a day to another, both worked or not, both included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """How many days of the calendar, the first and the last included."""
        return (self.end - self.start).days + 1

    def overlap(self, other: Period) -> int:
        """How many days the two have in common."""
        common = (min(self.end, other.end) - max(self.start, other.start)).days + 1
        return max(0, common)

    def moved_to(self, start: date) -> Period:
        """As long, from another day."""
        return Period(start, start + (self.end - self.start))


def months_after(day: date, months: int) -> date:
    """The same day of a later month, else its last day (INV-19): 31/01 → 28/02 or 29/02."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, else its last day."""
    return months_after(day, -months)


def windows_around(new: Period, others: Sequence[Period], months: int) -> Iterator[Period]:
    """The periods of ``months`` that share a day with ``new`` and may hold the most days.

    As a window slides, what it holds is largest where it begins with a period or ends with one,
    or at the two ends of its course: on the last day of ``new``, on the first.
    """
    starts = [new.end, *(period.start for period in (new, *others))]
    ends = [new.start, *(period.end for period in (new, *others))]
    windows = [Period(day, months_after(day, months) - _DAY) for day in starts]
    windows += [Period(months_before(day, months) + _DAY, day) for day in ends]
    return (window for window in windows if window.overlap(new))


def most_days(new: Period, others: Sequence[Period], months: int) -> int:
    """The most days of ``new`` and ``others`` in any window that holds a day of ``new``."""
    every = (new, *others)
    return max(
        sum(period.overlap(window) for period in every)
        for window in windows_around(new, others, months)
    )


def most_together(new: Period, others: Sequence[Period], months: int) -> list[Period]:
    """The largest set of ``others`` of which some window holds a day, along with one of ``new``.

    A window that begins on the last day of the earliest of them reaches the furthest.
    """
    windows = (
        Period(period.end, months_after(period.end, months) - _DAY) for period in (new, *others)
    )
    held = (
        [period for period in others if period.overlap(window)]
        for window in windows
        if window.overlap(new)
    )
    return max(held, key=len, default=[])


def said_day(day: date) -> str:
    """« 28/02/2027 »: rules are also read where no request says the language."""
    return f"{day:%d/%m/%Y}"
