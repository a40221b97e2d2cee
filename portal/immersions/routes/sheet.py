"""The convention on paper: a PDF, and the page to print where PDFs cannot be made."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.access.log import log_read
from portal.access.roles import Capability
from portal.immersions.routes.door import blueprint, open_immersion
from portal.immersions.sheet import pdf_or_page, print_page
from portal.models import AccessKind, Immersion
from portal.web.guards import current_actor, requires


@blueprint.get("/immersions/<public_id>/convention")
@requires(Capability.IMMERSIONS)
def convention(public_id: str) -> ResponseReturnValue:
    """The page to print."""
    row = _opened_whole(public_id)
    return print_page(row, url_for("immersions.show", public_id=public_id))


@blueprint.get("/immersions/<public_id>/convention.pdf")
@requires(Capability.IMMERSIONS)
def pdf(public_id: str) -> ResponseReturnValue:
    """The convention as a PDF."""
    row = _opened_whole(public_id)
    return pdf_or_page(row, url_for("immersions.show", public_id=public_id))


def _opened_whole(public_id: str) -> Immersion:
    """The sheet bears the whole name: its reading is that of a file."""
    row = open_immersion(public_id).immersion
    log_read(current_actor(), [row.person_id], AccessKind.FILE, "convention d’immersion")
    return row
