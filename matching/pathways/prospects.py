"""Until which day a label may end for something that is not dominated to follow it.

The days are worked out from the end. Of the last training, the latest start among the courses
that end by the day wanted; of the one before, by the eve of that start; and so on, over what is
closed at each moment: the gaps, and the questions of the goal that a training answers. Courses
that bring the same of these are one group. Padding, certificates, expiries and what a course itself
asks of the unknown are left out, so that a day is never too early: what it refuses is dominated by
a scenario already found, or is no scenario at all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from matching.groups import NO_DAY
from matching.pathways.catalogue import Board, Course
from matching.pathways.labels import Measure
from matching.pathways.situation import Situation
from matching.sessions import NEVER


class Group(NamedTuple):
    """Courses that bring and ask the same: by end, the latest start of those that end by then."""

    gives: int
    asks: int
    ends: list[int]
    starts: list[int]

    @classmethod
    def of(cls, gives: int, asks: int, dates: Iterable[tuple[int, int]]) -> Self:
        """A group from its (end, start); those that start no later than a sooner end are left."""
        ends: list[int] = []
        starts: list[int] = []
        for end, start in sorted(dates, key=lambda row: (row[0], -row[1])):
            if not starts or start > starts[-1]:
                ends.append(end)
                starts.append(start)
        return cls(gives, asks, ends, starts)

    def latest_start(self, by: int) -> int:
        """The latest start of a course that ends by a day, or ``NO_DAY``."""
        place = bisect_right(self.ends, by)
        return self.starts[place - 1] if place else NO_DAY


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


class State(NamedTuple):
    """A label before what may follow: bits closed, facts to check, trainings taken and left."""

    closed: int
    to_check: int
    certified: bool
    taken: int
    left: int


@dataclass(slots=True)
class Prospects:
    """The last days of one search. ``questions``: the unknown bits of the goal that count.

    ``room``: how many trainings a scenario without question has. ``concern``: the bits that count.
    """

    situation: Situation
    board: Board
    courses: Iterable[Course]
    questions: int
    room: int
    concern: int = 0
    _goal: int = 0
    _groups: list[Group] = field(default_factory=list)
    _most: tuple[int, int, int] = (0, 0, 0)
    _limits: Limits = field(default_factory=lambda: Limits(()))
    _ends: dict[State, int] = field(default_factory=dict)
    _last: dict[tuple[int, int, int, int], int] = field(default_factory=dict)
    _next: dict[tuple[int, int | None], list[tuple[int, Group]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lacking = self.board.lacking
        self._goal = self.board.goal & lacking
        self.concern = lacking | self.questions
        rows: defaultdict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
        for course in self.courses:
            brought = course.gives & self.concern
            rows[brought, course.asks & lacking].add((course.end, course.start))
        groups = (Group.of(*key, dates) for key, dates in rows.items())
        # From the last to start: once one serves, those that start sooner are not looked at.
        self._groups = sorted(groups, key=lambda group: -group.starts[-1])
        masks = (self._goal, self.questions, self._goal | self.questions)
        gives = [group.gives for group in self._groups]
        gaps, answers, both = (max(((g & m).bit_count() for g in gives), default=0) for m in masks)
        self._most = gaps, answers, both

    def narrow(self, limits: Limits) -> None:
        """Take the measures reached into account."""
        self._limits = limits
        self._ends = {}

    def last_end(self, covered: int, to_check: int, certified: bool, taken: int, left: int) -> int:
        """The last day on which a label may end, or ``NO_DAY``.

        ``left`` trainings at most may follow the ``taken``. Once a fact is to check, the question
        of the goal about it weighs nothing more: it is as good as closed.
        """
        closed = covered & self.concern
        if to_check:
            closed |= self.board.about(to_check) & self.questions
        state = State(closed, to_check.bit_count(), certified or left > 0, taken, left)
        if state not in self._ends:
            self._ends[state] = self._last_end(state)
        return self._ends[state]

    def _last_end(self, state: State) -> int:
        """The latest, over how many questions of the goal are left unanswered at most."""
        last, tried = NO_DAY, (NO_DAY, NO_DAY)
        for open_ in range(self._unanswered(state.closed), -1, -1):
            unknowns = state.to_check + open_
            # Questions take one step.
            left = min(state.left, self.room - state.taken - bool(unknowns))
            by = self._closing(self._limits.day(unknowns, state.certified))
            # Fewer questions with neither a later day nor one more training: no better.
            if left >= 0 and by > last and (by, left) != tried:
                tried = (by, left)
                last = max(last, self._last_day(state.closed, left, open_, by))
        return last

    def _closing(self, hire: int) -> int:
        """The last end of a step that allows a hire before a day, or ``NO_DAY``."""
        first, latest = self.situation.first_hire, self.situation.target.latest
        if first >= hire or first > latest:
            return NO_DAY
        # The last day of the job allows both the end and the hire (``Situation.hire_after``).
        return latest if hire > latest else hire - 2

    def _unanswered(self, closed: int) -> int:
        return self.board.facts(self.questions & ~closed).bit_count()

    def _last_day(self, closed: int, left: int, open_: int, by: int) -> int:
        """The last day after which ``left`` trainings close by a day all but ``open_`` facts."""
        key = (closed, left, open_, by)
        if key not in self._last:
            self._last[key] = self._day_before(closed, left, open_, by)
        return self._last[key]

    def _day_before(self, closed: int, left: int, open_: int, by: int) -> int:
        if self._done(closed, open_):
            return by
        last = NO_DAY
        if self._too_many(closed, left, open_):
            return last
        for after, group in self._ways(closed, open_ if left == 1 else None):
            if group.starts[-1] - 1 <= last:
                break
            start = group.latest_start(by)
            if start - 1 > last:
                day = self._last_day(after, left - 1, open_, by)
                last = max(last, group.latest_start(day) - 1)
        return last

    def _done(self, closed: int, open_: int) -> bool:
        return not self._goal & ~closed and self._unanswered(closed) <= open_

    def _too_many(self, closed: int, left: int, open_: int) -> bool:
        """Whether more is to close than so many trainings can, if each is the best at it."""
        gaps = (self._goal & ~closed).bit_count()
        facts = max(0, self._unanswered(closed) - open_)
        most_gaps, most_answers, most = self._most
        return gaps > left * most_gaps or facts > left * most_answers or gaps + facts > left * most

    def _ways(self, closed: int, open_: int | None) -> list[tuple[int, Group]]:
        """What a next training may leave closed: all but ``open_`` facts, when that is given."""
        key = (closed, open_)
        if key not in self._next:
            self._next[key] = [
                (closed | group.gives, group)
                for group in self._groups
                if group.gives & ~closed
                and not group.asks & ~closed
                and (open_ is None or self._done(closed | group.gives, open_))
            ]
        return self._next[key]
