"""« Mon parcours »."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.transitions import IllegalTransitionError
from portal.calls.queries import promised_call
from portal.models import CallReason, Pathway, PathwayState
from portal.recipients import pathway as queries
from portal.recipients.blueprint import blueprint
from portal.recipients.frame import visitor_seen
from portal.web.doorstep import PersonVisitor
from portal.web.guards import current_person, person_door
from portal.web.session import db_session


@blueprint.get("/parcours")
@person_door
def pathway() -> ResponseReturnValue:
    """What is proposed, then what is agreed."""
    session, person = db_session(), visitor_seen().person
    return render_template(
        "recipients/pathway.html",
        person=person,
        proposed=queries.get_proposed(session, person),
        current=queries.get_current(session, person),
        told=queries.told,
        goal_of=queries.goal_of,
        paused=PathwayState.PAUSED,
        promised=promised_call(session, person, CallReason.CHANGE_PATHWAY),
    )


@blueprint.post("/parcours/<public_id>/accord")
@person_door
def agree_pathway(public_id: str) -> ResponseReturnValue:
    """« Je suis d’accord »: the person is known by more than a link."""
    visitor = current_person()
    row = _own(visitor, public_id)
    if not visitor.confirmed:
        return redirect(url_for("doorstep.confirm", suite=url_for("recipients.pathway")))
    try:
        stands = queries.agree(db_session(), pathway=row, helper=visitor.helper)
    except IllegalTransitionError:
        flash(_("Ce parcours ne peut plus changer ici."))
    else:
        flash(_("C’est noté. Merci.") if stands else _("Ce parcours a changé. On vous appelle."))
    return redirect(url_for("recipients.pathway"))


@blueprint.get("/parcours/<public_id>/changer")
@person_door
def change_pathway(public_id: str) -> ResponseReturnValue:
    """« Je veux changer »: why, if one wants to say."""
    row = _own(visitor_seen(), public_id)
    return render_template(
        "recipients/pathway_change.html", pathway=row, changes=queries.CHANGES.items()
    )


@blueprint.post("/parcours/<public_id>/changer")
@person_door
def ask_pathway_change(public_id: str) -> ResponseReturnValue:
    """Somebody calls; nothing of the pathway moves."""
    row = _own(current_person(), public_id)
    queries.ask_change(db_session(), pathway=row, reason=request.form.get("reason"))
    return redirect(url_for("recipients.pathway"))


def _own(visitor: PersonVisitor, public_id: str) -> Pathway:
    return queries.get_own(db_session(), visitor.person, public_id) or abort(404)
