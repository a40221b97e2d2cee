"""The list of offers, and what an adviser does with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access import offers as access
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.models import JobOffer, OfferOrigin, OfferState
from portal.offers import actions, queries, routes_capture, routes_people, rules
from portal.offers.answers import done, found_or_404, refused
from portal.offers.blueprint import blueprint
from portal.offers.forms import REASONS, FilterForm, reason_form
from portal.offers.queries import VIEWS, OfferFilters
from portal.text import N_
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

__all__ = ["blueprint", "routes_capture", "routes_people"]

_WRITERS_VIEWS = ("mine", "drafts", "to_confirm")
_VIEW_LABELS = {
    "all": N_("Toutes"),
    "mine": N_("De ma structure"),
    "drafts": N_("Brouillons"),
    "partners": N_("Des partenaires"),
    "new": N_("Nouvelles"),
    "to_confirm": N_("À reconfirmer"),
    "closed": N_("Closes"),
}


@blueprint.get("/")
@requires(Capability.OFFERS_READ)
def index() -> ResponseReturnValue:
    """The offers one may read, filtered by the address."""
    actor, filters = current_actor(), _filters()
    found = queries.list_offers(db_session(), actor, filters, requested_page())
    return page_or_fragment(
        "offers/index.html",
        "offers/_list.html",
        form=FilterForm(request.args),
        found=found,
        filters=filters,
        views=_views(found.counts, filters, writes=actor.can(Capability.OFFERS_WRITE)),
        arguments=_arguments(filters.view),
        state_of=_state_of,
        names_employer=lambda offer: access.sees_employer_name(actor, offer),
        own=lambda offer: offer.organisation_id == actor.organisation.id,
        may_write=actor.can(Capability.OFFERS_WRITE),
    )


@blueprint.post("/<public_id>/vue")
@requires(Capability.OFFERS_READ)
def seen(public_id: str) -> ResponseReturnValue:
    """The page was opened: the offer is no longer new for this account."""
    offer = found_or_404(queries.get_offer(db_session(), current_actor(), public_id))
    queries.record_view(db_session(), current_actor(), offer=offer)
    return "", 204


@blueprint.post("/<public_id>/etat/<action>")
@requires(Capability.OFFERS_WRITE)
def change_state(public_id: str, action: str) -> ResponseReturnValue:
    """Reconfirm, suspend, resume, fill or abandon; the reason comes from a closed list."""
    offer = found_or_404(queries.get_own_offer(db_session(), current_actor(), public_id))
    back = url_for("offers.show", public_id=public_id)
    try:
        if action in REASONS:
            message = _with_reason(offer, action)
        elif action in _WITHOUT_REASON:
            message = _without_reason(offer, action)
        else:
            abort(404)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(message, back)


_WITH_REASON: dict[str, tuple[Callable[..., None], str]] = {
    "suspendre": (actions.suspend, N_("Offre suspendue.")),
    "pourvoir": (actions.fill, N_("Offre pourvue. Les mises en relation en cours sont closes.")),
    "abandonner": (actions.abandon, N_("Offre arrêtée. Les mises en relation sont closes.")),
}
_WITHOUT_REASON: dict[str, tuple[Callable[..., None], str]] = {
    "reconfirmer": (actions.reconfirm, N_("Offre reconfirmée pour trois semaines.")),
    "reprendre": (actions.resume, N_("Offre de nouveau ouverte.")),
}


def _with_reason(offer: JobOffer, action: str) -> str:
    form = reason_form(action)
    if not form.validate():
        raise IllegalTransitionError(_("Choisissez une raison dans la liste."))
    act, message = _WITH_REASON[action]
    reason = REASONS[action](form.reason.data)
    act(db_session(), current_actor(), offer=offer, reason=reason)
    return str(_(message))


def _without_reason(offer: JobOffer, action: str) -> str:
    act, message = _WITHOUT_REASON[action]
    act(db_session(), current_actor(), offer=offer)
    return str(_(message))


def _filters() -> OfferFilters:
    """Filters from the address; what is not known is left out."""
    given = request.args
    return OfferFilters(
        view=given.get("vue", "all") if given.get("vue") in VIEWS else "all",
        text=given.get("q", "").strip()[:100],
        trade=given.get("metier", "").strip()[:100],
        place=given.get("lieu", "").strip()[:100],
        state=given.get("etat", None, type=OfferState),
        origin=given.get("origine", None, type=OfferOrigin),
    )


def _arguments(view: str) -> dict[str, Any]:
    """The filters to keep in links, for a view."""
    kept = ("q", "metier", "lieu", "etat", "origine")
    given = {key: request.args[key] for key in kept if request.args.get(key)}
    return {"vue": view, **given}


def _views(counts: dict[str, int], filters: OfferFilters, *, writes: bool) -> list[dict[str, Any]]:
    shown = [view for view in VIEWS if writes or view not in _WRITERS_VIEWS]
    return [
        {
            "label": _(_VIEW_LABELS[view]),
            "href": url_for("offers.index", **_arguments(view)),
            "current": view == filters.view,
            "count": counts[view],
        }
        for view in shown
    ]


def _state_of(offer: JobOffer) -> OfferState:
    return rules.shown_state(offer, clock.today())
