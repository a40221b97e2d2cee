"""Days, hours and durations as the person reads them, in the language of the page.

Digits are the ones used in France in every language: an Arabic page says « 12 », like the letter,
the bus timetable and the phone do. Names of days and months come from the CLDR (Babel).
"""

from __future__ import annotations

from datetime import date, datetime

from babel.units import format_unit
from flask_babel import get_locale

from portal.clock import PARIS
from portal.messages.tongues import say_day, say_hour
from portal.web.filters import minutes_text


def day(value: date | datetime | None) -> str:
    """« jeudi 12 mars » (« dimanche 1er mars »); empty without a value."""
    return _say(value, "d MMMM")


def day_with_year(value: date | datetime | None) -> str:
    """« jeudi 12 mars 2027 », for what is not near."""
    return _say(value, "d MMMM y")


def hour(value: str | datetime | None) -> str:
    """« 7 h 30 » in French, « 7:30 » elsewhere, from « 07:30 » or an instant (Paris)."""
    return say_hour(value, _language()) if value else ""


def duration(minutes: int) -> str:
    """« 1 h 05 » from 65 minutes in French; « 1 hr 5 min », « ساعة و5 دقائق » elsewhere."""
    language = _language()
    if language == "fr":
        return minutes_text(minutes)
    hours, rest = divmod(minutes, 60)
    parts = [(hours, "hour")] * bool(hours) + [(rest, "minute")] * bool(rest or not hours)
    # An abbreviation says nothing in Arabic; elsewhere it needs no grammatical case.
    if language == "ar":
        return " و".join(format_unit(value, unit, locale=language) for value, unit in parts)
    return " ".join(format_unit(value, unit, "short", locale=language) for value, unit in parts)


def day_of(value: date | datetime) -> date:
    """The day in Paris of a date or of an instant."""
    return value.astimezone(PARIS).date() if isinstance(value, datetime) else value


def _say(value: date | datetime | None, numbers: str) -> str:
    return say_day(day_of(value), _language(), numbers) if value else ""


def _language() -> str:
    locale = get_locale()
    return str(locale.language) if locale else "fr"
