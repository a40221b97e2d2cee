"""Selection: notes of the exercise, decisions by people, and the waiting list."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.log import log_read
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.hubs import selection as choosing
from portal.hubs.blueprint import blueprint
from portal.hubs.board import exit_words
from portal.hubs.forms_people import DecisionForm, NotesForm
from portal.hubs.routes_people_base import open_cohort, open_member, owners_of
from portal.hubs.rules import legal_targets
from portal.hubs.tabs import tabs_of
from portal.models import AccessKind, Cohort, CohortMembership
from portal.offers.answers import done, refused
from portal.web.guards import current_actor, requires
from portal.web.session import db_session

_MOVES = {"monter": -1, "descendre": 1}


@blueprint.get("/<public_id>/selection")
@requires(Capability.HUBS_WRITE)
def selection(public_id: str) -> ResponseReturnValue:
    """Those who came: to decide on, selected, waiting by rank, gone with a next step."""
    cohort, actor = open_cohort(public_id, write=True), current_actor()
    members = choosing.list_to_select(db_session(), cohort=cohort)
    people = [row.person_id for row in members]
    log_read(actor, people, AccessKind.LIST, f"cohorte {cohort.public_id}")
    return render_template(
        "hubs/people_selection.html",
        cohort=cohort,
        tabs=tabs_of(actor, cohort),
        members=members,
        exit_words=exit_words(actor),
        last_rank=max((row.rank or 0 for row in members), default=0),
    )


@blueprint.get("/<public_id>/selection/<member_id>")
@requires(Capability.HUBS_WRITE)
def selection_of(public_id: str, member_id: str) -> ResponseReturnValue:
    """One person: what was seen, and the decision."""
    cohort, member = _opened(public_id, member_id)
    return render_template("hubs/people_decide.html", **_screen(cohort, member))


@blueprint.post("/<public_id>/selection/<member_id>/notes")
@requires(Capability.HUBS_WRITE)
def note_selection(public_id: str, member_id: str) -> ResponseReturnValue:
    """What was seen at the exercise, and the motivation."""
    cohort, member = _opened(public_id, member_id)
    form = NotesForm()
    if not form.validate():
        return render_template("hubs/people_decide.html", **_screen(cohort, member, form)), 422
    choosing.record_notes(
        db_session(),
        current_actor(),
        membership=member,
        exercise=(form.exercise.data or "").strip() or None,
        motivation=(form.motivation.data or "").strip() or None,
    )
    target = url_for("hubs.selection_of", public_id=public_id, member_id=member_id)
    return done(_("Notes enregistrées."), target)


@blueprint.post("/<public_id>/selection/<member_id>/decision")
@requires(Capability.HUBS_WRITE)
def decide_selection(public_id: str, member_id: str) -> ResponseReturnValue:
    """A decision, with its next step when it ends there."""
    cohort, member = _opened(public_id, member_id)
    form = _decision_form(member)
    if not form.validate():
        screen = _screen(cohort, member, decision=form)
        return render_template("hubs/people_decide.html", **screen), 422
    decision = choosing.Decision(form.decision.data)
    try:
        choosing.decide(
            db_session(),
            current_actor(),
            membership=member,
            decision=decision,
            leaving=form.leaving,
        )
    except IllegalTransitionError as error:
        target = url_for("hubs.selection_of", public_id=public_id, member_id=member_id)
        return refused(error.message, target)
    return done(_("Décision enregistrée."), url_for("hubs.selection", public_id=public_id))


@blueprint.post("/<public_id>/selection/<member_id>/rang/<move>")
@requires(Capability.HUBS_WRITE)
def move_rank(public_id: str, member_id: str, move: str) -> ResponseReturnValue:
    """One rank up or down the waiting list."""
    _cohort, member = _opened(public_id, member_id)
    if move not in _MOVES:
        abort(404)
    back = url_for("hubs.selection", public_id=public_id)
    try:
        choosing.move_rank(db_session(), current_actor(), membership=member, by=_MOVES[move])
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(None, back + "#attente")


def _opened(public_id: str, member_id: str) -> tuple[Cohort, CohortMembership]:
    cohort = open_cohort(public_id, write=True)
    member = open_member(cohort, member_id)
    log_read(current_actor(), [member.person_id], AccessKind.LIST, f"cohorte {cohort.public_id}")
    return cohort, member


def _decision_form(member: CohortMembership) -> DecisionForm:
    filled = request.endpoint == "hubs.decide_selection"
    form = DecisionForm() if filled else DecisionForm(formdata=None)
    form.offer_owners(owners_of(member, current_actor()))
    return form


def _screen(
    cohort: Cohort,
    member: CohortMembership,
    notes: NotesForm | None = None,
    decision: DecisionForm | None = None,
) -> dict[str, Any]:
    actor = current_actor()
    return {
        "cohort": cohort,
        "tabs": tabs_of(actor, cohort),
        "member": member,
        "notes": notes or NotesForm(formdata=None, obj=member),
        "decision": decision or _decision_form(member),
        "failed": next((f for f in (notes, decision) if f is not None), None),
        "decidable": any(
            choice.target in legal_targets(cohort, member.state) for choice in choosing.Decision
        ),
    }
