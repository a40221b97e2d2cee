"""What the routes of hubs share: the cohort of an address, and how a refusal is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Response, abort, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.access.transitions import IllegalTransitionError
from portal.hubs import queries
from portal.models import Cohort
from portal.web.guards import current_actor
from portal.web.session import db_session

T = TypeVar("T")


def cohort_or_404(public_id: str, *, write: bool = False) -> Cohort:
    """The cohort of an address: another hub's, or a draft to prescribers, does not exist."""
    return found_or_404(queries.get_cohort(db_session(), current_actor(), public_id, write=write))


def found_or_404(row: T | None) -> T:
    """The row, or the page « introuvable »."""
    if row is None:
        abort(404)
    return row


def given(value: T | None) -> T:
    """What a required field of a valid form holds."""
    if value is None:
        raise TypeError("the form was not validated")
    return value


def said(message: str, target: str) -> AnyResponse:
    """Say what was done and go on."""
    flash(message, "success")
    return redirect(target, 303)


def refused(message: str, target: str) -> AnyResponse:
    """Say why nothing was done, leave nothing behind, and go back."""
    db_session().rollback()
    flash(message, "error")
    return redirect(target, 303)


def attempt(action: Callable[[], object], message: str, target: str) -> AnyResponse:
    """Do something that rules may refuse; the answer says which of the two happened."""
    try:
        action()
    except IllegalTransitionError as refusal:
        return refused(refusal.message, target)
    return said(message, target)


def page_of(cohort: Cohort, endpoint: str = "hubs.show") -> str:
    """The address of a page of a cohort."""
    return url_for(endpoint, public_id=cohort.public_id)


def hx_redirect(target: str) -> Response:
    """Send an HTMX request to another page, as a redirection would send a browser."""
    return Response(status=204, headers={"HX-Redirect": target})
