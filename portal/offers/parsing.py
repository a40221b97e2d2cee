"""What is typed in a field of the capture screen, read as a value or refused in French."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from enum import Enum
from typing import Any, TypeVar

from flask_babel import gettext as _

from portal import clock
from portal.models import Confidentiality, ContractKind, LabelledEnum, OfferOrigin
from portal.text import capital

E = TypeVar("E", bound=LabelledEnum)
_HOUR = re.compile(r"^(\d{1,2})\s*(?:[h:.]\s*(\d{2})?)?$", re.IGNORECASE)
_LATEST_START = timedelta(days=730)
_LONGEST_FRESHNESS = timedelta(days=90)


class FieldError(ValueError):
    """What is typed cannot be recorded; the message is for the reader."""

    @property
    def message(self) -> str:
        """What to correct."""
        return str(self.args[0])


class Tristate(Enum):
    """Said yes, said no, not said."""

    YES = "yes"
    NO = "no"


def text_of(limit: int) -> Callable[[str], str | None]:
    """A text of at most ``limit`` characters; empty is None."""

    def parse(raw: str) -> str | None:
        if len(raw) > limit:
            raise FieldError(_("Trop long : %(limit)s caractères au plus.", limit=limit))
        return raw or None

    return parse


def heading(limit: int) -> Callable[[str], str | None]:
    """A text that stands alone, as a title does: its first letter is a capital."""
    parse_text = text_of(limit)

    def parse(raw: str) -> str | None:
        text = parse_text(raw)
        return capital(text) if text else None

    return parse


def whole_number(least: int, most: int) -> Callable[[str], int | None]:
    """A whole number between two bounds; empty is None."""

    def parse(raw: str) -> int | None:
        if not raw:
            return None
        if not re.fullmatch(r"\d{1,6}", raw) or not least <= int(raw) <= most:
            raise FieldError(
                _("Un nombre entier entre %(least)s et %(most)s.", least=least, most=most)
            )
        return int(raw)

    return parse


def weekly_hours(raw: str) -> float | None:
    """Hours a week: « 35 », « 32,5 », « 35 h »."""
    if not raw:
        return None
    cleaned = re.sub(r"\s*h(eures?)?$", "", raw.strip(), flags=re.IGNORECASE).replace(",", ".")
    if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", cleaned) or not 1 <= float(cleaned) <= 48:
        raise FieldError(_("Des heures par semaine entre 1 et 48 : « 35 » ou « 32,5 »."))
    return float(cleaned)


def hour(raw: str) -> str | None:
    """« 07:30 » from « 7h30 », « 7 h », « 07:30 »."""
    if not raw:
        return None
    match = _HOUR.match(raw.replace("\u00a0", " ").strip())
    if not match or int(match[1]) > 23 or int(match[2] or 0) > 59:
        raise FieldError(_("Une heure comme « 7 h 30 »."))
    return f"{int(match[1]):02d}:{match[2] or '00'}"


def day(raw: str) -> date | None:
    """A day, as browsers send it or « 12/03/2027 »."""
    if not raw:
        return None
    french = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", raw)
    iso = f"{french[3]}-{int(french[2]):02d}-{int(french[1]):02d}" if french else raw
    try:
        return date.fromisoformat(iso)
    except ValueError:
        raise FieldError(_("Une date comme « 12/03/2027 ».")) from None


def coming_day(raw: str) -> date | None:
    """A start date: neither past nor more than two years away."""
    value = day(raw)
    if value is not None and value < clock.today():
        raise FieldError(_("Cette date est passée."))
    if value is not None and value > clock.today() + _LATEST_START:
        raise FieldError(_("Cette date est dans plus de deux ans : vérifiez l’année."))
    return value


def past_day(raw: str) -> date | None:
    """The day something was said: not in the future."""
    value = day(raw)
    if value is not None and value > clock.today():
        raise FieldError(_("Cette date est à venir."))
    return value


def freshness(raw: str) -> date | None:
    """Until when the offer is sure, at most three months."""
    value = day(raw)
    if value is not None and value < clock.today():
        raise FieldError(_("Cette date est passée."))
    if value is not None and value > clock.today() + _LONGEST_FRESHNESS:
        raise FieldError(_("Trois mois au plus : au-delà, l’offre est à reconfirmer."))
    return value


def tristate(raw: str) -> bool | None:
    """Yes, no, or not said."""
    if not raw:
        return None
    try:
        return Tristate(raw) is Tristate.YES
    except ValueError:
        raise FieldError(_("Choisissez dans la liste.")) from None


def one_of(kind: type[E]) -> Callable[[str], E | None]:
    """A member of a closed list; empty is None."""

    def parse(raw: str) -> E | None:
        try:
            return kind(raw) if raw else None
        except ValueError:
            raise FieldError(_("Choisissez dans la liste.")) from None

    return parse


#: Fields that are one column each: how to read them.
PLAIN_FIELDS: dict[str, Callable[[str], Any]] = {
    "title": heading(120),
    "posts": whole_number(1, 99),
    "contract": one_of(ContractKind),
    "origin": one_of(OfferOrigin),
    "start_wanted": coming_day,
    "start_latest": coming_day,
    "start_hour": hour,
    "duration_months": whole_number(1, 60),
    "weekly_hours": weekly_hours,
    "pay_text": text_of(120),
    "description": text_of(4000),
    "confidentiality": one_of(Confidentiality),
    "confidentiality_reason": text_of(250),
    "share_consent_by": text_of(120),
    "fresh_until": freshness,
    "max_introductions": whole_number(1, 20),
    "tutor_available": tristate,
}

#: Free text that others will read: its wording is checked.
CHECKED_TEXTS = ("title", "description", "pay_text")
CHECKED_LABELS = {
    "title": "Métier",
    "description": "Ce que l’employeur a dit",
    "pay_text": "Salaire",
}
