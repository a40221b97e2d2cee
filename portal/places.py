"""The commune that somebody typed: its name, a postal code, an INSEE code, or « Lens (62300) »."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from portal.models import Commune
from portal.text import fold, prefix_pattern

_MOST = 8
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

    def nearness(self) -> list[ColumnElement[int]]:
        """The exact name first, then those that begin so; homonyms by their postal code."""
        begins = _spelled().like(prefix_pattern(self.name), escape="\\")
        return [
            case((_spelled() == self.name, 0), (begins, 1), else_=2),
            case((self.has_postal_code(), 0), else_=1),
        ]


def find_communes(session: Session, text: str, limit: int = _MOST) -> list[Commune]:
    """Those that may be meant, accents and hyphens aside; the nearest, then the largest first."""
    typed = _Typed.read(text)
    if not typed.name and len(typed.digits) < 2:
        return []
    largest = func.coalesce(Commune.population, 0).desc()
    query = select(Commune).where(typed.means())
    ordered = query.order_by(*typed.nearness(), largest, Commune.search_name, Commune.code)
    return list(session.scalars(ordered.limit(limit)))


def only_commune(found: Sequence[Commune], text: str) -> Commune | None:
    """The commune meant without doubt: the only exact name, or the only one of a whole code."""
    typed = _Typed.read(text)
    if not typed.name:
        return found[0] if len(found) == 1 and len(typed.digits) == 5 else None
    there = [row for row in found if typed.digits in row.postal_codes] or found
    exact = [row for row in there if row.search_name.replace("-", " ") == typed.name]
    return exact[0] if len(exact) == 1 else None


def _spelled() -> ColumnElement[str]:
    return func.replace(Commune.search_name, "-", " ")
