"""Presenting people: propose, ask, transmit, follow."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.access import offers as offer_access
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.immersions.queries import list_of_person
from portal.introductions import actions, queries, rules, steps
from portal.introductions.cards import Card, build_card, read_card
from portal.introductions.forms import form_for
from portal.models import (
    AccessKind,
    Immersion,
    Introduction,
    IntroductionState,
    InvitationState,
)
from portal.offers.answers import done, found_or_404, refused
from portal.offers.queries import get_offer, record_view
from portal.text import N_
from portal.today.tasks import working_days_after
from portal.web.filters import date_long
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

blueprint = Blueprint("introductions", __name__)

_VIEW_LABELS = {
    "open": N_("En cours"),
    "agreement": N_("Accord à demander"),
    "waiting": N_("Chez l’employeur"),
    "silent": N_("Sans réponse depuis 10 jours"),
    "ended": N_("Terminées"),
}
_LARGEST_PROPOSAL = 50
_TO_CONFIRM = N_("à confirmer avec la personne")
#: What the person answered when it is no yes.
_SAID = {
    InvitationState.DECLINED: N_("la personne a dit qu’elle ne vient pas"),
    InvitationState.CALL_ASKED: N_("la personne demande qu’on l’appelle"),
}


@blueprint.post("/offres/<public_id>/propositions")
@requires(Capability.INTRODUCE)
def propose(public_id: str) -> ResponseReturnValue:
    """Prepare the introduction of the people ticked; nothing is sent."""
    session, actor = db_session(), current_actor()
    offer = found_or_404(get_offer(session, actor, public_id))
    people = request.form.getlist("person")[:_LARGEST_PROPOSAL]
    back = url_for("offers.show", public_id=public_id)
    if not people:
        return refused(_("Cochez d’abord les personnes à proposer."), f"{back}#personnes")
    try:
        found = actions.propose(session, actor, offer=offer, people=people)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    record_view(session, actor, offer=offer)
    if len(found.prepared) == 1:
        only = found.prepared[0]
        return done(None, url_for("introductions.show", public_id=only.public_id))
    return done(_proposed(found), f"{back}#mises-en-relation")


def _proposed(found: actions.Proposed) -> str:
    count = len(found.prepared)
    prepared = ngettext(
        "%(num)d mise en relation préparée : demandez l’accord de la personne.",
        "%(num)d mises en relation préparées : demandez l’accord de chaque personne.",
        count,
    )
    if not found.known:
        return str(prepared)
    known = ngettext(
        "%(num)d personne l’était déjà.", "%(num)d personnes l’étaient déjà.", found.known
    )
    return f"{prepared} {known}"


@blueprint.get("/mises-en-relation")
@requires(Capability.INTRODUCE)
def index() -> ResponseReturnValue:
    """What the structure follows, by what is expected."""
    actor = current_actor()
    view = request.args.get("vue", "open")
    view = view if view in queries.VIEWS else "open"
    found = queries.list_followed(db_session(), actor, view, requested_page())
    people = [row.person_id for row in found.page.rows if not row.person.is_gone]
    log_read(actor, people, AccessKind.LIST, "mises en relation")
    views = [
        {
            "label": _(_VIEW_LABELS[name]),
            "href": url_for("introductions.index", vue=name),
            "current": name == view,
            "count": found.counts[name],
        }
        for name in queries.VIEWS
    ]
    return page_or_fragment(
        "introductions/index.html",
        "introductions/_list.html",
        found=found,
        views=views,
        view=view,
        name_of=rules.shown_name,
    )


@blueprint.get("/mises-en-relation/<public_id>")
@requires(Capability.INTRODUCE)
def show(public_id: str) -> ResponseReturnValue:
    """An introduction: where it stands, the next gate, and what the employer reads."""
    introduction = _logged(queries.get_readable(db_session(), current_actor(), public_id))
    return render_template("introductions/show.html", **_screen(introduction))


@blueprint.post("/mises-en-relation/<public_id>/<action>")
@requires(Capability.INTRODUCE)
def step(public_id: str, action: str) -> ResponseReturnValue:
    """Pass a gate."""
    introduction = _logged(queries.get_introduction(db_session(), current_actor(), public_id))
    if action not in steps.BY_ACTION:
        abort(404)
    form = form_for(action)
    if not form.validate():
        screen = _screen(introduction) | {"failed": form, "failed_action": action}
        return render_template("introductions/show.html", **screen), 422
    back = url_for("introductions.show", public_id=public_id)
    try:
        made = steps.record_step(
            db_session(), current_actor(), introduction=introduction, action=action, form=form
        )
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(_(made.said), back)


def _logged(found: Introduction | None) -> Introduction:
    row = found_or_404(found)
    if not row.person.is_gone:
        context = f"mise en relation {row.public_id}"
        log_read(current_actor(), [row.person_id], AccessKind.LIST, context)
    return row


def _screen(introduction: Introduction) -> dict[str, Any]:
    session, actor = db_session(), current_actor()
    offer, follows = introduction.offer, queries.follows(actor, introduction)
    gone = introduction.person.is_gone
    agreed = bool(queries.list_agreed_to_meet(session, [introduction.id]))
    following = steps.next_steps(introduction, agreed=agreed) if follows else []
    reason = introduction.outcome_reason
    readable = bool(queries.list_readable_offers(session, actor, [introduction]))
    names_firm = readable and offer_access.sees_employer_name(actor, offer)
    return {
        "introduction": introduction,
        "offer": offer,
        "readable": readable,
        "follows": follows,
        "gone": gone,
        "meeting": _meeting_words(introduction, agreed=agreed),
        "employer_knows": introduction.state in rules.EMPLOYER_STATES - rules.ENDED_STATES,
        "name": rules.shown_name(introduction),
        "card": None if gone else _card_of(introduction),
        "steps": following,
        "usual": steps.usual_actions(introduction, following),
        "days": _days_to_propose(introduction),
        "forms": {s.action: form_for(s.action, empty=True) for s in following},
        "failed": None,
        "failed_action": None,
        "state_label": _state_label,
        "history": queries.list_history(session, introduction, names_firm=names_firm),
        "tests": [] if gone else _immersions_there(introduction),
        "active": queries.count_active(session, offer.id),
        "employer": offer.establishment.name
        if offer.establishment and names_firm
        else _("nom non communiqué"),
        "to_say": rules.to_say(reason) if reason and not gone else None,
        "silent": introduction.state in rules.WAITING_STATES
        and introduction.sent_at is not None
        and introduction.sent_at <= clock.now() - rules.SILENCE,
    }


def _days_to_propose(introduction: Introduction) -> list[date]:
    """The next three working days, but the one already proposed."""
    coming = (working_days_after(clock.today(), count) for count in range(1, 5))
    return [day for day in coming if day != introduction.meeting_on][:3]


def _meeting_words(introduction: Introduction, *, agreed: bool) -> str | None:
    """The day they meet, and what the person said of it when they have not said yes."""
    on = introduction.meeting_on
    settled = agreed or introduction.person.is_gone
    if on is None or introduction.state is not IntroductionState.MEETING or settled:
        return date_long(on) if on else None
    said = queries.said_of_meeting(db_session(), introduction)
    words = _SAID.get(said, _TO_CONFIRM) if said else _TO_CONFIRM
    return f"{date_long(on)}, {_(words)}"


def _immersions_there(introduction: Introduction) -> list[Immersion]:
    """The person's immersions in the firm that the actor may read: its own request among them."""
    place = introduction.offer.establishment_id
    if place is None or not current_actor().can(Capability.IMMERSIONS):
        return []
    rows = list_of_person(db_session(), current_actor(), introduction.person)
    return [row for row in rows if row.establishment_id == place]


def _card_of(introduction: Introduction) -> Card:
    """What was sent; else what would be, which is nothing once the person refuses employers."""
    person = introduction.person
    if introduction.card:
        return read_card(introduction)
    if person.employers_refused_at:
        return Card(person.first_name)
    return build_card(db_session(), person, introduction.offer)


def _state_label(value: str | None) -> str:
    return IntroductionState(value).label if value else ""
