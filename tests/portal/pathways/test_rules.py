"""Moves of pathways and steps, and the hours of a week."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.models import (
    AgreementChannel,
    BreakdownReason,
    DomainEvent,
    Pathway,
    PathwayState,
    PathwayStep,
    ScenarioKind,
    StepKind,
    StepState,
)
from portal.pathways import moves
from portal.pathways.rules import PATHWAY, STEP, is_late, next_step_states, weekly_loads
from tests.support.factories import Factory
from tests.support.pathways import PathwayScene, day, step_of

P, S = PathwayState, StepState
LEGAL = {
    (P.DRAFT, P.PROPOSED),
    (P.DRAFT, P.REPLACED),
    (P.PROPOSED, P.ACCEPTED),
    (P.PROPOSED, P.DECLINED),
    (P.PROPOSED, P.REPLACED),
    (P.ACCEPTED, P.IN_PROGRESS),
    (P.ACCEPTED, P.BROKEN),
    (P.ACCEPTED, P.REPLACED),
    (P.IN_PROGRESS, P.PAUSED),
    (P.IN_PROGRESS, P.REACHED),
    (P.IN_PROGRESS, P.BROKEN),
    (P.IN_PROGRESS, P.REPLACED),
    (P.PAUSED, P.IN_PROGRESS),
    (P.PAUSED, P.BROKEN),
    (P.PAUSED, P.REPLACED),
}
LEGAL_STEPS = {
    (S.TO_DO, S.IN_PROGRESS),
    (S.TO_DO, S.DONE),
    (S.TO_DO, S.CANCELLED),
    (S.IN_PROGRESS, S.DONE),
    (S.IN_PROGRESS, S.CANCELLED),
}


def in_state(make: Factory, state: PathwayState) -> Pathway:
    """A pathway in a state, with what the database asks of it."""
    agreed = state in (P.ACCEPTED, P.IN_PROGRESS, P.PAUSED, P.REACHED)
    step = PathwayStep(position=0, kind=StepKind.OTHER, title="Atelier", start=day(0), end=day(1))
    hire = PathwayStep(position=1, kind=StepKind.HIRE, title="Embauche", start=day(9), end=day(9))
    pathway: Pathway = make.add(
        Pathway(
            person=make.person(),
            goal_occupation=make.occupation(),
            scenario=ScenarioKind.FREE,
            state=state,
            agreed_at=clock.now() if agreed else None,
            agreed_channel=AgreementChannel.PHONE if agreed else None,
            breakdown_reason=(BreakdownReason.OTHER if state in (P.BROKEN, P.DECLINED) else None),
            steps=[step, hire],
        )
    )
    return pathway


@pytest.mark.usefixtures("in_app")
@pytest.mark.parametrize(("source", "target"), list(itertools.product(P, P)))
def test_a_pathway_makes_the_moves_of_the_table_and_no_other(
    make: Factory, session: Session, source: PathwayState, target: PathwayState
) -> None:
    pathway = in_state(make, source)
    # What the database asks beside the state; the machine alone is tried here.
    pathway.agreed_at, pathway.agreed_channel = clock.now(), AgreementChannel.PHONE
    pathway.breakdown_reason = BreakdownReason.OTHER
    if (source, target) in LEGAL:
        PATHWAY.move(session, pathway, target, actor=None, name="tried")
        assert pathway.state is target
        event = make.first(DomainEvent, name="tried")
        assert (event.from_state, event.to_state) == (source.value, target.value)
        return
    with pytest.raises(IllegalTransitionError):
        PATHWAY.move(session, pathway, target, actor=None, name="tried")
    assert pathway.state is source
    assert make.first(DomainEvent, name="tried") is None


@pytest.mark.usefixtures("in_app")
@pytest.mark.parametrize(("source", "target"), list(itertools.product(S, S)))
def test_a_step_makes_the_moves_of_the_table_and_no_other(
    make: Factory, session: Session, source: StepState, target: StepState
) -> None:
    step = in_state(make, P.IN_PROGRESS).steps[0]
    step.state = source
    if (source, target) in LEGAL_STEPS:
        STEP.move(session, step, target, actor=None, name="tried")
        assert step.state is target
        return
    with pytest.raises(IllegalTransitionError):
        STEP.move(session, step, target, actor=None, name="tried")
    assert step.state is source


ACTIONS: dict[str, tuple[Any, dict[str, Any], set[PathwayState]]] = {
    "decline": (moves.decline, {"reason": BreakdownReason.MONEY}, {P.PROPOSED}),
    "start": (moves.start, {}, {P.ACCEPTED, P.PAUSED}),
    "pause": (moves.pause, {}, {P.IN_PROGRESS}),
    "resume": (moves.resume, {}, {P.PAUSED}),
    "break": (
        moves.break_off,
        {"reason": BreakdownReason.DISTANCE},
        {P.ACCEPTED, P.IN_PROGRESS, P.PAUSED},
    ),
    "reach": (moves.reach, {"on": date(2026, 1, 5)}, {P.IN_PROGRESS}),
}


@pytest.mark.usefixtures("in_app")
@pytest.mark.parametrize(("name", "state"), list(itertools.product(ACTIONS, P)))
def test_an_action_is_refused_from_every_other_state_and_touches_nothing(
    make: Factory, name: str, state: PathwayState
) -> None:
    scene = PathwayScene(make)
    action, values, allowed = ACTIONS[name]
    pathway = in_state(make, state)
    before = (pathway.breakdown_reason, pathway.hire_on, [s.state for s in pathway.steps])
    if state in allowed:
        action(make.session, scene.actor, pathway=pathway, **values)
        assert pathway.state is not state
        return
    with pytest.raises(IllegalTransitionError):
        action(make.session, scene.actor, pathway=pathway, **values)
    assert pathway.state is state
    assert before == (pathway.breakdown_reason, pathway.hire_on, [s.state for s in pathway.steps])


@pytest.mark.usefixtures("in_app")
def test_the_hire_ends_the_pathway_and_what_was_left_is_cancelled(make: Factory) -> None:
    scene = PathwayScene(make)
    pathway = in_state(make, P.IN_PROGRESS)
    moves.reach(make.session, scene.actor, pathway=pathway, on=day(-1))
    assert [step.state for step in pathway.steps] == [S.CANCELLED, S.DONE]
    assert (pathway.state, pathway.hire_on) == (P.REACHED, day(-1))
    assert pathway.steps[1].start == day(-1)


@pytest.mark.usefixtures("in_app")
def test_a_strong_barrier_blocks_the_start_of_a_step_until_it_is_lifted(make: Factory) -> None:
    """§4.3 and T-PAT-04: it never blocked the proposal."""
    scene = PathwayScene(make)
    scene.training(starts_in=10)
    pathway = scene.under_way(["training", "hire"])
    step = step_of(pathway, StepKind.TRAINING)
    step.start = day(0)
    barrier = scene.barrier()
    with pytest.raises(IllegalTransitionError, match="Garde d’enfants"):
        moves.move_step(make.session, scene.actor, step=step, target=S.IN_PROGRESS)
    barrier.state = barrier.state.LIFTED
    moves.move_step(make.session, scene.actor, step=step, target=S.IN_PROGRESS)
    assert step.state is S.IN_PROGRESS


@pytest.mark.usefixtures("in_app")
@pytest.mark.parametrize("target", [S.IN_PROGRESS, S.DONE])
def test_a_step_does_not_begin_nor_end_before_its_day(make: Factory, target: StepState) -> None:
    scene = PathwayScene(make)
    scene.training(starts_in=10)
    step = step_of(scene.under_way(["training", "hire"]), StepKind.TRAINING)
    with pytest.raises(IllegalTransitionError, match="commence le"):
        moves.move_step(make.session, scene.actor, step=step, target=target)
    moves.move_step(make.session, scene.actor, step=step, target=S.CANCELLED)


@pytest.mark.usefixtures("in_app")
def test_steps_move_only_while_the_pathway_is_under_way(make: Factory) -> None:
    scene = PathwayScene(make)
    for state in set(P) - {P.IN_PROGRESS}:
        step = in_state(make, state).steps[0]
        with pytest.raises(IllegalTransitionError):
            moves.move_step(make.session, scene.actor, step=step, target=S.DONE)


def test_the_hire_moves_with_the_pathway_and_a_milestone_is_done_at_once() -> None:
    def moves_of(kind: StepKind) -> list[StepState]:
        step = PathwayStep(kind=kind, state=S.TO_DO, title="", start=day(0), end=day(0))
        return next_step_states(P.IN_PROGRESS, step)

    assert moves_of(StepKind.HIRE) == []
    assert moves_of(StepKind.CHECK) == [S.DONE, S.CANCELLED]
    assert moves_of(StepKind.TRAINING) == [S.IN_PROGRESS, S.DONE, S.CANCELLED]


def step(start: int, end: int, hours: float | None, kind: StepKind = StepKind.OTHER) -> PathwayStep:
    return PathwayStep(
        kind=kind,
        state=S.TO_DO,
        title=f"{start}-{end}",
        start=day(start),
        end=day(end),
        weekly_hours=hours,
    )


LOADS = [
    ("two full-time steps together", [step(0, 9, 35), step(5, 12, 35)], True, True, False),
    ("one after the other", [step(0, 4, 35), step(5, 12, 35)], False, False, False),
    ("the last day shared", [step(0, 5, 35), step(5, 12, 35)], True, True, False),
    ("exactly 48 hours", [step(0, 9, 28), step(5, 12, 20)], False, True, False),
    ("a little more than 48 hours", [step(0, 9, 28.5), step(5, 12, 20)], True, True, False),
    ("exactly 35 hours", [step(0, 9, 20), step(5, 12, 15)], False, False, False),
    (
        "a job goes on after its day",
        [step(0, 0, 35, StepKind.HIRE), step(9, 12, 20)],
        True,
        True,
        False,
    ),
    ("hours not known, together", [step(0, 9, None), step(5, 12, 20)], False, False, True),
    ("hours not known, alone", [step(0, 9, None)], False, False, False),
    (
        "a milestone takes no time",
        [step(0, 0, 35, StepKind.BARRIER), step(0, 9, 35)],
        False,
        False,
        False,
    ),
]


@pytest.mark.parametrize(
    ("steps", "refused", "heavy", "uncertain"), [c[1:] for c in LOADS], ids=[c[0] for c in LOADS]
)
def test_the_hours_of_a_week(
    steps: list[PathwayStep], refused: bool, heavy: bool, uncertain: bool
) -> None:
    """INV-05."""
    loads = weekly_loads(steps)
    assert any(load.is_too_much for load in loads) is refused
    assert any(load.is_heavy for load in loads) is heavy
    assert any(load.is_uncertain for load in loads) is uncertain


def test_a_step_done_or_cancelled_takes_no_hours() -> None:
    over = step(0, 9, 35)
    for state in (S.DONE, S.CANCELLED):
        over.state = state
        assert [load.hours for load in weekly_loads([over, step(5, 12, 20)])] == [20]


def test_late_is_a_date_that_passed_without_a_word() -> None:
    late, today = step(-3, 4, None), day(0)
    assert is_late(late, today)
    late.state = S.IN_PROGRESS
    assert not is_late(late, today)
    assert is_late(late, day(5))
    late.state = S.DONE
    assert not is_late(late, day(5))
