"""What employers promise to a cohort: noted, confirmed, kept, or taken back."""

from __future__ import annotations

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.log import log_read
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.hubs import board, queries
from portal.hubs import commitments as promises
from portal.hubs.answers import attempt, cohort_or_404, found_or_404, given, page_of, refused, said
from portal.hubs.blueprint import blueprint
from portal.hubs.forms import CommitmentForm, LossForm, NewCommitmentForm, PlacesForm
from portal.hubs.rules import COMMITMENT, LOST
from portal.hubs.tabs import tabs_of
from portal.models import (
    AccessKind,
    Cohort,
    CommitmentReason,
    CommitmentState,
    ContractKind,
    EmployerCommitment,
    ImmersionPlace,
    PhaseKind,
)
from portal.offers.employers import Meant, find_employer
from portal.web.guards import current_actor, requires
from portal.web.session import db_session


@blueprint.get("/<public_id>/engagements")
@requires(Capability.HUBS_READ)
def commitments(public_id: str) -> ResponseReturnValue:
    """Every promise, and those taken back first."""
    cohort = cohort_or_404(public_id)
    return _list_page(cohort, NewCommitmentForm(None), Meant(), 200)


def _list_page(
    cohort: Cohort, form: NewCommitmentForm, typed: Meant, status: int
) -> ResponseReturnValue:
    actor = current_actor()
    found = board.get_losses(db_session(), actor, cohort)
    people = {one.membership.person_id for loss in found for one in loss.affected}
    log_read(actor, sorted(people), AccessKind.LIST, f"cohorte {cohort.public_id}")
    page = render_template(
        "hubs/commitments.html",
        cohort=cohort,
        losses=found,
        jobs=board.summary_of(cohort, {}),
        form=form if actor.can(Capability.HUBS_WRITE) else None,
        typed=typed,
        chosen=request.form.get("establishment"),
        sees_people=queries.sees_people(actor),
        tabs=tabs_of(actor, cohort),
        may_write=actor.can(Capability.HUBS_WRITE),
    )
    return page, status


@blueprint.post("/<public_id>/engagements")
@requires(Capability.HUBS_WRITE)
def add_commitment(public_id: str) -> ResponseReturnValue:
    """Note a promise; the employer is the one typed, or the one chosen in the list."""
    session, actor = db_session(), current_actor()
    cohort, form = cohort_or_404(public_id, write=True), NewCommitmentForm()
    if not form.validate_on_submit():
        return _list_page(cohort, form, Meant(), 422)
    chosen = request.form.get("establishment")
    typed = find_employer(session, actor, given(form.employer.data), chosen=chosen)
    if typed.row is None:
        form.employer.errors = [typed.problem]
        return _list_page(cohort, form, typed, 422)
    try:
        row = promises.record_commitment(
            session, actor, cohort, employer=typed.row, terms=_terms(form)
        )
    except IllegalTransitionError as refusal:
        return refused(refusal.message, page_of(cohort, "hubs.commitments"))
    return said(_("Engagement noté. Dites maintenant ses places d’immersion."), _address(row))


def _terms(form: CommitmentForm) -> promises.Terms:
    return promises.Terms(
        jobs=given(form.jobs.data),
        contract=ContractKind(form.contract.data),
        contract_months=form.contract_months.data,
        tutor_name=form.tutor_name.data or None,
        note=form.note.data or None,
    )


def _address(row: EmployerCommitment) -> str:
    return url_for("hubs.commitment", public_id=row.cohort.public_id, commitment_id=row.public_id)


# One promise -----------------------------------------------------------------------------------


def _open(public_id: str, commitment_id: str) -> EmployerCommitment:
    cohort = cohort_or_404(public_id, write=True)
    return found_or_404(promises.get_commitment(cohort, commitment_id))


@blueprint.get("/<public_id>/engagements/<commitment_id>")
@requires(Capability.HUBS_WRITE)
def commitment(public_id: str, commitment_id: str) -> ResponseReturnValue:
    """A promise: its terms, its places of immersion, and its end."""
    row = _open(public_id, commitment_id)
    return _page(row, terms=CommitmentForm(None, obj=row), places=_next_wave(row))


