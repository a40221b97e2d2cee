"""What happens to a pathway and its steps, one POST each."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.models import StepState
from portal.pathways import moves
from portal.pathways.forms import AgreementForm, BreakForm, DeclineForm, ReachForm
from portal.pathways.moves import NoLongerStandsError
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
from portal.web.guards import current_actor, requires
from portal.web.rendering import announce, wants_fragment
from portal.web.session import db_session

_ACTIONS = {"commencer": moves.start, "suspendre": moves.pause, "reprendre": moves.resume}


@blueprint.get("/parcours/<public_id>/accord")
@requires(Capability.PATHWAYS)
def agreement(public_id: str) -> ResponseReturnValue:
    """The form of the person's oral agreement."""
    opened, form = open_pathway(public_id, write=True), AgreementForm(formdata=None)
    form.on.data = clock.today()
    return render_form("agreement.html", opened, form)


@blueprint.post("/parcours/<public_id>/accord")
@requires(Capability.PATHWAYS)
def agree(public_id: str) -> ResponseReturnValue:
    """Keep the agreement (T-PAT-03)."""
    opened, form = open_pathway(public_id, write=True), AgreementForm()
    if not form.validate():
        return render_form("agreement.html", opened, form)
    try:
        _accept(opened, form)
    except IllegalTransitionError as error:
        refuse(form, error)
    except NoLongerStandsError as error:
        form.form_errors.extend(error.problems)
    if form.errors:
        return render_form("agreement.html", opened, form)
    flash(_("Accord enregistré. Ce parcours est maintenant celui de la personne."), "success")
    return go_to(public_id)


def _accept(opened: Opened, form: AgreementForm) -> None:
    moves.accept(
        db_session(),
        current_actor(),
        pathway=opened.pathway,
        channel=form.chosen_channel,
        on=form.day,
        words=form.said,
    )


@blueprint.get("/parcours/<public_id>/refus")
@requires(Capability.PATHWAYS)
def refusal(public_id: str) -> ResponseReturnValue:
    """The form of « pas pour moi »."""
    opened = open_pathway(public_id, write=True)
    return render_form("decline.html", opened, DeclineForm(formdata=None))


@blueprint.post("/parcours/<public_id>/refus")
@requires(Capability.PATHWAYS)
def decline(public_id: str) -> ResponseReturnValue:
    """The person does not want it."""
    opened, form = open_pathway(public_id, write=True), DeclineForm()
    if form.validate():
        try:
            moves.decline(db_session(), current_actor(), pathway=opened.pathway, reason=form.chosen)
        except IllegalTransitionError as error:
            refuse(form, error)
    if form.errors:
        return render_form("decline.html", opened, form)
    return redirect(url_for("pathways.other_paths", public_id=public_id), 303)


@blueprint.post("/parcours/<public_id>/avancer")
@requires(Capability.PATHWAYS)
def advance(public_id: str) -> ResponseReturnValue:
    """Begin, pause, resume."""
    opened = open_pathway(public_id, write=True)
    action = _ACTIONS.get(request.form.get("action", "")) or abort(400)
    try:
        action(db_session(), current_actor(), pathway=opened.pathway)
    except IllegalTransitionError as error:
        return pathway_page(opened, refusal=error.message)
    return _moved(opened, _("Parcours\u00a0: %(state)s.", state=opened.pathway.state.label))


@blueprint.get("/parcours/<public_id>/arreter")
@requires(Capability.PATHWAYS)
def ending(public_id: str) -> ResponseReturnValue:
    """The form of a pathway that stops."""
    opened = open_pathway(public_id, write=True)
    return render_form("break.html", opened, BreakForm(formdata=None))


@blueprint.post("/parcours/<public_id>/arreter")
@requires(Capability.PATHWAYS)
def break_off(public_id: str) -> ResponseReturnValue:
    """The pathway stops; two other ways are proposed."""
    opened, form = open_pathway(public_id, write=True), BreakForm()
    if form.validate():
        try:
            moves.break_off(
                db_session(), current_actor(), pathway=opened.pathway, reason=form.reason.chosen
            )
        except IllegalTransitionError as error:
            refuse(form, error)
    if form.errors:
        return render_form("break.html", opened, form)
    flash(_("Le parcours est arrêté. Voici d’autres pistes."), "success")
    return redirect(url_for("pathways.other_paths", public_id=public_id), 303)


@blueprint.get("/parcours/<public_id>/embauche")
@requires(Capability.PATHWAYS)
def hiring(public_id: str) -> ResponseReturnValue:
    """The form of the hire."""
    opened, form = open_pathway(public_id, write=True), ReachForm(formdata=None)
    form.on.data = clock.today()
    return render_form("reach.html", opened, form)


@blueprint.post("/parcours/<public_id>/embauche")
@requires(Capability.PATHWAYS)
def reach(public_id: str) -> ResponseReturnValue:
    """The goal is reached."""
    opened, form = open_pathway(public_id, write=True), ReachForm()
    if form.validate():
        try:
            moves.reach(db_session(), current_actor(), pathway=opened.pathway, on=form.day)
        except IllegalTransitionError as error:
            refuse(form, error)
    if form.errors:
        return render_form("reach.html", opened, form)
    flash(_("Embauche enregistrée. Le but est atteint."), "success")
    return go_to(public_id)


@blueprint.post("/parcours/<public_id>/etapes/<step_id>/etat")
@requires(Capability.PATHWAYS)
def move_step(public_id: str, step_id: str) -> ResponseReturnValue:
    """Begin, end or cancel a step."""
    opened = open_pathway(public_id, write=True)
    step = step_of(opened, step_id)
    asked = request.form.get("state", "")
    target = StepState(asked) if asked in set(StepState) else abort(400)
    try:
        moves.move_step(db_session(), current_actor(), step=step, target=target)
    except IllegalTransitionError as error:
        return pathway_page(opened, refusal=error.message)
    return _moved(opened, _("Étape %(state)s.", state=target.label))


def _moved(opened: Opened, message: str) -> ResponseReturnValue:
    """The part of the page that changed, or the way back to the page."""
    if wants_fragment():
        return announce(pathway_page(opened), message)
    flash(message, "success")
    return go_to(opened.pathway.public_id)
