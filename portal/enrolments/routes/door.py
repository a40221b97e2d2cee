"""The blueprint of positionings, filled by its modules of routes."""

from __future__ import annotations

from flask import Blueprint, url_for

from portal.access.log import log_read, log_refusal
from portal.enrolments import queries
from portal.models import AccessKind, Enrollment, TrainingSession
from portal.offers.answers import found_or_404
from portal.web.guards import current_actor
from portal.web.session import db_session

blueprint = Blueprint("enrolments", __name__)


def opened(public_id: str) -> Enrollment:
    """The positioning asked for, its reading logged; else 404, and the refusal logged."""
    actor = current_actor()
    row = queries.get_enrolment(db_session(), actor, public_id)
    if row is None:
        log_refusal(actor, None, f"positionnement {public_id}")
    row = found_or_404(row)
    log_read(actor, [row.person_id], AccessKind.LIST, f"positionnement {public_id}")
    return row


def opened_session(public_id: str) -> TrainingSession:
    """The session whose positionings the actor works on; else 404."""
    return found_or_404(queries.get_session(db_session(), current_actor(), public_id))


def href(row: Enrollment) -> str:
    """The page of a positioning."""
    return url_for("enrolments.show", public_id=row.public_id)
