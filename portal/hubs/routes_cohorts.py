"""Cohorts: the list, a new one, its frame, its session, and its states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal import matchmaking as mm
from portal.access.roles import Capability
from portal.hubs import board, frame, queries, sessions
from portal.hubs.answers import (
    attempt,
    cohort_or_404,
    found_or_404,
    given,
    page_of,
    refused,
    said,
)
from portal.hubs.blueprint import blueprint
from portal.hubs.forms import CancelForm, FrameForm, NewCohortForm, OverrideForm, SessionForm
from portal.hubs.rules import CohortEndReason
from portal.hubs.tabs import tabs_of
from portal.models import Cohort, CohortState, MajorProject, Organisation
from portal.places import find_communes, only_commune
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.session import db_session


@blueprint.get("")
@requires(Capability.HUBS_READ)
def index() -> ResponseReturnValue:
    """The cohorts one may open."""
    session, actor = db_session(), current_actor()
    page = queries.page_of_cohorts(session, actor, requested_page())
    counts = queries.count_members(session, page.rows)
    return render_template(
        "hubs/index.html",
        page=page,
        rows=[(row, board.summary_of(row, counts[row.id])) for row in page.rows],
        may_create=actor.can(Capability.HUBS_WRITE),
        shown=board.shown_to(actor),
    )


# A new cohort ----------------------------------------------------------------------------------


@blueprint.get("/nouvelle")
@requires(Capability.HUBS_WRITE)
def new() -> ResponseReturnValue:
    """The form of a new cohort; a project's gap may fill it already."""
    projects = queries.list_projects(db_session(), clock.today())
    form = NewCohortForm(None, projects=projects, data=request.args.to_dict())
    return _new_page(form, choices=_occupations(request.args.get("occupation", "")), status=200)


@blueprint.post("/nouvelle")
@requires(Capability.HUBS_WRITE)
def create() -> ResponseReturnValue:
    """Create a draft once the trade typed leaves no doubt, or was chosen in the list."""
    session = db_session()
    projects = queries.list_projects(session, clock.today())
    form = NewCohortForm(projects=projects)
    valid = form.validate_on_submit()
    choices = _occupations(form.occupation.data or "")
    code = _only(choices, request.form.get("occupation_code"))
    if code is None and form.occupation.data:
        form.occupation.errors = [
            _("Choisissez le métier dans la liste.")
            if choices
            else _("Aucun métier ne ressemble à ces mots.")
        ]
    if not valid or code is None:
        return _new_page(form, choices=choices, status=422)
    cohort = frame.create_cohort(
        session, current_actor(), occupation_code=code, **_frame_of(form, projects)
    )
    target = page_of(cohort, "hubs.session")
    return said(_("Cohorte créée. Choisissez maintenant sa session."), target)


def _new_page(
    form: NewCohortForm, *, choices: Sequence[mm.OccupationMatch], status: int
) -> ResponseReturnValue:
    chosen = request.values.get("occupation_code")
    return render_template("hubs/new.html", form=form, choices=choices, chosen=chosen), status


@blueprint.get("/nouvelle/metiers")
@requires(Capability.HUBS_WRITE)
def occupations() -> ResponseReturnValue:
    """The trades that the words typed may mean, while they are typed."""
    choices = _occupations(request.args.get("occupation", ""))
    return render_template("hubs/_occupations.html", choices=choices, chosen=None)


def _occupations(text: str) -> Sequence[mm.OccupationMatch]:
    return mm.resolve_occupations(db_session(), text, limit=6) if text.strip() else []


def _only(choices: Sequence[mm.OccupationMatch], chosen: str | None) -> str | None:
    """The trade chosen in the list, else the only one that the words mean for certain."""
    if chosen in {match.code for match in choices}:
        return chosen
    sure = mm.sure_occupation(choices)
    return sure.code if sure else None


def _frame_of(form: FrameForm, projects: Sequence[MajorProject]) -> dict[str, Any]:
    ids = {row.code: row.id for row in projects}
    return {
        "title": form.title.data,
        "seats": form.seats.data,
        "threshold": form.threshold.data,
        "project_id": ids.get(form.project.data),
    }


# The frame -------------------------------------------------------------------------------------


@blueprint.get("/<public_id>/modifier")
@requires(Capability.HUBS_WRITE)
def edit(public_id: str) -> ResponseReturnValue:
    """The form of the frame."""
    cohort = cohort_or_404(public_id, write=True)
    code = cohort.project.code if cohort.project else ""
    projects = queries.list_projects(db_session(), clock.today(), cohort)
    form = FrameForm(None, obj=cohort, projects=projects)
    form.project.data = code
    return render_template("hubs/edit.html", form=form, cohort=cohort)


@blueprint.post("/<public_id>/modifier")
@requires(Capability.HUBS_WRITE)
def save(public_id: str) -> ResponseReturnValue:
    """Change the frame."""
    session, cohort = db_session(), cohort_or_404(public_id, write=True)
    projects = queries.list_projects(session, clock.today(), cohort)
    form = FrameForm(projects=projects)
    if not form.validate_on_submit():
        return render_template("hubs/edit.html", form=form, cohort=cohort), 422
    return attempt(
        lambda: frame.change_cohort(session, current_actor(), cohort, **_frame_of(form, projects)),
        _("Cohorte enregistrée."),
        page_of(cohort),
    )


# The session -----------------------------------------------------------------------------------


