"""« Embauches »: the list, and a hire with its follow-ups."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.access import offers as offer_access
from portal.access.log import log_read, log_refusal
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.hires import queries, recording, rules, views
from portal.hires.follow_ups import record_follow_up, settle
from portal.hires.forms import (
    CloseForm,
    EndForm,
    HireForm,
    ProlongForm,
    blank_hire_form,
    follow_up_form,
    forms_of,
    settle_form,
)
from portal.hires.origins import Origin, get_origin
from portal.models import AccessKind, Hire, JobFollowUp, Person
from portal.offers.answers import done, found_or_404, refused
from portal.offers.employers import Meant, find_employer
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

blueprint = Blueprint("hires", __name__)


@blueprint.app_context_processor
def _helpers() -> dict[str, object]:
    """What the person's page needs to tell the hires of the person."""
    return {"hires_of": hires_of}


def hires_of(person: Person) -> list[Hire]:
    """The hires of a person that the reader follows, the latest first."""
    return queries.list_of_person(db_session(), current_actor(), person)


@blueprint.get("/embauches")
@requires(Capability.HIRES)
def index() -> ResponseReturnValue:
    """Whom to call, what ends soon, who works where."""
    actor = current_actor()
    view = request.args.get("vue", queries.VIEWS[0])
    view = view if view in queries.VIEWS else queries.VIEWS[0]
    found = queries.list_hires(db_session(), actor, view, requested_page())
    log_read(actor, [row.person_id for row in found.page.rows], AccessKind.LIST, "embauches")
    return page_or_fragment(
        "hires/index.html",
        "hires/_list.html",
        found=found,
        view=view,
        views=views.tabs(found.counts, view),
        lines=[views.line_of(row, clock.today()) for row in found.page.rows],
        today=clock.today(),
    )


@blueprint.get("/embauches/nouvelle")
@requires(Capability.HIRES)
def new() -> ResponseReturnValue:
    """The form of a contract, filled with what is known."""
    origin = _origin()
    return _form_page(origin, blank_hire_form(origin))


@blueprint.post("/embauches/nouvelle")
@requires(Capability.HIRES)
def create() -> ResponseReturnValue:
    """Record the contract and its follow-ups."""
    origin, form = _origin(), HireForm()
    if not form.validate():
        return _form_page(origin, form)
    found = _employer(origin, form)
    if found.row is None:
        _ask_which(form, found)
        return _form_page(origin, form)
    try:
        hire = recording.record_hire(
            db_session(),
            current_actor(),
            person=origin.person,
            establishment=found.row,
            terms=form.terms,
            offer=origin.offer,
            introduction=origin.introduction,
            membership=origin.membership,
        )
    except IllegalTransitionError as error:
        db_session().rollback()
        form.form_errors.append(error.message)
        return _form_page(_origin(), form)
    return done(_said(hire), url_for("hires.show", public_id=hire.public_id))


def _origin() -> Origin:
    actor = current_actor()
    origin = found_or_404(get_origin(db_session(), actor, request.args))
    log_read(actor, [origin.person.id], AccessKind.FILE, "embauche")
    return origin


def _employer(origin: Origin, form: HireForm) -> Meant:
    if origin.establishment is not None:
        return Meant(origin.establishment)
    text, chosen = form.employer.data or "", form.establishment.data
    return find_employer(db_session(), current_actor(), text, chosen=chosen)


def _ask_which(form: HireForm, found: Meant) -> None:
    """Say what is wrong with the employer, with the look-alikes to choose from."""
    form.employer.errors = [*form.employer.errors, found.problem]
    form.offer_alike(found)


def _form_page(origin: Origin, form: HireForm) -> Response:
    offer = origin.offer
    named = offer is None or offer_access.sees_employer_name(current_actor(), offer)
    page = render_template(
        "hires/new.html", origin=origin, person=origin.person, form=form, named=named
    )
    return make_response(page, 422 if form.errors else 200)


def _said(hire: Hire) -> str:
    """What was done, and a warning over 35 hours a week."""
    total = recording.weekly_hours_of(db_session(), hire)
    said = _("Embauche enregistrée. Les dates de suivi sont posées.")
    if total <= rules.USUAL_WEEKLY_HOURS or total == hire.weekly_hours:
        return str(said)
    warning = _("Attention\u00a0: %(total)s heures par semaine, tous contrats.", total=f"{total:g}")
    return f"{said} {warning}"


@blueprint.get("/embauches/<public_id>")
@requires(Capability.HIRES)
def show(public_id: str) -> ResponseReturnValue:
    """A hire: the contract, the news, what is to be closed."""
    return _page(_followed(public_id))


