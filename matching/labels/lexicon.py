"""The everyday lexicon: words people really use, and the ROME codes they mean."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from matching.labels.model import EverydayWord

_FILE = "lexicon.csv"


@cache
def everyday_words() -> tuple[EverydayWord, ...]:
    """Every line of ``lexicon.csv``: a phrase and its ROME 4.0 codes, likeliest first.

    Codes between « > » keep that order; between « | », one whose labels are nearer to the phrase
    comes first. A third column, often absent, holds the codes under which such offers are filed
    too.

    Lines that start with « # » name the domain of the lines below. Raises ValueError, with
    the phrase, on a line with no code, or an empty one, or a phrase written twice.
    """
    text = files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    found: dict[str, EverydayWord] = {}
    for row in csv.DictReader(lines):
        phrase, firm, more = row["phrase"], ">" in row["codes"], row.get("also")
        codes = tuple(row["codes"].split(">" if firm else "|"))
        also = tuple(more.split("|")) if more else ()
        if not all((*codes, *also)) or phrase in found:
            raise ValueError(f"{_FILE}: {phrase!r} has no code or is written twice")
        found[phrase] = EverydayWord(phrase, codes, also, firm)
    return tuple(found.values())
