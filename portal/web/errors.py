"""Error pages: what happened, what is safe, what to do."""

from __future__ import annotations

from flask import Flask, Response, make_response, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

_PAGES = frozenset({400, 401, 403, 404, 413, 429})


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(500, _failure)


def _csrf(_error: CSRFError) -> Response:
    return make_response(render_template("errors/csrf.html"), 400)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if code in _PAGES:
        return make_response(render_template(f"errors/{code}.html"), code)
    if code < 400:
        return make_response(error.get_response())
    if code < 500:
        return make_response(render_template("errors/400.html"), code)
    return make_response(render_template("errors/500.html"), code)


def _failure(_error: Exception) -> Response:
    return make_response(render_template("errors/500.html"), 500)
