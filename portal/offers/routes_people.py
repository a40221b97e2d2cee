"""The page of an offer: its facts, its people in five groups, the simulator, « Pourquoi ? »."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from portal import clock
from portal import matchmaking as mm
from portal.access import offers as access
from portal.access import people as people_access
from portal.access.actor import Actor
from portal.access.log import log_read, log_refusal
from portal.access.roles import Capability
from portal.accesses.queries import writes_to
from portal.introductions.queries import list_of_offer
from portal.introductions.rules import shown_name
from portal.models import AccessKind, Introduction, JobOffer, OfferState, Person, RequirementKind
from portal.offers import actions, lines, queries, rules
from portal.offers.answers import done, found_or_404
from portal.offers.blueprint import blueprint
from portal.offers.forms import state_forms
from portal.recipients.leads import list_interested
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import announce, page_or_fragment
from portal.web.session import db_session

_TRIED = "essai-"


@blueprint.get("/<public_id>")
@requires(Capability.OFFERS_READ)
def show(public_id: str) -> ResponseReturnValue:
    """An offer and its people; « groupe » and « page » ask for the rest of one band."""
    actor = current_actor()
    offer = found_or_404(queries.get_offer(db_session(), actor, public_id))
    if offer.state is OfferState.DRAFT:
        return redirect(url_for("offers.edit", public_id=public_id))
    facts = _facts(actor, offer)
    context = {**facts, **_people(actor, offer, facts["introductions"])}
    answer = page_or_fragment("offers/show.html", "offers/_more.html", **context)
    band = next((b for b in context["bands"] if b.key == context["key"]), None)
    return announce(answer, lines.announced(len(band.lines))) if band else answer


@blueprint.get("/<public_id>/pourquoi/<person_id>")
@requires(Capability.OFFERS_READ)
def why(public_id: str, person_id: str) -> ResponseReturnValue:
    """Why a person is in their group: each requirement, the fact used, the way to learn."""
    actor, session = current_actor(), db_session()
    offer = found_or_404(queries.get_offer(session, actor, public_id))
    person = _person(actor, person_id)
    log_read(actor, [person.id], AccessKind.LIST, f"offre {offer.public_id}")
    return page_or_fragment(
        "offers/why.html",
        "offers/_why.html",
        offer=offer,
        person=person,
        found=mm.explain(session, person, offer),
        engine_version=mm.ENGINE_VERSION,
    )


@blueprint.get("/<public_id>/essai")
@requires(Capability.OFFERS_WRITE)
def try_kinds(public_id: str) -> ResponseReturnValue:
    """How many people with other kinds of requirements; nothing is changed."""
    actor = current_actor()
    offer = found_or_404(queries.get_own_offer(db_session(), actor, public_id))
    if not request.headers.get("HX-Request"):
        tried: dict[str, Any] = {_TRIED + key: kind.value for key, kind in _given().items()}
        return redirect(url_for("offers.show", public_id=public_id, **tried))
    return render_template("offers/_trial.html", offer=offer, trial=_trial(actor, offer))


@blueprint.post("/<public_id>/retenir")
@requires(Capability.OFFERS_WRITE)
def retain(public_id: str) -> ResponseReturnValue:
    """Apply what was tried in the simulator."""
    actor = current_actor()
    offer = found_or_404(queries.get_own_offer(db_session(), actor, public_id))
    kinds = _kinds(request.form.to_dict())
    actions.retain_kinds(db_session(), actor, offer=offer, kinds=kinds)
    return done(_("Prérequis modifiés."), url_for("offers.show", public_id=public_id))


def _person(actor: Actor, public_id: str) -> Person:
    row = db_session().scalar(
        select(Person).where(Person.public_id == public_id, people_access.may_see_card(actor))
    )
    if row is None:
        known = db_session().scalar(select(Person.id).where(Person.public_id == public_id))
        log_refusal(actor, known, "pourquoi")
    return found_or_404(row)


def _facts(actor: Actor, offer: JobOffer) -> dict[str, Any]:
    today = clock.today()
    own = queries.is_own(actor, offer)
    return {
        "offer": offer,
        "state": rules.shown_state(offer, today),
        "own": own,
        "writes_to": own
        and offer.establishment is not None
        and writes_to(db_session(), actor, offer.establishment),
        "forms": state_forms(offer) if own else {},
        "employer": (offer.establishment.name if offer.establishment else offer.employer_text)
        if access.sees_employer_name(actor, offer)
        else None,
        "takes_introductions": rules.takes_introductions(offer, today)
        and actor.can(Capability.INTRODUCE),
        "closed": offer.state in rules.CLOSED_OFFER_STATES,
        "closed_reason": rules.closed_reason_label(offer),
        "introductions": list_of_offer(db_session(), actor, offer),
        "introduced_name": shown_name,
        "kinds": [(k.value, k.label) for k in RequirementKind],
    }


def _people(actor: Actor, offer: JobOffer, introductions: list[Introduction]) -> dict[str, Any]:
    """The bands; empty where the actor sees no people, or the offer has no place or date yet."""
    nothing: dict[str, Any] = {
        "bands": [],
        "found": None,
        "key": None,
        "trial": None,
        "effects": {},
    }
    if offer.state in rules.CLOSED_OFFER_STATES or not actor.can(Capability.PEOPLE_READ):
        return nothing
    key = request.args.get("groupe")
    key, page = (key, requested_page()) if key in mm.GROUP_KEYS else (None, 1)
    session = db_session()
    found = mm.people_for_offer(session, actor, offer, lines.window_of(key, page))
    shown = [line.person.id for group in found.groups for line in group.lines]
    shown += [row.person_id for row in introductions if not row.person.is_gone]
    log_read(actor, dict.fromkeys(shown), AccessKind.LIST, f"offre {offer.public_id}")
    own = queries.is_own(actor, offer)
    return {
        "bands": lines.band_views(found, introductions, page, list_interested(session, offer)),
        "found": found,
        "key": key,
        "trial": _trial(actor, offer) if own else None,
        "effects": {e.row.public_id: e for e in mm.simulate(session, actor, offer)} if own else {},
    }


def _trial(actor: Actor, offer: JobOffer) -> dict[str, Any] | None:
    """Counts as they stand and as they would be, and the kinds tried; None when none is."""
    kinds = _given()
    changed = {
        row.public_id: kinds[row.public_id]
        for row in offer.requirements
        if row.public_id in kinds and kinds[row.public_id] is not row.kind
    }
    if not changed:
        return None
    session = db_session()
    return {
        "kinds": changed,
        "before": mm.group_counts(session, actor, offer),
        "after": mm.group_counts(session, actor, actions.with_kinds(offer, changed)),
    }


def _given() -> dict[str, RequirementKind]:
    return _kinds(request.args.to_dict())


def _kinds(given: dict[str, str]) -> dict[str, RequirementKind]:
    """The kinds tried, by requirement; what is not known is left out."""
    known = {kind.value: kind for kind in RequirementKind}
    return {
        name.removeprefix(_TRIED): known[value]
        for name, value in given.items()
        if name.startswith(_TRIED) and value in known
    }
