"""Public pages: the rules in plain French, accessibility, personal data."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.jobs.retention import load_delays
from portal.matchmaking import ENGINE_DATE, ENGINE_VERSION, GROUP_KEYS
from portal.matchmaking.rules_text import rule_numbers
from portal.web.guards import public
from portal.web.settings import current_settings

blueprint = Blueprint("transparency", __name__)


@blueprint.get("/comment-ca-marche")
@public
def how_it_works() -> ResponseReturnValue:
    """The rules of the lists (CRPA L312-1-3), with their version and date."""
    return render_template(
        "transparency/how_it_works.html",
        numbers=rule_numbers(),
        group_keys=GROUP_KEYS,
        version=ENGINE_VERSION,
        version_date=ENGINE_DATE,
    )


@blueprint.get("/accessibilite")
@public
def accessibility() -> ResponseReturnValue:
    """The declaration of accessibility (law 2005-102, article 47)."""
    return render_template("transparency/accessibility.html")


@blueprint.get("/donnees-personnelles")
@public
def personal_data() -> ResponseReturnValue:
    """What is kept, why, how long, and the rights of each person (RGPD art. 13 and 14)."""
    settings = current_settings()
    return render_template(
        "transparency/personal_data.html",
        idle_hours=round(settings.session_idle.total_seconds() / 3600),
        lifetime_hours=round(settings.session_lifetime.total_seconds() / 3600),
        kept={row.what: row.kept.days for row in load_delays() if row.holds_on(clock.today())},
    )
