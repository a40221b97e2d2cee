"""The courses worth taking, by kind and by date: the same with an immersion first or without."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from matching.pathways.catalogue import Board, Course
from matching.pathways.labels import Kind
from matching.sessions import NEVER


class Timetable(NamedTuple):
    """Courses by start, and from each place on, the earliest end (``NEVER`` at the last)."""

    numbers: list[int]
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, courses: Sequence[Course], numbers: Iterable[int]) -> Timetable:
        """The timetable of some of the courses, by number."""
        ordered = sorted(numbers, key=lambda n: courses[n].start)
        soonest, ends = NEVER, [NEVER]
        for number in reversed(ordered):
            soonest = min(soonest, courses[number].end)
            ends.append(soonest)
        return cls(ordered, [courses[n].start for n in ordered], ends[::-1])

    def soonest_end(self, after: int) -> int:
        """The earliest end among the courses that start after a day."""
        return self.ends[bisect_right(self.starts, after)]


class Programme(NamedTuple):
    """The courses of a search: all, the useful of each kind, and by bit of the goal not met."""

    courses: Sequence[Course]
    kinds: Mapping[Kind, Timetable]
    bits: Sequence[tuple[int, Timetable]]


def programme(board: Board, courses: Sequence[Course]) -> Programme:
    """Put in timetables the courses of a board, given by end."""
    groups: defaultdict[Kind, list[int]] = defaultdict(list)
    for number, course in enumerate(courses):
        kind = Kind(course.gives & board.firm, course.asks & board.firm, course.relevant)
        groups[kind].append(number)
    kinds = {k: Timetable.of(courses, _undominated(board, courses, groups[k])) for k in groups}
    wanted = board.goal & (board.lacking | board.unknown)
    bits = [1 << n for n in range(wanted.bit_length()) if wanted >> n & 1]
    return Programme(
        courses,
        {kind: kinds[kind] for kind in sorted(kinds)},
        [
            (bit, Timetable.of(courses, (n for n, c in enumerate(courses) if c.gives & bit)))
            for bit in bits
        ],
    )


def _undominated(board: Board, courses: Sequence[Course], numbers: list[int]) -> list[int]:
    """Of one kind, the courses that no other replaces with profit in every sequence."""
    kept: list[int] = []
    for number in numbers:
        if not any(_replaces(board, courses[k], courses[number]) for k in kept):
            kept.append(number)
    return kept


def _replaces(board: Board, one: Course, other: Course) -> bool:
    """Whether ``one``, not later to end, fits in the days of ``other`` and brings as much."""
    return (
        one.start >= other.start
        and not other.gives & ~one.gives
        and not one.asks & ~other.asks
        and bool(one.certifications) >= bool(other.certifications)
        # What expires may no longer be valid on a later start.
        and (one.start == other.start or not one.asks & board.expiring)
    )
