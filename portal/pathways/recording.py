"""A composed scenario becomes rows; the person's agreement makes it theirs."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.matchmaking import ENGINE_VERSION, ScenarioView, StepView
from portal.models import (
    AgreementChannel,
    JobOffer,
    Occupation,
    Pathway,
    PathwayState,
    PathwayStep,
    Person,
    ScenarioKind,
    StepKind,
)
from portal.pathways.rules import PATHWAY

_CURRENT = (PathwayState.ACCEPTED, PathwayState.IN_PROGRESS, PathwayState.PAUSED)


def record_scenario(
    session: Session,
    *,
    actor: Actor,
    person: Person,
    scenario: ScenarioView,
    offer: JobOffer | None = None,
    occupation: Occupation | None = None,
) -> Pathway:
    """Keep a scenario as a proposed pathway of the person."""
    pathway = Pathway(
        person=person,
        by_id=actor.account.id,
        goal_offer=offer,
        goal_occupation=occupation,
        scenario=ScenarioKind(scenario.names[0]),
        state=PathwayState.PROPOSED,
        hire_on=scenario.hire_on,
        unknown_count=scenario.unknowns,
        engine_version=ENGINE_VERSION,
        steps=[_step(step, position) for position, step in enumerate(scenario.steps)],
    )
    session.add(pathway)
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=pathway,
        name="pathway_proposed",
        to_state=PathwayState.PROPOSED.value,
    )
    return pathway


def _step(step: StepView, position: int) -> PathwayStep:
    return PathwayStep(
        position=position,
        kind=StepKind(step.kind),
        title=step.title,
        start=step.start,
        end=step.end,
        weekly_hours=step.weekly_hours,
        commune=step.commune,
        session=step.session,
        offer=step.offer,
        responsible_text=step.organisation,
        conditions={
            "to_check": list(step.to_check),
            "brings": list(step.brings),
            "minutes": None if step.minutes is None else round(step.minutes),
        },
    )


def record_agreement(
    session: Session,
    *,
    actor: Actor,
    pathway: Pathway,
    channel: AgreementChannel,
    words: str | None = None,
) -> None:
    """The person said yes: who heard it, when, how, and in which words (T-PAT-03).

    A pathway that was under way is replaced: a person follows one at a time.
    """
    for other in session.scalars(
        select(Pathway).where(
            Pathway.person_id == pathway.person_id,
            Pathway.id != pathway.id,
            Pathway.state.in_(_CURRENT),
        )
    ):
        PATHWAY.move(session, other, PathwayState.REPLACED, actor=actor, name="pathway_replaced")
    pathway.agreed_at = clock.now()
    pathway.agreed_channel = channel
    pathway.agreed_words = words
    pathway.agreed_with_id = actor.account.id
    PATHWAY.move(session, pathway, PathwayState.ACCEPTED, actor=actor, name="pathway_accepted")
