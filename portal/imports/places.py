"""Communes and occupations that a file names, found in the reference of the database.

Both finders load the reference once per run: it is bounded, and does not grow with the file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import matchmaking as mm
from portal.models import Commune, Occupation
from portal.text import fold

# INSEE codes of the arrondissements of Paris, Lyon and Marseille → the commune (COG).
_ARRONDISSEMENTS = (
    (re.compile(r"751(0[1-9]|1\d|20)"), "75056"),
    (re.compile(r"6938[1-9]"), "69123"),
    (re.compile(r"132(0[1-9]|1[0-6])"), "13055"),
)
_WHOLE_WORDS = {"st": "saint", "ste": "sainte"}
_POSTAL = re.compile(r"\d{5}")
_MOST_REMEMBERED = 5_000


class Places:
    """Communes by INSEE code, by postal code and name, or by name alone; never a guess."""

    def __init__(self, session: Session) -> None:
        self._names: dict[str, str] = {}
        self._departements: dict[str, str] = {}
        self._by_postal: dict[str, set[str]] = defaultdict(set)
        self._by_name: dict[str, set[str]] = defaultdict(set)
        query = select(
            Commune.code, Commune.search_name, Commune.postal_codes, Commune.departement_code
        )
        for code, name, postal_codes, departement in session.execute(query):
            self._names[code] = place_words(name)
            self._departements[code] = departement
            self._by_name[self._names[code]].add(code)
            for postal in postal_codes.split("|"):
                self._by_postal[postal].add(code)

    def departement(self, code: str | None) -> str | None:
        """The département of a commune found here."""
        return self._departements.get(code or "")

    def find(
        self, *, insee: str = "", postal: str = "", name: str = "", departement: str = ""
    ) -> str | None:
        """The INSEE code of the one commune meant, None when unknown or in doubt.

        An INSEE code stands; else the postal code, told apart by the name; else the name alone
        (in that département, if it is said).
        """
        code = whole_commune(insee.strip().upper())
        if code in self._names:
            return code
        near = self._by_postal.get(postal.strip(), set()) if postal else set()
        named = self._by_name.get(place_words(name), set()) if name else set()
        if departement:
            named = {code for code in named if self._departements[code] == departement}
        for found in (near & named, near if not name else set(), named if not postal else set()):
            if len(found) == 1:
                return next(iter(found))
        return None

    def find_text(self, text: str) -> str | None:
        """The commune of a cell: « 62041 », « 62000 Arras », « Arras (62000) », « Arras »."""
        digits = _POSTAL.search(text)
        if not digits and (code := text.strip().upper()) in self._names:
            return code
        number = digits.group() if digits else ""
        name = text.replace(number, " ") if number else text
        words = place_words(name)
        return self.find(insee="" if words else number, postal=number, name=words)


def whole_commune(insee: str) -> str:
    """The commune of an arrondissement of Paris, Lyon or Marseille; any other code as it is."""
    for pattern, commune in _ARRONDISSEMENTS:
        if pattern.fullmatch(insee):
            return commune
    return insee


@cache
def _cleaner() -> re.Pattern[str]:
    return re.compile(r"\bcedex\b.*|[^a-z0-9]+")


def place_words(name: str) -> str:
    """A name of commune to compare: « ST-OMER CEDEX 2 » → « saint omer »."""
    words = _cleaner().sub(" ", fold(name)).split()
    return " ".join(_WHOLE_WORDS.get(word, word) for word in words)


class Trades:
    """Occupations by ROME code, old codes included."""

    def __init__(self, session: Session) -> None:
        self._labels: dict[str, str] = {}
        self._children: dict[str, list[str]] = defaultdict(list)
        self._chosen: dict[tuple[str, str], str | None] = {}
        query = select(Occupation.code, Occupation.label, Occupation.parent_code).where(
            Occupation.retired.is_(False)
        )
        for code, label, parent in session.execute(query.order_by(Occupation.code)):
            self._labels[code] = label
            if parent:
                self._children[parent].append(code)

    def find(self, session: Session, rome_code: str, words: Iterable[str]) -> str | None:
        """The current occupation of a ROME code.

        A code that is no longer current was split: among the occupations that came from it,
        the one that the words name (a job title, a course title), or the only one.
        """
        if rome_code in self._labels:
            return rome_code
        children = self._children.get(rome_code, [])
        if len(children) < 2:
            return children[0] if children else None
        return next((c for text in words if (c := self._named(session, text, children))), None)

    def _named(self, session: Session, text: str, among: list[str]) -> str | None:
        key = (among[0], text)
        if key not in self._chosen:
            if len(self._chosen) >= _MOST_REMEMBERED:
                self._chosen.clear()
            found = mm.resolve_occupations(session, text, limit=20) if text else []
            self._chosen[key] = next((match.code for match in found if match.code in among), None)
        return self._chosen[key]
