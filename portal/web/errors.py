"""Error pages: what happened, what is safe, what to do."""

from __future__ import annotations

from itertools import chain
from typing import Any

from flask import Flask, Response, abort, current_app, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException

from portal.web.language import is_of_recipients
from portal.web.session import db_session

_PAGES = frozenset({400, 401, 403, 404, 413, 429})


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.before_request(_refuse_nul)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(IntegrityError, _conflict)
    app.register_error_handler(500, _failure)


def _csrf(_error: CSRFError) -> Response:
    return _page("csrf", 400)


def _conflict(error: IntegrityError) -> Response:
    """The same thing written twice at once: the database kept the first, nothing is broken."""
    db_session().rollback()
    # Never the message of the database: it quotes the values, which are people's data.
    current_app.logger.warning("%s refused by %s", request.endpoint, type(error.orig).__name__)
    return _page("409", 409)


def _refuse_nul() -> None:
    """Refuse, before any query, the character that PostgreSQL cannot store in a text."""
    lists = (*request.args.listvalues(), *request.form.listvalues())
    if any("\x00" in text for text in (request.path, *chain.from_iterable(lists))):
        abort(400)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if code in _PAGES:
        return _page(str(code), code)
    if code < 400:
        return make_response(error.get_response())
    if code < 500:
        return _page("400", code)
    return failure_page("errors/500.html", code=code)


def _page(error: str, code: int) -> Response:
    """The page of an error, in the frame and the language of whoever reads it."""
    if is_of_recipients():
        return make_response(render_template("recipients/error.html", error=error), code)
    return make_response(render_template(f"errors/{error}.html"), code)


def _failure(_error: Exception) -> Response:
    return failure_page("errors/500.html")


def failure_page(template: str, *, code: int = 500, **given: Any) -> Response:
    """The page of a failure of ours; each door has its own (``register_error_handler``).

    It is made without what every template is given, which asks the database who reads: the
    database may be what failed.
    """
    return make_response(current_app.jinja_env.get_template(template).render(given), code)
