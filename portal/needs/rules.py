"""Which moves a need may make, and how counts of people are told, without a database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.access.transitions import Machine
from portal.models import NeedState
from portal.projects.rules import SMALLEST_SHOWN, Range, shown_count

_S = NeedState
NEED_MACHINE: Machine[NeedState] = Machine(
    {
        _S.OPEN: frozenset({_S.TAKEN_UP, _S.CLOSED}),
        _S.TAKEN_UP: frozenset({_S.OPEN, _S.CLOSED}),
        _S.CLOSED: frozenset({_S.OPEN}),
    }
)
#: Needs that still wait for an answer.
WAITING = frozenset({_S.OPEN, _S.TAKEN_UP})


@dataclass(frozen=True, slots=True)
class Cell:
    """The smallest box in which people are counted: every filter keeps or leaves whole boxes.

    So no two screens can be subtracted from each other to count fewer people than a box holds.
    """

    trade: str
    place: str
    state: NeedState
    year: int


def shown_part(count: int, whole: int, *, masked: bool) -> Range:
    """How many of the ``whole`` people of a box share something, as the reader may know it.

    Masked too when those who do *not* share it are few: the difference would tell them.
    """
    if masked and 0 < whole - count < SMALLEST_SHOWN <= count:
        return Range(max(1, whole - SMALLEST_SHOWN + 1), whole - 1)
    return shown_count(count, masked=masked)


def total(counts: Iterable[Range]) -> Range:
    """The sum of counts as shown: it unmasks nothing."""
    return sum(counts, start=Range(0, 0))
