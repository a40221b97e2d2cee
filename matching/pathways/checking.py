"""The composer's rules applied to a sequence that somebody has edited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from matching.pathways.plans import (
    MAX_STEPS,
    OCCUPYING,
    Goal,
    PathwayOptions,
    PathwayWorld,
    Step,
    StepKind,
)
from matching.pathways.situation import Situation, month_after, study
from matching.pathways.story import Walk
from matching.records import Person, Prerequisite, Session
from matching.requirements import Outcome
from matching.sessions import HORIZON_DAYS


class ProblemKind(StrEnum):
    """What an edited sequence can break."""

    TOO_MANY_STEPS = "too_many_steps"
    NO_HIRE = "no_hire"
    HIRE_NOT_LAST = "hire_not_last"
    UNKNOWN_SESSION = "unknown_session"
    OTHER_DATES = "other_dates"
    ENDS_BEFORE_START = "ends_before_start"
    OVERLAP = "overlap"
    OUT_OF_ORDER = "out_of_order"
    BEFORE_ALLOWED = "before_allowed"
    OUT_OF_HORIZON = "out_of_horizon"
    TOO_LATE_FOR_OFFER = "too_late_for_offer"
    FULL = "full"
    OUT_OF_REACH = "out_of_reach"
    KNOWN_GAP = "known_gap"
    IMMERSION_TOO_LONG = "immersion_too_long"


@dataclass(frozen=True, slots=True)
class Problem:
    """A broken rule. ``step`` is the place in the sequence (from 0), None for the whole.

    ``need`` is the known gap; ``limit`` the first or last day allowed.
    """

    kind: ProblemKind
    step: int | None = None
    need: Prerequisite | None = None
    limit: date | None = None


_NO_OPTIONS = PathwayOptions()


def check_sequence(
    world: PathwayWorld,
    person: Person,
    goal: Goal,
    steps: Sequence[Step],
    today: date,
    options: PathwayOptions = _NO_OPTIONS,
) -> tuple[Problem, ...]:
    """What forbids a sequence of steps, in the order of the steps; empty when it stands.

    A step is judged on its kind, dates, session and commune; what it says it asks or
    covers is not read. Padding and dominance are not faults: a person may choose them.
    """
    situation = study(world, person, goal, today, options)
    sessions = {s.id: s for s in world.sessions.sessions}
    problems = [*_whole(steps), *_overlaps(situation, steps)]
    walk = Walk(situation)
    for place, step in enumerate(steps):
        session = sessions.get(step.session) if step.session is not None else None
        problems.extend(_dates(situation, place, step))
        if step.kind is StepKind.TRAINING:
            problems.extend(_training(situation, place, step, session))
        problems.extend(_place(situation, place, step))
        problems.extend(_gaps(walk, place, step, session))
        if session is not None and step.kind is StepKind.TRAINING:
            walk.done.append(session)
        walk.tried |= step.kind is StepKind.IMMERSION
    return tuple(sorted(problems, key=lambda p: -1 if p.step is None else p.step))


def _whole(steps: Sequence[Step]) -> Iterator[Problem]:
    if len(steps) > MAX_STEPS:
        yield Problem(ProblemKind.TOO_MANY_STEPS)
    hires = [i for i, step in enumerate(steps) if step.kind is StepKind.HIRE]
    if not hires:
        yield Problem(ProblemKind.NO_HIRE)
    elif hires != [len(steps) - 1]:
        yield Problem(ProblemKind.HIRE_NOT_LAST, hires[0])


def _overlaps(situation: Situation, steps: Sequence[Step]) -> Iterator[Problem]:
    busy = [(i, step) for i, step in enumerate(steps) if step.kind in OCCUPYING]
    for n, (place, step) in enumerate(busy):
        for _, before in busy[:n]:
            if step.start > before.end or _hired_on_last_day(situation, before, step):
                continue
            late = step.end < before.start
            yield Problem(ProblemKind.OUT_OF_ORDER if late else ProblemKind.OVERLAP, place)
            break


def _hired_on_last_day(situation: Situation, before: Step, step: Step) -> bool:
    day = before.end.toordinal()
    return (
        step.kind is StepKind.HIRE and step.start == before.end and day == situation.target.latest
    )


def _dates(situation: Situation, place: int, step: Step) -> Iterator[Problem]:
    if step.end < step.start:
        yield Problem(ProblemKind.ENDS_BEFORE_START, place)
    if step.kind in OCCUPYING:
        hiring = step.kind is StepKind.HIRE
        floor = situation.first_hire if hiring else situation.floor(step.kind)
        if step.start.toordinal() < floor:
            limit = date.fromordinal(floor)
            yield Problem(ProblemKind.BEFORE_ALLOWED, place, limit=limit)
    horizon = situation.today + HORIZON_DAYS
    latest = situation.target.latest
    if step.end.toordinal() > horizon:
        yield Problem(ProblemKind.OUT_OF_HORIZON, place, limit=date.fromordinal(horizon))
    elif step.end.toordinal() > latest:
        yield Problem(ProblemKind.TOO_LATE_FOR_OFFER, place, limit=date.fromordinal(latest))
    longest = month_after(step.start.toordinal())
    if step.kind is StepKind.IMMERSION and step.end.toordinal() > longest:
        yield Problem(ProblemKind.IMMERSION_TOO_LONG, place, limit=date.fromordinal(longest))


def _training(
    situation: Situation, place: int, step: Step, session: Session | None
) -> Iterator[Problem]:
    if session is None:
        yield Problem(ProblemKind.UNKNOWN_SESSION, place)
        return
    if (step.start, step.end) != (session.start, session.end):
        yield Problem(ProblemKind.OTHER_DATES, place)
    if session.seats_left <= 0:
        yield Problem(ProblemKind.FULL, place)
    if session.commune is not None and not _reaches(situation, session.commune):
        yield Problem(ProblemKind.OUT_OF_REACH, place)


def _place(situation: Situation, place: int, step: Step) -> Iterator[Problem]:
    """The way to an immersion or to the job; a session's own place is judged with it."""
    if step.kind is StepKind.HIRE:
        commune = situation.target.commune
    elif step.kind is StepKind.IMMERSION:
        commune = step.commune
    else:
        return
    if commune is not None and not _reaches(situation, commune):
        yield Problem(ProblemKind.OUT_OF_REACH, place)


def _reaches(situation: Situation, commune: str) -> bool:
    return situation.in_reach(situation.minutes_to([commune])[commune])


def _gaps(walk: Walk, place: int, step: Step, session: Session | None) -> Iterator[Problem]:
    needs: tuple[Prerequisite, ...] = ()
    if step.kind is StepKind.HIRE:
        needs = walk.situation.target.needs
    elif session is not None:
        needs = session.prerequisites
    for asked in walk.ask_all(needs, step.start.toordinal()):
        if asked.outcome is Outcome.GAP:
            yield Problem(ProblemKind.KNOWN_GAP, place, need=asked.need)
