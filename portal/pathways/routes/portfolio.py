"""The pathways of a portfolio: what comes next, and what is late."""

from __future__ import annotations

from typing import TypeVar

from flask import request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.models import AccessKind
from portal.pathways import queries, views
from portal.pathways.queries import Filters, Portfolio, Standing
from portal.pathways.routes.door import blueprint
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

_E = TypeVar("_E", Standing, Portfolio)


@blueprint.get("/parcours")
@requires(Capability.PATHWAYS)
def index() -> ResponseReturnValue:
    """The pathways of the people one follows, the next date first."""
    actor, filters = current_actor(), _filters()
    page = queries.list_under_way(
        db_session(), actor, filters, today=clock.today(), number=requested_page()
    )
    log_read(actor, [row.pathway.person_id for row in page.rows], AccessKind.LIST, "parcours")
    return page_or_fragment(
        "pathways/index.html",
        "pathways/_list.html",
        page=page,
        filters=filters,
        standings=list(Standing),
        portfolios=list(Portfolio),
        arguments=_arguments(filters),
        goal_label=views.goal_label,
        public_title=views.public_title,
    )


def _filters() -> Filters:
    return Filters(
        standing=_one_of(Standing, "etat", Standing.CURRENT),
        portfolio=_one_of(Portfolio, "personnes", Portfolio.MINE),
        late=request.args.get("retard") == "1",
    )


def _one_of(kind: type[_E], name: str, default: _E) -> _E:
    """The member of a closed list that the address names; anything strange is the default."""
    asked = request.args.get(name, "")
    return kind(asked) if asked in set(kind) else default


def _arguments(filters: Filters) -> dict[str, str]:
    """The filters as the address carries them."""
    arguments = {"etat": filters.standing.value, "personnes": filters.portfolio.value}
    return {**arguments, "retard": "1"} if filters.late else arguments
