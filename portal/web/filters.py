"""How dates, hours, numbers and travel times read in French."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask
from flask_babel import format_date, format_decimal, ngettext

from portal.clock import PARIS
from portal.phones import phone_text, tel_href
from portal.text import typeset

_NBSP = "\u00a0"


def date_long(value: date | datetime | None) -> str:
    """« jeudi 12 mars 2027 »."""
    if not value:
        return ""
    return str(format_date(_day(value), "EEEE d MMMM y")).replace(" 1 ", " 1er ", 1)


def date_short(value: date | datetime | None) -> str:
    """« 12 mars 2027 » (« 1er mars 2027 »)."""
    if not value:
        return ""
    text = str(format_date(_day(value), "d MMMM y"))
    return text.replace("1 ", "1er ", 1) if _day(value).day == 1 else text


def date_tiny(value: date | datetime | None) -> str:
    """« 12/03/2027 »."""
    return str(format_date(_day(value), "dd/MM/y")) if value else ""


def clock_time(value: str | datetime | None) -> str:
    """« 7 h 30 » from « 07:30 » or an instant (Paris)."""
    if not value:
        return ""
    text = value.astimezone(PARIS).strftime("%H:%M") if isinstance(value, datetime) else value
    hours, _, minutes = text.partition(":")
    shown = "" if minutes in {"", "00"} else f"{_NBSP}{minutes}"
    return f"{int(hours)}{_NBSP}h{shown}"


def minutes_text(value: float | None) -> str:
    """« 35 min », « 1 h 05 » from minutes, rounded to the minute."""
    if value is None:
        return ""
    total = round(value)
    if total < 60:
        return f"{total}{_NBSP}min"
    return (
        f"{total // 60}{_NBSP}h{_NBSP}{total % 60:02d}" if total % 60 else f"{total // 60}{_NBSP}h"
    )


def count_of(value: int, singular: str, plural: str) -> str:
    """« 1 personne », « 3 personnes »: the number and its noun agree."""
    return f"{value}{_NBSP}{ngettext(singular, plural, value)}"


def number(value: int | float) -> str:
    """« 13 120 », with the spaces of French numbers."""
    return str(format_decimal(value))


def siret_text(value: str | None) -> str:
    """« 123 456 789 00012 »: the SIREN in threes, then the establishment; « – » without one."""
    if not value:
        return "–"
    if len(value) != 14 or not value.isdigit():
        return value
    return "\u00a0".join((value[:3], value[3:6], value[6:9], value[9:]))


def _day(value: date | datetime) -> date:
    return value.astimezone(PARIS).date() if isinstance(value, datetime) else value


def init_app(app: Flask) -> None:
    """Register the filters under the names templates use."""
    app.jinja_env.filters.update(
        date_fr=date_short,
        date_long=date_long,
        date_tiny=date_tiny,
        clock_time=clock_time,
        minutes=minutes_text,
        count_of=count_of,
        number_fr=number,
        phone=phone_text,
        siret=siret_text,
        tel=tel_href,
        typeset=typeset,
    )
