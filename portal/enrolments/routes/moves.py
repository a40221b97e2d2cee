"""Positionings: the list, the board of a session, one positioning and its gates."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.access.log import log_read
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.enrolments import actions, queries, screens
from portal.enrolments.forms import SchemeForm, form_for
from portal.enrolments.routes.door import blueprint, href, opened, opened_session
from portal.enrolments.rules import Side
from portal.enrolments.steps import BY_ACTION, Step, record_step
from portal.models import AccessKind, Enrollment, Person, Scheme, TrainingSession
from portal.offers.answers import done, found_or_404, refused
from portal.text import N_
from portal.trainings.queries import get_correctable
from portal.web.forms import Form
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

_LARGEST = 100
_VIEW_LABELS = {
    "en-cours": N_("Avant l’entrée"),
    "en-formation": N_("En formation"),
    "terminees": N_("Terminés"),
}


@blueprint.app_context_processor
def _for_other_pages() -> dict[str, Any]:
    """What the pages of a session and of a person include."""
    return {
        "enrolments_of_session": _of_session,
        "enrolments_of_person": _of_person,
        "scheme_form_of": lambda row: screens.scheme_form(db_session(), current_actor(), row),
    }


def _of_session(row: TrainingSession) -> dict[str, Any] | None:
    return screens.of_session(db_session(), current_actor(), row)


def _of_person(person: Person) -> list[Enrollment]:
    return screens.of_person(db_session(), current_actor(), person)


@blueprint.get("/positionnements")
@requires(Capability.ENROLMENTS)
def index() -> ResponseReturnValue:
    """The positionings of one's people or sessions."""
    session, actor = db_session(), current_actor()
    asked = request.args.get("vue", "en-cours")
    view = asked if asked in queries.VIEWS else "en-cours"
    page = queries.list_followed(session, actor, view, requested_page())
    log_read(actor, [row.person_id for row in page.rows], AccessKind.LIST, "positionnements")
    counts = queries.count_views(session, actor)
    views = [
        {
            "label": _(_VIEW_LABELS[name]),
            "href": url_for("enrolments.index", vue=name),
            "current": name == view,
            "count": counts[name],
        }
        for name in queries.VIEWS
    ]
    return page_or_fragment(
        "enrolments/index.html", "enrolments/_list.html", page=page, view=view, views=views
    )


@blueprint.get("/formations/<public_id>/positionnements")
@requires(Capability.ENROLMENTS)
def board(public_id: str) -> ResponseReturnValue:
    """The people of a session by state, moved one or several at a time."""
    row = opened_session(public_id)
    text = request.args.get("personne", "").strip()
    context = screens.board_context(db_session(), current_actor(), row, text)
    return render_template("enrolments/board.html", **context)


@blueprint.post("/formations/<public_id>/positionnements")
@requires(Capability.ENROLMENTS)
def move_many(public_id: str) -> ResponseReturnValue:
    """Pass a gate with the people ticked: all of them, or nobody."""
    session, actor, place = db_session(), current_actor(), opened_session(public_id)
    step = _step(request.form.get("action", ""), place)
    back = url_for("enrolments.board", public_id=public_id)
    ticked = request.form.getlist("enrolment")[:_LARGEST]
    rows = queries.list_of_session(session, actor, place, ticked)
    if not rows:
        return refused(_("Cochez d’abord les personnes concernées."), back)
    log_read(actor, [row.person_id for row in rows], AccessKind.LIST, f"session {public_id}")
    form = form_for(step.action, where=f"{rows[0].state.value}-")
    if not form.validate():
        context = screens.board_context(session, actor, place, "")
        failed = {
            "failed": form,
            "failed_shelf": (rows[0].state, step.action),
            "ticked": ticked,
        }
        return render_template("enrolments/board.html", **context | failed), 422
    return _pass(rows, step, form, back)


def _step(action: str, place: TrainingSession) -> Step:
    """The gate asked for, if the actor is on a side that opens it."""
    step = BY_ACTION.get(action)
    if step is None or not step.sides & queries.sides_of(db_session(), current_actor(), place):
        abort(404)
    return step


