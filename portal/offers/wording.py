"""Wording that the law forbids in an offer: found as one types, with the reason and a proposal.

Grounds and articles: Code du travail L1132-1 (discrimination) and L1142-1 (sex). The patterns,
the phrases that look like them but are legitimate, and the words shown are data files, so that
a trade's vocabulary is extended without code. A finding never rewrites: a person decides.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_DATA = files("portal.offers").joinpath("data")
_QUOTES = {"’": "'", "ʼ": "'", "‘": "'"}
_LIGATURES = {"œ": "oe", "æ": "ae"}


@dataclass(frozen=True, slots=True)
class Ground:
    """A protected ground: its name, why it is protected, and the article of law."""

    code: str
    label: str
    reason: str
    article: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A passage to reword: ``start`` and ``end`` are offsets in the text given."""

    ground: Ground
    start: int
    end: int
    excerpt: str
    proposal: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    ground: Ground
    expression: re.Pattern[str]
    proposal: str


def find_discriminating(text: str) -> list[Finding]:
    """The passages of ``text`` that name a protected ground, in order; empty when it may be said.

    A passage inside a legitimate phrase (« trou d’homme », « femmes et hommes ») is left out.
    """
    folded, places = _folded(text)
    allowed = [match.span() for guard in _legitimate() for match in guard.finditer(folded)]
    found = []
    for pattern in _patterns():
        for match in pattern.expression.finditer(folded):
            if any(low <= match.start() and match.end() <= high for low, high in allowed):
                continue
            start, end = places[match.start()], places[match.end() - 1] + 1
            excerpt = text[start:end]
            found.append(Finding(pattern.ground, start, end, excerpt, pattern.proposal))
    return sorted(_without_repetition(found), key=lambda finding: finding.start)


def _without_repetition(findings: Iterable[Finding]) -> Iterator[Finding]:
    """One finding per ground and place: the longest passage stands for those inside it."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: f.start - f.end):
        covered = any(
            other.ground == finding.ground
            and other.start <= finding.start
            and finding.end <= other.end
            for other in kept
        )
        if not covered:
            kept.append(finding)
            yield finding


def _folded(text: str) -> tuple[str, list[int]]:
    """Lower case without accents, any run of blanks as one, with each character's origin."""
    characters: list[str] = []
    places: list[int] = []
    for place, raw in enumerate(text):
        if raw.isspace():
            if characters and characters[-1] != " ":
                characters.append(" ")
                places.append(place)
            continue
        char = _QUOTES.get(raw, raw).lower()
        plain = unicodedata.normalize("NFKD", _LIGATURES.get(char, char))
        for piece in plain:
            if not unicodedata.combining(piece):
                characters.append(piece)
                places.append(place)
    return "".join(characters), places


@cache
def _patterns() -> tuple[_Pattern, ...]:
    grounds = {row["code"]: Ground(**row) for row in _grounds()}
    return tuple(
        _Pattern(grounds[row["ground"]], _whole_words(row["pattern"]), row["proposal"])
        for row in _rows("wording_patterns.csv")
    )


@cache
def _legitimate() -> tuple[re.Pattern[str], ...]:
    return tuple(_whole_words(row["pattern"]) for row in _rows("wording_legitimate.csv"))


def legitimate_examples() -> list[str]:
    """One sentence per legitimate phrase: none of them may be flagged."""
    return [row["example"] for row in _rows("wording_legitimate.csv")]


def _whole_words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w])(?:{pattern})(?!\w)")


def _grounds() -> Iterator[dict[str, str]]:
    for row in _rows("wording_grounds.csv"):
        yield {"code": row.pop("ground"), **row}


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_DATA.joinpath(name).read_text(encoding="utf-8").splitlines()))
