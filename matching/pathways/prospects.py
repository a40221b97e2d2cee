"""Until which day a label may end for something that is not dominated to follow it.

The days are worked out from the end, over what is closed at each moment: the gaps of the goal, and
its questions that a training answers. All that may be closed are the sets of a few bits, so that
days are tables by set. Before the last training, the eve of its latest start among the courses that
end by the day wanted and close what is left; before the one before, the eve of its latest start
among those that end by *that* day; and so on. Padding, certificates, expiries and what a course
itself asks are left out, and beyond ``MOST_BITS`` what the goal asks too, so that a day is never
too early: what it refuses is dominated by a scenario already found, or is no scenario at all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from matching.groups import NO_DAY
from matching.pathways.catalogue import Board, Course
from matching.pathways.labels import Measure
from matching.pathways.situation import Situation
from matching.sessions import NEVER

# A training more compares at most 3 to this power days, in half a millisecond.
MOST_BITS = 10
# So many are sooner tried than put in tables.
FEW_COURSES = 25

Days = NDArray[np.int16]
Sets = NDArray[np.int64]


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


class Prospects:
    """The last days of one search. ``questions``: the unknown bits of the goal that count.

    ``room``: how many trainings a scenario without question has. In tables, days count from the
    eve of the eve of today, which is no day, and columns are sets of the bits that count.
    """

    def __init__(
        self,
        situation: Situation,
        board: Board,
        courses: Sequence[Course],
        questions: int,
        room: int,
    ) -> None:
        self.situation, self._board, self._room = situation, board, room
        self._questions, self.no_day = questions, situation.today - 2
        gaps = board.goal & board.lacking
        kept = MOST_BITS if len(courses) > FEW_COURSES else 0
        self._bits = [*_bits(gaps), *_bits(questions)][:kept]
        self._sets = np.arange(1 << len(self._bits))
        self._open_gap = (~self._sets & self.closed(gaps)) != 0
        facts = {board.facts(bit) for bit in self._bits if bit & questions}
        self._unanswered = sum(
            ((~self._sets & self.closed(board.about(fact) & questions)) != 0).astype(np.int64)
            for fact in facts
        ) + np.zeros_like(self._sets)
        self._facts = len(facts)
        self._courses, self._horizon = courses, situation.target.latest - self.no_day
        self._before: dict[tuple[int, int], list[Days]] = {}
        self.narrow(Limits(()))

    def narrow(self, limits: Limits) -> None:
        """Take the measures reached into account."""
        self._limits = limits
        self._ends: dict[tuple[int, bool, int, int], Days] = {}

    def closed(self, covered: int, to_check: int = 0) -> int:
        """The set that bits make. Once a fact is to check, its question weighs nothing more."""
        if to_check:
            covered |= self._board.about(to_check) & self._questions
        return sum(1 << place for place, bit in enumerate(self._bits) if covered & bit)

    def last_end(self, closed: int, to_check: int, certified: bool, taken: int, left: int) -> int:
        """The last day on which a label may end, or ``NO_DAY``: see ``last_ends``."""
        day = int(self.last_ends(to_check, certified, taken, left)[closed])
        return day + self.no_day if day else NO_DAY

    def last_ends(self, to_check: int, certified: bool, taken: int, left: int) -> Days:
        """By set closed, the last day on which a label with so many facts to check may end.

        ``left`` trainings at most may follow the ``taken``. The latest, over how many questions of
        the goal are left unanswered at most.
        """
        key = (to_check, certified or left > 0, taken, left)
        if key not in self._ends:
            ends, tried = np.zeros(len(self._sets), dtype=np.int16), (0, 0)
            for open_ in range(self._facts, -1, -1):
                unknowns = to_check + open_
                # Questions take one step.
                most = min(left, self._room - taken - bool(unknowns))
                by = self._closing(self._limits.day(unknowns, key[1]))
                # Fewer questions with neither a later day nor one more training: no better.
                if most >= 0 and by > 0 and (by, most) != tried:
                    tried = (by, most)
                    ends = np.maximum(ends, self._days_before(open_, by, most))
            self._ends[key] = ends
        return self._ends[key]

    def soonest(self, after: int, left: int) -> int:
        """The first day on which so many trainings after a day may have closed every gap."""
        days = range(after - self.no_day, self._horizon + 1)
        first = bisect_left(
            days, True, key=lambda by: self._days_before(self._facts, by, left)[0] >= days[0]
        )
        return after + first

    def sets(self, masks: Iterable[int]) -> Sets:
        """The sets that masks of bits make."""
        return np.array([self.closed(mask) for mask in masks], dtype=np.int64)

    def days(self, dates: Iterable[int]) -> Days:
        """Dates as the tables count them."""
        return np.array([day - self.no_day for day in dates], dtype=np.int16)

    def _closing(self, hire: int) -> int:
        """The last end of a step that allows a hire before a day, or zero."""
        first, latest = self.situation.first_hire, self.situation.target.latest
        if first >= hire or first > latest:
            return 0
        # The last day of the job allows both the end and the hire (``Situation.hire_after``).
        return max(0, (latest if hire > latest else hire - 2) - self.no_day)

    @cached_property
    def _additions(self) -> Additions:
        gives = self.sets(course.gives for course in self._courses)
        return Additions.of(np.unique(gives), len(self._bits))

    @cached_property
    def _eves(self) -> Days:
        """By set and day: the eve of the latest start of courses that close it and end by then."""
        courses, days = self._courses, self._horizon + 1
        gives = self.sets(course.gives for course in courses)
        alike, which = np.unique(gives, return_inverse=True)
        ends, starts = self.days(c.end for c in courses), self.days(c.start for c in courses)
        eves = np.zeros((len(alike), days), dtype=np.int16)
        np.maximum.at(eves, (which, ends), starts - 1)
        every = np.zeros((len(self._sets), days), dtype=np.int16)
        every[alike] = np.maximum.accumulate(eves, axis=1)
        for place in range(len(self._bits)):
            halves = every.reshape(-1, 2, (1 << place) * days)
            np.maximum(halves[:, 0], halves[:, 1], out=halves[:, 0])
        return every

    def _days_before(self, open_: int, by: int, left: int) -> Days:
        """By set closed, the last day after which ``left`` trainings close by a day all the rest.

        All but ``open_`` facts. Zero is no day.
        """
        tables = self._before.setdefault((open_, by), [])
        if not tables:
            done = ~self._open_gap & (self._unanswered <= open_)
            tables.append(np.where(done, by, 0).astype(np.int16))
        while len(tables) <= left:
            tables.append(self._one_before(tables[-1]))
        return tables[left]

    def _one_before(self, days: Days) -> Days:
        """The days before one more training than ``days``."""
        if not self._bits:
            return days
        after, more, sets, first = self._additions
        before = days.copy()
        if len(sets):
            eves = np.maximum.reduceat(self._eves[more, days[after]], first)
            before[sets] = np.maximum(before[sets], eves)
        return before


class Additions(NamedTuple):
    """What a training may add to each set of bits: one row for each set and each addition.

    ``more``: what is added, never empty, that the set lacks; ``after``: the set it makes. ``sets``:
    those to which something may be added; their rows, together, begin at ``first``.
    """

    after: Sets
    more: Sets
    sets: Sets
    first: Sets

    @classmethod
    def of(cls, gives: Sets, bits: int) -> Self:
        """The additions of courses that close these sets."""
        sets = np.arange(1 << bits)
        possible = np.zeros((len(sets), len(sets)), dtype=np.bool_)
        possible[sets[:, None], gives & ~sets[:, None]] = True
        possible[:, 0] = False
        places = np.flatnonzero(possible)
        before, more = places >> bits, places & len(sets) - 1
        return cls(before | more, more, *np.unique(before, return_index=True))


def _bits(mask: int) -> list[int]:
    return [1 << place for place in range(mask.bit_length()) if mask >> place & 1]
