"""The language of a visit, and leaving it."""

from __future__ import annotations

from flask import (
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from portal.doors.blueprint import blueprint
from portal.web.doorstep import cookie_options, leave, person_visitor
from portal.web.guards import public
from portal.web.headers import forget_pages
from portal.web.language import COOKIE, is_language
from portal.web.paths import local_path
from portal.web.session import db_session

_A_YEAR = 365 * 24 * 3600


@blueprint.post("/langue")
@public
def language() -> ResponseReturnValue:
    """Keep the language of the recipient's pages, and go back."""
    response = redirect(_page_again(request.values.get("suite")))
    chosen = request.form.get("language")
    if chosen is not None and is_language(chosen):
        visitor = person_visitor()
        if visitor is not None:
            visitor.row.language = visitor.person.language = chosen
        response.set_cookie(COOKIE, chosen, max_age=_A_YEAR, **cookie_options())
    return response


def _page_again(target: str | None) -> str:
    """The page one was on; where only a form leads there, the start of the space."""
    start = "recipients.home" if person_visitor() else "doorstep.enter_person"
    path = local_path(target, "").partition("?")[0]
    adapter = current_app.create_url_adapter(request)
    shown = bool(path) and adapter is not None and adapter.test(path, method="GET")
    return target if target and shown else url_for(start)


@blueprint.post("/quitter", endpoint="leave")
@public
def leave_visit() -> ResponseReturnValue:
    """End this browser's visit; a professional who stood beside goes back to the file."""
    visitor = person_visitor()
    leave(db_session())
    if visitor is not None and visitor.helper is not None:
        return forget_pages(
            make_response(redirect(url_for("people.show", public_id=visitor.person.public_id)))
        )
    return forget_pages(make_response(redirect(url_for("doorstep.left"))))


@blueprint.get("/sorti")
@public
def left() -> ResponseReturnValue:
    """« Vos pages sont fermées »."""
    return forget_pages(make_response(render_template("doorstep/left.html")))
