"""The sessions that can serve a goal, compiled to bit masks.

Only what somebody asks (the goal, or a useful session) and the person does not durably
meet gets a bit. *Firm* bits are known gaps and credentials that expire before the last day
of the job; the others are unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from matching.pathways.plans import StepKind
from matching.pathways.situation import Situation, need_key, plain
from matching.records import Prerequisite, Session
from matching.requirements import Outcome, Subject, SubjectKind, level_of, subject_of
from matching.sessions import HORIZON_DAYS, NEVER, SessionTable
from matching.travel import Bools


@dataclass(frozen=True, slots=True)
class Course:
    """A session as masks. ``certifications`` are new to the person; ``relevant``: see goal."""

    session: Session
    start: int
    end: int
    gives: int
    asks: int
    certifications: int
    relevant: bool


@dataclass(slots=True)
class Board:
    """The asked things by bit, and the masks that class them."""

    needs: list[Prerequisite] = field(default_factory=list)
    goal: int = 0
    lacking: int = 0
    expiring: int = 0
    unknown: int = 0
    shown: int = 0
    expiry: dict[int, int] = field(default_factory=dict)
    by_subject: dict[Subject, list[tuple[int, int]]] = field(default_factory=dict)
    repeated: list[tuple[int, int]] = field(default_factory=list)

    @property
    def firm(self) -> int:
        """The bits that stop a step (or will, once the credential has expired)."""
        return self.lacking | self.expiring

    def mask(self, needs: Iterable[Prerequisite]) -> int:
        """The bits of some prerequisites; those durably met have none."""
        mask = 0
        for need in needs:
            for level, bit in self.by_subject.get(subject_of(need), ()):
                if level == level_of(need):
                    mask |= bit
        return mask

    def given(self, session: Session) -> int:
        """The bits a session covers."""
        mask = 0
        for credential in session.delivers:
            for _, bit in self.by_subject.get(Subject(SubjectKind.CREDENTIAL, credential), ()):
                mask |= bit
        for skill, taught in session.teaches.items():
            for level, bit in self.by_subject.get(Subject(SubjectKind.SKILL, skill), ()):
                if level <= taught:
                    mask |= bit
        return mask

    def deadline(self, asked: int, met: int) -> int:
        """The last day on which the expiring credentials among ``asked`` are all valid."""
        left = asked & self.expiring & ~met
        return min((day for bit, day in self.expiry.items() if bit & left), default=NEVER)

    def facts(self, mask: int) -> int:
        """One bit per skill or credential: several levels of a skill are one question."""
        for together, first in self.repeated:
            if mask & together:
                mask = mask & ~together | first
        return mask

    def about(self, facts: int) -> int:
        """The bits that facts stand for: all the levels of a skill."""
        for together, first in self.repeated:
            if facts & first:
                facts |= together
        return facts

    def close(self) -> None:
        """Note the skills asked at several levels, once all bits are given."""
        for entries in self.by_subject.values():
            if len(entries) > 1:
                self.repeated.append((sum(bit for _, bit in entries), entries[0][1]))


def make_board(situation: Situation, sessions: Iterable[Session]) -> Board:
    """Give a bit to all that the goal and the sessions ask and is not durably met."""
    target = situation.target
    asked = {plain(p) for session in sessions for p in session.prerequisites}
    needs = sorted(asked | set(target.needs), key=need_key)
    now = situation.outcomes(needs, situation.today)
    then = situation.outcomes(needs, target.latest)
    board = Board()
    for need, first, last in zip(needs, now, then, strict=True):
        if last is Outcome.MET:
            continue
        bit = 1 << len(board.needs)
        board.needs.append(need)
        board.by_subject.setdefault(subject_of(need), []).append((level_of(need), bit))
        if last is Outcome.UNKNOWN:
            board.unknown |= bit
            board.shown |= bit if need.skill in target.shown else 0
        elif first is Outcome.MET:
            board.expiring |= bit
            board.expiry[bit] = situation.facts[subject_of(need)]
        else:
            board.lacking |= bit
    board.goal = board.mask(target.needs)
    board.close()
    return board


def prepare(situation: Situation, table: SessionTable) -> tuple[list[Course], Board]:
    """The sessions that can serve the goal, compiled, and the board they are read on."""
    available = situation.traveller.availability
    attendable = (
        available.reachable
        & (table.start >= situation.floor(StepKind.TRAINING))
        & (table.end <= situation.target.latest)
    )
    numbers = _useful(situation, table, attendable)
    board = make_board(situation, [table.sessions[n] for n in numbers])
    minutes = available.minutes
    numbers.sort(key=lambda n: (table.end[n], table.start[n], minutes[n], table.sessions[n].id))
    courses = compile_courses(situation, board, [table.sessions[n] for n in numbers])
    return courses, board


def _useful(situation: Situation, table: SessionTable, attendable: Bools) -> list[int]:
    """The sessions that cover what the goal asks, or what another useful one asks.

    Closed under prerequisites that are known gaps (now or by the last day of the job).
    """
    latest = situation.target.latest
    fresh = _among(situation, situation.target.needs, (Outcome.GAP, Outcome.UNKNOWN), latest)
    seen = set(fresh)
    useful = np.zeros(len(table.sessions), dtype=np.bool_)
    while fresh:
        found = np.zeros_like(useful)
        for need in fresh:
            found |= table.covering(subject_of(need), level_of(need))
        found &= attendable & ~useful
        useful |= found
        asked = {plain(p) for n in np.flatnonzero(found) for p in table.sessions[n].prerequisites}
        fresh = _among(situation, asked - seen, (Outcome.GAP,), latest)
        seen |= asked
    return [int(n) for n in np.flatnonzero(useful)]


def _among(
    situation: Situation, needs: Iterable[Prerequisite], wanted: tuple[Outcome, ...], on: int
) -> list[Prerequisite]:
    listed = list(needs)
    outcomes = situation.outcomes(listed, on)
    return [n for n, outcome in zip(listed, outcomes, strict=True) if outcome in wanted]


def new_certifications(situation: Situation, session: Session) -> frozenset[str]:
    """The credential types a session delivers that the person does not hold for the year."""
    horizon = situation.today + HORIZON_DAYS
    return frozenset(
        credential
        for credential in session.delivers
        if situation.facts.get(Subject(SubjectKind.CREDENTIAL, credential), -1) < horizon
    )


def compile_courses(
    situation: Situation, board: Board, sessions: Sequence[Session]
) -> list[Course]:
    """The sessions as masks, in the order given; those that can serve nothing are dropped."""
    fresh = {s.id: new_certifications(situation, s) for s in sessions}
    numbers = {c: 1 << i for i, c in enumerate(sorted(frozenset().union(*fresh.values())))}
    courses = [
        Course(
            session=s,
            start=s.start.toordinal(),
            end=s.end.toordinal(),
            gives=(gives := board.given(s)),
            asks=board.mask(s.prerequisites),
            certifications=sum(numbers[c] for c in fresh[s.id]),
            relevant=bool(gives & board.goal) and bool(fresh[s.id]),
        )
        for s in sessions
    ]
    return _supported(board, courses)


def _supported(board: Board, courses: list[Course]) -> list[Course]:
    """Drop what serves nothing, and what asks a known gap that nothing ends in time to close."""
    kept = [c for c in courses if c.relevant or c.gives & board.firm]
    while True:
        ready = [c for c in kept if not _unsupplied(board, c, kept)]
        if len(ready) == len(kept):
            return kept
        kept = ready


def _unsupplied(board: Board, course: Course, courses: list[Course]) -> int:
    missing = course.asks & board.lacking
    for other in courses:
        if not missing or other.end >= course.start:
            break
        missing &= ~other.gives
    return missing
