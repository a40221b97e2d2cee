"""CACES as people write them: recommendation, category, old numbers, or just « caces 3 »."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matching.labels.vocabulary import OLD_CACES, OLD_CATEGORIES

CATEGORIES = {
    "r482": ("a", "b1", "b2", "b3", "c1", "c2", "c3", "d", "e", "f", "g"),
    "r483": ("a", "b"),
    "r484": ("1", "2"),
    "r485": ("1", "2"),
    "r486": ("a", "b", "c"),
    "r487": ("1", "2", "3"),
    "r489": ("1a", "1b", "2a", "2b", "3", "4", "5", "6", "7"),
}
_WITHOUT_CATEGORY = "r490"
# The machine named beside the word, when the recommendation is not.
_MACHINES = (
    (re.compile(r"nacelle|pemp|plate-?forme"), "r486"),
    (re.compile(r"chariot|cariste|elevateur|fenwick"), "r489"),
    (re.compile(r"grues? (?:auxiliaires?|de chargement)|bras de grue"), "r490"),
    (re.compile(r"grues? mobiles?"), "r483"),
    (re.compile(r"grues? a tour"), "r487"),
    (re.compile(r"ponts? roulants?|pontier"), "r484"),
    (re.compile(r"gerbeur|transpalette"), "r485"),
    (re.compile(r"engins?|pelles?|chantier|tractopelle|chargeuse"), "r482"),
)
# A machine that has one usual category: a guess, said as such.
_USUAL = (
    (re.compile(r"mini[ -]?pelles?"), "r482", "a"),
    (re.compile(r"\bpelles?\b|pelleteuse"), "r482", "b1"),
    (re.compile(r"tractopelle|chargeuse"), "r482", "c1"),
    (re.compile(r"nacelle"), "r486", "b"),
    (re.compile(r"chariot|cariste|fenwick"), "r489", "3"),
)
# A category written in the manner of the former numbering under a number of today.
_LOOSE = {
    ("r489", "1"): "1a", ("r489", "2"): "2b",
    ("r486", "1a"): "a", ("r486", "3a"): "a", ("r486", "1b"): "b", ("r486", "3b"): "b",
}  # fmt: skip
_OLD_ALONE = {"8": "e", "9": "f", "10": "g"}

_ONE = r"(?<![a-z0-9])(?!a\s+jour)(?:10|[1-9][abc]?|[a-g][1-3]?)(?![a-z0-9'])"
_SEPARATOR = r"\s*(?:[,/+&;\-]|\bet\b|\bou\b|\s)\s*"
_ITEM_NAMED = rf"(?:cat(?:egories?)?\.?\s*)?{_ONE}"
_LIST = rf"(?P<list>{_ITEM_NAMED}(?:{_SEPARATOR}{_ITEM_NAMED})*)"
_NUMBERED = re.compile(
    rf"(?:\bcaces\s*(?:n°\s*)?(?:r\.?\s?-?)?|\br\s?[.\-]?\s?)(?P<number>[34]\d\d)m?(?![0-9])"
    rf"(?:[\s:(\-.,]*{_LIST})?"
)
_NUMBER_LAST = re.compile(
    rf"\bcaces[\s:(\-]*{_LIST}[\s:(\-,]*\br\s?[.\-]?\s?(?P<number>[34]\d\d)m?(?![0-9])"
    rf"(?![\s:(\-.,]*{_ITEM_NAMED})"
)
_MACHINE = r"(?P<machine>(?:[\s:(\-]+(?!r?\d)[a-z]{2,}){1,4}?)"
_BARE = re.compile(rf"\bcaces{_MACHINE}?[\s:(\-]*{_LIST}")
_BARE_MACHINE = re.compile(r"\bcaces(?P<machine>(?:[\s:(\-]+[a-z\-]{2,}){1,4})")
_ITEM = re.compile(_ONE)


def mentions(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """(start, end, canonical type, certain) of every CACES in a folded text."""
    taken: list[tuple[int, int]] = []
    for pattern in (_NUMBER_LAST, _NUMBERED):
        for match in pattern.finditer(text):
            if not _overlaps(match, taken):
                taken.append(match.span())
                yield from _numbered(match)
    for match in _BARE.finditer(text):
        if not _overlaps(match, taken):
            taken.append(match.span())
            yield from _bare(match)
    for match in _BARE_MACHINE.finditer(text):
        if not _overlaps(match, taken):
            yield from _usual(match)


def _overlaps(match: re.Match[str], taken: list[tuple[int, int]]) -> bool:
    return any(match.start() < end and start < match.end() for start, end in taken)


def _numbered(match: re.Match[str]) -> Iterator[tuple[int, int, str, bool]]:
    written = f"r{match['number']}"
    today = OLD_CACES.get(written, written)
    if today == _WITHOUT_CATEGORY:
        yield match.start(), match.end(), f"caces_{today}", True
    for item in _items(match["list"]):
        category = OLD_CATEGORIES.get((written, item), item)
        certain = category in CATEGORIES.get(today, ())
        category = _LOOSE.get((today, category), category)
        if category in CATEGORIES.get(today, ()):
            certain = certain or today == "r486"
            yield match.start(), match.end(), f"caces_{today}_{category}", certain


def _bare(match: re.Match[str]) -> Iterator[tuple[int, int, str, bool]]:
    named = _recommendation(match["machine"] or "")
    if named == _WITHOUT_CATEGORY:
        yield match.start(), match.end(), f"caces_{named}", True
        return
    for item in _items(match["list"]):
        today = named or ("r489" if item[0].isdigit() else "r482")
        category = _LOOSE.get((today, item), item)
        if category not in CATEGORIES[today] and item in _OLD_ALONE:
            today, category = "r482", _OLD_ALONE[item]
        elif category not in CATEGORIES[today] and ("r486", item) in _LOOSE:
            today, category = "r486", _LOOSE["r486", item]
        if category in CATEGORIES[today]:
            yield match.start(), match.end(), f"caces_{today}_{category}", named is not None


def _usual(match: re.Match[str]) -> Iterator[tuple[int, int, str, bool]]:
    machine = match["machine"]
    if _recommendation(machine) == _WITHOUT_CATEGORY:
        yield match.start(), match.end(), f"caces_{_WITHOUT_CATEGORY}", True
        return
    for pattern, today, category in _USUAL:
        if pattern.search(machine):
            yield match.start(), match.end(), f"caces_{today}_{category}", False
            return


def _recommendation(machine: str) -> str | None:
    return next((number for pattern, number in _MACHINES if pattern.search(machine)), None)


def _items(written: str | None) -> list[str]:
    return _ITEM.findall(re.sub(r"cat(?:egories?)?\.?", " ", written or ""))
