"""« Formations »: the catalogue, and the page of a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.models import AccessKind, Person, TrainingSession
from portal.trainings import rules
from portal.trainings.queries import (
    can_correct,
    get_session,
    list_sessions,
    record_catalogue_seen,
)
from portal.trainings.searching import read_filters, understand
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

blueprint = Blueprint("trainings", __name__, url_prefix="/formations")


@blueprint.get("")
@requires(Capability.CATALOGUE_READ)
def index() -> ResponseReturnValue:
    """The sessions of the catalogue, narrowed by the address."""
    session, actor, filters = db_session(), current_actor(), read_filters(request.args)
    understood, matches = understand(session, filters), _matches(actor)
    followed = matches if actor.can(Capability.PEOPLE_READ) else None
    found = list_sessions(
        session, actor, filters, understood, matching=followed, number=requested_page()
    )
    return page_or_fragment(
        "trainings/index.html",
        "trainings/_catalogue.html",
        found=found,
        filters=filters,
        understood=understood,
        matches=matches,
        rules=rules,
        arguments={name: text for name, text in request.args.items() if text and name != "page"},
        new_since=rules.new_since(actor.account),
    )


def _matches(actor: Actor) -> Mapping[str, Sequence[Person]]:
    """Who of the actor's portfolio each session brings nearer; nothing for who follows nobody."""
    if not actor.can(Capability.PEOPLE_READ):
        return {}
    return mm.session_matches(db_session(), actor)


@blueprint.post("/vues")
@requires(Capability.CATALOGUE_READ)
def mark_seen() -> ResponseReturnValue:
    """« J’ai vu les nouveautés »."""
    record_catalogue_seen(db_session(), current_actor())
    flash(_("Noté. Seules les sessions ajoutées après maintenant seront « nouvelles »."), "success")
    return redirect(url_for("trainings.index"), 303)


@blueprint.get("/<public_id>")
@requires(Capability.CATALOGUE_READ)
def show(public_id: str) -> ResponseReturnValue:
    """A session, and the people of one's portfolio whom it brings nearer."""
    session, actor = db_session(), current_actor()
    row = get_session(session, actor, public_id) or abort(404)
    people = list(_matches(actor).get(row.public_id, ()))
    log_read(actor, [person.id for person in people], AccessKind.LIST, f"session {row.public_id}")
    return page_or_fragment(
        "trainings/show.html",
        "trainings/_session.html",
        row=row,
        people=[(person, _person_href(person), _compose_href(person, row)) for person in people],
        may_correct=can_correct(session, actor, row),
        rules=rules,
    )


def _person_href(person: Person) -> str | None:
    return _url_if_served("people.show", public_id=person.public_id)


def _compose_href(person: Person, row: TrainingSession) -> str | None:
    """Compose a pathway towards the trade that the session prepares."""
    codes = [link.occupation_code for link in row.action.program.occupations]
    goal = {"metier": codes[0]} if codes and codes[0] else {}
    return _url_if_served("pathways.compose", public_id=person.public_id, **goal)


def _url_if_served(endpoint: str, **values: Any) -> str | None:
    """The address of another feature's page, None where it is not installed."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
