"""The dates of a cohort: every phase, moved by hand or left to the plan."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.roles import Capability
from portal.hubs import planning
from portal.hubs.answers import cohort_or_404, given, page_of, refused, said
from portal.hubs.blueprint import blueprint
from portal.hubs.forms import PhaseForm
from portal.hubs.responsible import training_name
from portal.hubs.tabs import tabs_of
from portal.models import Cohort, CohortPhase, PhaseKind
from portal.web.guards import current_actor, requires
from portal.web.session import db_session


@blueprint.get("/<public_id>/dates")
@requires(Capability.HUBS_READ)
def plan(public_id: str) -> ResponseReturnValue:
    """Every phase with its dates, and what does not fit."""
    return _plan_page(cohort_or_404(public_id), status=200)


def _plan_page(
    cohort: Cohort, *, status: int, tried: tuple[PhaseKind, PhaseForm] | None = None
) -> ResponseReturnValue:
    writes = current_actor().can(Capability.HUBS_WRITE)
    found = planning.plan(cohort, clock.today()) if cohort.session else None
    page = render_template(
        "hubs/plan.html",
        cohort=cohort,
        act_before=found.act_before if found else None,
        conflicts=[planning.conflict_text(c) for c in found.conflicts] if found else [],
        in_conflict={c.phase for c in found.conflicts} if found else set(),
        training=training_name(cohort),
        weeks_of=planning.weeks_of,
        forms={row.kind: _form(row, tried) for row in cohort.phases} if writes else {},
        tabs=tabs_of(current_actor(), cohort),
        may_write=writes,
    )
    return page, status


def _form(row: CohortPhase, tried: tuple[PhaseKind, PhaseForm] | None) -> PhaseForm:
    """The form of a phase, as it was sent when it was refused."""
    if tried and tried[0] is row.kind:
        return tried[1]
    form = PhaseForm(None, prefix=f"{row.kind.value}-")
    form.start.data, form.weeks.data = row.start, planning.weeks_of(row)
    return form


@blueprint.post("/<public_id>/dates/<kind>")
@requires(Capability.HUBS_WRITE)
def move_phase(public_id: str, kind: str) -> ResponseReturnValue:
    """Move a phase: those before it follow, those after stay."""
    cohort, phase = cohort_or_404(public_id, write=True), _kind_or_404(kind)
    form = PhaseForm(prefix=f"{phase.value}-")
    if not form.validate_on_submit():
        return _plan_page(cohort, status=422, tried=(phase, form))
    try:
        planning.pin_phase(
            db_session(),
            current_actor(),
            cohort,
            phase,
            start=given(form.start.data),
            weeks=given(form.weeks.data),
            today=clock.today(),
        )
    except planning.PlanError as refusal:
        return refused(str(refusal), page_of(cohort, "hubs.plan"))
    return said(
        _("Date déplacée\u00a0: les phases d’avant ont suivi."), page_of(cohort, "hubs.plan")
    )


@blueprint.post("/<public_id>/dates/<kind>/liberer")
@requires(Capability.HUBS_WRITE)
def free_phase(public_id: str, kind: str) -> ResponseReturnValue:
    """Let a phase follow the plan again."""
    cohort, phase = cohort_or_404(public_id, write=True), _kind_or_404(kind)
    try:
        planning.free_phase(db_session(), current_actor(), cohort, phase, today=clock.today())
    except planning.PlanError as refusal:
        return refused(str(refusal), page_of(cohort, "hubs.plan"))
    return said(_("La phase suit de nouveau le plan."), page_of(cohort, "hubs.plan"))


def _kind_or_404(value: str) -> PhaseKind:
    try:
        return PhaseKind(value)
    except ValueError:
        abort(404)
