"""What can still follow a sequence of trainings at best: bounds that drop nothing useful.

Each answers for all that may follow, so what it refuses could only be dominated by a scenario
already found, or be no scenario at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from matching.pathways.catalogue import Board
from matching.pathways.labels import Kind, Measure, Timetable
from matching.pathways.situation import Situation
from matching.sessions import NEVER


@dataclass(slots=True)
class Bounds:
    """The bounds of one search. ``room``: how many trainings a scenario without question has."""

    situation: Situation
    board: Board
    kinds: Mapping[Kind, Timetable]
    room: int
    _gainable: int = 0
    _reachable: dict[tuple[int, int], bool] = field(default_factory=dict)
    _later: dict[tuple[int, bool], int] = field(default_factory=dict)
    _hires: dict[tuple[int, int, int], int] = field(default_factory=dict)
    _closed: dict[tuple[int, int, int], int] = field(default_factory=dict)
    _next: dict[tuple[int, int], list[tuple[int, Timetable]]] = field(default_factory=dict)

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

    def coverable(self, covered: int, left: int) -> bool:
        """Whether so many trainings can close the gaps of the goal, dates aside."""
        lacking = self.board.lacking
        if not self.board.goal & lacking & ~covered:
            return True
        key = (covered, left)
        if key not in self._reachable:
            self._reachable[key] = left > 0 and any(
                self.coverable(covered | kind.gives, left - 1)
                for kind in self.kinds
                if kind.gives & ~covered and not kind.asks & lacking & ~covered
            )
        return self._reachable[key]

    def unpadded(self, kinds: tuple[Kind, ...], later: int | None = None) -> bool:
        """At most one training that is not needed, and that one relevant to the goal.

        ``later``: the bits that may still be asked; then, whether that can become true.
        """
        asked = [*(kind.asks for kind in kinds), self.board.goal & self.board.firm]
        if later is not None:
            asked[-1] = later
        spare = [k for i, k in enumerate(kinds) if not _needed(i, kinds, asked)]
        return len(spare) <= 1 and all(kind.relevant for kind in spare)

    def soonest_hire(self, end: int, covered: int, left: int) -> int:
        """The first day of hire after ``left`` trainings at most that close the gaps of the goal.

        They follow one another from the day after ``end``; ``covered`` are lacking bits closed.
        ``NEVER`` when none do it in time.
        """
        key = (end, covered, left)
        if key not in self._hires:
            closed = self._soonest_closed(end, covered, left)
            hire = None if closed == NEVER else self.situation.hire_after(closed)
            self._hires[key] = NEVER if hire is None else hire
        return self._hires[key]

    def _soonest_closed(self, end: int, covered: int, left: int) -> int:
        if not self.board.goal & self.board.lacking & ~covered:
            return end
        key = (end, covered, left)
        if key not in self._closed:
            best = NEVER
            for closed, timetable in self._ways(covered, left):
                after = timetable.soonest_end(end)
                if after < best:
                    best = min(best, self._soonest_closed(after, closed, left - 1))
            self._closed[key] = best
        return self._closed[key]

    def _ways(self, covered: int, left: int) -> list[tuple[int, Timetable]]:
        """What a next training may leave closed, when the rest can then be closed, dates aside."""
        key = (covered, left)
        if key not in self._next:
            lacking = self.board.lacking
            self._next[key] = [
                (covered | kind.gives & lacking, timetable)
                for kind, timetable in self.kinds.items()
                if left > 0
                and kind.gives & lacking & ~covered
                and not kind.asks & lacking & ~covered
                and self.coverable(covered | kind.gives & lacking, left - 1)
            ]
        return self._next[key]


class Limits:
    """From which day of hire on some measures dominate, for so many unknowns."""

    def __init__(self, measures: Iterable[Measure]) -> None:
        self._measures = tuple(measures)
        self._days: dict[tuple[int, bool], int] = {}

    def day(self, unknowns: int, certified: bool) -> int:
        """The first day of hire that is dominated, ``NEVER`` when there is none."""
        key = (unknowns, certified)
        if key not in self._days:
            self._days[key] = min(
                (
                    m.hire + (m.unknowns == unknowns and m.uncertified != certified)
                    for m in self._measures
                    if m.unknowns <= unknowns and m.uncertified <= (not certified)
                ),
                default=NEVER,
            )
        return self._days[key]


def _needed(place: int, kinds: tuple[Kind, ...], asked: list[int]) -> bool:
    """Whether something later asks a bit that only the training at ``place`` gives before it."""
    others = 0
    for step, wanted in enumerate(asked):
        if step > place and wanted & kinds[place].gives & ~others:
            return True
        if step < len(kinds) and step != place:
            others |= kinds[step].gives
    return False
