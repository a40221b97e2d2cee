"""What can still follow a sequence of kinds, dates aside: bounds that drop nothing useful.

Each answers for all that may follow, so what it refuses could be no scenario at all.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from matching.pathways.catalogue import Board
from matching.pathways.labels import Kind


@dataclass(slots=True)
class Bounds:
    """The bounds of one search. ``room``: how many trainings a scenario without question has."""

    board: Board
    kinds: Collection[Kind]
    room: int
    _gainable: int = 0
    _later: dict[tuple[int, bool], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._gainable = reduce(or_, (kind.gives for kind in self.kinds), 0)

    def asked_later(self, covered: int, spare: bool) -> int:
        """The firm bits that the goal, or a training that may still come, asks.

        A training may come when it closes one of them, or as the only spare one.
        """
        key = (covered, spare)
        if key not in self._later:
            asked, before = self.board.goal & self.board.firm, -1
            while asked != before:
                before = asked
                for kind in self.kinds:
                    if kind.gives & ~covered & asked or (kind.relevant and not spare):
                        asked |= kind.asks
            self._later[key] = asked
        return self._later[key]

    def left(self, taken: int, covered: int, spare: bool) -> int:
        """How many trainings may still follow: each closes something asked, but one spare."""
        asked = self.asked_later(covered, spare) & ~covered
        return min(self.room - taken, asked.bit_count() + (not spare))

    def plainly_left(self, taken: int, covered: int, spare: bool) -> int:
        """``left`` by a plainer count: each closes anything firm, but one spare."""
        return min(self.room - taken, (self._gainable & ~covered).bit_count() + (not spare))

    def unpadded(self, kinds: tuple[Kind, ...], later: int | None = None) -> bool:
        """At most one training that is not needed, and that one relevant to the goal.

        ``later``: the bits that may still be asked; then, whether that can become true.
        """
        asked = [*(kind.asks for kind in kinds), self.board.goal & self.board.firm]
        if later is not None:
            asked[-1] = later
        before, spare = 0, False
        for place, kind in enumerate(kinds):
            if not _needed(place, kinds, asked, before):
                if spare or not kind.relevant:
                    return False
                spare = True
            before |= kind.gives
        return True

    def endable(self, kinds: tuple[Kind, ...], covered: int) -> bool:
        """Whether they are a scenario without padding, as they are or with one more training."""
        lacking = self.board.lacking & ~covered
        missing = self.board.goal & lacking
        return (not missing and self.unpadded(kinds)) or any(
            not missing & ~kind.gives and not kind.asks & lacking and self.unpadded((*kinds, kind))
            for kind in self.kinds
        )


def _needed(place: int, kinds: tuple[Kind, ...], asked: list[int], before: int) -> bool:
    """Whether something later asks a bit that only the training at ``place`` gives before it.

    ``before``: what those before it give.
    """
    gives = kinds[place].gives & ~before
    for step in range(place + 1, len(asked)):
        if asked[step] & gives:
            return True
        if step < len(kinds):
            gives &= ~kinds[step].gives
    return False
