"""« Pourquoi moi ? », the whole account of it, and « Je ne suis pas d’accord »."""

from __future__ import annotations

from flask import Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import matchmaking as mm
from portal.models import Contestation, JobOffer
from portal.recipients import contesting
from portal.recipients.accounting import account_of
from portal.recipients.blueprint import blueprint
from portal.recipients.contest_form import ContestForm
from portal.recipients.frame import visitor_seen
from portal.recipients.routes.leads import lead_or_404
from portal.recipients.saying import sentences_of
from portal.web.doorstep import PersonVisitor
from portal.web.guards import person_door
from portal.web.session import db_session


@blueprint.get("/pistes/<public_id>/pourquoi")
@person_door
def why(public_id: str) -> ResponseReturnValue:
    """At most three short sentences, the facts used, and how not to agree."""
    visitor = visitor_seen()
    lead = lead_or_404(visitor, public_id)
    explanation = mm.explain(db_session(), visitor.person, lead.offer)
    return render_template(
        "recipients/why.html",
        lead=lead,
        sentences=sentences_of(explanation) if explanation else [],
        account=account_of(explanation) if explanation else None,
    )


@blueprint.get("/pistes/<public_id>/pourquoi/details")
@person_door
def why_details(public_id: str) -> ResponseReturnValue:
    """The whole account: degree, data and sources, parameters in order, operations (T-XPL-03)."""
    visitor = visitor_seen()
    lead = lead_or_404(visitor, public_id)
    explanation = mm.explain(db_session(), visitor.person, lead.offer)
    return render_template(
        "recipients/why_details.html",
        lead=lead,
        account=account_of(explanation) if explanation else None,
    )


@blueprint.get("/pistes/<public_id>/pourquoi/details.json")
@person_door
def why_details_json(public_id: str) -> ResponseReturnValue:
    """The same account, as data the person may take away."""
    visitor = visitor_seen()
    lead = lead_or_404(visitor, public_id)
    explanation = mm.explain(db_session(), visitor.person, lead.offer) or abort(404)
    return as_file(account_of(explanation))


def as_file(account: dict[str, object]) -> Response:
    """An account as a file to keep."""
    response = jsonify(account)
    response.headers["Content-Disposition"] = 'attachment; filename="pourquoi.json"'
    return response


@blueprint.get("/contester")
@person_door
def contest() -> ResponseReturnValue:
    """« Je ne suis pas d’accord »: in writing, or on the phone."""
    return _contest_page(ContestForm(formdata=None), _offer_asked(visitor_seen()))


@blueprint.post("/contester")
@person_door
def record_contest() -> ResponseReturnValue:
    """Keep it: somebody answers within five working days."""
    visitor = visitor_seen()
    offer, form = _offer_asked(visitor), ContestForm()
    if not form.validate():
        return _contest_page(form, offer, 422)
    row = contesting.record_contestation(
        db_session(),
        person=visitor.person,
        offer=offer,
        text=form.text.data,
        by_phone=request.form.get("how") == "phone",
        channel=visitor.channel,
        helper=visitor.helper,
    )
    return redirect(url_for("recipients.contestation", public_id=row.public_id), 303)


def _offer_asked(visitor: PersonVisitor) -> JobOffer | None:
    public_id = request.values.get("piste", "")
    return lead_or_404(visitor, public_id).offer if public_id else None


def _contest_page(
    form: ContestForm, offer: JobOffer | None, status: int = 200
) -> ResponseReturnValue:
    rows = contesting.list_contestations(db_session(), visitor_seen().person)
    return render_template("recipients/contest.html", form=form, offer=offer, rows=rows), status


@blueprint.get("/contester/<public_id>")
@person_door
def contestation(public_id: str) -> ResponseReturnValue:
    """« Réponse avant le … », then the answer, which stays."""
    visitor = visitor_seen()
    row = _contestation_or_404(visitor, public_id)
    return render_template("recipients/contestation.html", row=row, confirmed=visitor.confirmed)


@blueprint.post("/contester/<public_id>/lu")
@person_door
def read_contestation(public_id: str) -> ResponseReturnValue:
    """The person has read the answer."""
    visitor = visitor_seen()
    row = _contestation_or_404(visitor, public_id)
    contesting.record_read(db_session(), contestation=row, helper=visitor.helper)
    return redirect(url_for("recipients.contestation", public_id=public_id), 303)


def _contestation_or_404(visitor: PersonVisitor, public_id: str) -> Contestation:
    return contesting.get_contestation(db_session(), visitor.person, public_id) or abort(404)
