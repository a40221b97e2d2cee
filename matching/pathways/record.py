"""The pathways of a person as plain values: names, numbers and days, every key always there."""

from __future__ import annotations

from typing import Any

from matching.output import shown_minutes
from matching.pathways.everyone import Pathways
from matching.pathways.plans import (
    Asked,
    Blocker,
    Composition,
    Goal,
    OccupationGoal,
    Scenario,
    Step,
    UnmetNeed,
)
from matching.records import Prerequisite

Values = dict[str, Any]


def pathways_record(found: Pathways) -> Values:
    """The line of a person: each goal with its scenarios, or why there is none."""
    return {
        "person": found.person,
        "pathways": [_towards(goal, composed) for goal, composed in found.towards],
    }


def _towards(goal: Goal, composed: Composition) -> Values:
    trade = isinstance(goal, OccupationGoal)
    return {
        "offer": None if isinstance(goal, OccupationGoal) else goal.id,
        "occupation": goal.occupation if trade else None,
        "scenarios": [_scenario(one) for one in composed.scenarios],
        "unmet": _unmet(composed.unmet) if composed.unmet else None,
    }


def _scenario(one: Scenario) -> Values:
    return {
        "names": [name.value for name in one.names],
        "hire": one.hire,
        "certifications": list(one.certifications),
        "unknowns": one.unknowns,
        "steps": [_step(step) for step in one.steps],
    }


def _step(step: Step) -> Values:
    return {
        "kind": step.kind.value,
        "start": step.start,
        "end": step.end,
        "session": step.session,
        "offer": step.offer,
        "commune": step.commune,
        "minutes": shown_minutes(step.minutes),
        "asks": [_asked(asked) for asked in step.asks],
        "covers": [_need(need) for need in step.covers],
        "delivers": list(step.delivers),
    }


def _asked(asked: Asked) -> Values:
    return {**_need(asked.need), "outcome": asked.outcome.value, "observed": asked.observed}


def _need(need: Prerequisite) -> Values:
    return {"skill": need.skill, "level": need.level, "credential": need.credential}


def _unmet(unmet: UnmetNeed) -> Values:
    return {"latest": unmet.latest, "blockers": [_blocker(one) for one in unmet.blockers]}


def _blocker(one: Blocker) -> Values:
    return {
        "need": _need(one.need) if one.need else None,
        "reason": one.reason.value,
        "nearest": [
            {
                "session": miss.session,
                "start": miss.start,
                "end": miss.end,
                "reason": miss.reason.value,
                "minutes": shown_minutes(miss.minutes),
            }
            for miss in one.nearest
        ],
        "nearest_date": one.nearest_date,
    }