def _next_wave(row: EmployerCommitment) -> PlacesForm:
    """A form for the next wave, on the dates of the immersions of the cohort."""
    form = PlacesForm(None)
    phase = next((p for p in row.cohort.phases if p.kind is PhaseKind.IMMERSION), None)
    form.wave.data = max((place.wave for place in row.places), default=0) + 1
    if phase:
        form.start.data, form.end.data = phase.start, phase.end
    return form


def _page(
    row: EmployerCommitment,
    *,
    terms: CommitmentForm | None = None,
    places: PlacesForm | None = None,
    loss: LossForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    legal = COMMITMENT.moves.get(row.state, frozenset())
    page = render_template(
        "hubs/commitment.html",
        cohort=row.cohort,
        row=row,
        terms=terms or CommitmentForm(None, obj=row),
        places=places or _next_wave(row),
        loss=loss or LossForm(None),
        moves=[state for state in CommitmentState if state in legal - LOST],
        may_lose=bool(legal & LOST),
        may_change=row.state in (CommitmentState.PROMISED, CommitmentState.CONFIRMED),
        confirms=CommitmentState.CONFIRMED,
    )
    return page, status


@blueprint.post("/<public_id>/engagements/<commitment_id>")
@requires(Capability.HUBS_WRITE)
def save_commitment(public_id: str, commitment_id: str) -> ResponseReturnValue:
    """Change the terms of a promise."""
    row, form = _open(public_id, commitment_id), CommitmentForm()
    if not form.validate_on_submit():
        return _page(row, terms=form, status=422)
    return attempt(
        lambda: promises.change_commitment(db_session(), current_actor(), row, terms=_terms(form)),
        _("Engagement enregistré."),
        _address(row),
    )


@blueprint.post("/<public_id>/engagements/<commitment_id>/etat")
@requires(Capability.HUBS_WRITE)
def move_commitment(public_id: str, commitment_id: str) -> ResponseReturnValue:
    """Confirm a promise, or note that it is kept."""
    row = _open(public_id, commitment_id)
    try:
        target = CommitmentState(request.form.get("vers", ""))
    except ValueError:
        abort(400)
    return attempt(
        lambda: promises.move_commitment(db_session(), current_actor(), row, target),
        _("Engagement\u00a0: %(state)s.", state=target.label),
        page_of(row.cohort, "hubs.commitments"),
    )


@blueprint.post("/<public_id>/engagements/<commitment_id>/perte")
@requires(Capability.HUBS_WRITE)
def lose_jobs(public_id: str, commitment_id: str) -> ResponseReturnValue:
    """The employer takes jobs back: the cohort is alerted, the people touched are listed."""
    row, form = _open(public_id, commitment_id), LossForm()
    if not form.validate_on_submit():
        return _page(row, loss=form, status=422)
    return attempt(
        lambda: promises.lose_jobs(
            db_session(),
            current_actor(),
            row,
            jobs=given(form.jobs.data),
            reason=CommitmentReason(form.reason.data),
        ),
        _("Noté. Les personnes concernées sont listées ci-dessous."),
        page_of(row.cohort, "hubs.commitments"),
    )


@blueprint.post("/<public_id>/engagements/<commitment_id>/immersions")
@requires(Capability.HUBS_WRITE)
def save_places(public_id: str, commitment_id: str) -> ResponseReturnValue:
    """Set the immersion places of a wave."""
    row, form = _open(public_id, commitment_id), PlacesForm()
    if not form.validate_on_submit():
        return _page(row, places=form, status=422)
    place = ImmersionPlace(
        wave=form.wave.data,
        start=form.start.data,
        end=form.end.data,
        capacity=form.capacity.data,
    )
    return attempt(
        lambda: promises.record_places(db_session(), current_actor(), row, places=[place]),
        _("Places d’immersion enregistrées."),
        _address(row),
    )
