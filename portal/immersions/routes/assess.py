"""The tutor's two minutes, noted by the professional on the phone."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.immersions import assessing, queries
from portal.immersions.assessing import Assessment
from portal.immersions.forms import AssessmentForm, gesture_choices, not_after_end, read_gestures
from portal.immersions.routes.door import blueprint, open_immersion
from portal.models import Immersion
from portal.offers.answers import done, refused
from portal.web.guards import current_actor, requires
from portal.web.session import db_session


@blueprint.get("/immersions/<public_id>/bilan")
@requires(Capability.IMMERSIONS)
def assess(public_id: str) -> ResponseReturnValue:
    """The few questions to ask the tutor."""
    row = open_immersion(public_id, manage=True).immersion
    back = url_for("immersions.show", public_id=public_id)
    return assessment_page(row, back) or refused(_too_early(), back)


@blueprint.post("/immersions/<public_id>/bilan")
@requires(Capability.IMMERSIONS)
def record(public_id: str) -> ResponseReturnValue:
    """Keep the answers."""
    row = open_immersion(public_id, manage=True).immersion
    return keep_assessment(row, url_for("immersions.show", public_id=public_id))


def _too_early() -> str:
    return str(_("Le bilan se fait pendant l’immersion ou après, une seule fois."))


def assessment_page(
    row: Immersion, back: str, form: AssessmentForm | None = None
) -> Response | None:
    """The questions, from the page one comes from; None when it is not the time."""
    if not assessing.can_assess(row, clock.today()):
        return None
    shown = form or AssessmentForm(formdata=None)
    if form is None:
        shown.by_name.data = row.tutor_name
    context: dict[str, Any] = {
        "immersion": row,
        "form": shown,
        "back": back,
        "gestures": queries.list_gestures(db_session(), row.occupation),
        "levels": gesture_choices(),
        "said": request.form if form else {},
    }
    page = render_template("immersions/assess.html", **context)
    return make_response(page, 422 if form else 200)


def keep_assessment(row: Immersion, back: str) -> ResponseReturnValue:
    """Record the posted answers, or show again what cannot be read."""
    form, session = AssessmentForm(), db_session()
    checks = {"last_day": [not_after_end(row.end)]}
    if not form.validate(extra_validators=checks):
        return assessment_page(row, back, form) or refused(_too_early(), back)
    gestures = read_gestures(request.form, queries.list_gestures(session, row.occupation))
    try:
        assessing.record_assessment(
            session, current_actor(), immersion=row, said=_said(form, gestures)
        )
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(_("Bilan enregistré. Merci."), back)


def _said(form: AssessmentForm, gestures: dict[str, int]) -> Assessment:
    return Assessment(
        came=form.yes("came") is True,
        objectives=form.objectives.chosen,
        by_name=(form.by_name.data or "").strip(),
        last_day=form.last_day.data,
        missed_hours=form.missed_hours.data,
        would_hire=form.yes("would_hire"),
        ended_with_job=bool(form.ended_with_job.data),
        note=(form.note.data or "").strip() or None,
        gestures=gestures,
        liked=form.yes("liked"),
    )
