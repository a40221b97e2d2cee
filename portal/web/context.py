"""What every template finds: navigation, the actor, the HTMX configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import gettext
from flask_login import current_user

from portal.access.roles import Capability
from portal.text import N_
from portal.web.headers import HTMX_CONFIG
from portal.web.settings import current_settings


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the navigation."""

    label: str
    href: str
    icon_id: str
    current: bool


# (endpoint, label, icon, capability): shown in this order to those who have the capability.
_NAVIGATION = (
    ("today.show", N_("Ma journée"), "day", Capability.TODAY),
    ("offers.index", N_("Offres"), "offer", Capability.OFFERS_READ),
    ("employers.home", N_("Personnes proposées"), "people", Capability.EMPLOYER_CARDS),
    ("people.index", N_("Personnes"), "people", Capability.PEOPLE_READ),
    ("trainings.index", N_("Formations"), "training", Capability.CATALOGUE_READ),
    ("hubs.index", N_("Hubs"), "hub", Capability.HUBS_READ),
    ("projects.index", N_("Grands projets"), "project", Capability.PROJECTS_READ),
    ("hires.index", N_("Embauches"), "pathway", Capability.HIRES),
    ("employers.hosts", N_("Accueils et embauches"), "pathway", Capability.EMPLOYER_CARDS),
    ("messages.index", N_("Messages"), "message", Capability.MESSAGES),
    ("needs.index", N_("Besoins"), "steering", Capability.NEEDS_READ),
    ("calls.index", N_("Appels"), "call", Capability.CALLS),
    ("imports.index", N_("Imports"), "import", Capability.IMPORTS),
    ("account_admin.index", N_("Comptes"), "account", Capability.ACCOUNTS),
    ("access_log.index", N_("Journal d’accès"), "log", Capability.ACCESS_LOG),
)


#: What has no entry of its own, and the blueprint one reaches it from.
_INSIDE = {
    "contestations": "people",
    "deposits": "offers",
    "employer_accesses": "offers",
    "enrolments": "trainings",
    "immersions": "people",
    "invitations": "calls",
    "introductions": "offers",
    "pathways": "people",
    "suggestions": "imports",
}
#: Pages of the employer's space that are about people already there.
_HOSTING = frozenset(
    {"employers.hosts", "employers.assess", "employers.follow_up", "employers.hire_aids"}
)


def _navigation() -> list[NavItem]:
    if not current_user.is_authenticated:
        return []
    here = _section(request.endpoint or "")
    return [
        NavItem(gettext(label), url_for(endpoint), icon, _section(endpoint) == here)
        for endpoint, label, icon, capability in _NAVIGATION
        if current_user.actor.can(capability) and endpoint in current_app.view_functions
    ]


def _section(endpoint: str) -> str:
    """What a page belongs to: the prefix of its addresses, which several blueprints may share."""
    if endpoint in _HOSTING:
        return "employers.hosts"
    name = endpoint.split(".")[0]
    name = _INSIDE.get(name, name)
    blueprint = current_app.blueprints.get(name)
    return (blueprint.url_prefix if blueprint else None) or name


def _context() -> dict[str, Any]:
    return {
        "nav_items": _navigation(),
        "actor": current_user.actor if current_user.is_authenticated else None,
        "is_demo": current_settings().demo,
        "htmx_config": HTMX_CONFIG,
    }


def init_app(app: Flask) -> None:
    """Register the context of templates."""
    app.context_processor(_context)
