"""The board: who stands where, and moving one person or many."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from portal import clock
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.hubs import board, queries
from portal.hubs.answers import cohort_or_404, given, hx_redirect, page_of, refused, said
from portal.hubs.blueprint import blueprint
from portal.hubs.cards import get_line
from portal.hubs.forms import OWN_PRESCRIBER, CancelForm, LeavingForm, OverrideForm
from portal.hubs.moves import Leaving, Moved, move_many
from portal.hubs.planning import conflict_text
from portal.hubs.responsible import responsible_for, way_of
from portal.hubs.routes_people_base import open_member
from portal.hubs.rules import COHORT
from portal.hubs.sourcing import Step
from portal.hubs.tabs import tabs_of
from portal.models import (
    COHORT_EXIT_STATES,
    AccessKind,
    Cohort,
    CohortMembership,
    CohortState,
    ExitReason,
    MembershipState,
)
from portal.web.guards import current_actor, requires
from portal.web.rendering import announce, page_or_fragment, wants_fragment
from portal.web.session import db_session

EXIT = "exit"
_MOST_MOVED = 300


@blueprint.get("/<public_id>")
@requires(Capability.HUBS_READ)
def show(public_id: str) -> ResponseReturnValue:
    """A cohort: the figures, the alerts, and the board."""
    return _board_page(cohort_or_404(public_id), "hubs/_cohort.html")


def _board_page(cohort: Cohort, fragment: str, focus: str | None = None) -> Response:
    """The board; ``focus`` is the person the focus goes to, "" for the title, None to leave it."""
    actor = current_actor()
    found = board.get_board(db_session(), actor, cohort, clock.today())
    log_read(actor, found.people, AccessKind.LIST, f"cohorte {cohort.public_id}")
    writes = actor.can(Capability.HUBS_WRITE)
    return page_or_fragment(
        "hubs/show.html",
        fragment,
        board=found,
        focus=focus,
        cohort=cohort,
        may_write=writes,
        sees_people=queries.sees_people(actor),
        shown=board.shown_to(actor),
        next_states=[s for s in _next_states(cohort) if writes],
        conflicts=[conflict_text(conflict) for conflict in found.conflicts],
        cancel_form=CancelForm(None) if writes else None,
        override_form=OverrideForm(None) if writes else None,
        may_cancel=writes and COHORT.allows(cohort.state, CohortState.CANCELLED),
        exit_states=COHORT_EXIT_STATES,
        exit_words=board.exit_words(actor),
        pace_label=_pace_label,
        decimal=_decimal,
        tabs=tabs_of(actor, cohort),
    )


def _pace_label(step: str | None) -> str:
    """Who a term of the pace counts."""
    if step is None:
        return str(_("admises déjà"))
    return str(_("dont la suite est\u00a0: %(step)s", step=Step(step).label))


def _decimal(value: Fraction) -> str:
    """« 0,29 »."""
    return str(format_decimal(float(value), "#,##0.##"))


def _next_states(cohort: Cohort) -> list[CohortState]:
    legal = COHORT.moves.get(cohort.state, frozenset())
    return [state for state in legal if state is not CohortState.CANCELLED]


@blueprint.get("/<public_id>/cibles")
@requires(Capability.HUBS_WRITE)
def targets(public_id: str) -> ResponseReturnValue:
    """Where all the people ticked may go together."""
    cohort = cohort_or_404(public_id, write=True)
    rows = _ticked(cohort, request.args.getlist("m"))
    states = {row.state for row in rows}
    return render_template(
        "hubs/_targets.html",
        targets=board.common_targets(cohort, states),
        exit_states=COHORT_EXIT_STATES,
        ticked=len(rows),
    )


def _ticked(cohort: Cohort, public_ids: Sequence[str]) -> list[CohortMembership]:
    """The people named, in the order of the board; strangers to the cohort are no one."""
    if len(public_ids) > _MOST_MOVED:
        abort(400)
    return queries.list_members(db_session(), current_actor(), cohort, public_ids)


@blueprint.post("/<public_id>/deplacer")
@requires(Capability.HUBS_WRITE)
def move(public_id: str) -> ResponseReturnValue:
    """Move the people ticked, or the one whose button was pressed."""
    cohort = cohort_or_404(public_id, write=True)
    one, _sep, target_of_one = request.form.get("un", "").partition(":")
    ids = [one] if one else request.form.getlist("m")
    target = target_of_one or request.form.get("vers", "")
    rows = _ticked(cohort, ids)
    if not rows:
        return refused(_("Cochez d’abord des personnes."), page_of(cohort))
    if target == EXIT:
        return _to_exit(cohort, [row.public_id for row in rows])
    state = _state_or_400(target)
    if state in COHORT_EXIT_STATES:
        return _to_exit(cohort, [row.public_id for row in rows])
    if state is MembershipState.HIRED:
        return _to_contract(cohort, rows)
    following = _following(cohort, rows)
    moved = move_many(db_session(), current_actor(), rows, state)
    return _after_move(cohort, moved, state, following)


def _state_or_400(value: str) -> MembershipState:
    try:
        return MembershipState(value)
    except ValueError:
        abort(400)


def _to_exit(cohort: Cohort, ids: Sequence[str]) -> ResponseReturnValue:
    """An exit is asked its reason first: nothing has moved yet."""
    target = url_for("hubs.leave", public_id=cohort.public_id, m=ids)
    return hx_redirect(target) if wants_fragment() else redirect(target, 303)


def _to_contract(cohort: Cohort, rows: Sequence[CohortMembership]) -> ResponseReturnValue:
    """A hire is recorded with its contract, which opens its follow-up: one person at a time."""
    if len(rows) > 1:
        text = _("Une embauche s’enregistre personne par personne, avec son contrat.")
        return refused(text, page_of(cohort))
    target = url_for("hires.new", membre=rows[0].public_id)
    return hx_redirect(target) if wants_fragment() else redirect(target, 303)


def _following(cohort: Cohort, rows: Sequence[CohortMembership]) -> str:
    """Who comes next in the list the first one leaves: the focus stays where the work is."""
    column = [
        row
        for row in queries.list_members(db_session(), current_actor(), cohort)
        if row.state is rows[0].state
    ]
    last = max(place for place, row in enumerate(column) if row in rows)
    rest = [*column[last + 1 :], *column[:last]]
    return next((row.public_id for row in rest if row not in rows), "")


def _after_move(
    cohort: Cohort, moved: Moved, target: MembershipState, following: str
) -> ResponseReturnValue:
    message = said_of(moved, target)
    if not wants_fragment():
        flash(message, "error" if moved.refused else "success")
        return redirect(page_of(cohort), 303)
    return announce(_board_page(cohort, "hubs/_cohort.html", following), message)


def said_of(moved: Moved, target: MembershipState) -> str:
    """« 3 personnes : admise. 1 en attente, faute de place. 2 n’ont pas bougé : … »."""
    parts = []
    waiting = len(moved.waiting) if target is MembershipState.ADMITTED else 0
    if done := len(moved.done) - waiting:
        parts.append(
            ngettext(
                "%(num)d personne passe à «\u00a0%(state)s\u00a0».",
                "%(num)d personnes passent à «\u00a0%(state)s\u00a0».",
                done,
                state=target.label,
            )
        )
    if waiting:
        parts.append(
            ngettext(
                "%(num)d personne attend\u00a0: plus de place.",
                "%(num)d personnes attendent\u00a0: plus de place.",
                waiting,
            )
        )
    if moved.refused:
        count, why = len(moved.refused), moved.refused[0][1]
        parts.append(
            ngettext(
                "%(num)d personne n’a pas bougé. %(why)s",
                "%(num)d personnes n’ont pas bougé. %(why)s",
                count,
                why=why,
            )
        )
    return " ".join(parts)


# Exits -----------------------------------------------------------------------------------------


@blueprint.get("/<public_id>/sortie")
@requires(Capability.HUBS_WRITE)
def leave(public_id: str) -> ResponseReturnValue:
    """The form of an exit, for one person or several."""
    cohort = cohort_or_404(public_id, write=True)
    rows = _ticked(cohort, request.args.getlist("m"))
    if not rows:
        abort(404)
    form = LeavingForm(None, targets=_exit_targets(cohort, rows))
    form.owner.data = OWN_PRESCRIBER
    return _leave_page(cohort, rows, form, 200)


def _exit_targets(cohort: Cohort, rows: Sequence[CohortMembership]) -> list[MembershipState]:
    common = board.common_targets(cohort, {row.state for row in rows})
    return [state for state in common if state in COHORT_EXIT_STATES]


def _leave_page(
    cohort: Cohort, rows: Sequence[CohortMembership], form: LeavingForm, status: int
) -> ResponseReturnValue:
    ids = [row.person_id for row in rows]
    log_read(current_actor(), ids, AccessKind.LIST, f"cohorte {cohort.public_id}")
    return render_template("hubs/leave.html", cohort=cohort, rows=rows, form=form), status


@blueprint.post("/<public_id>/sortie")
@requires(Capability.HUBS_WRITE)
def record_leave(public_id: str) -> ResponseReturnValue:
    """Note an exit with its reason, what comes next and who takes it (T-HUB-04)."""
    session, cohort = db_session(), cohort_or_404(public_id, write=True)
    rows = _ticked(cohort, request.form.getlist("m"))
    if not rows:
        abort(404)
    form = LeavingForm(targets=_exit_targets(cohort, rows))
    if not form.validate_on_submit():
        return _leave_page(cohort, rows, form, 422)
    target = MembershipState(form.target.data)
    moved = move_many(
        session, current_actor(), rows, target, leaving_of=lambda row: _leaving(form, cohort, row)
    )
    if moved.refused:
        return refused(said_of(moved, target), page_of(cohort))
    return said(said_of(moved, target), page_of(cohort))


def _leaving(form: LeavingForm, cohort: Cohort, row: CohortMembership) -> Leaving:
    owner = row.prescriber if form.owner.data == OWN_PRESCRIBER else cohort.hub
    return Leaving(ExitReason(form.reason.data), given(form.next_step.data), owner)


# One person ------------------------------------------------------------------------------------


@blueprint.get("/<public_id>/personnes/<member_id>")
@requires(Capability.HUBS_READ)
def member(public_id: str, member_id: str) -> ResponseReturnValue:
    """A person's way through the cohort: each step, its dates, the one who answers for it."""
    session, actor = db_session(), current_actor()
    cohort = cohort_or_404(public_id)
    row = open_member(cohort, member_id)
    log_read(actor, [row.person_id], AccessKind.LIST, f"cohorte {cohort.public_id}")
    events = queries.list_moves(session, row)
    left_from = events[0].source if row.state in COHORT_EXIT_STATES and events else None
    return render_template(
        "hubs/member.html",
        cohort=cohort,
        row=row,
        responsible=responsible_for(row, cohort),
        steps=way_of(row, cohort, left_from),
        moves=events,
        card=board.card_of(cohort, row),
        line=get_line(session, cohort, row.person),
        may_write=actor.can(Capability.HUBS_WRITE),
        exit_states=COHORT_EXIT_STATES,
        exit_words=board.exit_words(actor),
    )
