"""Changing a pathway: what is judged, what is written, and where."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.access.transitions import IllegalTransitionError
from portal.models import (
    AgreementChannel,
    DomainEvent,
    Pathway,
    PathwayState,
    PathwayStep,
    ScenarioKind,
    StepKind,
    StepState,
)
from portal.pathways import editing, moves
from tests.support.pathways import TRAINED, TRIED, PathwayScene, day, step_of

pytestmark = pytest.mark.usefixtures("in_app")


def judged(scene: PathwayScene, pathway: Pathway, wish: list[PathwayStep]) -> editing.Verdict:
    return editing.judge(scene.session, scene.actor, pathway, wish)


def written(scene: PathwayScene, pathway: Pathway, wish: list[PathwayStep]) -> Pathway:
    verdict = judged(scene, pathway, wish)
    assert verdict.stands, verdict.problems
    return editing.apply(
        scene.session, scene.actor, pathway=pathway, verdict=verdict, change="test"
    )


def other(start: int, end: int, hours: float | None = None) -> dict[str, object]:
    return {
        "title": "Atelier numérique",
        "start": day(start),
        "end": day(end),
        "weekly_hours": hours,
        "responsible_text": "Centre social",
        "commune": None,
        "conditions": {},
    }


def test_a_session_is_swapped_for_another_that_brings_the_same_and_the_hire_follows(
    scene: PathwayScene,
) -> None:
    scene.training(starts_in=35)
    later = scene.training(starts_in=60)
    useless = scene.make.session_of_training(teaches={}, starts_in=45)
    full = scene.training(starts_in=50, seats_left=0)
    too_late = scene.training(starts_in=118)
    pathway = scene.proposed(TRAINED)
    step = step_of(pathway, StepKind.TRAINING)
    found = editing.sessions_instead(scene.session, pathway, step)
    assert found == [later]
    assert not {useless, full, too_late} & set(found)
    kept = written(scene, pathway, editing.with_session(pathway, step, later))
    assert kept is pathway
    assert [s.kind.value for s in kept.steps] == TRAINED
    assert (kept.steps[0].session, kept.steps[0].start) == (later, later.start)
    assert kept.hire_on == kept.steps[1].start == day(71)
    assert kept.scenario is ScenarioKind.FREE


def test_a_proposal_changes_in_place_and_the_change_is_logged(scene: PathwayScene) -> None:
    scene.training()
    pathway = scene.proposed(TRAINED)
    written(scene, pathway, editing.with_other(pathway, None, other(5, 6, 10)))
    scene.session.expire_all()
    assert [s.kind.value for s in pathway.steps] == ["other", *TRAINED]
    assert [s.position for s in pathway.steps] == [0, 1, 2]
    assert len(scene.session.scalars(select(Pathway)).all()) == 1
    assert scene.make.first(DomainEvent, name="pathway_edited").subject_id == pathway.id


def test_an_agreed_pathway_stays_as_it_is_and_a_new_proposal_is_made(scene: PathwayScene) -> None:
    scene.training()
    pathway = scene.under_way(TRAINED)
    kept = written(scene, pathway, editing.with_other(pathway, None, other(5, 6, 10)))
    assert kept is not pathway
    assert (kept.state, kept.replaces) == (PathwayState.PROPOSED, pathway)
    assert pathway.state is PathwayState.IN_PROGRESS
    assert [s.kind.value for s in pathway.steps] == TRAINED
    assert not {s.public_id for s in kept.steps} & {s.public_id for s in pathway.steps}


def test_the_new_version_takes_the_place_of_the_old_one_when_the_person_agrees(
    scene: PathwayScene,
) -> None:
    scene.training(starts_in=40)
    pathway = scene.under_way(TRIED)
    immersion = step_of(pathway, StepKind.IMMERSION)
    kept = written(scene, pathway, editing.with_other(pathway, None, other(60, 61)))
    immersion.start = day(-1)
    step_of(kept, StepKind.IMMERSION).start = day(-1)
    immersion.state = StepState.IN_PROGRESS  # marked between the proposal and the agreement
    moves.accept(
        scene.session,
        scene.actor,
        pathway=kept,
        channel=AgreementChannel.PHONE,
        on=day(0),
        words="Ça me va.",
    )
    assert (pathway.state, kept.state) == (PathwayState.REPLACED, PathwayState.IN_PROGRESS)
    assert step_of(kept, StepKind.IMMERSION).state is StepState.IN_PROGRESS


def test_an_immersion_moves_and_what_overlaps_is_refused_with_the_reason(
    scene: PathwayScene,
) -> None:
    """T-PAT-02."""
    training = scene.training(starts_in=40)
    pathway = scene.proposed(TRIED)
    step = step_of(pathway, StepKind.IMMERSION)
    moved = judged(scene, pathway, editing.with_dates(pathway, step, day(20), day(30)))
    assert moved.stands
    assert moved.steps[0].start == day(20)
    crossing = editing.with_dates(pathway, step, day(38), training.start)
    found = judged(scene, pathway, crossing)
    assert any("chevauche" in problem for problem in found.problems)
    after = editing.with_dates(pathway, step, day(20), day(60))
    assert any("un mois au plus" in p for p in judged(scene, pathway, after).problems)


def test_two_full_time_steps_at_once_are_refused(scene: PathwayScene) -> None:
    """INV-05: 35 h beside 35 h."""
    scene.training(starts_in=40)
    pathway = scene.proposed(TRAINED)
    found = judged(scene, pathway, editing.with_other(pathway, None, other(42, 44, 35)))
    assert len(found.problems) == 1
    assert "70\u00a0h par semaine" in found.problems[0]
    light = judged(scene, pathway, editing.with_other(pathway, None, other(42, 44, 5)))
    assert light.stands
    assert any("40\u00a0h par semaine" in text for text in editing.load_warnings(light.steps))


def test_a_needed_training_is_not_removed_and_an_immersion_is(scene: PathwayScene) -> None:
    scene.training(starts_in=40)
    pathway = scene.proposed(TRIED)
    training = step_of(pathway, StepKind.TRAINING)
    found = judged(scene, pathway, editing.without(pathway, training))
    assert any(scene.skill.label in problem for problem in found.problems)
    immersion = step_of(pathway, StepKind.IMMERSION)
    kept = written(scene, pathway, editing.without(pathway, immersion))
    assert [s.kind.value for s in kept.steps] == TRAINED


def test_the_hire_moves_within_what_the_offer_allows(scene: PathwayScene) -> None:
    scene.training(starts_in=40)
    pathway = scene.proposed(TRAINED)
    hire = step_of(pathway, StepKind.HIRE)
    assert judged(scene, pathway, editing.with_hire_on(pathway, hire, day(100))).stands
    late = judged(scene, pathway, editing.with_hire_on(pathway, hire, day(121)))
    assert any("trop tard" in problem for problem in late.problems)
    during = judged(scene, pathway, editing.with_hire_on(pathway, hire, day(45)))
    assert any("chevauche" in problem for problem in during.problems)


def test_what_comes_from_the_file_is_not_changed_here(scene: PathwayScene) -> None:
    scene.training(starts_in=40)
    scene.barrier(target_date=day(20))
    pathway = scene.proposed(["barrier", *TRAINED])
    barrier = step_of(pathway, StepKind.BARRIER)
    with pytest.raises(IllegalTransitionError, match="dossier"):
        editing.refuse_unless_changeable(pathway, barrier)
    with pytest.raises(IllegalTransitionError):
        editing.without(pathway, step_of(pathway, StepKind.HIRE))
    kept = written(scene, pathway, editing.with_other(pathway, None, other(5, 6)))
    assert [s.kind.value for s in kept.steps] == ["other", "barrier", *TRAINED]


def test_a_step_that_has_begun_or_a_pathway_that_has_ended_no_longer_changes(
    scene: PathwayScene,
) -> None:
    scene.training()
    pathway = scene.under_way(TRAINED)
    step = step_of(pathway, StepKind.TRAINING)
    step.state = StepState.IN_PROGRESS
    with pytest.raises(IllegalTransitionError, match="a commencé"):
        editing.refuse_unless_changeable(pathway, step)
    for state in (
        PathwayState.REACHED,
        PathwayState.BROKEN,
        PathwayState.REPLACED,
        PathwayState.DECLINED,
    ):
        pathway.state = state
        with scene.session.no_autoflush, pytest.raises(IllegalTransitionError, match="terminé"):
            editing.refuse_unless_changeable(pathway)
    scene.session.rollback()


def test_a_step_done_stays_and_what_it_brought_counts(scene: PathwayScene) -> None:
    training = scene.training(starts_in=10, lasts=5)
    pathway = scene.under_way(TRAINED)
    step = step_of(pathway, StepKind.TRAINING)
    step.state = StepState.DONE
    hire = step_of(pathway, StepKind.HIRE)
    kept = written(scene, pathway, editing.with_hire_on(pathway, hire, day(50)))
    assert [s.kind.value for s in kept.steps] == TRAINED
    assert (kept.steps[0].state, kept.steps[0].session) == (StepState.DONE, training)


def test_nothing_comes_before_the_end_of_the_step_under_way(scene: PathwayScene) -> None:
    scene.training(starts_in=20, lasts=20)
    pathway = scene.under_way(TRAINED)
    step_of(pathway, StepKind.TRAINING).state = StepState.IN_PROGRESS
    hire = step_of(pathway, StepKind.HIRE)
    found = judged(scene, pathway, editing.with_hire_on(pathway, hire, day(32)))
    assert any("commence trop tôt" in problem for problem in found.problems)


def test_a_pathway_whose_session_filled_up_is_not_agreed(scene: PathwayScene) -> None:
    training = scene.training()
    pathway = scene.proposed(TRAINED)
    training.seats_left = 0
    with pytest.raises(moves.NoLongerStandsError) as refused:
        moves.accept(
            scene.session,
            scene.actor,
            pathway=pathway,
            channel=AgreementChannel.PHONE,
            on=day(0),
            words="Oui",
        )
    assert any("plus de place" in problem for problem in refused.value.problems)
    assert pathway.state is PathwayState.PROPOSED
    assert pathway.agreed_at is None


def test_at_most_six_other_steps(scene: PathwayScene) -> None:
    scene.training()
    pathway = scene.proposed(TRAINED)
    for number in range(6):
        pathway = written(
            scene, pathway, editing.with_other(pathway, None, other(5 + number, 5 + number))
        )
    found = judged(scene, pathway, editing.with_other(pathway, None, other(20, 20)))
    assert found.problems == ["Un parcours a 6 autres étapes au plus."]
