"""« Grands projets »: the list, the plan of a project, a trade of it, and the export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.models import MajorProject, ProjectTrade, ProjectVersion
from portal.projects import queries, rules, searching, wording
from portal.projects.answering import answers_for
from portal.projects.drawing import draw
from portal.projects.export import csv_lines
from portal.projects.planning import Plan, make_plan
from portal.trainings import rules as training_rules
from portal.web.guards import current_actor, requires
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

blueprint = Blueprint("projects", __name__, url_prefix="/grands-projets")


@dataclass(frozen=True, slots=True)
class Opened:
    """A project as the address asks for it."""

    project: MajorProject
    version: ProjectVersion | None
    trades: list[ProjectTrade]
    filters: searching.PlanFilters
    place: searching.Place
    over: bool


@blueprint.get("")
@requires(Capability.PROJECTS_READ)
def index() -> ResponseReturnValue:
    """Every project; those that have ended can be read."""
    rows = queries.list_projects(db_session(), current_actor())
    return render_template(
        "projects/index.html",
        projects=[(row, queries.current_version(row), _is_over(row)) for row in rows],
    )


def _is_over(project: MajorProject) -> bool:
    return rules.is_over(project, clock.today())


@blueprint.get("/<code>")
@requires(Capability.PROJECTS_READ)
def show(code: str) -> ResponseReturnValue:
    """Trades × quarters: jobs, people ready, seats, and what is missing."""
    opened = _open(code)
    plan = _plan(opened)
    return page_or_fragment(
        "projects/show.html",
        "projects/_plan.html",
        plan=plan,
        picture=draw(plan) if plan and _drawn(opened) else None,
        **_context(opened),
    )


def _drawn(opened: Opened) -> bool:
    """The picture shows what is missing: not known without a place, nothing once over."""
    asked = opened.filters.view == searching.VIEWS[0]
    return asked and not opened.over and opened.place.commune is not None


def _open(code: str) -> Opened:
    session, actor, filters = db_session(), current_actor(), searching.read_filters(request.args)
    project = queries.get_project(session, actor, code) or abort(404)
    version = queries.current_version(project, filters.version)
    return Opened(
        project,
        version,
        queries.list_trades(session, version) if version else [],
        filters,
        searching.place_of(session, project, filters.place),
        _is_over(project),
    )


def _quarters(opened: Opened) -> list[rules.Quarter]:
    known, filters = searching.quarters_of(opened.trades), opened.filters
    return rules.window(known, clock.today(), filters.start, filters.end)


def _plan(opened: Opened) -> Plan | None:
    """The plan of what is asked; None for a project without list."""
    if opened.version is None:
        return None
    family = opened.filters.family
    trades = [row for row in opened.trades if not family or row.occupation.family == family]
    return _plan_of(opened, trades, _quarters(opened))


def _plan_of(opened: Opened, trades: list[ProjectTrade], quarters: list[rules.Quarter]) -> Plan:
    commune = opened.place.commune
    return make_plan(
        db_session(),
        current_actor(),
        trades=trades,
        quarters=quarters,
        commune_code=commune.code if commune else None,
        over=opened.over,
    )


def _context(opened: Opened) -> dict[str, Any]:
    return {
        "project": opened.project,
        "version": opened.version,
        "filters": opened.filters,
        "place": opened.place,
        "over": opened.over,
        "known_quarters": searching.quarters_of(opened.trades),
        "families": searching.families_of(opened.trades),
        "arguments": {name: text for name, text in request.args.items() if text},
        "answers": answers_for(current_actor(), opened.project),
        "scope": wording.scope_text(current_actor()),
        "words": wording,
        "today": clock.today(),
    }


@blueprint.get("/<code>/metiers/<int:position>")
@requires(Capability.PROJECTS_READ)
def trade(code: str, position: int) -> ResponseReturnValue:
    """A trade of a project: its needs, who is ready, the sessions and the offers."""
    session, actor, opened = db_session(), current_actor(), _open(code)
    row = next((row for row in opened.trades if row.position == position), None) or abort(404)
    plan = _plan_of(opened, [row], _quarters(opened))
    codes = [row.occupation_code]
    found = queries.list_sessions_by_occupation(session, codes).get(row.occupation_code, [])
    return render_template(
        "projects/trade.html",
        trade=row,
        plan=plan,
        same=[
            other
            for other in opened.trades
            if other is not row and other.occupation_code == row.occupation_code
        ],
        sessions=[] if opened.over else queries.load_sessions(session, found),
        offers=[] if opened.over else queries.list_offers(session, actor, row),
        ready_hrefs=_ready_hrefs(actor, opened, row, plan),
        offers_served="offers.show" in current_app.view_functions,
        training_rules=training_rules,
        **_context(opened),
    )


def _ready_hrefs(
    actor: Actor, opened: Opened, row: ProjectTrade, plan: Plan
) -> dict[rules.Quarter, str]:
    """« Qui est prêt pour… » on the first day of each quarter, for who may see people."""
    served = "people.ready_for" in current_app.view_functions
    commune = opened.place.commune
    if not served or opened.over or commune is None or not actor.can(Capability.PEOPLE_READ):
        return {}
    return {
        quarter: url_for(
            "people.ready_for",
            metier=row.occupation.label,
            code=row.occupation_code,
            lieu=commune.label,
            date=max(quarter.first_day, clock.today()).isoformat(),
        )
        for quarter in plan.quarters
    }


@blueprint.get("/<code>/export.csv")
@requires(Capability.PROJECTS_READ)
def export(code: str) -> ResponseReturnValue:
    """The plan on screen as a file for a spreadsheet."""
    opened = _open(code)
    plan = _plan(opened)
    if plan is None or opened.version is None:
        abort(404)
    lines = csv_lines(
        opened.project,
        opened.version,
        plan,
        place=opened.place.commune.label if opened.place.commune else "",
        scope=wording.scope_text(current_actor()),
        today=clock.today(),
    )
    response = Response("".join(lines), mimetype="text/csv")
    name = f"{opened.project.code}-{clock.today().isoformat()}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
