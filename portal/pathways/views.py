"""What pages show of steps, scenarios and goals: words, ready to read.

What is said of an offer depends on the reader: without the right to read it, its trade alone;
without the right to the employer's name, no name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.offers import sees_employer_name
from portal.models import (
    JobOffer,
    Pathway,
    PathwayState,
    PathwayStep,
    ScenarioKind,
    StepKind,
    StepState,
)
from portal.pathways.goals import Goal
from portal.pathways.recording import steps_of
from portal.pathways.rules import MILESTONES, is_late, next_step_states
from portal.text import capital
from portal.web.filters import date_short, minutes_text

_STATES = {
    StepState.TO_DO: "planned",
    StepState.IN_PROGRESS: "current",
    StepState.DONE: "done",
    StepState.CANCELLED: "lost",
}
_FOLLOWED = (PathwayState.ACCEPTED, PathwayState.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Sight:
    """What the reader may see of the goal's offer."""

    actor: Actor
    reads_offer: bool = True

    def employer(self, offer: JobOffer | None) -> str | None:
        """The employer's name, if it may be shown."""
        if offer is None or not self.reads_offer or offer.establishment is None:
            return None
        return offer.establishment.name if sees_employer_name(self.actor, offer) else None


def goal_label(pathway: Pathway, *, readable: bool) -> str:
    """The goal in words; of an offer the reader may not open, the trade alone."""
    offer = pathway.goal_offer
    if offer is not None and not readable:
        return offer.occupation.label if offer.occupation else str(_("une offre confidentielle"))
    return Goal(offer, pathway.goal_occupation).label


def dates_text(start: date, end: date) -> str:
    """« le 3 mars 2027 », « du 3 mars 2027 au 14 mars 2027 »."""
    if start == end:
        return str(_("le %(day)s", day=date_short(start)))
    return str(_("du %(start)s au %(end)s", start=date_short(start), end=date_short(end)))


def hours_text(hours: float | None) -> str | None:
    """« 35 h par semaine »."""
    if hours is None:
        return None
    return str(_("%(hours)s\u00a0h par semaine", hours=f"{hours:g}".replace(".", ",")))


def place_text(step: PathwayStep, sight: Sight) -> str | None:
    """Where, and how long it takes to get there."""
    minutes = step.conditions.get("minutes") if step.conditions else None
    travel = str(_("%(minutes)s de trajet", minutes=minutes_text(minutes))) if minutes else None
    if step.session is not None and step.session.remote:
        return str(_("à distance"))
    at_employer = step.kind in (StepKind.HIRE, StepKind.IMMERSION)
    commune = None if at_employer and not sight.reads_offer else step.commune
    return ", ".join(part for part in (commune.name if commune else None, travel) if part) or None


def title_text(step: PathwayStep, pathway: Pathway | None, sight: Sight) -> str:
    """The title kept, unless it would tell of an offer that the reader may not open."""
    if step.kind is StepKind.HIRE and not sight.reads_offer and pathway is not None:
        return str(_("Embauche\u00a0: %(trade)s", trade=goal_label(pathway, readable=False)))
    return step.title


def public_title(step: PathwayStep) -> str:
    """What a list may say of a step: never a barrier, nor the offer of a hire."""
    if step.kind is StepKind.BARRIER:
        return str(_("Point à régler"))
    return step.kind.label if step.kind is StepKind.HIRE else step.title


def lock(step: PathwayStep, sight: Sight, pathway: Pathway | None = None) -> dict[str, Any]:
    """A step as the ladder draws it, with the moves it allows when it is in a pathway."""
    state, state_label = _state(step, pathway)
    milestone = step.kind in MILESTONES
    return {
        "step": step,
        "title": title_text(step, pathway, sight),
        "kind": step.kind.label if step.kind in (StepKind.TRAINING, StepKind.OTHER) else None,
        "state": state,
        "state_label": state_label,
        "dates": dates_text(step.start, step.end),
        "place": None if milestone else place_text(step, sight),
        "hours": None if milestone else hours_text(step.weekly_hours),
        "organisation": (
            sight.employer(step.offer) if step.kind is StepKind.HIRE else step.responsible_text
        ),
        "condition": _condition(step),
        "note": _note(step),
        "targets": _targets(step, pathway),
    }


def _state(step: PathwayStep, pathway: Pathway | None) -> tuple[str, str | None]:
    followed = pathway is not None and pathway.state in _FOLLOWED
    if followed and is_late(step, clock.today()):
        return "to_check", str(_("À mettre à jour\u00a0: la date est passée"))
    if step.kind is StepKind.CHECK and step.state is StepState.TO_DO:
        return "to_check", None
    return _STATES[step.state], None


def _targets(step: PathwayStep, pathway: Pathway | None) -> list[StepState]:
    """The moves to show: a step whose day has not come can only be cancelled."""
    if pathway is None:
        return []
    to_come = step.kind not in MILESTONES and step.start > clock.today()
    moves = next_step_states(pathway.state, step)
    return [m for m in moves if m is StepState.CANCELLED or not to_come]


def _condition(step: PathwayStep) -> str | None:
    if step.state is StepState.DONE:
        return None
    conditions = step.conditions or {}
    asked = conditions.get("brings" if step.kind is StepKind.CHECK else "to_check") or []
    return str(_("À demander\u00a0: %(what)s", what=", ".join(asked))) if asked else None


def _note(step: PathwayStep) -> str | None:
    brings = (step.conditions or {}).get("brings") or []
    if not brings:
        return None
    if step.kind is StepKind.CHECK:
        asked = str(_("Demandé\u00a0: %(what)s", what=", ".join(brings)))
        return asked if step.state is StepState.DONE else None
    if step.kind is StepKind.IMMERSION:
        return str(_("Permet d’observer\u00a0: %(what)s", what=", ".join(brings)))
    return str(_("Apporte\u00a0: %(what)s", what=", ".join(brings)))


def locks(pathway: Pathway, sight: Sight) -> list[dict[str, Any]]:
    """The ladder of a pathway."""
    return [lock(step, sight, pathway) for step in pathway.steps]


def scenario_items(view: mm.CompositionView, sight: Sight) -> list[dict[str, Any]]:
    """The scenarios side by side."""
    return [_scenario_item(scenario, sight) for scenario in view.scenarios]


def _scenario_item(scenario: mm.ScenarioView, sight: Sight) -> dict[str, Any]:
    return {
        "key": scenario.names[0],
        "label": names_text(scenario.names),
        "steps": [lock(step, sight) for step in steps_of(scenario)],
        "facts": [
            (_("Embauche"), date_short(scenario.hire_on)),
            (_("Certification"), ", ".join(scenario.certifications) or _("aucune")),
            (_("À demander"), unknowns_text(scenario.unknowns)),
        ],
        "start": str(_("Aujourd’hui")),
        "seen": fingerprint(scenario),
    }


def names_text(names: Sequence[str]) -> str:
    """« Le plus rapide et le plus sûr »."""
    labels = [ScenarioKind(name).label for name in names]
    text = str(_(" et ")).join([", ".join(labels[:-1]), labels[-1]] if len(labels) > 1 else labels)
    return capital(text)


def unknowns_text(count: int) -> str:
    """« 3 points », « aucun point »."""
    if not count:
        return str(_("aucun point"))
    return str(ngettext("%(num)d point", "%(num)d points", count))


def fingerprint(scenario: mm.ScenarioView) -> str:
    """Tells whether a scenario is the one that was read; nothing is taken from it."""
    told = [
        (step.kind, step.title, step.start.isoformat(), step.end.isoformat(), *step.to_check)
        for step in scenario.steps
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
