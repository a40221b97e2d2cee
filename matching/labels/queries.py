"""The readings of what someone typed: a job title says more than the trade."""

from __future__ import annotations

import re
from typing import NamedTuple

from matching.labels.normalise import fold, without_gender_marks, words
from matching.labels.vocabulary import (
    OLD_CACES,
    OLD_CATEGORIES,
    QUERY_ASKERS,
    QUERY_DIPLOMAS,
    QUERY_LEADS,
    QUERY_NOISE,
)

_SEGMENT_END = re.compile(r"\s+[-–—|:]+\s+|[\[\],;]|\s\(|\)")
_CACES_WORD = re.compile(r"r[34]\d\d")
_MOST_SEGMENTS = 3


class Readings(NamedTuple):
    """Canonical readings of a query; all empty when it holds no letter or digit.

    ``literal`` is everything typed; ``others`` say the same without the noise (contract,
    hours, diploma, « recherche urgent ») or with the CACES number of today; ``segments`` are the
    parts between dashes, commas and brackets when there are several.
    """

    literal: str
    others: tuple[str, ...]
    segments: tuple[str, ...]


def query_readings(text: str) -> Readings:
    """Read a query. The same reading never appears twice."""
    literal = words(text)
    if not literal:
        return Readings("", (), ())
    asked = QUERY_ASKERS.sub(" ", without_gender_marks(fold(text)))
    trade = QUERY_NOISE.sub(" ", QUERY_DIPLOMAS.sub(" ", QUERY_LEADS.sub(" ", asked)))
    quiet = words(trade)
    others = _distinct([quiet, _caces_of_today(literal), _caces_of_today(quiet)], {literal})
    parts = [words(part) for part in _SEGMENT_END.split(trade)]
    segments = _distinct(parts, {literal, *others})[:_MOST_SEGMENTS]
    return Readings(" ".join(literal), _joined(others), _joined(segments))


def _distinct(
    readings: list[tuple[str, ...]], known: set[tuple[str, ...]]
) -> list[tuple[str, ...]]:
    return [reading for reading in dict.fromkeys(readings) if reading and reading not in known]


def _joined(readings: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(" ".join(reading) for reading in readings)


def _caces_of_today(reading: tuple[str, ...]) -> tuple[str, ...]:
    """R372 and R389 under their numbers since 2020; « caces 3 » alone is a forklift's."""
    if "caces" in reading and not any(_CACES_WORD.fullmatch(word) for word in reading):
        at = reading.index("caces") + 1
        if at < len(reading) and reading[at][0].isdigit():
            return (*reading[:at], "r489", *reading[at:])
    pairs = zip(("", *reading), reading, strict=False)
    return tuple(OLD_CATEGORIES.get(pair, OLD_CACES.get(pair[1], pair[1])) for pair in pairs)
