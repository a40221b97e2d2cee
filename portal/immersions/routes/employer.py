"""The employer's side: the people received, the convention, the two-minute assessment."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.immersions import queries
from portal.immersions.assessing import can_assess
from portal.immersions.routes.assess import assessment_page, keep_assessment
from portal.immersions.routes.door import blueprint, open_hosted
from portal.immersions.routes.sheet import pdf_or_page
from portal.models import AccessKind
from portal.offers.answers import refused
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.session import db_session


@blueprint.get("/mes-immersions")
@requires(Capability.EMPLOYER_CARDS)
def hosted() -> ResponseReturnValue:
    """The immersions in the employer's own establishment."""
    actor, today = current_actor(), clock.today()
    page = queries.list_hosted(db_session(), actor, requested_page())
    log_read(actor, [row.person_id for row in page.rows], AccessKind.LIST, "immersions")
    to_assess = {row.id for row in page.rows if can_assess(row, today)}
    return render_template("immersions/hosted.html", page=page, to_assess=to_assess)


@blueprint.get("/mes-immersions/<public_id>/bilan")
@requires(Capability.EMPLOYER_CARDS)
def hosted_assess(public_id: str) -> ResponseReturnValue:
    """The questions to the tutor."""
    row, back = open_hosted(public_id), url_for("immersions.hosted")
    too_early = _("Le bilan se fait pendant l’immersion ou après, une seule fois.")
    return assessment_page(row, back) or refused(too_early, back)


@blueprint.post("/mes-immersions/<public_id>/bilan")
@requires(Capability.EMPLOYER_CARDS)
def hosted_record(public_id: str) -> ResponseReturnValue:
    """Keep the tutor's answers."""
    return keep_assessment(open_hosted(public_id), url_for("immersions.hosted"))


@blueprint.get("/mes-immersions/<public_id>/convention.pdf")
@requires(Capability.EMPLOYER_CARDS)
def hosted_pdf(public_id: str) -> ResponseReturnValue:
    """The convention, to be read and signed."""
    return pdf_or_page(open_hosted(public_id), url_for("immersions.hosted"))
