"""The address of a link."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.doors.blueprint import blueprint
from portal.web.guards import public


@blueprint.get("/l/<token>")
@public
def link(token: str) -> ResponseReturnValue:  # noqa: ARG001
    """The page of a link; it consumes nothing."""
    return render_template("doorstep/unknown.html"), 404
