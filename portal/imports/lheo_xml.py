"""Elements of LHEO, whatever the version: texts, dates, hours, addresses, codes."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from datetime import date
from typing import cast

from lxml import etree

from portal.imports.lheo_values import Place
from portal.models import RecruitmentState

# dict-etat-recrutement: 1 open, 2 closed (every seat is taken), 3 suspended (may open again).
_STATES = {"1": RecruitmentState.OPEN, "2": RecruitmentState.CLOSED}
# dict-niveaux, 0 to 8: the old French levels, as levels of the national framework of 2019; 11 to
# 18 are that framework's own levels 1 to 8.
_LEVELS = {"4": 3, "5": 4, "6": 5, "7": 6, "8": 7, **{str(10 + n): n for n in range(1, 9)}}
_LONGEST_REF = 128
_BREAKS = re.compile(r"<\s*(?:br|/p|/li|/div|/h\d)\b[^>]*>", re.IGNORECASE)
_TAGS = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_HOUR = re.compile(r"(\d{1,2})\s*(?:[hH:]\s*(\d{2})?)?\s*(?:min|mn)?")
_MOST_HOURS = 10_000


def line_of(element: etree._Element) -> int | None:
    """The line of the file where an element starts."""
    return cast("int | None", element.sourceline)


def strip_namespaces(element: etree._Element) -> None:
    """Local names only, so that one path reads every version."""
    for node in element.iter():
        if isinstance(node.tag, str):
            node.tag = node.tag.rpartition("}")[2]


def text_of(element: etree._Element | None, *paths: str, limit: int = 255) -> str | None:
    """The first text at one of the paths: plain, cut to ``limit``; None when empty or « - »."""
    if element is None:
        return None
    for path in paths:
        for found in element.iterfind(path):
            text = plain(found.text or "")
            if text and text not in {"-", "."}:
                return text[:limit]
    return None


def texts_of(element: etree._Element, *paths: str) -> Iterator[str]:
    """Every text at the paths, in order, once each."""
    seen = set()
    for path in paths:
        for found in element.iterfind(path):
            text = plain(found.text or "")
            if text and text not in seen:
                seen.add(text)
                yield text


def plain(text: str) -> str:
    """Text without markup: some catalogues escape HTML into their texts, sometimes twice."""
    if "<" in text or "&" in text:
        text = html.unescape(_TAGS.sub("", _BREAKS.sub("\n", html.unescape(text))))
    return _LINES.sub("\n", _SPACES.sub(" ", text.replace("\0", ""))).strip()


def day_of(element: etree._Element, *paths: str) -> date | None:
    """A date « 20260915 »; None for the placeholders 00000000 and 99999999, or a wrong one."""
    text = text_of(element, *paths)
    if text is None or not re.fullmatch(r"\d{8}", text):
        return None
    try:
        found = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return found if 1970 <= found.year <= 2100 else None


def hours_of(element: etree._Element, *paths: str) -> int | None:
    """A number of hours; None when absent, zero or absurd."""
    text = text_of(element, *paths)
    if text is None or not re.fullmatch(r"[0-9]{1,6}(?:[.,][0-9]+)?", text):
        return None
    hours = round(float(text.replace(",", ".")))
    return hours if 0 < hours <= _MOST_HOURS else None


def count_of(element: etree._Element, *paths: str) -> int | None:
    """A number of seats; None when it is not said (never taken for zero)."""
    text = text_of(element, *paths)
    return int(text) if text and re.fullmatch(r"[0-9]{1,5}", text) else None


def hour_of(element: etree._Element, *paths: str) -> str | None:
    """« 9h », « 09h30 », « 09:30 » → « 09:30 »."""
    match = _HOUR.fullmatch(text_of(element, *paths) or "")
    if not match:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def place_of(element: etree._Element | None, *paths: str) -> Place:
    """The address under one of the paths that says a place."""
    for path in paths if element is not None else ():
        for address in element.iterfind(path):  # type: ignore[union-attr]
            place = Place(
                text_of(address, "code-INSEE-commune", limit=5) or "",
                text_of(address, "codepostal", limit=5) or "",
                text_of(address, "ville", limit=100) or "",
            )
            if place:
                return place
    return Place()


def state_of(session: etree._Element) -> RecruitmentState:
    """The recruitment state; « suspended » is to be checked, like one that is not said."""
    return _STATES.get(text_of(session, "etat-recrutement") or "", RecruitmentState.UNKNOWN)


def level_of(code: str | None) -> int | None:
    """The level (1 to 8) of a code of dict-niveaux, None when it says none."""
    return _LEVELS.get(code or "")


def flag_of(element: etree._Element, *paths: str) -> bool | None:
    """« 1 » or « 0 »; None when not said."""
    return {"1": True, "0": False}.get(text_of(element, *paths) or "")


def register_code(prefix: str, text: str | None) -> str | None:
    """« 320 », « RNCP320 », « RNCP 320 » → « RNCP320 »."""
    match = re.fullmatch(rf"(?:{prefix})?\s*0*([1-9]\d{{0,6}})", text or "", re.IGNORECASE)
    return f"{prefix}{match[1]}" if match else None


def reference_of(element: etree._Element, *otherwise: object) -> str:
    """The number that the catalogue gave; without one, a digest of what does not move."""
    number = " ".join((element.get("numero") or "").split())
    if number and len(number) <= _LONGEST_REF:
        return number
    said = "\n".join(str(part) for part in (number, *otherwise))
    return "sans-numero-" + hashlib.sha256(said.encode()).hexdigest()[:32]
