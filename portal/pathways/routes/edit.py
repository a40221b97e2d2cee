"""Changing a step: each change is judged whole, and nothing is written unless it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.models import PathwayState, PathwayStep, StepKind, TrainingSession
from portal.pathways import editing
from portal.pathways.forms import (
    ActionForm,
    HireForm,
    ImmersionForm,
    OtherStepForm,
    SessionForm,
)
from portal.pathways.queries import Opened
from portal.pathways.routes.door import (
    blueprint,
    go_to,
    open_pathway,
    refuse,
    render_form,
    step_of,
)
from portal.pathways.routes.show import pathway_page
from portal.pathways.rules import REMOVABLE_KINDS
from portal.pathways.views import dates_text
from portal.web.guards import current_actor, requires
from portal.web.session import db_session

_PAGE = "step.html"


@blueprint.get("/parcours/<public_id>/etapes/ajouter")
@requires(Capability.PATHWAYS)
def new_step(public_id: str) -> ResponseReturnValue:
    """The form of another step."""
    opened, form = open_pathway(public_id, write=True), OtherStepForm(formdata=None)
    return _page(opened, form, None) if _may_change(opened) else pathway_page(opened)


@blueprint.post("/parcours/<public_id>/etapes/ajouter")
@requires(Capability.PATHWAYS)
def add_step(public_id: str) -> ResponseReturnValue:
    """Add another step."""
    opened, form = open_pathway(public_id, write=True), OtherStepForm()
    if form.validate():
        wish = editing.with_other(opened.pathway, None, form.values())
        kept = _write(opened, form, None, wish, change="add")
        if kept:
            return go_to(kept)
    return _page(opened, form, None)


@blueprint.get("/parcours/<public_id>/etapes/<step_id>/modifier")
@requires(Capability.PATHWAYS)
def edit_step(public_id: str, step_id: str) -> ResponseReturnValue:
    """The form of a step, after its kind."""
    opened = open_pathway(public_id, write=True)
    step = step_of(opened, step_id)
    try:
        editing.refuse_unless_changeable(opened.pathway, step)
    except IllegalTransitionError as error:
        return pathway_page(opened, refusal=error.message)
    return _page(opened, _filled(step), step)


@blueprint.post("/parcours/<public_id>/etapes/<step_id>/modifier")
@requires(Capability.PATHWAYS)
def save_step(public_id: str, step_id: str) -> ResponseReturnValue:
    """Change a step."""
    opened = open_pathway(public_id, write=True)
    step = step_of(opened, step_id)
    sessions = _sessions(opened, step)
    form = _form(step, sessions)
    if form.validate():
        wish = _wish(opened, step, form, sessions)
        kept = _write(opened, form, step, wish, change="change")
        if kept:
            return go_to(kept)
    return _page(opened, form, step, sessions)


@blueprint.post("/parcours/<public_id>/etapes/<step_id>/retirer")
@requires(Capability.PATHWAYS)
def remove_step(public_id: str, step_id: str) -> ResponseReturnValue:
    """Take a step away."""
    opened, form = open_pathway(public_id, write=True), ActionForm()
    step = step_of(opened, step_id)
    try:
        wish = editing.without(opened.pathway, step)
    except IllegalTransitionError as error:
        return pathway_page(opened, refusal=error.message)
    kept = _write(opened, form, step, wish, change="remove")
    if kept:
        return go_to(kept)
    return pathway_page(opened, refusal=" ".join(form.form_errors))


def _may_change(opened: Opened) -> bool:
    try:
        editing.refuse_unless_changeable(opened.pathway)
    except IllegalTransitionError:
        return False
    return True


def _write(
    opened: Opened,
    form: Any,
    step: PathwayStep | None,
    wish: Sequence[PathwayStep],
    *,
    change: str,
) -> str | None:
    """Write the change and return the id of the pathway it made, or say on the form why not."""
    session, actor, pathway = db_session(), current_actor(), opened.pathway
    try:
        editing.refuse_unless_changeable(pathway, step)
    except IllegalTransitionError as error:
        refuse(form, error)
        return None
    verdict = editing.judge(session, actor, pathway, wish)
    if not verdict.stands:
        form.form_errors.extend(verdict.problems)
        return None
    kept = editing.apply(session, actor, pathway=pathway, verdict=verdict, change=change)
    _say(kept.public_id != pathway.public_id)
    return kept.public_id


def _say(new_version: bool) -> None:
    if new_version:
        flash(
            _("Nouvelle proposition. L’ancien parcours reste suivi jusqu’au nouvel accord."),
            "info",
        )
    else:
        flash(_("Parcours modifié."), "success")


def _sessions(opened: Opened, step: PathwayStep) -> list[TrainingSession]:
    if step.kind is not StepKind.TRAINING:
        return []
    return editing.sessions_instead(db_session(), opened.pathway, step)


def _form(step: PathwayStep, sessions: Sequence[TrainingSession], **kwargs: Any) -> Any:
    """The form of a kind of step."""
    if step.kind is StepKind.TRAINING:
        form = SessionForm(**kwargs)
        form.offer_sessions({row.public_id: _session_text(row) for row in sessions})
        return form
    kinds = {StepKind.IMMERSION: ImmersionForm, StepKind.HIRE: HireForm}
    return kinds.get(step.kind, OtherStepForm)(**kwargs)


def _session_text(row: TrainingSession) -> str:
    place = row.commune.name if row.commune else _("à distance")
    parts = (
        row.action.program.title,
        dates_text(row.start, row.end),
        place,
        row.action.organiser_name,
    )
    return ", ".join(part for part in parts if part)


def _filled(step: PathwayStep) -> Any:
    """The form of a step as it is."""
    form = _form(step, (), formdata=None)
    if isinstance(form, OtherStepForm):
        form.fill(step)
    elif not isinstance(form, SessionForm):
        form.start.data = step.start
        if isinstance(form, ImmersionForm):
            form.end.data = step.end
    return form


def _wish(
    opened: Opened, step: PathwayStep, form: Any, sessions: Sequence[TrainingSession]
) -> list[PathwayStep]:
    pathway = opened.pathway
    if isinstance(form, SessionForm):
        chosen = next(row for row in sessions if row.public_id == form.session.data)
        return editing.with_session(pathway, step, chosen)
    if isinstance(form, ImmersionForm):
        return editing.with_dates(pathway, step, *form.days)
    if isinstance(form, HireForm):
        return editing.with_hire_on(pathway, step, form.day)
    return editing.with_other(pathway, step, form.values())


def _page(
    opened: Opened,
    form: Any,
    step: PathwayStep | None,
    sessions: Sequence[TrainingSession] | None = None,
) -> ResponseReturnValue:
    if isinstance(form, SessionForm) and step is not None and sessions is None:
        sessions = _sessions(opened, step)
        form.offer_sessions({row.public_id: _session_text(row) for row in sessions})
    return render_form(
        _PAGE,
        opened,
        form,
        step=step,
        removable=step is not None and step.kind in REMOVABLE_KINDS,
        agreed=opened.pathway.state not in (PathwayState.DRAFT, PathwayState.PROPOSED),
        sessions=sessions,
    )
