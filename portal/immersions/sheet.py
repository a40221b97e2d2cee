"""The convention as a page to print, or as a PDF: for every structure that holds it."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, render_template
from flask_babel import gettext as _

from portal.immersions import rules
from portal.immersions.pdf import PdfUnavailableError, make_pdf
from portal.immersions.recording import needed_roles
from portal.immersions.states import EDITABLE_STATES
from portal.models import Immersion, SignatoryRole


def print_page(row: Immersion, back: str) -> Response:
    """The sheet as a page of the portal."""
    return make_response(render_template("immersions/convention.html", back=back, **_facts(row)))


def pdf_or_page(row: Immersion, back: str) -> Response:
    """The PDF; where it cannot be made, the page to print, which says so."""
    try:
        document = make_pdf(render_template("immersions/convention_pdf.html", **_facts(row)))
    except PdfUnavailableError:
        flash(
            _(
                "Le PDF n’est pas possible sur cette machine\u00a0: imprimez cette page."
                " L’administrateur peut installer la bibliothèque Pango."
            ),
            "warning",
        )
        return print_page(row, back)
    response = make_response(document)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="convention-{row.public_id}.pdf"'
    return response


def _facts(row: Immersion) -> dict[str, Any]:
    """What the sheet says, and who signs it in which order."""
    roles = [*needed_roles(row), SignatoryRole.PRESCRIBER]
    signed = {signature.role: signature for signature in row.signatures}
    return {
        "immersion": row,
        "person": row.person,
        "firm": row.establishment,
        "minor": SignatoryRole.LEGAL_REPRESENTATIVE in roles,
        "signatures": [(role, signed.get(role)) for role in roles],
        "due": rules.assessment_due(row.end),
        "is_draft": row.state in EDITABLE_STATES,
    }
