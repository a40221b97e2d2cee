"""The language in which a person is written to: the one they chose for their space, else French.

Messages are also written outside of requests (reminders leave by the hour), where no page has a
language: a tongue reads the catalogue of the person's pages by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.dates import format_date

from portal.clock import PARIS
from portal.models import Account, EmployerContact, Person
from portal.web.filters import clock_time
from portal.web.language import DEFAULT, direction_of, is_language

_CATALOGUES = Path(__file__).resolve().parents[1] / "translations"
#: After the day of the week.
_AFTER_WEEKDAY = {"ar": "، ", "uk": ", "}
#: Whose letters an SMS has not in its own alphabet (:mod:`portal.messages.gsm7`).
_OTHER_WRITINGS = frozenset({"ar", "uk"})


@dataclass(frozen=True, slots=True, eq=False)
class Tongue:
    """A language, called as gettext is: ``_ = tongue_of(person)``, ``_("Bonjour,")``."""

    code: str
    catalogue: NullTranslations

    def __call__(self, text: str, **values: object) -> str:
        """A French text in this language, its ``%(name)s`` filled."""
        said = self.catalogue.gettext(text)
        return said % values if values else said

    @property
    def is_french(self) -> bool:
        """Whether it is the language in which data are typed."""
        return self.code == DEFAULT

    @property
    def colon(self) -> str:
        """What stands between who speaks and what they say."""
        return "\u00a0: " if self.is_french else ": "

    @property
    def has_other_writing(self) -> bool:
        """Whether its SMS have 70 signs, or two parts of 67, instead of 160."""
        return self.code in _OTHER_WRITINGS

    @property
    def right_to_left(self) -> bool:
        """Whether one reads it from the right."""
        return direction_of(self.code) == "rtl"

    def day(self, on: date, numbers: str = "d MMMM") -> str:
        """« jeudi 12 mars », « Thursday 12 March »; ``numbers``: a pattern of the CLDR."""
        return say_day(on, self.code, numbers)

    def hour(self, instant: datetime) -> str:
        """« 14 h 30 » in French, « 14:30 » elsewhere, in Paris."""
        return say_hour(instant, self.code)


def say_day(on: date, code: str, numbers: str) -> str:
    """A day of the week and its date; digits are those used in France in every language."""
    weekday = str(format_date(on, "EEEE", locale=code))
    date_text = str(format_date(on, numbers, locale=code))
    if code == DEFAULT and on.day == 1:
        date_text = date_text.replace("1", "1er", 1)
    return f"{weekday}{_AFTER_WEEKDAY.get(code, ' ')}{date_text}"


def say_hour(value: str | datetime, code: str) -> str:
    """« 7 h 30 » in French, « 7:30 » elsewhere, from « 07:30 » or an instant."""
    if code == DEFAULT:
        return clock_time(value)
    text = value.astimezone(PARIS).strftime("%H:%M") if isinstance(value, datetime) else value
    hours, _, minutes = text.partition(":")
    return f"{int(hours)}:{minutes or '00'}"


def tongue_of(bearer: Person | EmployerContact | Account) -> Tongue:
    """The language a person chose for their space; French, and to everybody else."""
    chosen = bearer.language if isinstance(bearer, Person) else None
    return tongue(chosen if chosen is not None and is_language(chosen) else DEFAULT)


@cache
def tongue(code: str) -> Tongue:
    """The language of a code; what it has not translated is said in French."""
    path = _CATALOGUES / code / "LC_MESSAGES" / "messages.mo"
    if not path.exists():
        return Tongue(code, NullTranslations())
    with path.open("rb") as file:
        return Tongue(code, GNUTranslations(file))


FRENCH = tongue(DEFAULT)
