"""« Vous cherchez »: the people proposed, and the answer in one tap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.employers import answers, queries
from portal.employers.blueprint import blueprint
from portal.employers.cards import adviser_of, card_view, job_in_sentence, job_of
from portal.employers.forms import DayForm, ReasonTapForm
from portal.employers.visiting import log_shown
from portal.introductions.queries import get_received
from portal.introductions.rules import EMPLOYER_REASONS
from portal.models import Introduction, IntroductionState, OutcomeReason
from portal.offers.answers import done, found_or_404, refused
from portal.web.filters import date_long
from portal.web.guards import current_employer, employer_door
from portal.web.rendering import announce, wants_fragment
from portal.web.session import db_session

_MOST_CARDS_READ = 50


@blueprint.get("")
@employer_door()
def home() -> ResponseReturnValue:
    """Each live offer, and the people proposed for it."""
    visitor = current_employer()
    sought = queries.list_sought(db_session(), visitor.establishment.id)
    rows = [row for one in sought for row in one.introductions]
    log_shown(visitor, [row.person_id for row in rows], "personnes proposées")
    known = agreed(rows)
    shown = [
        {
            "offer": one.offer,
            "job": job_of(one.offer),
            "short_job": job_in_sentence(one.offer),
            "adviser": adviser_of(one.offer),
            "cards": [card_view(row, known) for row in one.introductions],
            "gone": one.gone,
        }
        for one in sought
    ]
    unread = [row.public_id for row in rows if row.state is IntroductionState.SENT]
    return render_template("employers/home.html", sought=shown, unread=unread, **_choices())


@blueprint.get("/personnes/<public_id>")
@employer_door()
def card(public_id: str) -> ResponseReturnValue:
    """One person, as a message names them."""
    row = received(public_id)
    unread = [row.public_id] if row.state is IntroductionState.SENT else []
    return render_template("employers/card.html", unread=unread, **_of(row))


@blueprint.post("/lues")
@employer_door()
def seen() -> ResponseReturnValue:
    """The cards that were on the screen; said by the page itself where scripts run."""
    session, visitor = db_session(), current_employer()
    asked = request.form.getlist("personne")[:_MOST_CARDS_READ]
    rows = queries.list_received(session, visitor.establishment.id, asked)
    try:
        answers.record_seen(session, visitor, introductions=rows)
    except IllegalTransitionError:  # read twice at once: the other request has noted it
        session.rollback()
    if wants_fragment():
        return "", 204
    return done(_("C’est noté\u00a0: vous répondrez plus tard."), url_for("employers.home"))


@blueprint.post("/personnes/<public_id>/rencontre")
@employer_door()
def meet(public_id: str) -> ResponseReturnValue:
    """« Je rencontre »: a day proposed to the person through the adviser."""
    row, form = received(public_id), DayForm()
    if not form.validate():
        return _card(row, 422, failed_day=form)
    day: date = form.day

    def record() -> str:
        answers.record_meeting(db_session(), current_employer(), introduction=row, on=day)
        said = _("Rencontre proposée le %(day)s. Votre conseiller confirme.", day=date_long(day))
        return str(said)

    return _answer(public_id, row, record)


@blueprint.post("/personnes/<public_id>/pas-maintenant")
@employer_door()
def not_now(public_id: str) -> ResponseReturnValue:
    """« Pas maintenant, parce que… »: a reason in one tap."""
    row, form = received(public_id), ReasonTapForm()
    if not form.validate():
        return _card(row, 422, error=_("Choisissez une raison de la liste."))

    def record() -> str:
        reason = OutcomeReason(form.reason.data)
        answers.record_refusal(db_session(), current_employer(), introduction=row, reason=reason)
        return str(_("C’est noté. Merci de votre réponse."))

    return _answer(public_id, row, record)


def _answer(public_id: str, row: Introduction, record: Callable[[], str]) -> ResponseReturnValue:
    """Record, then show the card as it is now: alone for HTMX, on the page otherwise."""
    try:
        said = record()
    except IllegalTransitionError as error:
        if not wants_fragment():
            return refused(error.message, url_for("employers.home"))
        db_session().rollback()
        return _card(received(public_id), 422, error=error.message)
    if not wants_fragment():
        return done(said, url_for("employers.home"))
    return announce(_card(row, 200, said=said), said)


def _card(row: Introduction, status: int, **said: Any) -> Response:
    """The card alone for HTMX, else its page."""
    template = "employers/_card.html" if wants_fragment() else "employers/card.html"
    page = render_template(template, unread=[], **_of(row) | said)
    return make_response(page, status)


def received(public_id: str) -> Introduction:
    """What was sent to the firm, logged; 404 for another's."""
    visitor = current_employer()
    row = found_or_404(get_received(db_session(), visitor.establishment.id, public_id))
    log_shown(visitor, [row.person_id], f"mise en relation {public_id}")
    return row


def _of(row: Introduction) -> dict[str, Any]:
    return {
        "item": card_view(row, agreed([row])),
        "offer": row.offer,
        "job": job_of(row.offer),
        "adviser": adviser_of(row.offer),
        "said": None,
        "error": None,
        "failed_day": None,
        "full": not wants_fragment(),
        **_choices(),
    }


def _choices() -> dict[str, Any]:
    return {"days": answers.meeting_days(clock.today()), "reasons": EMPLOYER_REASONS}


def agreed(rows: list[Introduction]) -> frozenset[int]:
    """Those of the firm's introductions whose person agreed, so that they are named."""
    return queries.list_agreed(db_session(), current_employer().establishment.id, rows)
