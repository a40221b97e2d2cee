"""The pages of a cohort, as the tabs above each of them."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext

from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.hubs.queries import sees_people
from portal.models import Cohort
from portal.text import N_

# (endpoint, arguments, label, needs to run the cohort, shows people).
_TABS: tuple[tuple[str, dict[str, Any], str, bool, bool], ...] = (
    ("hubs.show", {}, N_("Tableau"), False, False),
    ("hubs.commitments", {}, N_("Employeurs"), False, False),
    ("hubs.plan", {}, N_("Dates"), False, False),
    ("hubs.sourcing_plan", {}, N_("Invitations"), False, True),
    ("hubs.candidates", {}, N_("Personnes à proposer"), False, True),
    ("hubs.meetings", {}, N_("Réunions"), False, True),
    ("hubs.selection", {}, N_("Sélection"), True, True),
    ("hubs.assignment", {"purpose": "immersion"}, N_("Lieux d’immersion"), True, True),
    ("hubs.assignment", {"purpose": "job"}, N_("Postes promis"), True, True),
    ("hubs.equity", {}, N_("Équité"), False, False),
)


def tabs_of(actor: Actor, cohort: Cohort) -> list[dict[str, Any]]:
    """The pages of a cohort that the actor may open, for the macro ``subnav``."""
    runs = actor.can(Capability.HUBS_WRITE)
    seen = sees_people(actor)
    return [
        {
            "label": gettext(label),
            "href": url_for(endpoint, public_id=cohort.public_id, **arguments),
            "current": _is_current(endpoint, arguments),
        }
        for endpoint, arguments, label, to_run, people in _TABS
        if endpoint in current_app.view_functions and (runs or not to_run) and (seen or not people)
    ]


def _is_current(endpoint: str, arguments: dict[str, Any]) -> bool:
    given = request.view_args or {}
    return request.endpoint == endpoint and arguments.items() <= given.items()
