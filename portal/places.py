"""The commune that somebody typed: its name, a postal code, an INSEE code, or « Lens (62300) »."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from portal.models import Commune
from portal.text import fold, prefix_pattern

_MOST = 8
_CODE = 5
_FULL_WORDS = {"st": "saint", "ste": "sainte"}


@dataclass(frozen=True, slots=True)
class _Typed:
    """What is typed, read: « St-Omer (62500) » is « saint omer » and « 62500 »."""

    name: str
    digits: str

    @classmethod
    def read(cls, text: str) -> _Typed:
        words = fold(text).translate(str.maketrans("-()", "   ")).split()
        digits = next((word for word in words if word.isdigit()), "")
        kept = (_FULL_WORDS.get(word, word) for word in words if not word.isdigit())
        return cls(" ".join(kept), digits)

    def means(self) -> ColumnElement[bool]:
        """Whether a commune may be meant: a word of its name begins so, or it has this code."""
        if not self.name:
            return or_(self.has_postal_code(), Commune.code == self.digits)
        if len(self.name) == 1:
            return _spelled() == self.name
        begins = prefix_pattern(self.name)
        return or_(
            _spelled().like(begins, escape="\\"),
            _spelled().like(f"% {begins}", escape="\\"),
            Commune.code == self.name.upper(),  # « 2A004 », in Corsica
        )

    def has_postal_code(self) -> ColumnElement[bool]:
        return Commune.postal_codes.contains(self.digits, autoescape=True)

    def agrees(self, row: Commune) -> bool:
        """Whether the digits, if any, are in a code of this commune; one unknown denies nothing."""
        return not row.postal_codes or self.digits in row.postal_codes or self.digits == row.code

    def nearness(self) -> list[ColumnElement[int]]:
        """The exact name first, then those that begin so; homonyms by their postal code."""
        begins = _spelled().like(prefix_pattern(self.name), escape="\\")
        return [
            case((_spelled() == self.name, 0), (begins, 1), else_=2),
            case((self.has_postal_code(), 0), else_=1),
        ]


def find_communes(session: Session, text: str, limit: int = _MOST) -> list[Commune]:
    """Those that may be meant, accents and hyphens aside; the nearest, then the largest first.

    When the code typed contradicts the name, those of the code come after those of the name.
    """
    typed = _Typed.read(text)
    if not typed.name and len(typed.digits) < 2:
        return []
    largest = func.coalesce(Commune.population, 0).desc()
    query = select(Commune).order_by(*typed.nearness(), largest, Commune.search_name, Commune.code)
    found = list(session.scalars(query.where(typed.means()).limit(limit)))
    if len(typed.digits) == _CODE and not any(typed.agrees(row) for row in found):
        found += session.scalars(query.where(typed.has_postal_code()).limit(limit))
    return found[:limit]


def only_commune(found: Sequence[Commune], text: str) -> Commune | None:
    """The commune meant without doubt: the only exact name, or the only one of a whole code.

    A code that is not the commune's contradicts its name: one of the two is wrong, and the screen
    asks which.
    """
    typed = _Typed.read(text)
    if not typed.name:
        return found[0] if len(found) == 1 and len(typed.digits) == _CODE else None
    exact = [row for row in found if row.search_name.replace("-", " ") == typed.name]
    meant = [row for row in exact if typed.agrees(row)]
    return meant[0] if len(meant) == 1 else None


def code_agrees(commune: Commune, text: str) -> bool:
    """Whether the code typed beside a name, if one is, may be this commune's."""
    return _Typed.read(text).agrees(commune)


def _spelled() -> ColumnElement[str]:
    return func.replace(Commune.search_name, "-", " ")