def _page(hire: Hire, *, status: int = 200, **given: Any) -> Response:
    session, actor = db_session(), current_actor()
    context: dict[str, Any] = {
        "hire": hire,
        "person": hire.person,
        "line": views.line_of(hire, clock.today()),
        "steps": views.steps_of(hire, clock.today()),
        "left": queries.get_left(session, actor, hire),
        "total_hours": recording.weekly_hours_of(session, hire),
        "usual_hours": rules.USUAL_WEEKLY_HOURS,
        "follow_up_form": follow_up_form,
        "settle_form": settle_form,
        "close_form": CloseForm(formdata=None),
        "failed": None,
        "failed_on": None,
        **forms_of(hire),
    }
    return make_response(render_template("hires/show.html", **context | given), status)


def _followed(public_id: str) -> Hire:
    session, actor = db_session(), current_actor()
    hire = queries.get_hire(session, actor, public_id)
    if hire is None:
        log_refusal(actor, queries.get_any_person_of(session, public_id))
        abort(404)
    log_read(actor, [hire.person_id], AccessKind.FILE, f"embauche {public_id}")
    return hire


def _follow_up_of(hire: Hire, public_id: str) -> JobFollowUp:
    return found_or_404(next((r for r in hire.follow_ups if r.public_id == public_id), None))


@blueprint.post("/embauches/<public_id>/suivis/<follow_up_id>")
@requires(Capability.HIRES)
def record_news(public_id: str, follow_up_id: str) -> ResponseReturnValue:
    """Keep what the person or the employer said."""
    hire = _followed(public_id)
    row = _follow_up_of(hire, follow_up_id)
    form = follow_up_form(f"s-{row.public_id}", empty=False)
    if not form.validate():
        return _page(hire, status=422, failed=form, failed_on=row.public_id)
    back = url_for("hires.show", public_id=public_id)
    try:
        record_follow_up(
            db_session(),
            current_actor(),
            follow_up=row,
            on=form.on.data or clock.today(),
            channel=form.channel.chosen,
            result=form.result.chosen,
            note=form.note.data,
        )
    except IllegalTransitionError as error:
        return refused(error.message, back)
    alert = rules.is_alert(row)
    return done(_("C’est noté\u00a0: à traiter aujourd’hui.") if alert else _("C’est noté."), back)


@blueprint.post("/embauches/<public_id>/suivis/<follow_up_id>/regle")
@requires(Capability.HIRES)
def settle_difficulty(public_id: str, follow_up_id: str) -> ResponseReturnValue:
    """Say what was done about a difficulty."""
    hire = _followed(public_id)
    row = _follow_up_of(hire, follow_up_id)
    form = settle_form(f"r-{row.public_id}", empty=False)
    back = url_for("hires.show", public_id=public_id)
    if rules.is_alert(row) and not form.validate():
        return _page(hire, status=422, failed=form, failed_on=row.public_id)
    try:
        settle(db_session(), current_actor(), follow_up=row, how=form.how.data or "")
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(_("C’est noté."), back)


@blueprint.post("/embauches/<public_id>/fin")
@requires(Capability.HIRES)
def end(public_id: str) -> ResponseReturnValue:
    """The contract has ended, with its reason."""
    hire, form = _followed(public_id), EndForm()
    if not form.validate():
        return _page(hire, status=422, end_form=form, failed=form)
    back = url_for("hires.show", public_id=public_id)
    try:
        recording.end_hire(
            db_session(),
            current_actor(),
            hire=hire,
            on=form.ended_on.data or clock.today(),
            reason=form.reason.chosen,
            note=form.end_note.data,
        )
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(_("Fin du contrat notée."), back)


@blueprint.post("/embauches/<public_id>/prolongation")
@requires(Capability.HIRES)
def prolong(public_id: str) -> ResponseReturnValue:
    """The contract goes on: a new end, or none."""
    hire, form = _followed(public_id), ProlongForm()
    if not form.validate():
        return _page(hire, status=422, prolong_form=form, failed=form)
    back = url_for("hires.show", public_id=public_id)
    try:
        recording.prolong(
            db_session(),
            current_actor(),
            hire=hire,
            contract=form.new_contract.chosen,
            end_planned=form.new_end.data,
        )
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(_("Contrat prolongé. Les dates de suivi sont à jour."), back)


@blueprint.post("/embauches/<public_id>/mises-en-relation")
@requires(Capability.HIRES)
def close_others(public_id: str) -> ResponseReturnValue:
    """Close the introductions that were ticked: the person has found a job."""
    hire = _followed(public_id)
    asked = set(request.form.getlist("introduction"))
    left = queries.get_left(db_session(), current_actor(), hire)
    rows = [row for row in left.introductions if row.public_id in asked]
    back = url_for("hires.show", public_id=public_id)
    if not rows:
        return refused(_("Cochez d’abord ce qui est à clore."), back)
    recording.close_others(db_session(), current_actor(), rows=rows)
    said = ngettext(
        "%(num)d mise en relation close.", "%(num)d mises en relation closes.", len(rows)
    )
    return done(said, back)
