"""Who goes where: the proposal, what is said of pairs, and what the coordinator retains."""

from __future__ import annotations

from flask import abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from portal.access.log import log_read
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.hubs import assignment as placing
from portal.hubs import assignment_choices as choices
from portal.hubs import assignment_words as words
from portal.hubs import equity as fairness
from portal.hubs.blueprint import blueprint
from portal.hubs.routes_people_base import open_cohort, open_member
from portal.hubs.tabs import tabs_of
from portal.matchmaking.cohorts import Pairing
from portal.models import AccessKind, Cohort, EmployerCommitment, JobPromise, PairChoice
from portal.offers.answers import done, found_or_404, refused
from portal.web.guards import current_actor, requires
from portal.web.session import db_session

_FORGET = "forget"


@blueprint.get("/<public_id>/affectation", defaults={"purpose": "immersion"})
@blueprint.get("/<public_id>/affectation/<purpose>")
@requires(Capability.HUBS_WRITE)
def assignment(public_id: str, purpose: str) -> ResponseReturnValue:
    """The best assignment now, and who is left and why: a proposal."""
    cohort, actor = open_cohort(public_id, write=True), current_actor()
    problem = placing.solve(db_session(), cohort=cohort, purpose=_purpose(purpose))
    promises = choices.list_promises(db_session(), cohort=cohort) if purpose == "job" else []
    shown = [row.person_id for row in problem.members.values()]
    shown += [row.membership.person_id for row in promises]
    log_read(actor, dict.fromkeys(shown), AccessKind.LIST, f"cohorte {cohort.public_id}")
    return render_template(
        "hubs/people_assignment.html",
        cohort=cohort,
        tabs=tabs_of(actor, cohort),
        purpose=problem.purpose,
        problem=problem,
        view=words.view_of(problem),
        promises=promises,
        pair_choices=PairChoice,
        prepares_immersions="immersions.new" in current_app.view_functions,
    )


@blueprint.post("/<public_id>/affectation/<purpose>/couples")
@requires(Capability.HUBS_WRITE)
def say_pair(public_id: str, purpose: str) -> ResponseReturnValue:
    """Retain, set aside, refuse, wish; or take back what was said."""
    cohort, kind = open_cohort(public_id, write=True), _purpose(purpose)
    membership = open_member(cohort, request.form.get("member", ""))
    commitment, wave = _spot(cohort, request.form.get("spot", ""))
    said = request.form.get("choice", "")
    back = url_for("hubs.assignment", public_id=public_id, purpose=purpose)
    session, actor = db_session(), current_actor()
    if said == _FORGET:
        choices.forget_pair(
            session, actor, membership=membership, commitment=commitment, purpose=kind
        )
        return done(_("Choix effacé. La proposition est refaite."), back)
    if said not in set(PairChoice):
        abort(400)
    choices.record_pair(
        session,
        actor,
        membership=membership,
        commitment=commitment,
        purpose=kind,
        choice=PairChoice(said),
        wave=wave if said in (PairChoice.PINNED, PairChoice.FORBIDDEN) else None,
    )
    return done(_("C’est noté. La proposition est refaite."), back)


@blueprint.post("/<public_id>/affectation/job/retenir")
@requires(Capability.HUBS_WRITE)
def retain_jobs(public_id: str) -> ResponseReturnValue:
    """Write the lines ticked as promises of a job."""
    cohort = open_cohort(public_id, write=True)
    back = url_for("hubs.assignment", public_id=public_id, purpose="job")
    given = [value.partition(":") for value in request.form.getlist("pair")]
    wanted = {Pairing(person, place) for person, _colon, place in given}
    if not wanted:
        return refused(_("Cochez d’abord les lignes à retenir."), back)
    try:
        made = choices.retain_jobs(db_session(), current_actor(), cohort=cohort, wanted=wanted)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    text = ngettext("%(num)d poste attribué.", "%(num)d postes attribués.", len(made))
    return done(text, back)


@blueprint.post("/<public_id>/affectation/job/<promise_id>/retirer")
@requires(Capability.HUBS_WRITE)
def withdraw_promise(public_id: str, promise_id: str) -> ResponseReturnValue:
    """Take a promise back."""
    cohort = open_cohort(public_id, write=True)
    rows = choices.list_promises(db_session(), cohort=cohort)
    promise: JobPromise = found_or_404(
        next((row for row in rows if row.public_id == promise_id), None)
    )
    choices.withdraw_promise(db_session(), current_actor(), promise=promise)
    back = url_for("hubs.assignment", public_id=public_id, purpose="job")
    return done(_("Le poste et la personne sont à nouveau à affecter."), back)


@blueprint.get("/<public_id>/equite")
@requires(Capability.HUBS_READ)
def equity(public_id: str) -> ResponseReturnValue:
    """Masked counts of who gets how far; no name, nothing decided."""
    cohort = open_cohort(public_id)
    return render_template(
        "hubs/people_equity.html",
        cohort=cohort,
        tabs=tabs_of(current_actor(), cohort),
        view=fairness.view_of(fairness.get_panel(db_session(), cohort=cohort)),
    )


def _purpose(value: str) -> placing.Purpose:
    known = {purpose.value: purpose for purpose in placing.Purpose}
    return known.get(value) or abort(404)


def _spot(cohort: Cohort, value: str) -> tuple[EmployerCommitment, int | None]:
    """« commitment » or « commitment:wave », of this cohort."""
    public_id, _colon, wave = value.partition(":")
    row = db_session().scalar(
        select(EmployerCommitment).where(
            EmployerCommitment.public_id == public_id, EmployerCommitment.cohort_id == cohort.id
        )
    )
    return found_or_404(row), int(wave) if wave.isdecimal() else None
