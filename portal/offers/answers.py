"""Answers shared by the routes of offers and introductions."""

from __future__ import annotations

from typing import TypeVar

from flask import abort, flash, redirect
from werkzeug.wrappers import Response

from portal.web.session import db_session

R = TypeVar("R")


def found_or_404(row: R | None) -> R:
    """The row, or the page « introuvable »: another's row does not exist."""
    if row is None:
        abort(404)
    return row


def done(message: str | None, target: str) -> Response:
    """Say what was done and go on."""
    if message:
        flash(message, "success")
    return redirect(target, 303)


def refused(message: str, target: str) -> Response:
    """Say why nothing was done, leave nothing behind, and go back."""
    db_session().rollback()
    flash(message, "error")
    return redirect(target, 303)
