"""Who read what: the whole log for the data-protection officer, one's own for everybody."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.access.roles import Capability
from portal.models import AccessKind
from portal.transparency.queries import LogFilters, LogLine, list_accesses, list_own_accesses
from portal.web.guards import current_actor, requires, signed_in
from portal.web.paging import Page, requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

blueprint = Blueprint("access_log", __name__, url_prefix="/journal-acces")


@blueprint.get("/")
@requires(Capability.ACCESS_LOG)
def index() -> ResponseReturnValue:
    """What professionals read of named people."""
    filters = _filters()
    page = list_accesses(db_session(), current_actor(), filters, number=requested_page())
    return _render("transparency/access_log.html", page, filters)


@blueprint.get("/mes-acces")
@signed_in
def mine() -> ResponseReturnValue:
    """What one read oneself."""
    filters = _filters()
    page = list_own_accesses(db_session(), current_actor(), filters, number=requested_page())
    return _render("transparency/my_accesses.html", page, filters)


def _render(template: str, page: Page[LogLine], filters: LogFilters) -> ResponseReturnValue:
    arguments = {name: value for name, value in request.args.items() if name != "page"}
    return page_or_fragment(
        template,
        "transparency/_log.html",
        page=page,
        filters=filters,
        kinds=AccessKind.choices(),
        arguments=arguments,
        endpoint=request.endpoint,
        own=request.endpoint == "access_log.mine",
    )


def _filters() -> LogFilters:
    kind = request.args.get("lecture", "")
    return LogFilters(
        person=request.args.get("personne", "").strip()[:20],
        reader=request.args.get("lecteur", "").strip()[:100],
        kind=AccessKind(kind) if kind in {k.value for k in AccessKind} else None,
        since=_day("du"),
        until=_day("au"),
    )


def _day(name: str) -> date | None:
    """A day of the address; anything else narrows nothing."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
