"""A chain of sessions told as dated steps, each with what it asks and brings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from matching.pathways.catalogue import new_certifications
from matching.pathways.plans import Asked, Scenario, ScenarioName, Step, StepKind
from matching.pathways.situation import Immersion, Situation, all_kinds, covers, need_key, plain
from matching.records import Prerequisite, Session
from matching.requirements import Outcome, subject_of


@dataclass(slots=True)
class Walk:
    """What stands at a point of a scenario: the person's facts and what the steps brought."""

    situation: Situation
    done: list[Session] = field(default_factory=list)
    tried: bool = False

    def ask(self, need: Prerequisite, on: int) -> Asked:
        """The class of a prerequisite on a day, after the steps already walked."""
        if any(covers(session, need) for session in self.done):
            return Asked(need, Outcome.MET)
        outcome = self.situation.outcome(need, on)
        shown = self.tried and need.skill in self.situation.target.shown
        return Asked(need, outcome, observed=shown and outcome is Outcome.UNKNOWN)

    def ask_all(self, needs: Iterable[Prerequisite], on: int) -> tuple[Asked, ...]:
        """The distinct prerequisites of one step, in a stable order."""
        distinct = sorted({plain(n) for n in needs}, key=need_key)
        return tuple(self.ask(need, on) for need in distinct)


def tell(
    situation: Situation,
    sessions: Sequence[Session],
    immersion: Immersion | None,
    hire: int,
    names: tuple[ScenarioName, ...] = (),
) -> Scenario:
    """The scenario made of an optional immersion, then the sessions, then the hire."""
    walk = Walk(situation)
    steps: list[Step] = []
    if immersion is not None:
        steps.append(_immersion_step(situation, immersion))
        walk.tried = True
    minutes = situation.minutes_to(s.commune for s in sessions if s.commune is not None)
    for session in sessions:
        steps.append(_training_step(session, walk, minutes))
        walk.done.append(session)
    steps.append(_hire_step(situation, walk, hire))
    steps = _with_covers(situation, steps, sessions)
    questions = _questions(steps)
    kinds = all_kinds(immersion is not None, bool(sessions))
    certifications = frozenset().union(*(new_certifications(situation, s) for s in sessions))
    return Scenario(
        names=names,
        steps=(
            *_check_step(situation, questions),
            *_in_order(_barrier_steps(situation, kinds), steps),
        ),
        hire=date.fromordinal(hire),
        certifications=tuple(sorted(certifications)),
        unknowns=len({subject_of(need) for need in questions}),
    )


def _immersion_step(situation: Situation, immersion: Immersion) -> Step:
    return Step(
        StepKind.IMMERSION,
        date.fromordinal(immersion.start),
        date.fromordinal(immersion.end),
        offer=situation.target.offer if immersion.commune == situation.target.commune else None,
        commune=immersion.commune,
        minutes=situation.minutes_to([immersion.commune])[immersion.commune],
    )


def _training_step(session: Session, walk: Walk, minutes: dict[str, float]) -> Step:
    return Step(
        StepKind.TRAINING,
        session.start,
        session.end,
        session=session.id,
        commune=session.commune,
        minutes=None if session.commune is None else minutes[session.commune],
        asks=walk.ask_all(session.prerequisites, session.start.toordinal()),
        delivers=tuple(sorted(session.delivers)),
    )


def _hire_step(situation: Situation, walk: Walk, hire: int) -> Step:
    target, day = situation.target, date.fromordinal(hire)
    place = target.commune
    return Step(
        StepKind.HIRE,
        day,
        day,
        offer=target.offer,
        commune=place,
        minutes=None if place is None else situation.minutes_to([place])[place],
        asks=walk.ask_all(target.needs, hire),
    )


def _with_covers(
    situation: Situation, steps: list[Step], sessions: Sequence[Session]
) -> list[Step]:
    """Each step with what it brings of what the later steps ask."""
    by_id = {session.id: session for session in sessions}
    told: list[Step] = []
    walk = Walk(situation)
    for place, step in enumerate(steps):
        asked = [(a, after) for after in steps[place + 1 :] for a in after.asks]
        if step.session is not None:
            session = by_id[step.session]
            told.append(_covering(step, _brought(walk, session, asked)))
            walk.done.append(session)
        elif step.kind is StepKind.IMMERSION:
            told.append(_covering(step, (a.need for a, _ in asked if a.observed)))
        else:
            told.append(step)
    return told


def _brought(
    walk: Walk, session: Session, asked: Iterable[tuple[Asked, Step]]
) -> Iterator[Prerequisite]:
    """What a session covers of the later asks that would not be met without it."""
    for ask, step in asked:
        if covers(session, ask.need):
            before = walk.ask(ask.need, step.start.toordinal())
            if before.outcome is not Outcome.MET:
                yield ask.need


def _covering(step: Step, needs: Iterable[Prerequisite]) -> Step:
    return replace(step, covers=tuple(sorted(set(needs), key=need_key)))


def _questions(steps: list[Step]) -> tuple[Prerequisite, ...]:
    needs = {a.need for step in steps for a in step.asks if a.to_check and not a.observed}
    return tuple(sorted(needs, key=need_key))


def _check_step(situation: Situation, questions: tuple[Prerequisite, ...]) -> list[Step]:
    today = date.fromordinal(situation.today)
    return [Step(StepKind.CHECK, today, today, covers=questions)] if questions else []


def _barrier_steps(situation: Situation, kinds: frozenset[StepKind]) -> list[Step]:
    steps = []
    for blocked, day in situation.barrier_dates(kinds).items():
        labels = {
            barrier.label
            for barrier in situation.options.barriers
            if barrier.blocks == blocked and barrier.solved_on.toordinal() > situation.today
        }
        solved = date.fromordinal(day)
        steps.append(Step(StepKind.BARRIER, solved, solved, labels=tuple(sorted(labels))))
    return steps


def _in_order(barriers: list[Step], steps: list[Step]) -> list[Step]:
    """By start; a barrier lifted on the day a step starts comes before it."""
    rank = {StepKind.BARRIER: 0}
    return sorted(
        [*barriers, *steps],
        key=lambda s: (s.start, rank.get(s.kind, 1), s.kind is StepKind.HIRE, s.labels),
    )
