"""Every non-dominated way to the goal, exactly.

Sequences of *kinds* of courses (same firm bits given and asked) are grown one training at
a time, depth first; padding is judged on the kinds alone. Under one sequence of kinds, the
choices of dates and places are *labels*, kept only when no other ends as early, covers as
much, has as little to check and is certified too: whatever follows one may follow the other.
A label is dropped when the best that can follow it is no better than a scenario found.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import NamedTuple

from matching.pathways.catalogue import Board, Course
from matching.pathways.plans import MAX_STEPS
from matching.pathways.situation import Immersion, Situation, all_kinds
from matching.records import Session
from matching.sessions import NEVER


class Kind(NamedTuple):
    """What decides the place of a course in a sequence."""

    gives: int
    asks: int
    relevant: bool


class Label(NamedTuple):
    """One dated choice: last day taken, certified or not, bits covered, facts to check."""

    end: int
    certified: bool
    covered: int
    to_check: int
    chain: tuple[int, ...]


class Measure(NamedTuple):
    """What dominance compares, so that less is better on each."""

    hire: int
    unknowns: int
    uncertified: bool

    def dominates(self, other: Measure) -> bool:
        """At least as good on the three, better on one."""
        return (
            self != other
            and self.hire <= other.hire
            and self.unknowns <= other.unknowns
            and self.uncertified <= other.uncertified
        )


class Found(NamedTuple):
    """A complete scenario: its measure, then what breaks ties."""

    measure: Measure
    steps: int
    sessions: tuple[Session, ...]
    immersed: bool
    certifications: int

    @property
    def tie(self) -> tuple[int, int, tuple[str, ...], bool]:
        """Fewer steps first, then more certifications, then session ids."""
        ids = tuple(s.id for s in self.sessions)
        return (self.steps, -self.certifications, ids, self.immersed)


class Growth(NamedTuple):
    """A sequence of kinds with its labels; ``spare``: one training closes no new firm bit."""

    kinds: tuple[Kind, ...]
    covered: int
    spare: bool
    labels: list[Label]


class Timetable(NamedTuple):
    """Courses by start, and from each place on, the earliest end (``NEVER`` at the last)."""

    numbers: list[int]
    starts: list[int]
    ends: list[int]

    def soonest_end(self, after: int) -> int:
        """The earliest end among the courses that start after a day."""
        return self.ends[bisect_right(self.starts, after)]


@dataclass(slots=True)
class Search:
    """The search of one variant: with an immersion first, or without.

    ``rivals`` are measures already reached by the other variant: what they dominate is left.
    """

    situation: Situation
    board: Board
    courses: list[Course]
    immersion: Immersion | None
    rivals: tuple[Measure, ...] = ()
    front: list[Found] = field(default_factory=list)
    _kinds: dict[Kind, Timetable] = field(default_factory=dict)
    _bits: list[tuple[int, Timetable]] = field(default_factory=list)
    _met: dict[object, list[Label]] = field(default_factory=dict)
    _reachable: dict[tuple[int, int], bool] = field(default_factory=dict)
    _room: int = 0
    _goal_unknown: int = 0
    _gainable: int = 0
    _most_answers: int = 0

    def run(self) -> list[Found]:
        """The best scenarios of this variant: none dominated by another of the variant."""
        self._kinds = self._timetables()
        self._bits = [(bit, self._timetable(n)) for bit, n in self._suppliers().items()]
        kinds = all_kinds(self.immersion is not None, trained=True)
        milestones = len(self.situation.barrier_dates(kinds))
        self._room = MAX_STEPS - 1 - (self.immersion is not None) - milestones
        self._goal_unknown = self._countable(self.board.goal)
        self._gainable = reduce(or_, (kind.gives for kind in self._kinds), 0)
        self._most_answers = max(
            (self.board.facts(c.gives & self._goal_unknown).bit_count() for c in self.courses),
            default=0,
        )
        end = self.immersion.end if self.immersion else self.situation.today - 1
        self._visit(Growth((), 0, False, [Label(end, False, 0, 0, ())]))
        return self.front

    def _timetables(self) -> dict[Kind, Timetable]:
        groups: defaultdict[Kind, list[int]] = defaultdict(list)
        firm = self.board.firm
        for number, course in enumerate(self.courses):
            groups[Kind(course.gives & firm, course.asks & firm, course.relevant)].append(number)
        return {k: self._timetable(self._undominated(groups[k])) for k in sorted(groups)}

    def _suppliers(self) -> dict[int, list[int]]:
        """For each bit the goal must have covered, or would gain to, the courses that do."""
        wanted = self.board.goal & (self.board.lacking | self.board.unknown)
        bits = [1 << n for n in range(wanted.bit_length()) if wanted >> n & 1]
        return {b: [n for n, c in enumerate(self.courses) if c.gives & b] for b in bits}

    def _timetable(self, numbers: list[int]) -> Timetable:
        ordered = sorted(numbers, key=lambda n: self.courses[n].start)
        soonest, ends = NEVER, []
        for number in reversed(ordered):
            soonest = min(soonest, self.courses[number].end)
            ends.append(soonest)
        return Timetable(ordered, [self.courses[n].start for n in ordered], [*ends[::-1], NEVER])

    def _undominated(self, numbers: list[int]) -> list[int]:
        """Of one kind, the courses that no other replaces with profit in every sequence."""
        kept: list[int] = []
        for number in numbers:
            if not any(self._replaces(self.courses[k], self.courses[number]) for k in kept):
                kept.append(number)
        return kept

    def _replaces(self, one: Course, other: Course) -> bool:
        """Whether ``one`` fits in the days of ``other``, brings as much and asks no more."""
        expiring = one.asks & self.board.expiring
        return (
            one.end <= other.end
            and (one.start == other.start if expiring else one.start >= other.start)
            and not other.gives & ~one.gives
            and not one.asks & ~other.asks
            and bool(one.certifications) >= bool(other.certifications)
        )

    def _visit(self, growth: Growth) -> None:
        for found in self._complete(growth):
            insert(self.front, found)
        grown = sorted(self._grow(growth), key=lambda g: (g.labels[0].end, g.kinds[-1]))
        for child in grown:
            left = self._left(len(child.kinds), child.covered, child.spare)
            labels = [label for label in child.labels if not self._hopeless(label, left)]
            if labels:
                self._visit(child._replace(labels=labels))

    def _grow(self, growth: Growth) -> Iterator[Growth]:
        if len(growth.kinds) >= self._room:
            return
        for kind, timetable in self._kinds.items():
            gains = kind.gives & ~growth.covered
            blocked = kind.asks & self.board.lacking & ~growth.covered
            if blocked or (not gains and (growth.spare or not kind.relevant)):
                continue
            kinds, covered = (*growth.kinds, kind), growth.covered | kind.gives
            spare = growth.spare or not gains
            left = self._left(len(kinds), covered, spare)
            if not self._coverable(covered, left) or (not left and not self._unpadded(kinds)):
                continue
            labels = self._labels(growth, kind, timetable, left)
            # Nothing follows a full sequence: its labels are measured at once, not compared.
            labels = self._new(kinds, pareto(labels)) if left else _earliest(labels)
            if labels:
                yield Growth(kinds, covered, spare, labels)

    def _left(self, taken: int, covered: int, spare: bool) -> int:
        """How many trainings may still follow: each closes something firm, but one spare."""
        useful = (self._gainable & ~covered).bit_count() + (not spare)
        return min(self._room - taken, useful)

    def _coverable(self, covered: int, left: int) -> bool:
        """Whether so many trainings can close the gaps of the goal, dates aside."""
        lacking = self.board.lacking
        if not self.board.goal & lacking & ~covered:
            return True
        key = (covered, left)
        if key not in self._reachable:
            self._reachable[key] = left > 0 and any(
                self._coverable(covered | kind.gives, left - 1)
                for kind in self._kinds
                if kind.gives & ~covered and not kind.asks & lacking & ~covered
            )
        return self._reachable[key]

    def _labels(self, growth: Growth, kind: Kind, timetable: Timetable, left: int) -> list[Label]:
        deadline = self.board.deadline(kind.asks, growth.covered)
        last = bisect_right(timetable.starts, deadline)
        gains = kind.gives & ~growth.covered
        grown = (
            self._take(label, number)
            for label in growth.labels
            for number in timetable.numbers[bisect_right(timetable.starts, label.end) : last]
            if gains or self._enriches(label, self.courses[number])
        )
        return [label for label in grown if not self._hopeless(label, left)]

    def _enriches(self, label: Label, course: Course) -> bool:
        """Whether a training that closes nothing firm could still better the measure."""
        answers = course.gives & self.board.unknown & ~label.covered
        return bool(answers) or (bool(course.certifications) and not label.certified)

    def _new(self, kinds: tuple[Kind, ...], labels: list[Label]) -> list[Label]:
        """The labels that no other order of the same trainings has made useless."""
        met = self._met.setdefault(_unordered(kinds), [])
        fresh = [label for label in labels if not any(_makes_useless(k, label) for k in met)]
        met.extend(fresh)
        return fresh

    def _take(self, label: Label, number: int) -> Label:
        course = self.courses[number]
        asked = self._countable(course.asks & ~label.covered)
        return Label(
            course.end,
            label.certified or bool(course.certifications),
            label.covered | course.gives,
            label.to_check | self.board.facts(asked),
            (*label.chain, number),
        )

    def _countable(self, asked: int) -> int:
        """The unknown bits among the asked ones, those the immersion shows aside."""
        unknown = asked & self.board.unknown
        return unknown & ~self.board.shown if self.immersion else unknown

    def _hopeless(self, label: Label, left: int) -> bool:
        """Whether the best that ``left`` more trainings can make of it was already bettered."""
        end, stuck, open_ = label.end, 0, 0
        for bit, timetable in self._bits:
            if bit & label.covered:
                continue
            soonest = timetable.soonest_end(label.end) if left else NEVER
            if bit & self.board.lacking:
                end = max(end, soonest)
            elif soonest == NEVER:
                stuck |= bit
            else:
                open_ |= bit
        hire = None if end == NEVER else self.situation.hire_after(end)
        if hire is None:
            return True
        sure = label.to_check | self.board.facts(stuck & self._goal_unknown)
        doubtful = self.board.facts(open_ & self._goal_unknown) & ~sure
        unknowns = sure.bit_count() + max(0, doubtful.bit_count() - left * self._most_answers)
        best = Measure(hire, unknowns, not label.certified and not left)
        return any(rival.dominates(best) for rival in self.rivals) or any(
            f.measure.dominates(best) or (f.measure == best and len(f.sessions) <= len(label.chain))
            for f in self.front
        )

    def _complete(self, growth: Growth) -> Iterator[Found]:
        board = self.board
        if board.goal & board.lacking & ~growth.covered or not self._unpadded(growth.kinds):
            return
        deadline = board.deadline(board.goal, growth.covered)
        trained, immersed = bool(growth.kinds), self.immersion is not None
        milestones = len(self.situation.barrier_dates(all_kinds(immersed, trained)))
        steps = 1 + immersed + milestones + len(growth.kinds)
        for label in growth.labels:
            hire = self.situation.hire_after(label.end if trained or immersed else None)
            if hire is None or hire > deadline:
                continue
            to_check = label.to_check | board.facts(self._goal_unknown & ~label.covered)
            if steps + bool(to_check) > MAX_STEPS:
                continue
            measure = Measure(hire, to_check.bit_count(), not label.certified)
            yield self._found(label, measure, steps + bool(to_check))

    def _found(self, label: Label, measure: Measure, steps: int) -> Found:
        courses = [self.courses[n] for n in label.chain]
        won = reduce(or_, (course.certifications for course in courses), 0).bit_count()
        sessions = tuple(course.session for course in courses)
        return Found(measure, steps, sessions, self.immersion is not None, won)

    def _unpadded(self, kinds: tuple[Kind, ...]) -> bool:
        """At most one training that is not needed, and that one relevant to the goal."""
        asked = [*(kind.asks for kind in kinds), self.board.goal & self.board.firm]
        spare = [k for i, k in enumerate(kinds) if not _needed(i, kinds, asked)]
        return len(spare) <= 1 and all(kind.relevant for kind in spare)


def _needed(place: int, kinds: tuple[Kind, ...], asked: list[int]) -> bool:
    """Whether something later asks a bit that only the training at ``place`` gives before it."""
    others = 0
    for step, wanted in enumerate(asked):
        if step > place and wanted & kinds[place].gives & ~others:
            return True
        if step < len(kinds) and step != place:
            others |= kinds[step].gives
    return False


def _unordered(kinds: tuple[Kind, ...]) -> tuple[tuple[Kind, ...], ...]:
    """The sequence up to the order of trainings between two that ask something firm.

    That order changes nothing to what is needed, nor to what may follow.
    """
    blocks: list[list[Kind]] = [[]]
    for kind in kinds:
        if kind.asks:
            blocks += [[kind], []]
        else:
            blocks[-1].append(kind)
    return tuple(tuple(sorted(block)) for block in blocks)


def _earliest(labels: list[Label]) -> list[Label]:
    """The labels by end (then certified, less to check, courses), one for each same outcome."""
    first: dict[tuple[bool, int, int], Label] = {}
    for label in sorted(
        labels, key=lambda x: (x.end, not x.certified, x.to_check.bit_count(), x.chain)
    ):
        first.setdefault((label.certified, label.covered, label.to_check), label)
    return list(first.values())


def pareto(labels: list[Label]) -> list[Label]:
    """The labels that no other makes useless, by end."""
    kept: list[Label] = []
    for label in _earliest(labels):
        if not any(_makes_useless(k, label) for k in kept):
            kept.append(label)
    return kept


def _makes_useless(one: Label, other: Label) -> bool:
    return (
        one.end <= other.end
        and one.certified >= other.certified
        and not other.covered & ~one.covered
        and not one.to_check & ~other.to_check
    )


def insert(front: list[Found], found: Found) -> None:
    """Add a scenario to a front: one per measure (the tie decides), none dominated."""
    for k, rival in enumerate(front):
        if rival.measure.dominates(found.measure):
            return
        if rival.measure == found.measure:
            front[k] = min(rival, found, key=lambda f: f.tie)
            return
    front[:] = [f for f in front if not found.measure.dominates(f.measure)]
    front.append(found)
