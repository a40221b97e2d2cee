"""The door of an immersion: who may open it, and what every template may ask."""

from __future__ import annotations

from flask import Blueprint, abort

from portal import clock
from portal.access.log import log_read
from portal.immersions import queries, rules
from portal.immersions.queries import Opened
from portal.immersions.states import reason_label
from portal.models import AccessKind, Person
from portal.offers.answers import found_or_404
from portal.web.guards import current_actor
from portal.web.session import db_session

blueprint = Blueprint("immersions", __name__)


def open_immersion(public_id: str, *, manage: bool = False) -> Opened:
    """The immersion, logged; 404 for another's, 403 to change what one may only read."""
    actor = current_actor()
    opened = found_or_404(queries.get_immersion(db_session(), actor, public_id))
    if manage and not opened.manages:
        abort(403)
    log_read(actor, [opened.immersion.person_id], AccessKind.LIST, f"immersion {public_id}")
    return opened


@blueprint.app_context_processor
def _helpers() -> dict[str, object]:
    """What the person's page needs to list the person's immersions."""
    return {"immersions_of": immersions_of}


def immersions_of(person: Person) -> list[dict[str, object]]:
    """The immersions of a person that the reader may see, as ``_of_person.html`` shows them."""
    actor = current_actor()
    if not actor.can("immersions"):
        return []
    today = clock.today()
    return [
        {
            "immersion": row,
            "reason": reason_label(row.state, row.end_reason),
            "to_assess": rules.assessment_due(row.end) if row.end < today else None,
        }
        for row in queries.list_of_person(db_session(), actor, person)
    ]
