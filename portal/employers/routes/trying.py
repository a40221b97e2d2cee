"""« Je teste deux semaines »: one short page, filled in beforehand."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.transitions import IllegalTransitionError
from portal.employers import trying
from portal.employers.blueprint import blueprint
from portal.employers.cards import adviser_of, card_view, job_of
from portal.employers.forms import TryForm
from portal.employers.routes.people import agreed, received
from portal.immersions.recording import NotLegalError
from portal.models import Introduction
from portal.offers.answers import done, refused
from portal.web.guards import current_employer, employer_door
from portal.web.session import db_session


@blueprint.get("/personnes/<public_id>/essai")
@employer_door()
def try_out(public_id: str) -> ResponseReturnValue:
    """The request, to be read and sent."""
    row, form = received(public_id), TryForm(formdata=None)
    if not card_view(row, frozenset()).may_try:
        return refused(
            _("Ce test est déjà demandé, ou n’est plus possible."), url_for("employers.home")
        )
    trying.prefill(db_session(), form, row, current_employer())
    return _page(row, form)


@blueprint.post("/personnes/<public_id>/essai")
@employer_door()
def record_try(public_id: str) -> ResponseReturnValue:
    """Ask for the test; what the law forbids is said with its article, and what it allows."""
    session, row, form = db_session(), received(public_id), TryForm()
    if not form.validate():
        return _page(row, form, 422)
    try:
        trying.record_request(session, current_employer(), introduction=row, form=form)
    except NotLegalError as error:
        session.rollback()
        return _page(row, form, 422, breaches=trying.said_to_firm(error.breaches, form), refused=1)
    except IllegalTransitionError as error:
        return refused(error.message, url_for("employers.home"))
    said = _(
        "Demande envoyée. Votre conseiller demande l’accord de la personne, puis vous rappelle."
    )
    return done(said, url_for("employers.home"))


def _page(row: Introduction, form: TryForm, status: int = 200, **given: Any) -> Response:
    context: dict[str, Any] = {
        "item": card_view(row, agreed([row])),
        "job": job_of(row.offer),
        "adviser": adviser_of(row.offer),
        "form": form,
        "breaches": [],
        "refused": False,
    }
    return make_response(render_template("employers/try.html", **context | given), status)
