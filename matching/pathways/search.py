"""Every non-dominated way to the goal, exactly.

Sequences of *kinds* of courses (same firm bits given and asked) are grown one training at
a time, depth first; padding is judged on the kinds alone. Under one sequence of kinds, the
choices of dates and places are *labels*, kept only when no other ends as early, covers as
much, has as little to check and is certified too: whatever follows one may follow the other.
A label is dropped when the best that can follow it is no better than a scenario found.

Two bounds say what is best. The *tight* ones (``bounds`` on the kinds, ``prospects`` on the dates)
drop nearly everything, and only what is dominated or impossible: no measure can change. The *plain*
one also drops what could only equal a scenario found: which of equal scenarios is kept depends on
the order of the visits. For that choice not to depend on how tight the bounds are, sequences are
visited in the order of the plain bound: hence the *lead* of a sequence, its earliest label by it.
(It follows that order but for rare equals: 1 answer in 7,246 compared.)
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import NamedTuple

from matching.pathways.bounds import Bounds
from matching.pathways.catalogue import Board, Course
from matching.pathways.choices import Choices
from matching.pathways.labels import (
    Found,
    Kind,
    Label,
    Measure,
    earliest,
    insert,
    makes_useless,
    pareto,
)
from matching.pathways.plans import MAX_STEPS
from matching.pathways.prospects import Limits, Prospects
from matching.pathways.situation import Immersion, Situation, all_kinds
from matching.pathways.timetables import Programme
from matching.sessions import NEVER

# How long after the soonest hire the first limits are, in days.
EARLY = (4, 16)
# From so many courses on, it is worth looking for an early hire first.
MANY_COURSES = 100


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
    programme: Programme
    immersion: Immersion | None
    rivals: tuple[Measure, ...] = ()
    front: list[Found] = field(default_factory=list)
    _met: defaultdict[object, list[Label]] = field(default_factory=lambda: defaultdict(list))
    _bounds: Bounds = field(init=False)
    _prospects: Prospects = field(init=False)
    _choices: Choices = field(init=False)
    _room: int = 0
    _goal_unknown: int = 0
    _most_answers: int = 0
    _reached: list[Measure] = field(default_factory=list)
    _limits: list[Measure] = field(default_factory=list)

    def __post_init__(self) -> None:
        kinds = all_kinds(self.immersion is not None, trained=True)
        milestones = len(self.situation.barrier_dates(kinds))
        self._room = MAX_STEPS - 1 - (self.immersion is not None) - milestones
        self._goal_unknown = self._countable(self.board.goal)
        self._most_answers = max(
            (self.board.facts(c.gives & self._goal_unknown).bit_count() for c in self._courses),
            default=0,
        )
        self._bounds = Bounds(self.board, self.programme.kinds, self._room)
        useful = [self._courses[n] for t in self.programme.kinds.values() for n in t.numbers]
        self._prospects = Prospects(
            self.situation, self.board, useful, self._goal_unknown, self._room
        )
        self._choices = Choices.of(self.programme, self._prospects)

    @property
    def _courses(self) -> Sequence[Course]:
        return self.programme.courses

    def run(self) -> list[Found]:
        """The best scenarios of this variant: none dominated by another of the variant.

        First only those with an early hire are looked for: what they reach cuts most of the others,
        and is all there is once one of them is certain and certified.
        """
        end = self.immersion.end if self.immersion else self.situation.today - 1
        first = Label(end, False, 0, 0, ())
        root = Growth((), 0, False, self._room, self._room, [first], first)
        for hire in self._early_hires(end):
            self._search(root, best := Measure(hire, 0, False))
            if any(f.measure == best or f.measure.dominates(best) for f in self.front):
                return self.front
            self._reached = [f.measure for f in self.front]
        self._search(root)
        return self.front

    def _early_hires(self, end: int) -> Iterator[int]:
        """Days of hire to try as limits: soon after the first that dates do not forbid."""
        if len(self._courses) > MANY_COURSES and self.board.goal & self.board.lacking:
            soonest = self._prospects.soonest(end, self._room)
            for more in EARLY:
                if soonest + more <= self.situation.target.latest:
                    yield soonest + more

    def _search(self, root: Growth, *limits: Measure) -> None:
        """Find what no rival, no measure reached before and no limit dominates."""
        self.front, self._met = [], defaultdict(list)
        self._limits = [*self.rivals, *self._reached, *limits]
        self._prospects.narrow(Limits(self._limits))
        self._visit(root)

    def _visit(self, growth: Growth) -> None:
        for found in self._complete(growth):
            if insert(self.front, found):
                self._prospects.narrow(Limits([*self._limits, *(f.measure for f in self.front)]))
        for child in sorted(self._grow(growth), key=lambda g: (g.lead.end, g.kinds[-1])):
            labels = [label for label in child.labels if not self._hopeless(label, child)]
            if labels:
                self._visit(child._replace(labels=labels))

    def _grow(self, growth: Growth) -> Iterator[Growth]:
        if len(growth.kinds) >= self._room:
            return
        later = self._bounds.asked_later(growth.covered, growth.spare)
        for kind, timely in self._timely(growth).items():
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
                child = self._labelled(growth, child, timely)
                if child.labels:
                    yield child

    def _timely(self, growth: Growth) -> dict[Kind, list[tuple[Label, int]]]:
        """By kind, the courses that end soon enough after a label, were all the room left."""
        taken = len(growth.kinds) + 1
        left = self._room - taken
        found: defaultdict[Kind, list[tuple[Label, int]]] = defaultdict(list)
        for label in growth.labels:
            closed = self._prospects.closed(label.covered, label.to_check)
            plain, certified = (
                self._prospects.last_ends(label.to_check.bit_count(), won, taken, left)
                for won in (label.certified, True)
            )
            day = label.end - self._prospects.no_day
            for kind, number in self._choices.after(day, closed, plain, certified):
                found[kind].append((label, number))
        return {kind: found[kind] for kind in sorted(found)}

    def _promising(self, growth: Growth) -> bool:
        """Whether trainings may follow that make it a scenario without padding, dates aside."""
        kinds, covered, spare, left = growth[:4]
        later = self._bounds.asked_later(covered, spare) if left else None
        return self._bounds.unpadded(kinds, later) and (
            left != 1 or self._bounds.endable(kinds, covered)
        )

    def _labelled(
        self, growth: Growth, child: Growth, timely: Iterable[tuple[Label, int]]
    ) -> Growth:
        """``child``, which is ``growth`` and one more kind, with its labels and its lead."""
        labels, met = list(self._taken(growth, child, timely)), []
        if child.plain:
            # Another order of the same trainings may have made them useless.
            met = self._met[_unordered(child.kinds)]
            labels = [x for x in pareto(labels) if not any(makes_useless(k, x) for k in met)]
        else:
            # Nothing follows a full sequence: its labels are measured at once, not compared.
            labels = earliest(labels)
        if not labels:
            return child
        lead = self._lead(growth, child, met) or labels[0]
        met.extend(labels)
        lead = min(lead, labels[0], key=lambda label: label.end)
        return child._replace(labels=labels, lead=lead)

    def _lead(self, growth: Growth, child: Growth, met: list[Label]) -> Label | None:
        """The earliest label that the plain bound lets follow the lead of ``growth``."""
        numbers = self._after(growth, growth.lead, child.kinds[-1])
        for number in sorted(numbers, key=lambda n: self._courses[n].end):
            label = self._take(growth.lead, number)
            hopeless = self._plainly_hopeless(label, child.plain)
            if not hopeless and not any(makes_useless(k, label) for k in met):
                return label
        return None

    def _after(self, growth: Growth, label: Label, kind: Kind) -> Iterator[int]:
        """The courses of a kind that may follow a label."""
        timetable = self.programme.kinds[kind]
        for number in timetable.numbers[bisect_right(timetable.starts, label.end) :]:
            if self._serves(growth, label, kind, number):
                yield number

    def _serves(self, growth: Growth, label: Label, kind: Kind, number: int) -> bool:
        """Whether a course that starts after a label has what it asks, and brings something."""
        course = self._courses[number]
        in_time = course.start <= self.board.deadline(kind.asks, growth.covered)
        gains = kind.gives & ~growth.covered
        return in_time and (bool(gains) or self._enriches(label, course))

    def _taken(
        self, growth: Growth, child: Growth, timely: Iterable[tuple[Label, int]]
    ) -> Iterator[Label]:
        """The labels of ``growth`` with courses of the last kind of ``child``, if worth it."""
        for label, number in timely:
            if self._serves(growth, label, child.kinds[-1], number):
                taken = self._take(label, number)
                if not self._hopeless(taken, child):
                    yield taken

    def _enriches(self, label: Label, course: Course) -> bool:
        """Whether a training that closes nothing firm could still better the measure."""
        answers = course.gives & self.board.unknown & ~label.covered
        return bool(answers) or (bool(course.certifications) and not label.certified)

    def _take(self, label: Label, number: int) -> Label:
        course = self._courses[number]
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
        """The tight bound: gaps and questions closed one after another, and a step to ask."""
        closed = self._prospects.closed(label.covered, label.to_check)
        taken, to_check = len(growth.kinds), label.to_check.bit_count()
        return label.end > self._prospects.last_end(
            closed, to_check, label.certified, taken, growth.left
        )

    def _plainly_hopeless(self, label: Label, left: int) -> bool:
        """The plain bound: each gap closed at its soonest, as many answers as one could have."""
        end = label.end
        for bit, timetable in self.programme.bits:
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
        for bit, timetable in self.programme.bits:
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
        courses = [self._courses[n] for n in label.chain]
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