def _pass(rows: list[Enrollment], step: Step, form: Form, back: str) -> ResponseReturnValue:
    try:
        said = record_step(db_session(), current_actor(), rows=rows, step=step, form=form)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(said, back)


@blueprint.post("/formations/<public_id>/positionnements/personnes")
@requires(Capability.PEOPLE_WRITE)
def propose(public_id: str) -> ResponseReturnValue:
    """Propose the session to the people ticked; nothing is said to the organisation yet."""
    session, actor, row = db_session(), current_actor(), opened_session(public_id)
    back = url_for("enrolments.board", public_id=public_id)
    people = queries.get_people(session, actor, request.form.getlist("person")[:_LARGEST])
    if not people:
        return refused(_("Cochez d’abord les personnes concernées."), back)
    log_read(actor, [one.id for one in people], AccessKind.LIST, f"session {public_id}")
    try:
        found = actions.propose(session, actor, training_session=row, people=people)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(_proposed(found), back)


def _proposed(found: actions.Proposed) -> str:
    count = len(found.rows)
    said = ngettext(
        "Session proposée à %(num)d personne : notez son accord avant de la positionner.",
        "Session proposée à %(num)d personnes : notez leur accord avant de les positionner.",
        count,
    )
    if not found.known:
        return str(said)
    known = ngettext(
        "%(num)d personne y était déjà.", "%(num)d personnes y étaient déjà.", found.known
    )
    return f"{said} {known}" if count else str(known)


@blueprint.post("/formations/<public_id>/positionnements/dispositif")
@requires(Capability.CATALOGUE_WRITE)
def say_scheme(public_id: str) -> ResponseReturnValue:
    """Say who pays for a session; a closed scheme is refused, with what replaces it."""
    row = found_or_404(get_correctable(db_session(), current_actor(), public_id))
    form, back = SchemeForm(), url_for("trainings.show", public_id=public_id)
    if not form.validate():
        return refused(_("Choisissez un dispositif de la liste."), back)
    scheme = Scheme(form.scheme.data) if form.scheme.data else None
    try:
        actions.record_scheme(db_session(), current_actor(), training_session=row, scheme=scheme)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(_("Dispositif enregistré."), back)


@blueprint.get("/positionnements/<public_id>")
@requires(Capability.ENROLMENTS)
def show(public_id: str) -> ResponseReturnValue:
    """A positioning: where it stands, the next gates, presence and results."""
    return page_of(opened(public_id))


def page_of(
    row: Enrollment, *, failed: Form | None = None, action: str | None = None
) -> ResponseReturnValue:
    """The page of a positioning, perhaps with a form that has errors."""
    context = screens.show_context(db_session(), current_actor(), row)
    if failed is not None:
        context |= {"failed": failed, "failed_action": action}
    return render_template("enrolments/show.html", **context), 422 if failed else 200


@blueprint.post("/positionnements/<public_id>/<action>")
@requires(Capability.ENROLMENTS)
def step(public_id: str, action: str) -> ResponseReturnValue:
    """Pass a gate."""
    row = opened(public_id)
    found = _step(action, row.session)
    form = form_for(action)
    if not form.validate():
        return page_of(row, failed=form, action=action)
    return _pass([row], found, form, href(row))


@blueprint.post("/positionnements/<public_id>/reference")
@requires(Capability.ENROLMENTS)
def reference(public_id: str) -> ResponseReturnValue:
    """Type the reference that OUIFORM gave."""
    row, form = opened(public_id), form_for("reference")
    if Side.PRESCRIBER not in queries.sides_of(db_session(), current_actor(), row.session):
        abort(404)
    if not form.validate():
        return page_of(row, failed=form, action="reference")
    text = form["external_ref"].data
    try:
        actions.record_reference(db_session(), current_actor(), enrolment=row, external_ref=text)
    except IllegalTransitionError as error:
        return refused(error.message, href(row))
    return done(_("Référence enregistrée."), href(row))
