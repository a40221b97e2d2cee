"""A failure of ours at the employer's door: simple words, and somebody to call."""

from __future__ import annotations

from contextlib import suppress

from flask import Response

from portal.employers.cards import Adviser
from portal.models import Establishment
from portal.web.doorstep import employer_visitor
from portal.web.errors import failure_page
from portal.web.session import db_session


def show_failure(_error: Exception) -> Response:
    """The page of an error 500; the number is there if it can still be read."""
    adviser = None
    with suppress(Exception):
        db_session().rollback()
        visitor = employer_visitor()
        adviser = _whom_to_call(visitor.establishment) if visitor else None
    return failure_page("employers/failure.html", adviser=adviser)


def _whom_to_call(establishment: Establishment) -> Adviser | None:
    """The adviser of the establishment, else the structure that keeps it; None without a number."""
    account, owner = establishment.adviser, establishment.owner
    phone = (account.phone if account else None) or (owner.phone if owner else None)
    name = account.full_name if account else owner.name if owner else ""
    return Adviser(name, phone) if phone else None
