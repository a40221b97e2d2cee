"""Capturing an offer during a call: one screen, each field recorded as it is typed."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.models import JobOffer, RequirementKind
from portal.offers import actions, capture, capture_screen, lookups, queries, requirements
from portal.offers.already import list_already
from portal.offers.answers import done, found_or_404, refused
from portal.offers.blueprint import blueprint
from portal.offers.forms import capture_form
from portal.web.guards import current_actor, requires
from portal.web.rendering import wants_fragment
from portal.web.session import db_session


@blueprint.get("/nouvelle")
@requires(Capability.OFFERS_WRITE)
def new() -> ResponseReturnValue:
    """Start a capture, or go on with a draft."""
    filters = queries.OfferFilters(view="drafts")
    found = queries.list_offers(db_session(), current_actor(), filters, 1)
    return render_template("offers/new.html", drafts=found.page.rows)


@blueprint.post("/nouvelle")
@requires(Capability.OFFERS_WRITE)
def create() -> ResponseReturnValue:
    """Make the draft at once, so that nothing typed can be lost; a search may begin it."""
    offer = actions.record_draft(db_session(), current_actor())
    _record_form(offer)
    return redirect(url_for("offers.edit", public_id=offer.public_id), 303)


@blueprint.get("/<public_id>/saisie")
@requires(Capability.OFFERS_WRITE)
def edit(public_id: str) -> ResponseReturnValue:
    """The capture screen, as the offer stands."""
    offer = _own(public_id)
    return render_template("offers/capture.html", **_screen(offer))


@blueprint.post("/<public_id>/saisie")
@requires(Capability.OFFERS_WRITE)
def save(public_id: str) -> ResponseReturnValue:
    """Record every field at once (without scripts); what waits is shown on the page."""
    offer = _own(public_id)
    waiting = _record_form(offer)
    message = None if waiting else _("Enregistré.")
    return done(message, url_for("offers.edit", public_id=public_id))


@blueprint.post("/<public_id>/champ/<path:name>")
@requires(Capability.OFFERS_WRITE)
def save_field(public_id: str, name: str) -> ResponseReturnValue:
    """Record one field; answer what to say under it, and what it changes around it."""
    offer = _own(public_id)
    if not capture.is_field(name):
        abort(404)
    raw = request.form.get(name, "")
    if wants_fragment() and capture.is_shown(offer, name, raw):
        # Leaving a field repeats what typing already saved: what is on screen must not move
        # under a click on its way to a proposal.
        return "", 204
    capture.record_field(db_session(), current_actor(), offer=offer, name=name, raw=raw)
    if not wants_fragment():
        return redirect(url_for("offers.edit", public_id=public_id), 303)
    return render_template("offers/_field_answer.html", **_answer(offer, name))


@blueprint.post("/<public_id>/prerequis-habituels")
@requires(Capability.OFFERS_WRITE)
def take_usual(public_id: str) -> ResponseReturnValue:
    """Class all that the trade usually asks, in one go."""
    offer = _own(public_id)
    if not wants_fragment():
        _record_form(offer)
    requirements.take_usual(db_session(), offer)
    if not wants_fragment():
        return redirect(url_for("offers.edit", public_id=public_id, _anchor="prerequis"), 303)
    return render_template("offers/_usual_answer.html", **_screen(offer))


@blueprint.post("/<public_id>/justifier")
@requires(Capability.OFFERS_WRITE)
def justify(public_id: str) -> ResponseReturnValue:
    """Keep a flagged text, with a written reason."""
    offer = _own(public_id)
    _record_form(offer)
    back = url_for("offers.edit", public_id=public_id)
    reason = request.form.get("wording_reason", "")
    if capture.justify_wording(db_session(), current_actor(), offer=offer, reason=reason):
        return done(_("Texte gardé, avec votre raison."), back)
    return redirect(url_for("offers.edit", public_id=public_id, raison=1, _anchor="justifier"), 303)


@blueprint.post("/<public_id>/qualifier")
@requires(Capability.OFFERS_WRITE)
def qualify(public_id: str) -> ResponseReturnValue:
    """Record what the form holds, then open the offer; else say what is still missing."""
    offer, actor = _own(public_id), current_actor()
    _record_form(offer)
    lookups.settle_employer(db_session(), offer)
    if capture_screen.missing(offer):
        return redirect(url_for("offers.edit", public_id=public_id, manque=1), 303)
    try:
        actions.qualify_and_open(db_session(), actor, offer=offer)
    except IllegalTransitionError as error:
        return refused(error.message, url_for("offers.edit", public_id=public_id))
    return done(_("Offre ouverte."), url_for("offers.show", public_id=public_id))


def _own(public_id: str) -> JobOffer:
    offer = queries.get_own_offer(db_session(), current_actor(), public_id)
    return found_or_404(offer)


def _record_form(offer: JobOffer) -> dict[str, str]:
    fields = request.form.to_dict()
    return capture.record_all(db_session(), current_actor(), offer=offer, fields=fields)


def _screen(offer: JobOffer) -> dict[str, Any]:
    """Everything the screen shows; the same pieces come back one by one after a field."""
    session, actor = db_session(), current_actor()
    words = capture.shown_value(offer, capture.WORDS_TO_LOOK_UP)
    return {
        "offer": offer,
        "form": capture_form(offer),
        "states": capture_screen.states(offer),
        "choices": {
            name: capture_screen.choices(session, offer, name)
            for name in capture_screen.LOOKUP_OF.values()
        },
        "choice_field": capture_screen.choice_field,
        "kinds": _kinds(),
        "levels": requirements.LEVELS,
        "words": words,
        "asks": requirements.asks(session, offer),
        "found": requirements.found_asks(session, offer, words),
        "beside": requirements.named_beside(session, words),
        "already": list_already(session, actor, offer),
        "pool": capture_screen.pool(session, actor, offer),
        "missing": capture_screen.missing(offer),
        "show_missing": "manque" in request.args,
        "reason_wanted": "raison" in request.args,
        "flagged": capture_screen.flagged(offer),
        "is_draft": capture_screen.is_draft(offer),
    }


def _answer(offer: JobOffer, name: str) -> dict[str, Any]:
    """The pieces that one field changes: only those are computed and sent."""
    session, actor = db_session(), current_actor()
    shown_under = capture_screen.LOOKUP_OF.get(name, name)
    context: dict[str, Any] = {
        "offer": offer,
        "form": capture_form(offer),
        "name": name,
        "field_name": shown_under,
        "state": capture_screen.field_state(offer, shown_under, saved_at=capture_screen.now_text()),
        "choice_field": capture_screen.choice_field,
        "missing": capture_screen.missing(offer),
        "flagged": capture_screen.flagged(offer),
        "is_draft": capture_screen.is_draft(offer),
        "follower": capture_screen.FOLLOWERS.get(name),
        "is_choice": name in capture_screen.LOOKUP_OF,
        "kinds": _kinds(),
        "levels": requirements.LEVELS,
    }
    if shown_under in capture_screen.LOOKUP_OF.values():
        context["choices"] = capture_screen.choices(session, offer, shown_under)
    if capture_screen.names_a_search(name) and capture_screen.is_draft(offer):
        context["already"] = list_already(session, actor, offer)
    if capture_screen.moves_counts(name):
        context["pool"] = capture_screen.pool(session, actor, offer)
    if capture_screen.changes_requirements(name) or requirements.is_field(name):
        context["asks"] = requirements.asks(session, offer)
    if name == capture.WORDS_TO_LOOK_UP or requirements.is_field(name):
        words = capture.shown_value(offer, capture.WORDS_TO_LOOK_UP)
        context["words"] = words
        context["found"] = requirements.found_asks(session, offer, words)
        context["beside"] = requirements.named_beside(session, words)
    if requirements.is_field(name):
        context["row_id"] = requirements.html_id(name)
    return context


def _kinds() -> list[tuple[str, str]]:
    """The kinds of a requirement, « pas demandé » included."""
    return [*RequirementKind.choices(), ("", _("pas demandé"))]
