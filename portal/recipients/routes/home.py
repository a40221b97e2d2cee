"""« Ma prochaine étape »."""

from __future__ import annotations

from flask import current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.recipients.blueprint import blueprint
from portal.recipients.frame import visitor_seen
from portal.recipients.next_step import get_next_step
from portal.recipients.skills import next_gesture
from portal.web.guards import person_door
from portal.web.session import db_session


@blueprint.get("")
@person_door
def home() -> ResponseReturnValue:
    """The one next thing, then the five places of the space."""
    person = visitor_seen().person
    session = db_session()
    step = get_next_step(session, person)
    return render_template(
        "recipients/home.html",
        person=person,
        step=step,
        questions=step is None and next_gesture(session, person) is not None,
        places=_places(),
    )


def _places() -> list[tuple[str, str, str]]:
    """(endpoint, label, drawing) of each place that is open."""
    places = (
        ("recipients.leads", _("Mes pistes"), "leads"),
        ("recipients.skills", _("Ce que je sais faire"), "skills"),
        ("recipients.pathway", _("Mon parcours"), "pathway"),
        ("recipients.contacts", _("Mes contacts"), "contacts"),
        ("recipients.data", _("Mes données"), "data"),
    )
    return [place for place in places if place[0] in current_app.view_functions]
