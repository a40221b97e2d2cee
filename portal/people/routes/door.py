"""The door of a file: who may enter, how far, and the frame that its pages share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.log import log_read, log_refusal
from portal.access.people import PersonAccess
from portal.models import AccessKind
from portal.people.frame import frame as frame
from portal.people.queries.files import Opened, get_opened
from portal.web.guards import current_actor
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

blueprint = Blueprint("people", __name__, url_prefix="/personnes")


def find(public_id: str) -> Opened:
    """The person, whose card at least may be seen; 404 and a logged refusal otherwise."""
    actor = current_actor()
    opened = get_opened(db_session(), actor, public_id)
    if opened is None:
        abort(404)
    if opened.level is PersonAccess.NONE:
        log_refusal(actor, opened.person.id)
        abort(404)
    return opened


def open_file(public_id: str) -> Opened:
    """The file, to be read: logged. Somebody who only sees the card is asked for a reason."""
    opened = find(public_id)
    if opened.level is PersonAccess.CARD:
        abort(redirect(url_for("people.card", public_id=public_id)))
    log_read(current_actor(), [opened.person.id], AccessKind.FILE)
    return opened


def open_to_write(public_id: str) -> Opened:
    """The file, to be changed: 403 for those who may only read it."""
    opened = find(public_id)
    if not opened.rights.writes:
        log_refusal(current_actor(), opened.person.id)
        abort(403)
    log_read(current_actor(), [opened.person.id], AccessKind.FILE)
    return opened


def render_file(
    template: str, opened: Opened, tab: str, *, status: int = 200, **context: Any
) -> Response:
    """A page of a file (``_template`` is its fragment when HTMX asks and one exists)."""
    fragment = context.pop("fragment", None) or template
    return page_or_fragment(
        f"people/{template}", f"people/{fragment}", status=status, **frame(opened, tab), **context
    )


def go_to(endpoint: str, opened: Opened, **arguments: Any) -> ResponseReturnValue:
    """After a POST: back to a page of the file."""
    public_id = opened.person.public_id
    return redirect(url_for(f"people.{endpoint}", public_id=public_id, **arguments), 303)


def url_if_served(endpoint: str, **values: Any) -> str | None:
    """The address of another feature's page, None where that feature is not installed."""
    if endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, **values)


def asked_number(name: str) -> int:
    """A small positive number of the address; anything strange is 0."""
    return min(max(0, request.args.get(name, 0, type=int)), 10_000)
