"""The composer: a goal, at most three dated scenarios, the choice of one."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import matchmaking as mm
from portal.access.roles import Capability
from portal.models import Person
from portal.pathways import goals, queries, recording, views
from portal.pathways.forms import ActionForm
from portal.pathways.goals import Goal
from portal.pathways.routes.door import blueprint, open_person
from portal.people.trades import read_trade
from portal.web.guards import current_actor, requires
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

_LINES = 4


@blueprint.get("/personnes/<public_id>/parcours/composer")
@requires(Capability.PATHWAYS)
def compose(public_id: str) -> ResponseReturnValue:
    """Choose a goal, or read the scenarios towards the one chosen."""
    person, writes = open_person(public_id)
    goal = _asked_goal()
    if goal is None:
        return _goal_page(person)
    return _scenarios_page(person, goal, writes=writes)


@blueprint.post("/personnes/<public_id>/parcours/composer")
@requires(Capability.PATHWAYS)
def choose(public_id: str) -> ResponseReturnValue:
    """Keep a scenario, composed again from today's data: what the form says is never trusted."""
    person, _writes = open_person(public_id, write=True)
    goal = _asked_goal()
    if goal is None:
        return _to_composer(public_id)
    chosen, notice = _chosen(_composed(person, goal))
    if chosen is None:
        return _scenarios_page(person, goal, writes=True, notice=notice), 422
    pathway = recording.record_scenario(
        db_session(), actor=current_actor(), person=person, scenario=chosen, **goal.rows
    )
    flash(_("Parcours proposé. Relisez-le avec la personne."), "success")
    return redirect(url_for("pathways.show", public_id=pathway.public_id), 303)


@blueprint.post("/personnes/<public_id>/parcours/besoin")
@requires(Capability.PATHWAYS)
def record_need(public_id: str) -> ResponseReturnValue:
    """Nothing reaches the goal: keep it in the register of needs."""
    person, _writes = open_person(public_id, write=True)
    goal = _asked_goal()
    if goal is None:
        return _to_composer(public_id)
    found = _composed(person, goal)
    already = queries.get_unmet_need(db_session(), person, goal)
    if isinstance(found, mm.CompositionView) and not found.scenarios and already is None:
        recording.record_unmet_need(
            db_session(), actor=current_actor(), person=person, composition=found, **goal.rows
        )
        flash(_("Besoin enregistré. Il comptera dans les demandes de formation."), "success")
    return _to_composer(public_id, goal)


def _to_composer(public_id: str, goal: Goal | None = None) -> ResponseReturnValue:
    arguments: dict[str, Any] = {"public_id": public_id, **(goal.arguments if goal else {})}
    return redirect(url_for("pathways.compose", **arguments), 303)


def _asked_goal() -> Goal | None:
    """The goal of the address; 404 when it names one that the actor may not see."""
    offer, trade = request.args.get("offre"), request.args.get("metier")
    if not offer and not trade:
        return None
    goal = goals.get_goal(db_session(), current_actor(), offer=offer, trade=trade)
    return goal or abort(404)


def _composed(person: Person, goal: Goal) -> mm.CompositionView | str:
    """The scenarios, or why none can be looked for."""
    if goal.offer is not None and not goals.is_proposable(goal.offer):
        return str(_("Cette offre n’est plus proposée. Choisissez un autre but."))
    try:
        return mm.compose(
            db_session(), current_actor(), person, offer=goal.offer, occupation=goal.occupation
        )
    except mm.NothingKnownError as error:
        return error.message


def _chosen(found: mm.CompositionView | str) -> tuple[mm.ScenarioView | None, str]:
    """The scenario asked for, if it is still the one that was read."""
    scenarios = [] if isinstance(found, str) else found.scenarios
    name = request.form.get("scenario")
    chosen = next((s for s in scenarios if name in s.names), None)
    if chosen is None:
        return None, _("Ce parcours n’est plus possible. Choisissez parmi ceux d’aujourd’hui.")
    if request.form.get("seen") != views.fingerprint(chosen):
        return None, _("Ce parcours a changé depuis que vous l’avez lu. Relisez-le.")
    return chosen, ""


def _goal_page(person: Person) -> ResponseReturnValue:
    """Offers of the person's list, trades they like, or a trade as typed."""
    session, typed = db_session(), request.args.get("q", "")[:120]
    reading = read_trade(session, typed)
    if reading.occupation is not None and not request.headers.get("HX-Request"):
        code = reading.occupation.code
        return redirect(url_for("pathways.compose", public_id=person.public_id, metier=code))
    return page_or_fragment(
        "pathways/compose_goal.html",
        "pathways/_trades.html",
        person=person,
        typed=typed,
        proposals=reading.proposals,
        liked=goals.list_liked_trades(session, person),
        view=mm.offers_for_person(session, current_actor(), person, mm.Window(size=_LINES)),
    )


def _scenarios_page(person: Person, goal: Goal, *, writes: bool, notice: str | None = None) -> str:
    found = _composed(person, goal)
    view = None if isinstance(found, str) else found
    return render_template(
        "pathways/compose.html",
        person=person,
        goal=goal,
        writes=writes,
        form=ActionForm(),
        notice=notice or (found if isinstance(found, str) else None),
        view=view,
        items=views.scenario_items(view, views.Sight(current_actor())) if view else [],
        need=queries.get_unmet_need(db_session(), person, goal),
    )
