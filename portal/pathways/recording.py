"""A composed scenario becomes rows; the person's agreement makes it theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.locks import hold_row
from portal.matchmaking import ENGINE_VERSION, BlockerView, CompositionView, ScenarioView, StepView
from portal.messages import events
from portal.models import (
    CURRENT_PATHWAY_STATES,
    AgreementChannel,
    JobOffer,
    Occupation,
    Pathway,
    PathwayState,
    PathwayStep,
    Person,
    ScenarioKind,
    StepKind,
    StepState,
    UnmetNeed,
)
from portal.pathways.rules import PATHWAY

# Said, and not written: the person is then sent what they said.
_ALOUD = (AgreementChannel.PHONE, AgreementChannel.MEETING)


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
    )
    return _record_proposal(session, actor, pathway, scenario, steps_of(scenario))


def record_version(
    session: Session,
    *,
    actor: Actor,
    agreed: Pathway,
    scenario: ScenarioView,
    steps: Sequence[PathwayStep],
) -> Pathway:
    """Keep changed steps of an agreed pathway as a new proposal, until the person agrees again."""
    pathway = Pathway(
        person=agreed.person,
        by_id=actor.account.id,
        goal_offer=agreed.goal_offer,
        goal_occupation=agreed.goal_occupation,
        replaces=agreed,
        scenario=ScenarioKind.FREE,
        state=PathwayState.PROPOSED,
    )
    return _record_proposal(session, actor, pathway, scenario, steps)


def _record_proposal(
    session: Session,
    actor: Actor,
    pathway: Pathway,
    scenario: ScenarioView,
    steps: Sequence[PathwayStep],
) -> Pathway:
    session.add(pathway)
    set_steps(session, pathway=pathway, scenario=scenario, steps=steps)
    record_event(
        session,
        actor=actor,
        subject=pathway,
        name="pathway_proposed",
        to_state=PathwayState.PROPOSED.value,
    )
    return pathway


def set_steps(
    session: Session, *, pathway: Pathway, scenario: ScenarioView, steps: Sequence[PathwayStep]
) -> None:
    """Put these steps, not yet in any pathway, in the place of those of the pathway."""
    pathway.steps.clear()
    session.flush()  # the places must be free before others take them
    for position, step in enumerate(steps):
        step.position = position
        pathway.steps.append(step)
    pathway.hire_on = scenario.hire_on
    pathway.unknown_count = scenario.unknowns
    pathway.engine_version = ENGINE_VERSION
    session.flush()


def steps_of(scenario: ScenarioView) -> list[PathwayStep]:
    """The rows of a scenario's steps, not yet in any pathway."""
    return [_step(step) for step in scenario.steps]


def _step(step: StepView) -> PathwayStep:
    return PathwayStep(
        kind=StepKind(step.kind),
        state=StepState.TO_DO,
        title=step.title,
        start=step.start,
        end=step.end,
        weekly_hours=step.weekly_hours,
        commune=step.commune,
        session=step.session,
        offer=step.offer,
        # Whether the employer may be named depends on the reader, so it is not kept.
        responsible_text=None if step.kind == StepKind.HIRE.value else step.organisation,
        conditions={
            "to_check": list(step.to_check),
            "brings": list(step.brings),
            "minutes": None if step.minutes is None else round(step.minutes),
        },
    )


def record_agreement(
    session: Session,
    *,
    actor: Actor | None,
    pathway: Pathway,
    channel: AgreementChannel,
    words: str | None = None,
    on: date | None = None,
) -> None:
    """The person said yes: who heard it, when, how, and in which words (T-PAT-03).

    No actor: nobody heard it, the person wrote it in their space.

    A pathway that was under way is replaced: a person follows one at a time.
    """
    # Two agreements at once would each see the other as not given yet.
    hold_row(session, pathway.person)
    current = select(Pathway).where(
        Pathway.person_id == pathway.person_id,
        Pathway.id != pathway.id,
        Pathway.state.in_(CURRENT_PATHWAY_STATES),
    )
    for other in session.scalars(current.execution_options(populate_existing=True)):
        PATHWAY.move(session, other, PathwayState.REPLACED, actor=actor, name="pathway_replaced")
    pathway.agreed_at = _instant(on)
    pathway.agreed_channel = channel
    pathway.agreed_words = words
    pathway.agreed_with_id = actor.account.id if actor else None
    PATHWAY.move(session, pathway, PathwayState.ACCEPTED, actor=actor, name="pathway_accepted")
    if actor is not None and channel in _ALOUD:
        events.pathway_accepted(session, actor, pathway)


def _instant(on: date | None) -> datetime:
    """Now, or noon of the day said."""
    if on is None or on == clock.today():
        return clock.now()
    return datetime.combine(on, time(12), tzinfo=clock.PARIS)


def record_unmet_need(
    session: Session,
    *,
    actor: Actor,
    person: Person,
    composition: CompositionView,
    offer: JobOffer | None = None,
    occupation: Occupation | None = None,
) -> UnmetNeed:
    """Nothing reaches the goal: a line of the register that writes the next training market."""
    code = offer.occupation_code if offer else (occupation.code if occupation else None)
    need = UnmetNeed(
        person_id=person.id,
        occupation_code=code,
        offer_id=offer.id if offer else None,
        commune_code=person.commune_code,
        blocking={"blockers": [_blocking(blocker) for blocker in composition.blockers]},
        recorded_by_id=actor.account.id,
        recorded_on=clock.today(),
    )
    session.add(need)
    session.flush()
    record_event(session, actor=actor, subject=need, name="unmet_need_recorded")
    return need


def _blocking(blocker: BlockerView) -> dict[str, object]:
    nearest = blocker.nearest_date
    return {
        "label": blocker.label,
        "reason": blocker.reason,
        "nearest_date": nearest.isoformat() if nearest else None,
        "sessions": [row.public_id for row in blocker.sessions],
    }