@blueprint.get("/<public_id>/session")
@requires(Capability.HUBS_WRITE)
def session(public_id: str) -> ResponseReturnValue:
    """Choose the session in the catalogue, or enter it."""
    cohort = cohort_or_404(public_id, write=True)
    organisers = sessions.list_organisers(db_session(), current_actor())
    form = SessionForm(None, organisers=organisers)
    form.title.data, form.seats.data = cohort.occupation.label, cohort.seats
    return _session_page(cohort, form, status=200)


def _session_page(cohort: Cohort, form: SessionForm, *, status: int) -> ResponseReturnValue:
    text = request.args.get("q", "")
    page = render_template(
        "hubs/session.html",
        cohort=cohort,
        form=form,
        text=text,
        rows=sessions.list_candidates(db_session(), cohort, clock.today(), text),
        tabs=tabs_of(current_actor(), cohort),
    )
    return page, status


@blueprint.post("/<public_id>/session/choisir")
@requires(Capability.HUBS_WRITE)
def choose_session(public_id: str) -> ResponseReturnValue:
    """Weld a session of the catalogue to the cohort."""
    cohort = cohort_or_404(public_id, write=True)
    row = found_or_404(sessions.get_session(db_session(), request.form.get("session", "")))
    return attempt(
        lambda: sessions.take_session(
            db_session(), current_actor(), cohort, row, today=clock.today()
        ),
        _("Session choisie\u00a0: toutes les dates sont calculées."),
        page_of(cohort, "hubs.plan"),
    )


@blueprint.post("/<public_id>/session/saisir")
@requires(Capability.HUBS_WRITE)
def enter_session(public_id: str) -> ResponseReturnValue:
    """Enter a session that the catalogue does not have."""
    cohort = cohort_or_404(public_id, write=True)
    organisers = sessions.list_organisers(db_session(), current_actor())
    form = SessionForm(organisers=organisers)
    entered = _entered(form, organisers) if form.validate_on_submit() else None
    if entered is None:
        return _session_page(cohort, form, status=422)
    return attempt(
        lambda: sessions.enter_session(
            db_session(), current_actor(), cohort, entered, today=clock.today()
        ),
        _("Session saisie\u00a0: toutes les dates sont calculées."),
        page_of(cohort, "hubs.plan"),
    )


def _entered(form: SessionForm, organisers: Sequence[Organisation]) -> sessions.Entered | None:
    """What was entered, or None with the error of the place on its field."""
    place = given(form.place.data)
    found = find_communes(db_session(), place)
    commune = only_commune(found, place)
    if commune is None:
        names = ", ".join(row.label for row in found)
        form.place.errors = [
            _("Précisez\u00a0: %(names)s.", names=names)
            if names
            else _("Aucune commune ne s’écrit ainsi. Essayez le code postal.")
        ]
        return None
    known = {row.public_id: row for row in organisers}.get(form.organiser.data)
    return sessions.Entered(
        title=given(form.title.data),
        organiser=known,
        organiser_name=known.name if known else given(form.organiser_name.data),
        start=given(form.start.data),
        end=given(form.end.data),
        commune=commune,
        seats=given(form.seats.data),
    )


# States ----------------------------------------------------------------------------------------


@blueprint.post("/<public_id>/etat")
@requires(Capability.HUBS_WRITE)
def change_state(public_id: str) -> ResponseReturnValue:
    """Take the cohort to its next state; guards say why not."""
    cohort = cohort_or_404(public_id, write=True)
    try:
        target = CohortState(request.form.get("vers", ""))
    except ValueError:
        abort(400)
    if target is CohortState.CANCELLED:
        abort(400)
    return attempt(
        lambda: frame.move_cohort(db_session(), current_actor(), cohort, target),
        _("La cohorte passe à «\u00a0%(state)s\u00a0».", state=target.label),
        page_of(cohort),
    )


@blueprint.post("/<public_id>/annuler")
@requires(Capability.HUBS_WRITE)
def cancel(public_id: str) -> ResponseReturnValue:
    """Cancel the cohort, with a reason."""
    cohort = cohort_or_404(public_id, write=True)
    form = CancelForm()
    if not form.validate_on_submit():
        return refused(_("Dites pourquoi la cohorte est annulée."), page_of(cohort))
    reason = CohortEndReason(form.reason.data)
    return attempt(
        lambda: frame.move_cohort(
            db_session(), current_actor(), cohort, CohortState.CANCELLED, reason=reason
        ),
        _("Cohorte annulée. Dites maintenant ce que chaque personne fait ensuite."),
        page_of(cohort),
    )


@blueprint.post("/<public_id>/derogation")
@requires(Capability.HUBS_WRITE)
def override(public_id: str) -> ResponseReturnValue:
    """Open with fewer promised jobs than seats, signed, in one go (T-HUB-01)."""
    cohort = cohort_or_404(public_id, write=True)
    form = OverrideForm()
    if not form.validate_on_submit():
        return refused(_("Une dérogation demande une raison."), page_of(cohort))
    return attempt(
        lambda: _override_and_open(cohort, given(form.reason.data)),
        _("Cohorte ouverte par dérogation. Votre raison reste affichée."),
        page_of(cohort),
    )


def _override_and_open(cohort: Cohort, reason: str) -> None:
    frame.override_jobs(db_session(), current_actor(), cohort, reason=reason)
    frame.move_cohort(db_session(), current_actor(), cohort, CohortState.OPEN)
