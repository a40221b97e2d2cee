"""Days on which nothing takes place: Sundays, Saturdays and French public holidays.

Public holidays are those of article L3133-1 of the Code du travail. Movable ones are counted
from Easter Sunday, by the Gregorian computus of Meeus, Jones and Butcher (*Nature*, 1876).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

SATURDAY = 5
DAY = timedelta(days=1)


class Holiday(StrEnum):
    """The eleven public holidays, in the order of the article."""

    NEW_YEAR = "new_year"
    EASTER_MONDAY = "easter_monday"
    LABOUR_DAY = "labour_day"
    VICTORY_1945 = "victory_1945"
    ASCENSION = "ascension"
    WHIT_MONDAY = "whit_monday"
    NATIONAL_DAY = "national_day"
    ASSUMPTION = "assumption"
    ALL_SAINTS = "all_saints"
    ARMISTICE_1918 = "armistice_1918"
    CHRISTMAS = "christmas"


_FIXED = {
    Holiday.NEW_YEAR: (1, 1),
    Holiday.LABOUR_DAY: (5, 1),
    Holiday.VICTORY_1945: (5, 8),
    Holiday.NATIONAL_DAY: (7, 14),
    Holiday.ASSUMPTION: (8, 15),
    Holiday.ALL_SAINTS: (11, 1),
    Holiday.ARMISTICE_1918: (11, 11),
    Holiday.CHRISTMAS: (12, 25),
}
_FROM_EASTER = {Holiday.EASTER_MONDAY: 1, Holiday.ASCENSION: 39, Holiday.WHIT_MONDAY: 50}


def easter(year: int) -> date:
    """Easter Sunday of a year of the Gregorian calendar (from 1583 on)."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    leap_centuries, rest = divmod(century, 4)
    lunar = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - lunar + 15) % 30
    leaps, years = divmod(of_century, 4)
    weekday = (32 + 2 * rest + 2 * leaps - epact - years) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@cache
def public_holidays(year: int) -> dict[date, Holiday]:
    """The public holidays of a year. Two can fall on one day (Ascension on 1 or 8 May): one day."""
    days = {date(year, *day): holiday for holiday, day in _FIXED.items()}
    sunday = easter(year)
    days |= {sunday + after * DAY: holiday for holiday, after in _FROM_EASTER.items()}
    return dict(sorted(days.items()))


def is_open(day: date, closed: Collection[date] = ()) -> bool:
    """Whether something can take place: no weekend, no holiday, no day the caller closes."""
    return day.weekday() < SATURDAY and day not in public_holidays(day.year) and day not in closed


def open_on_or_after(day: date, closed: Collection[date] = ()) -> date:
    """The first open day from ``day`` on."""
    while not is_open(day, closed):
        day += DAY
    return day


def open_on_or_before(day: date, closed: Collection[date] = ()) -> date:
    """The last open day up to ``day``."""
    while not is_open(day, closed):
        day -= DAY
    return day
