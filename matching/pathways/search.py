"""Every non-dominated way to the goal, exactly.

Sequences of *kinds* of courses (same firm bits given and asked) are grown one training at
a time, depth first; padding is judged on the kinds alone. Under one sequence of kinds, the
choices of dates and places are *labels*, kept only when no other ends as early, covers as
much, has as little to check and is certified too: whatever follows one may follow the other.
A label is dropped when the best that can follow it is no better than a scenario found.

Two bounds say what is best. The *plain* one also drops what could only equal a scenario found:
which of equal scenarios is kept depends on the order of the visits. The *tight* ones (see
``bounds``) drop only what is dominated or impossible: no measure can change. For the choice between
equals to stay too, sequences are visited in the order of the plain bound: hence the *lead* of a
sequence, its earliest label, kept for that order alone when the tight bounds refuse it. (It follows
that order but for rare equals: 1 answer in 7,246 compared.)
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import NamedTuple

from matching.pathways.bounds import Bounds, Limits
from matching.pathways.catalogue import Board, Course
from matching.pathways.labels import (
    Found,
    Kind,
    Label,
    Measure,
    Timetable,
    earliest,
    insert,
    makes_useless,
    pareto,
)
from matching.pathways.plans import MAX_STEPS
from matching.pathways.situation import Immersion, Situation, all_kinds
from matching.sessions import NEVER


class Growth(NamedTuple):
    """A sequence of kinds with its labels; ``spare``: one training closes nothing asked.

    ``left`` trainings at most may follow it, ``plain`` by the plain bound.
    """

    kinds: tuple[Kind, ...]
    covered: int
    spare: bool
    left: int
    plain: int
    labels: list[Label]
    lead: Label


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
    _bounds: Bounds = field(init=False)
    _limits: Limits = field(init=False)
    _room: int = 0
    _goal_unknown: int = 0
    _most_answers: int = 0

    def run(self) -> list[Found]:
        """The best scenarios of this variant: none dominated by another of the variant."""
        self._kinds = self._timetables()
        self._bits = [(bit, self._timetable(n)) for bit, n in self._suppliers().items()]
        kinds = all_kinds(self.immersion is not None, trained=True)
        milestones = len(self.situation.barrier_dates(kinds))
        self._room = MAX_STEPS - 1 - (self.immersion is not None) - milestones
        self._goal_unknown = self._countable(self.board.goal)
        self._bounds = Bounds(self.situation, self.board, self._kinds, self._room)
        self._limits = Limits(self.rivals)
        self._most_answers = max(
            (self.board.facts(c.gives & self._goal_unknown).bit_count() for c in self.courses),
            default=0,
        )
        end = self.immersion.end if self.immersion else self.situation.today - 1
        first = Label(end, False, 0, 0, ())
        self._visit(Growth((), 0, False, self._room, self._room, [first], first))
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
            if insert(self.front, found):
                self._limits = Limits([*self.rivals, *(f.measure for f in self.front)])
        for child in sorted(self._grow(growth), key=lambda g: (g.lead.end, g.kinds[-1])):
            labels = [label for label in child.labels if not self._hopeless(label, child)]
            if labels:
                self._visit(child._replace(labels=labels))

    def _grow(self, growth: Growth) -> Iterator[Growth]:
        if len(growth.kinds) >= self._room:
            return
        later = self._bounds.asked_later(growth.covered, growth.spare)
        for kind in self._kinds:
            gains = kind.gives & ~growth.covered & later
            blocked = kind.asks & self.board.lacking & ~growth.covered
            if blocked or (not gains and (growth.spare or not kind.relevant)):
                continue
            kinds, covered = (*growth.kinds, kind), growth.covered | kind.gives
            spare = growth.spare or not gains
            left = self._bounds.left(len(kinds), covered, spare)
            plain = self._bounds.plainly_left(len(kinds), covered, spare)
            child = Growth(kinds, covered, spare, left, plain, [], growth.lead)
            if self._promising(child):
                child = self._labelled(growth, child)
                if child.labels:
                    yield child

    def _promising(self, growth: Growth) -> bool:
        """Whether trainings may follow that make it a scenario without padding, dates aside."""
        kinds, covered, spare, left = growth[:4]
        later = self._bounds.asked_later(covered, spare) if left else None
        return self._bounds.coverable(covered, left) and self._bounds.unpadded(kinds, later)

    def _labelled(self, growth: Growth, child: Growth) -> Growth:
        """``child``, which is ``growth`` and one more kind, with its labels and its lead."""
        lead = self._lead(growth, child)
        labels = [*self._taken(growth, child)]
        # Nothing follows a full sequence: its labels are measured at once, not compared.
        labels = self._new(child.kinds, pareto(labels)) if child.plain else earliest(labels)
        firsts = [label for label in (lead, *labels[:1]) if label is not None]
        lead = min(firsts, key=lambda label: label.end, default=growth.lead)
        return child._replace(labels=labels, lead=lead)

    def _lead(self, growth: Growth, child: Growth) -> Label | None:
        """The earliest label that the plain bound lets follow the lead of ``growth``."""
        met = self._met.get(_unordered(child.kinds), []) if child.plain else []
        numbers = self._after(growth, growth.lead, child.kinds[-1])
        for number in sorted(numbers, key=lambda n: self.courses[n].end):
            label = self._take(growth.lead, number)
            hopeless = self._plainly_hopeless(label, child.plain)
            if not hopeless and not any(makes_useless(k, label) for k in met):
                return label
        return None

    def _after(self, growth: Growth, label: Label, kind: Kind) -> Iterator[int]:
        """The courses of a kind that may follow a label."""
        timetable = self._kinds[kind]
        deadline = self.board.deadline(kind.asks, growth.covered)
        last = bisect_right(timetable.starts, deadline)
        gains = kind.gives & ~growth.covered
        for number in timetable.numbers[bisect_right(timetable.starts, label.end) : last]:
            if gains or self._enriches(label, self.courses[number]):
                yield number

    def _taken(self, growth: Growth, child: Growth) -> Iterator[Label]:
        """The labels of ``growth`` with each course of the last kind of ``child``, if worth it."""
        hire, covered = self._bounds.soonest_hire, child.covered & self.board.lacking
        for label in growth.labels:
            left = self._allowed(child, asked=label.to_check > 0)
            if left < 0:
                continue
            day = self._limits.day(label.to_check.bit_count(), certified=True)
            for number in self._after(growth, label, child.kinds[-1]):
                # Most of them end too late: told first, as it costs less than taking them.
                if hire(self.courses[number].end, covered, left) < day:
                    taken = self._take(label, number)
                    if not self._hopeless(taken, child):
                        yield taken

    def _allowed(self, growth: Growth, asked: bool) -> int:
        """How many trainings may follow, questions taking one step; -1: too many already."""
        room = self._room - asked - len(growth.kinds)
        return max(-1, min(growth.left, room))

    def _enriches(self, label: Label, course: Course) -> bool:
        """Whether a training that closes nothing firm could still better the measure."""
        answers = course.gives & self.board.unknown & ~label.covered
        return bool(answers) or (bool(course.certifications) and not label.certified)

    def _new(self, kinds: tuple[Kind, ...], labels: list[Label]) -> list[Label]:
        """The labels that no other order of the same trainings has made useless."""
        met = self._met.setdefault(_unordered(kinds), [])
        fresh = [label for label in labels if not any(makes_useless(k, label) for k in met)]
        met.extend(fresh)
        return fresh

    def _take(self, label: Label, number: int) -> Label:
        course = self.courses[number]
        to_check, asked = label.to_check, self._countable(course.asks & ~label.covered)
        if asked:
            to_check |= self.board.facts(asked)
        certified = label.certified or course.certifications > 0
        covered = label.covered | course.gives
        return Label(course.end, certified, covered, to_check, (*label.chain, number))

    def _countable(self, asked: int) -> int:
        """The unknown bits among the asked ones, those the immersion shows aside."""
        unknown = asked & self.board.unknown
        return unknown & ~self.board.shown if self.immersion else unknown

    def _hopeless(self, label: Label, growth: Growth) -> bool:
        """Whether the best that may follow a label of ``growth`` was already bettered."""
        return self._refused(label, growth) or self._plainly_hopeless(label, growth.plain)

    def _refused(self, label: Label, growth: Growth) -> bool:
        """The tight bound: gaps closed one after another, and a step kept for the questions."""
        left = self._allowed(growth, asked=self._unanswered(label, growth.left) > 0)
        if left < 0:
            return True
        unknowns = self._unanswered(label, left)
        hire = self._bounds.soonest_hire(label.end, label.covered & self.board.lacking, left)
        return hire >= self._limits.day(unknowns, label.certified or left > 0)

    def _unanswered(self, label: Label, left: int) -> int:
        """The fewest unknowns after ``left`` trainings, dates aside."""
        sure, asked = label.to_check.bit_count(), self._goal_unknown & ~label.covered
        if not asked:
            return sure
        doubtful = self.board.facts(asked) & ~label.to_check
        return sure + max(0, doubtful.bit_count() - left * self._most_answers)

    def _plainly_hopeless(self, label: Label, left: int) -> bool:
        """The plain bound: each gap closed at its soonest, as many answers as one could have."""
        end = label.end
        for bit, timetable in self._bits:
            if bit & self.board.lacking and not bit & label.covered:
                end = max(end, timetable.soonest_end(label.end) if left else NEVER)
        hire = None if end == NEVER else self.situation.hire_after(end)
        if hire is None:
            return True
        best = Measure(hire, self._fewest_unknowns(label, left), not label.certified and not left)
        return any(rival.dominates(best) for rival in self.rivals) or any(
            f.measure.dominates(best) or (f.measure == best and len(f.sessions) <= len(label.chain))
            for f in self.front
        )

    def _fewest_unknowns(self, label: Label, left: int) -> int:
        if not self._goal_unknown & ~label.covered:
            return label.to_check.bit_count()
        stuck, open_ = 0, 0
        for bit, timetable in self._bits:
            if bit & self._goal_unknown & ~label.covered:
                if left and timetable.soonest_end(label.end) != NEVER:
                    open_ |= bit
                else:
                    stuck |= bit
        sure = label.to_check | self.board.facts(stuck)
        if not open_:
            return sure.bit_count()
        doubtful = self.board.facts(open_) & ~sure
        return sure.bit_count() + max(0, doubtful.bit_count() - left * self._most_answers)

    def _complete(self, growth: Growth) -> Iterator[Found]:
        board = self.board
        if board.goal & board.lacking & ~growth.covered or not self._bounds.unpadded(growth.kinds):
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
