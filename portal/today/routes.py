"""« Ma journée »."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.models import AccessKind
from portal.today.queries import get_day
from portal.web.guards import current_actor, requires
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

blueprint = Blueprint("today", __name__)


@blueprint.get("/")
@requires(Capability.TODAY)
def show() -> ResponseReturnValue:
    """What is due, in the order it is due."""
    actor = current_actor()
    day = get_day(db_session(), actor, clock.today())
    log_read(actor, day.people, AccessKind.LIST)
    return page_or_fragment("today/show.html", "today/_day.html", day=day)
