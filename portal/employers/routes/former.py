"""The addresses that employers had kept, sent to the pages that took their place."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from portal.employers.blueprint import blueprint
from portal.web.guards import public

_MOVED = {
    "/candidats": "employers.home",
    "/mes-immersions": "employers.hosts",
    "/mes-embauches": "employers.hosts",
}


@public
def _moved() -> ResponseReturnValue:
    return redirect(url_for(_MOVED[request.path.rstrip("/")]), 301)


@blueprint.record
def _keep(state: BlueprintSetupState) -> None:
    for path in _MOVED:
        state.app.add_url_rule(path, "employers_moved", _moved)
