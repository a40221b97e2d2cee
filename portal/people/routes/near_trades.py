"""« Métiers proches de ce que la personne sait faire »."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from portal import matchmaking as mm
from portal.access.roles import Capability
from portal.people.routes.door import blueprint, open_file, render_file, url_if_served
from portal.people.routes.leads import training_href
from portal.web.guards import current_actor, requires
from portal.web.session import db_session


@blueprint.get("/<public_id>/metiers-proches")
@requires(Capability.PEOPLE_READ)
def near_trades(public_id: str) -> ResponseReturnValue:
    """The trades near to what the person can do: held, to ask, to learn."""
    opened = open_file(public_id)
    return render_file(
        "near_trades.html",
        opened,
        "leads",
        trades=mm.trades_within_reach(db_session(), opened.person),
        training_href=training_href,
        compose_href=lambda code: (
            url_if_served("pathways.compose", public_id=public_id, metier=code)
            if current_actor().can(Capability.PATHWAYS)
            else None
        ),
    )
