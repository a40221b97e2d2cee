"""« Besoins »: the register counted, the needs of a trade, and a gap of a project recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.models import AccessKind, MajorProject, NeedState, Occupation, UnmetNeed
from portal.needs import queries
from portal.needs.counting import Axis, count_lines
from portal.needs.export import csv_lines
from portal.needs.forms import NeedForm, SteeringForm
from portal.needs.queries import Filters, masks, read_filters
from portal.needs.rules import NEED_MACHINE, WAITING, total
from portal.offers.answers import done, found_or_404, refused
from portal.people.forms.fields import choice
from portal.projects import wording
from portal.projects.queries import get_project
from portal.projects.rules import Quarter
from portal.text import N_
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

blueprint = Blueprint("needs", __name__, url_prefix="/besoins")

_AXES = {
    Axis.TRADE: N_("Par métier"),
    Axis.LACK: N_("Par compétence qui manque"),
    Axis.PLACE: N_("Par territoire"),
}
_STANDINGS = {
    "attente": N_("En attente"),
    "ouverts": N_("Ouverts"),
    "pris": N_("Pris en charge"),
    "clos": N_("Clos"),
    "tous": N_("Tous"),
}
_MOVES = {
    (NeedState.OPEN, NeedState.TAKEN_UP): N_("Prendre en charge ceux qui sont ouverts"),
    (NeedState.TAKEN_UP, NeedState.CLOSED): N_("Clore ceux qui sont pris en charge"),
    (NeedState.OPEN, NeedState.CLOSED): N_("Clore ceux qui sont ouverts"),
    (NeedState.TAKEN_UP, NeedState.OPEN): N_("Remettre ouverts ceux qui sont pris en charge"),
    (NeedState.CLOSED, NeedState.OPEN): N_("Rouvrir ceux qui sont clos"),
}


@dataclass(frozen=True, slots=True)
class Gap:
    """The gap of a project from which a need is recorded."""

    project: MajorProject
    trade: Occupation
    quarter: Quarter | None

    @property
    def arguments(self) -> dict[str, str]:
        """How an address names it."""
        named = {"projet": self.project.code, "metier": self.trade.code}
        return named | ({"trimestre": str(self.quarter)} if self.quarter else {})


@blueprint.get("")
@requires(Capability.NEEDS_READ)
def index() -> ResponseReturnValue:
    """The register, ranked: what a training market should answer first."""
    actor, filters = current_actor(), read_filters(request.args)
    register = queries.get_register(db_session(), actor, filters)
    masked = masks(actor)
    return page_or_fragment(
        "needs/index.html",
        "needs/_register.html",
        lines=count_lines(register.facts, filters.axis, masked=masked),
        register=register,
        filters=filters,
        masked=masked,
        views=_views(filters),
        standings=_STANDINGS,
        arguments=_arguments(filters),
        words=wording,
        today=clock.today(),
    )


def _views(filters: Filters) -> list[dict[str, object]]:
    return [
        {
            "label": _(label),
            "href": url_for("needs.index", **_arguments(replace(filters, axis=axis))),
            "current": axis is filters.axis,
        }
        for axis, label in _AXES.items()
    ]


def _arguments(filters: Filters) -> dict[str, Any]:
    """The address of what is shown: a filtered register is a link one can send."""
    named = {
        "par": filters.axis.value,
        "etat": filters.standing,
        "annee": str(filters.year or ""),
        "territoire": filters.place,
        "metier": filters.trade,
    }
    return {name: text for name, text in named.items() if text}


@blueprint.get("/export.csv")
@requires(Capability.NEEDS_READ)
def export() -> ResponseReturnValue:
    """The register on screen as a file for a spreadsheet."""
    actor = current_actor()
    register = queries.get_register(db_session(), actor, read_filters(request.args))
    lines = csv_lines(register.facts, register.trades, masked=masks(actor), today=clock.today())
    response = Response("".join(lines), mimetype="text/csv")
    name = f"besoins-non-couverts-{clock.today().isoformat()}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/metiers/<code>")
@requires(Capability.NEEDS_READ)
def trade(code: str) -> ResponseReturnValue:
    """The needs of a trade: how many, what lacks, where, and what becomes of them."""
    return _trade_page(_occupation(code), None)


def _occupation(code: str) -> Occupation:
    return found_or_404(db_session().get(Occupation, code))


def _trade_page(occupation: Occupation, form: SteeringForm | None) -> Response:
    session, actor = db_session(), current_actor()
    filters = Filters(standing="tous", trade=occupation.code)
    register = queries.get_register(session, actor, filters)
    waiting = [fact for fact in register.facts if fact.cell.state in WAITING]
    rows = queries.list_rows(session, actor, occupation, requested_page())
    named = queries.named_people(session, actor, rows.rows)
    log_read(actor, named, AccessKind.LIST, f"besoins {occupation.code}")
    masked = masks(actor)
    page = render_template(
        "needs/trade.html",
        trade=occupation,
        people=total(line.people for line in count_lines(waiting, Axis.TRADE, masked=masked)),
        jobs=sum(line.jobs for line in count_lines(waiting, Axis.TRADE, masked=masked)),
        lacks=count_lines(waiting, Axis.LACK, masked=masked),
        places=count_lines(waiting, Axis.PLACE, masked=masked),
        rows=rows,
        named=named,
        masked=masked,
        steering=form or _steering_form(occupation),
        words=wording,
    )
    return make_response(page, 422 if form and form.errors else 200)


def _steering_form(occupation: Occupation) -> SteeringForm | None:
    """The moves that needs of this trade can make, for who steers."""
    actor = current_actor()
    if not actor.can(Capability.NEEDS_STEER):
        return None
    form = SteeringForm() if request.method == "POST" else SteeringForm(formdata=None)
    present = queries.list_states(db_session(), actor, occupation)
    form.move.choices = [
        choice(f"{source.value}-{target.value}", _(label))
        for (source, target), label in _MOVES.items()
        if source in present and NEED_MACHINE.allows(source, target)
    ]
    return form if form.move.choices else None


@blueprint.post("/metiers/<code>")
@requires(Capability.NEEDS_STEER)
def steer(code: str) -> ResponseReturnValue:
    """Take up, close or reopen the needs of a trade."""
    occupation = _occupation(code)
    form, back = _steering_form(occupation), url_for("needs.trade", code=code)
    if form is None:
        return refused(_("Aucun besoin de ce métier n’attend de réponse."), back)
    if not form.validate():
        return _trade_page(occupation, form)
    source, target = (NeedState(part) for part in form.move.data.split("-"))
    try:
        count = queries.record_steering(
            db_session(),
            current_actor(),
            trade=occupation,
            source=source,
            target=target,
            reason=form.reason.chosen if target is NeedState.CLOSED else None,
        )
    except IllegalTransitionError as error:
        form.reason.errors = [*form.reason.errors, error.message]
        return _trade_page(occupation, form)
    few = masks(current_actor())
    said = ngettext("%(num)d besoin mis à jour.", "%(num)d besoins mis à jour.", count)
    return done(_("Besoins mis à jour.") if few else said, back)


@blueprint.get("/nouveau")
@requires(Capability.NEEDS_WRITE)
def new() -> ResponseReturnValue:
    """Record that a gap of a project has no answer."""
    gap, form = _gap(), NeedForm(formdata=None)
    form.jobs.data = max(1, min(2000, request.args.get("postes", 1, type=int)))
    form.place.data = gap.project.commune.label if gap.project.commune else ""
    return _new_page(gap, form)


@blueprint.post("/nouveau")
@requires(Capability.NEEDS_WRITE)
def create() -> ResponseReturnValue:
    """Keep the need."""
    gap, form = _gap(), NeedForm()
    if not form.validate():
        return _new_page(gap, form)
    back = url_for("needs.trade", code=gap.trade.code)
    try:
        queries.record_project_need(
            db_session(),
            current_actor(),
            project=gap.project,
            trade=gap.trade,
            quarter=str(gap.quarter) if gap.quarter else None,
            jobs=form.jobs.data or 1,
            commune=form.place.commune,
            note=form.note.data,
        )
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(_("Besoin enregistré au registre."), back)


def _gap() -> Gap:
    project = get_project(db_session(), current_actor(), request.args.get("projet", ""))
    occupation = db_session().get(Occupation, request.args.get("metier", ""))
    if project is None or occupation is None:
        abort(404)
    return Gap(project, occupation, Quarter.parse(request.args.get("trimestre")))


def _new_page(gap: Gap, form: NeedForm) -> Response:
    page = render_template("needs/new.html", gap=gap, form=form)
    return make_response(page, 422 if form.errors else 200)


def source_of(need: UnmetNeed) -> str:
    """Where a need comes from, in words."""
    if need.project is None:
        return str(_("une personne"))
    quarter = Quarter.parse(need.quarter)
    return f"{need.project.name}, {quarter.label}" if quarter else need.project.name


blueprint.add_app_template_filter(source_of, "need_source")
