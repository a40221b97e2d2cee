"""Static files under an address that changes with their content, kept for a year by browsers."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from flask import Flask, Response, request, url_for

from portal import assets

_A_YEAR = "public, max-age=31536000, immutable"


def asset(filename: str) -> str:
    """The address of a static file, with a digest of its content."""
    path = assets.STATIC / filename
    return url_for("static", filename=filename, v=_digest(filename, path.stat().st_mtime_ns))


@lru_cache(maxsize=256)
def _digest(filename: str, _changed: int) -> str:
    return hashlib.sha256((assets.STATIC / filename).read_bytes()).hexdigest()[:10]


def _keep(response: Response) -> Response:
    """An address with a digest never holds anything else: no need to ask again."""
    if request.endpoint != "static":
        return response
    # What compresses a file puts itself in its place, and leaves it open.
    close = getattr(response.response, "close", None)
    if close is not None:
        response.call_on_close(close)
    if "v" in request.args and response.status_code == 200:
        response.headers["Cache-Control"] = _A_YEAR
    return response


def init_app(app: Flask) -> None:
    """Give templates ``asset``."""
    app.jinja_env.globals["asset"] = asset
    app.after_request(_keep)
