"""The messages that were written, those to say by telephone, and what comes back by SMS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.messages import inbound, queries
from portal.messages.unknown import get_unclaimed, list_unclaimed, record_claimed
from portal.messages.views import shown
from portal.models import AccessKind
from portal.offers.answers import done, found_or_404, refused
from portal.phones import national
from portal.text import N_
from portal.web.guards import current_actor, public, requires
from portal.web.paging import requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session
from portal.web.settings import current_settings

blueprint = Blueprint("messages", __name__, url_prefix="/messages")

_LARGEST_SMS = 1024 * 1024
_VIEW_LABELS = {
    "call": N_("À dire par téléphone"),
    "doubt": N_("Incertains et échecs"),
    "waiting": N_("À envoyer"),
    "done": N_("Envoyés et dits"),
    "cancelled": N_("Annulés"),
}
_ACTIONS: dict[str, tuple[Callable[..., None], str]] = {
    "dit": (queries.record_said, N_("C’est noté\u00a0: le message est dit.")),
    "pas-joint": (
        queries.record_not_reached,
        N_("C’est noté. Le message revient le prochain jour ouvré."),
    ),
    "annuler": (queries.record_cancel, N_("Le message est annulé.")),
    "reessayer": (queries.record_retry, N_("Le message part dans la minute, ou à 8 h.")),
}


@blueprint.get("")
@requires(Capability.MESSAGES)
def index() -> ResponseReturnValue:
    """What was written to the people followed and to the employers, by what is expected."""
    actor = current_actor()
    view = request.args.get("vue", "call")
    view = view if view in queries.VIEWS else "call"
    found = queries.list_messages(db_session(), actor, view, requested_page())
    views = [
        {
            "label": _(_VIEW_LABELS[name]),
            "href": url_for("messages.index", vue=name),
            "current": name == view,
            "count": found.counts[name],
        }
        for name in queries.VIEWS
    ]
    return page_or_fragment(
        "messages/index.html", "messages/_list.html", views=views, view=view, **_screen(found)
    )


@blueprint.get("/a-dire")
@requires(Capability.MESSAGES)
def call_list() -> ResponseReturnValue:
    """The call list on paper: whom to call, and what to say."""
    found = queries.list_to_say(db_session(), current_actor())
    return render_template("messages/call_list.html", today=clock.today(), **_screen(found))


@blueprint.get("/inconnus")
@requires(Capability.UNKNOWN_SMS)
def unknown() -> ResponseReturnValue:
    """What came from numbers of nobody: an administrator finds whom it is for."""
    found = list_unclaimed(db_session(), current_actor(), requested_page())
    return render_template("messages/unknown.html", found=found, national=national)


@blueprint.post("/inconnus/<public_id>")
@requires(Capability.UNKNOWN_SMS)
def claim(public_id: str) -> ResponseReturnValue:
    """Dealt with."""
    session, actor = db_session(), current_actor()
    sms = found_or_404(get_unclaimed(session, actor, public_id))
    record_claimed(session, actor, sms=sms)
    return done(_("C’est noté\u00a0: le message est traité."), url_for("messages.unknown"))


@blueprint.post("/<public_id>/<action>")
@requires(Capability.MESSAGES)
def act(public_id: str, action: str) -> ResponseReturnValue:
    """Said, not reached, cancelled, or sent again."""
    session, actor = db_session(), current_actor()
    message = found_or_404(queries.get_message(session, actor, public_id))
    if action not in _ACTIONS:
        abort(404)
    do, said = _ACTIONS[action]
    view = request.form.get("vue", "call")
    back = url_for("messages.index", vue=view if view in queries.VIEWS else "call")
    try:
        do(session, actor, message=message)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(_(said), back)


@blueprint.post("/recus")
@public
def receive() -> ResponseReturnValue:
    """An SMS that the provider received: signed, kept once, answered 204 each time."""
    key = current_settings().messages.sms_inbound_key
    if not key:
        abort(404)
    if (request.content_length or 0) > _LARGEST_SMS:
        abort(413)
    body, now = request.get_data(cache=False), clock.now()
    try:
        inbound.check_signature(key, body, request.headers.get(inbound.SIGNATURE_HEADER, ""), now)
    except inbound.RefusedError:
        return "", 401
    try:
        incoming = inbound.read_incoming(body, now)
    except inbound.RefusedError as error:
        return {"error": str(error)}, 400
    inbound.receive(db_session(), incoming)
    return "", 204


@blueprint.record_once
def _exempt(state: BlueprintSetupState) -> None:
    """The provider has no form token: its signature says who it is."""
    state.app.extensions["csrf"].exempt(receive)


def _screen(found: queries.Listed) -> dict[str, Any]:
    """The rows as they are read; reading them is logged."""
    actor = current_actor()
    people = sorted({row.person_id for row in found.page.rows if row.person_id is not None})
    log_read(actor, people, AccessKind.LIST, "messages")
    rows = shown(current_settings(), actor, found)
    return {"found": found, "rows": rows}
