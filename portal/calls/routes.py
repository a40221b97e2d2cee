"""The calls to make, as a list one works through."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.calls import listing
from portal.calls.forms import DoneForm, NotReachedForm
from portal.models import AccessKind, CallRequest
from portal.offers.answers import done, found_or_404, refused
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

blueprint = Blueprint("calls", __name__, url_prefix="/appels")


@blueprint.get("")
@requires(Capability.CALLS)
def index() -> ResponseReturnValue:
    """The calls to make, by day."""
    return page_or_fragment("calls/index.html", "calls/_list.html", **_list_context())


@blueprint.post("/<public_id>/fait")
@requires(Capability.CALLS)
def record_done(public_id: str) -> ResponseReturnValue:
    """The call was made."""
    call, form = _opened(public_id), DoneForm()
    if not form.validate():
        return render_template("calls/index.html", **_list_context(call, form)), 422
    try:
        listing.record_done(
            db_session(), current_actor(), call=call, outcome=(form.outcome.data or "").strip()
        )
    except IllegalTransitionError as error:
        return _too_late(error, form.outcome.data)
    return done(_("Appel noté."), url_for("calls.index", **_who()))


@blueprint.post("/<public_id>/pas-joint")
@requires(Capability.CALLS)
def record_not_reached(public_id: str) -> ResponseReturnValue:
    """Nobody answered."""
    call, form = _opened(public_id), NotReachedForm()
    if not form.validate():
        return render_template("calls/index.html", **_list_context(call, missed=form)), 422
    try:
        listing.record_not_reached(
            db_session(), current_actor(), call=call, note=(form.note.data or "").strip() or None
        )
    except IllegalTransitionError as error:
        return _too_late(error, form.note.data)
    return done(_("Noté. À rappeler le prochain jour ouvré."), url_for("calls.index", **_who()))


def _too_late(error: IllegalTransitionError, words: str | None) -> ResponseReturnValue:
    """Somebody noted the call meanwhile: what was written here is given back."""
    written = (words or "").strip()
    kept = _("Vous aviez écrit\u00a0: «\u00a0%(words)s\u00a0»", words=written) if written else ""
    return refused(f"{error.message} {kept}".strip(), url_for("calls.index", **_who()))


def _opened(public_id: str) -> CallRequest:
    return found_or_404(listing.get_call(db_session(), current_actor(), public_id))


def _who() -> dict[str, Any]:
    """Whose calls are shown: the actor's, unless the structure's are asked for."""
    return {"qui": "structure"} if request.values.get("qui") == "structure" else {}


def _list_context(
    failed: CallRequest | None = None,
    form: DoneForm | None = None,
    missed: NotReachedForm | None = None,
) -> dict[str, Any]:
    who, made = _who(), request.args.get("vue") == "faits"
    found = listing.list_calls(
        db_session(), current_actor(), mine=not who, made=made, number=requested_page()
    )
    log_read(current_actor(), found.people, AccessKind.LIST, "appels")
    view: dict[str, Any] = {"vue": "faits"} if made else {}
    return {
        "found": found,
        "tabs": [
            {
                "label": _("À faire"),
                "href": url_for("calls.index", **who),
                "current": not made,
                "count": found.counts["open"],
            },
            {
                "label": _("Faits"),
                "href": url_for("calls.index", vue="faits", **who),
                "current": made,
                "count": found.counts["made"],
            },
        ],
        "who": who,
        "made": made,
        "arguments": {**view, **who},
        "today": clock.today(),
        "failed": failed,
        "done_form": form,
        "missed_form": missed,
        "blank_done": DoneForm(formdata=None),
        "blank_missed": NotReachedForm(formdata=None),
    }
