"""The page of the suggestions for everyone: compute again, follow, cancel."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.access.roles import Capability
from portal.jobs.queue import ask_cancel
from portal.jobs.suggesting import enqueue_suggest
from portal.suggestions.queries import get_standing
from portal.web.forms import Form
from portal.web.guards import current_actor, requires
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

blueprint = Blueprint("suggestions", __name__, url_prefix="/propositions")


@blueprint.get("/")
@requires(Capability.IMPORTS)
def index() -> ResponseReturnValue:
    """How far it is; the fragment is asked for every two seconds while it runs."""
    standing = get_standing(db_session())
    return page_or_fragment(
        "suggestions/index.html", "suggestions/_standing.html", standing=standing, form=Form()
    )


@blueprint.post("/calculer")
@requires(Capability.IMPORTS)
def start() -> ResponseReturnValue:
    """Queue the computation, unless one waits or runs."""
    session = db_session()
    if not get_standing(session).is_live:
        enqueue_suggest(session, account_id=current_actor().account.id)
    return redirect(url_for("suggestions.index"))


@blueprint.post("/annuler")
@requires(Capability.IMPORTS)
def cancel() -> ResponseReturnValue:
    """Ask the computation to stop after the people under way."""
    session = db_session()
    standing = get_standing(session)
    if standing.job is not None and standing.is_live:
        ask_cancel(session, standing.job)
    return redirect(url_for("suggestions.index"))
