"""« Désaccords »: the list, one with what had been computed, and the answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    make_response,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal import matchmaking as mm
from portal.access.log import log_read, log_refusal
from portal.access.naming import shown_name
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.contestations import queries
from portal.contestations.forms import AnswerForm
from portal.models import AccessKind, Contestation, Person
from portal.offers.answers import done, found_or_404, refused
from portal.people.queries.files import get_opened
from portal.people.queries.leads import get_readable_offer
from portal.recipients.accounting import account_of
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

blueprint = Blueprint("contestations", __name__, url_prefix="/contestations")


@blueprint.get("")
@requires(Capability.PEOPLE_WRITE)
def index() -> ResponseReturnValue:
    """Those that wait, or those answered."""
    actor = current_actor()
    view = request.args.get("vue", queries.WAITING)
    view = view if view in queries.VIEWS else queries.WAITING
    page = queries.list_contestations(db_session(), actor, view, number=requested_page())
    named = [row.person_id for row in page.rows if not row.person.is_gone]
    log_read(actor, named, AccessKind.LIST, "désaccords")
    return page_or_fragment(
        "contestations/index.html",
        "contestations/_list.html",
        page=page,
        name_of=shown_name,
        view=view,
        views=_tabs(view),
        today=clock.today(),
    )


def _tabs(current: str) -> list[dict[str, Any]]:
    labels = {queries.WAITING: _("À répondre"), queries.ANSWERED: _("Répondus")}
    return [
        {
            "label": label,
            "href": url_for("contestations.index", vue=name),
            "current": name == current,
        }
        for name, label in labels.items()
    ]


@blueprint.get("/<public_id>")
@requires(Capability.PEOPLE_WRITE)
def show(public_id: str) -> ResponseReturnValue:
    """What was computed, frozen; what the person says; the answer."""
    return _page(_open(public_id), AnswerForm(formdata=None))


@blueprint.post("/<public_id>")
@requires(Capability.PEOPLE_WRITE)
def answer(public_id: str) -> ResponseReturnValue:
    """Keep the answer and tell the person."""
    row, form = _open(public_id), AnswerForm()
    if not form.validate():
        return _page(row, form, 422)
    target = url_for("contestations.show", public_id=public_id)
    try:
        queries.record_answer(
            db_session(), current_actor(), contestation=row, text=form.answer.data or ""
        )
    except IllegalTransitionError as error:
        return refused(error.message, target)
    if row.person.is_gone:
        return done(_("Réponse gardée. La personne n’est plus suivie\u00a0: rien ne part."), target)
    return done(_("Réponse gardée. La personne est prévenue."), target)


def _open(public_id: str) -> Contestation:
    actor = current_actor()
    row = found_or_404(queries.get_contestation(db_session(), actor, public_id))
    log_read(actor, [row.person_id], AccessKind.FILE, "désaccord")
    return row


def _page(row: Contestation, form: AnswerForm, status: int = 200) -> Response:
    page = render_template(
        "contestations/show.html",
        row=row,
        person=row.person,
        name=shown_name(row.person),
        form=form,
        account=row.explanation,
        computed_on=_day_of(row.explanation),
        today=clock.today(),
    )
    return make_response(page, status)


def _day_of(account: dict[str, Any]) -> date | None:
    """The day of a frozen account; None when nothing was computed."""
    return date.fromisoformat(account["computed_on"]) if account else None


@blueprint.get("/comment/<person_id>/<offer_id>")
@requires(Capability.PEOPLE_WRITE)
def account(person_id: str, offer_id: str) -> ResponseReturnValue:
    """« Comment ce classement est fait », to read or print with the person (T-XPL-03)."""
    person, found = _account(person_id, offer_id)
    return render_template(
        "contestations/account.html", person=person, account=found, offer_id=offer_id
    )


@blueprint.get("/comment/<person_id>/<offer_id>.json")
@requires(Capability.PEOPLE_WRITE)
def account_json(person_id: str, offer_id: str) -> ResponseReturnValue:
    """The same, as data to hand over."""
    response = jsonify(_account(person_id, offer_id)[1])
    response.headers["Content-Disposition"] = 'attachment; filename="pourquoi.json"'
    return response


def _account(person_id: str, offer_id: str) -> tuple[Person, dict[str, Any]]:
    """The person the actor follows, and the account of an offer that the actor may read."""
    person = _person(person_id)
    offer = found_or_404(get_readable_offer(db_session(), current_actor(), offer_id))
    explanation = mm.explain(db_session(), person, offer) or abort(404)
    return person, account_of(explanation)


def _person(public_id: str) -> Person:
    """A person whose file the actor changes: anybody else does not exist here."""
    actor = current_actor()
    opened = found_or_404(get_opened(db_session(), actor, public_id))
    if not opened.rights.writes:
        log_refusal(actor, opened.person.id)
        abort(404)
    log_read(actor, [opened.person.id], AccessKind.FILE, "comment ce classement est fait")
    return opened.person
