"""What a nomenclature says of its trades: the only thing the closeness of trades is made of.

No mobility is here: a link between two trades has no field, so it cannot be an input.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matching.records import Skill


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade and its sheet, as skill ids and words.

    ``core`` are the skills that define it, in the order of the sheet; ``others`` the rest
    (emerging ones included); ``knowledge`` the ids of what it takes to know. ``titles`` are its
    names, ``text`` its definition. ``parent`` is the code it is filed under, its own code when
    it heads its family, None when the nomenclature does not say.
    """

    code: str
    label: str
    core: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    text: str = ""
    parent: str | None = None

    @property
    def gestures(self) -> tuple[str, ...]:
        """What is counted when telling the trade: its core skills, or all where none is core."""
        return self.core or self.others


@dataclass(frozen=True, slots=True)
class Nomenclature:
    """Trades by code, and skills (knowledge included) by id; both in a fixed order."""

    trades: Sequence[Trade]
    skills: Mapping[str, Skill]

    @classmethod
    def of(cls, trades: Iterable[Trade], skills: Iterable[Skill]) -> Nomenclature:
        """Sorted, so that no result depends on the order of the input.

        Raises ``ValueError`` when two trades have the same code.
        """
        ordered = sorted(trades, key=lambda trade: trade.code)
        if len({trade.code for trade in ordered}) < len(ordered):
            raise ValueError("two trades have the same code")
        known = {skill.id: skill for skill in sorted(skills, key=lambda skill: skill.id)}
        return cls(ordered, known)
