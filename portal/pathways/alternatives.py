"""After a pathway that stopped: two other ways, so that nobody is left in front of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.models import JobOffer, Occupation, OccupationNeighbour, Pathway, StepKind
from portal.pathways.goals import Goal, is_proposable

PROPOSED = 2
_NEIGHBOURS_TRIED = 5
_CHOSEN = (StepKind.IMMERSION, StepKind.TRAINING)
_REACHING_GROUPS = ("ready", "one_step", "to_check", "longer_path")


@dataclass(frozen=True, slots=True)
class OtherWay:
    """A goal that a scenario reaches from here; ``same`` when it is the one that was left."""

    goal: Goal
    scenario: str
    hire_on: date
    same: bool


def other_ways(
    session: Session, actor: Actor, pathway: Pathway, *, reads_offer: bool
) -> list[OtherWay]:
    """Towards the same goal, then a neighbour trade, then the person's other offers."""
    return list(islice(_all_ways(session, actor, pathway, reads_offer), PROPOSED))


def _all_ways(
    session: Session, actor: Actor, pathway: Pathway, reads_offer: bool
) -> Iterator[OtherWay]:
    offer, occupation = pathway.goal_offer, pathway.goal_occupation
    if offer is None or (reads_offer and is_proposable(offer)):
        yield from _way(session, actor, pathway, Goal(offer, occupation), same=True)
    for neighbour in _neighbours(session, pathway):
        yield from _way(session, actor, pathway, Goal(occupation=neighbour))
    for other in _other_offers(session, actor, pathway):
        yield from _way(session, actor, pathway, Goal(offer=other))


def _way(
    session: Session, actor: Actor, pathway: Pathway, goal: Goal, *, same: bool = False
) -> Iterator[OtherWay]:
    """The scenario that has least in common with what stopped; never that one again."""
    try:
        found = mm.compose(
            session, actor, pathway.person, offer=goal.offer, occupation=goal.occupation
        )
    except mm.NothingKnownError:
        return
    left = {step.session_id for step in pathway.steps if step.session_id is not None}
    ranked = sorted(
        found.scenarios,
        key=lambda s: sum(step.session is not None and step.session.id in left for step in s.steps),
    )
    stopped = [(s.kind.value, s.session_id) for s in pathway.steps if s.kind in _CHOSEN]
    others = [s for s in ranked if not same or _choices(s) != stopped]
    for scenario in others[:1]:
        yield OtherWay(goal, scenario.names[0], scenario.hire_on, same)


def _choices(scenario: mm.ScenarioView) -> list[tuple[str, int | None]]:
    """What a scenario chooses: its immersion and its sessions."""
    kinds = {kind.value for kind in _CHOSEN}
    return [
        (s.kind, s.session.id if s.session else None) for s in scenario.steps if s.kind in kinds
    ]


def _neighbours(session: Session, pathway: Pathway) -> list[Occupation]:
    offer = pathway.goal_offer
    code = offer.occupation_code if offer else pathway.goal_occupation_code
    rows = session.scalars(
        select(Occupation)
        .join(OccupationNeighbour, OccupationNeighbour.neighbour_code == Occupation.code)
        .where(OccupationNeighbour.occupation_code == code, Occupation.retired.is_(False))
        .order_by(OccupationNeighbour.rank, Occupation.code)
        .limit(_NEIGHBOURS_TRIED)
    )
    return list(rows)


def _other_offers(session: Session, actor: Actor, pathway: Pathway) -> list[JobOffer]:
    view = mm.offers_for_person(session, actor, pathway.person, mm.Window(size=PROPOSED))
    lines = [line for key in _REACHING_GROUPS for line in view.group(key).lines]
    return [line.offer for line in lines if line.offer.id != pathway.goal_offer_id][: PROPOSED + 1]
