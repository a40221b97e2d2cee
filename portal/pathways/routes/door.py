"""The door of a pathway: that of its person's file, and what its pages share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.access.log import log_read, log_refusal
from portal.access.people import PersonAccess
from portal.access.transitions import IllegalTransitionError
from portal.models import AccessKind, PathwayStep, Person
from portal.pathways import queries
from portal.pathways.queries import Opened
from portal.pathways.views import Sight, goal_label
from portal.web.guards import current_actor
from portal.web.rendering import announce, wants_fragment
from portal.web.session import db_session

blueprint = Blueprint("pathways", __name__)


def open_person(public_id: str, *, write: bool = False) -> tuple[Person, bool]:
    """The person and whether the file may be changed; 404, or 403 to write what one may read."""
    actor = current_actor()
    found = queries.get_person(db_session(), actor, public_id)
    if found is None:
        abort(404)
    person, level = found
    _check_level(person.id, level, write=write)
    log_read(actor, [person.id], AccessKind.FILE, "parcours")
    return person, level >= PersonAccess.WRITE


def open_pathway(public_id: str, *, write: bool = False) -> Opened:
    """The pathway, if its person's file may be read (or changed); logged."""
    actor = current_actor()
    opened = queries.get_opened(db_session(), actor, public_id)
    if opened is None:
        abort(404)
    _check_level(opened.pathway.person_id, opened.level, write=write)
    log_read(actor, [opened.pathway.person_id], AccessKind.FILE, "parcours")
    return opened


def _check_level(person_id: int, level: PersonAccess, *, write: bool) -> None:
    if level < PersonAccess.READ:
        log_refusal(current_actor(), person_id)
        abort(404)
    if write and level < PersonAccess.WRITE:
        log_refusal(current_actor(), person_id)
        abort(403)


def step_of(opened: Opened, public_id: str) -> PathwayStep:
    """A step of the pathway, 404 when it has none under this id."""
    found = next((s for s in opened.pathway.steps if s.public_id == public_id), None)
    return found or abort(404)


def sight_of(opened: Opened) -> Sight:
    """What the reader may see of the pathway's offer."""
    actor, pathway = current_actor(), opened.pathway
    readable = queries.readable_offers(db_session(), actor, [pathway])
    return Sight(actor, pathway.goal_offer_id is None or pathway.goal_offer_id in readable)


def frame(opened: Opened) -> dict[str, Any]:
    """What every page of a pathway shows."""
    sight = sight_of(opened)
    return {
        "opened": opened,
        "pathway": opened.pathway,
        "person": opened.pathway.person,
        "sight": sight,
        "goal": goal_label(opened.pathway, readable=sight.reads_offer),
    }


def render_form(template: str, opened: Opened, form: Any, **context: Any) -> ResponseReturnValue:
    """A page with a form; 422 when it was filled in and something is to be corrected."""
    page = render_template(f"pathways/{template}", form=form, **frame(opened), **context)
    return page, 422 if form.errors else 200


def refuse(form: Any, error: IllegalTransitionError) -> None:
    """Say on the form why the move is not possible."""
    form.form_errors.append(error.message)


def go_to(opened_id: str, message: str | None = None) -> ResponseReturnValue:
    """After a POST: the page of the pathway."""
    target = url_for("pathways.show", public_id=opened_id)
    if not wants_fragment():
        return redirect(target, 303)
    response: Response = make_response("", 204)
    response.headers["HX-Redirect"] = target
    return announce(response, message) if message else response
