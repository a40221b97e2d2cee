"""Every non-dominated way to the goal, exactly.

Sequences of *kinds* of courses (same firm bits given and asked) are grown one training at
a time; padding is judged on the kinds alone. Under one sequence of kinds, the choices of
dates and places are *labels*, kept only when no other ends as early, knows as much, has to
ask as little and brings the same certifications: whatever follows one may follow the other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from matching.pathways.catalogue import Board, Course
from matching.pathways.plans import MAX_STEPS
from matching.pathways.situation import Immersion, Situation, all_kinds
from matching.records import Session


class Kind(NamedTuple):
    """What decides the place of a course in a sequence."""

    gives: int
    asks: int
    relevant: bool


class Label(NamedTuple):
    """One dated choice: last day taken, certifications, bits covered, facts to check, courses."""

    end: int
    certifications: int
    covered: int
    to_check: int
    chain: tuple[int, ...]


class Measure(NamedTuple):
    """What dominance compares, so that less is better on each."""

    hire: int
    unknowns: int
    missed: int

    def dominates(self, other: Measure) -> bool:
        """At least as good on the three, better on one."""
        return self != other and all(a <= b for a, b in zip(self, other, strict=True))


class Found(NamedTuple):
    """A complete scenario: its measure, then what breaks ties."""

    measure: Measure
    steps: int
    sessions: tuple[Session, ...]
    immersed: bool

    @property
    def certifications(self) -> int:
        """How many new certifications it brings."""
        return -self.measure.missed

    @property
    def tie(self) -> tuple[int, tuple[str, ...], bool]:
        """Fewer steps first, then session ids."""
        return (self.steps, tuple(s.id for s in self.sessions), self.immersed)


class Growth(NamedTuple):
    """A sequence of kinds with its labels; ``spare``: one training closes no new firm bit."""

    kinds: tuple[Kind, ...]
    covered: int
    spare: bool
    labels: list[Label]


@dataclass(slots=True)
class Search:
    """The search of one variant: with an immersion first, or without."""

    situation: Situation
    board: Board
    courses: list[Course]
    immersion: Immersion | None

    def run(self) -> list[Found]:
        """The best scenarios of this variant: none dominated by another of the variant."""
        groups = self._groups()
        front: list[Found] = []
        wave = [Growth((), 0, False, [self._root()])]
        while wave:
            for growth in wave:
                for found in self._complete(growth):
                    insert(front, found)
            wave = [g for growth in wave for g in self._grow(growth, groups, front)]
        return front

    def _root(self) -> Label:
        end = self.immersion.end if self.immersion else self.situation.today - 1
        return Label(end, 0, 0, 0, ())

    def _groups(self) -> dict[Kind, list[int]]:
        groups: defaultdict[Kind, list[int]] = defaultdict(list)
        firm = self.board.firm
        for number, course in enumerate(self.courses):
            groups[Kind(course.gives & firm, course.asks & firm, course.relevant)].append(number)
        ordered = {kind: self._undominated(groups[kind]) for kind in sorted(groups)}
        return {k: sorted(v, key=lambda n: self.courses[n].start) for k, v in ordered.items()}

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
            and not other.certifications & ~one.certifications
        )

    def _slots(self, trainings: int) -> int:
        """How many trainings may still be added, questions aside."""
        kinds = all_kinds(self.immersion is not None, trained=True)
        taken = 1 + (self.immersion is not None) + len(self.situation.barrier_dates(kinds))
        return MAX_STEPS - taken - trainings

    def _grow(
        self, growth: Growth, groups: dict[Kind, list[int]], front: list[Found]
    ) -> Iterator[Growth]:
        left = self._slots(len(growth.kinds)) - 1
        if left < 0:
            return
        most_gain = max((bin(k.gives & self.board.goal).count("1") for k in groups), default=0)
        most_won = max((c.certifications.bit_count() for c in self.courses), default=0)
        for kind, numbers in groups.items():
            gains = kind.gives & ~growth.covered
            if kind.asks & self.board.lacking & ~growth.covered:
                continue
            if not gains and (growth.spare or not kind.relevant):
                continue
            covered = growth.covered | kind.gives
            missing = self.board.goal & self.board.lacking & ~covered
            if missing.bit_count() > left * most_gain:
                continue
            labels = [
                label
                for label in self._labels(growth, kind, numbers)
                if not self._hopeless(label, left * most_won, front)
            ]
            if labels:
                yield Growth((*growth.kinds, kind), covered, growth.spare or not gains, labels)

    def _labels(self, growth: Growth, kind: Kind, numbers: list[int]) -> list[Label]:
        deadline = self.board.deadline(kind.asks, growth.covered)
        starts = [self.courses[n].start for n in numbers]
        grown = [
            self._take(label, number)
            for label in growth.labels
            for number in numbers[bisect_right(starts, label.end) : bisect_right(starts, deadline)]
        ]
        return _pareto(grown)

    def _take(self, label: Label, number: int) -> Label:
        course = self.courses[number]
        return Label(
            course.end,
            label.certifications | course.certifications,
            label.covered | course.gives,
            label.to_check | self._questions(course.asks & ~label.covered),
            (*label.chain, number),
        )

    def _questions(self, asked: int) -> int:
        """The facts to check among the asked bits, those the immersion shows aside."""
        unknown = asked & self.board.unknown
        return self.board.facts(unknown & ~self.board.shown if self.immersion else unknown)

    def _hopeless(self, label: Label, more: int, front: list[Found]) -> bool:
        """Whether all that can follow is no better than what was already found."""
        hire = self.situation.hire_after(label.end)
        if hire is None:
            return True
        best = Measure(hire, label.to_check.bit_count(), -(label.certifications.bit_count() + more))
        return any(f.measure == best or f.measure.dominates(best) for f in front)

    def _complete(self, growth: Growth) -> Iterator[Found]:
        board = self.board
        if board.goal & board.lacking & ~growth.covered or not self._unpadded(growth.kinds):
            return
        deadline = board.deadline(board.goal, growth.covered)
        trained = bool(growth.kinds)
        kinds = all_kinds(self.immersion is not None, trained)
        steps = 1 + len(self.situation.barrier_dates(kinds)) + len(growth.kinds)
        steps += self.immersion is not None
        for label in growth.labels:
            hire = self.situation.hire_after(label.end if trained or self.immersion else None)
            if hire is None or hire > deadline:
                continue
            to_check = label.to_check | self._questions(board.goal & ~label.covered)
            if steps + bool(to_check) > MAX_STEPS:
                continue
            measure = Measure(hire, to_check.bit_count(), -label.certifications.bit_count())
            sessions = tuple(self.courses[n].session for n in label.chain)
            yield Found(measure, steps + bool(to_check), sessions, self.immersion is not None)

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


def _pareto(labels: list[Label]) -> list[Label]:
    """The labels that no other makes useless, by end then choice of courses."""
    kept: list[Label] = []
    for label in sorted(labels, key=lambda x: (x.end, -x.certifications.bit_count(), x.chain)):
        if not any(_makes_useless(k, label) for k in kept):
            kept.append(label)
    return kept


def _makes_useless(one: Label, other: Label) -> bool:
    return (
        one.end <= other.end
        and not other.certifications & ~one.certifications
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
