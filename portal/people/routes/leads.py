"""« Ses pistes »: the useful questions, the jobs in five groups, why, and likes on trades."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.offers import may_read, sees_employer_name
from portal.access.roles import Capability
from portal.models import AssertionSource, CredentialType, JobOffer, Skill, TrainingSession
from portal.people import answers
from portal.people.forms.abilities import AnswerForm
from portal.people.forms.identity import PlaceForm
from portal.people.queries import abilities as queries
from portal.people.queries import leads as lead_queries
from portal.people.queries.files import Opened, apply_place, record_change
from portal.people.routes.abilities import record_credential_answer
from portal.people.routes.door import (
    blueprint,
    go_to,
    open_file,
    open_to_write,
    render_file,
    url_if_served,
)
from portal.people.routes.portfolio import asked_window, page_of_band
from portal.people.rules import Shift, shift_between
from portal.recipients.leads import list_answers_for
from portal.web.guards import current_actor, requires
from portal.web.rendering import announce, wants_fragment
from portal.web.session import db_session


@blueprint.get("/<public_id>/pistes")
@requires(Capability.PEOPLE_READ)
def leads(public_id: str) -> ResponseReturnValue:
    """The questions, then the jobs in five groups, then the training within reach."""
    return _page(open_file(public_id))


def _page(opened: Opened, *, status: int = 200, **given: Any) -> Response:
    session, actor, person = db_session(), current_actor(), opened.person
    window = asked_window()
    view = mm.offers_for_person(session, actor, person, window)
    interests = queries.list_interests(session, person)
    context: dict[str, Any] = {
        "view": view,
        "page": page_of_band(view, window),
        "band_key": window.key,
        "questions": lead_queries.list_questions(session, actor, person),
        "trainings": lead_queries.list_training_leads(view),
        "interests": {row.occupation_code: row.liking for row in interests},
        "declined": [row for row in interests if row.liking == -1],
        "answers": [(value, _(label)) for value, label in answers.LEVEL_ANSWERS],
        "credential_answers": [(value, _(label)) for value, label in answers.CREDENTIAL_ANSWERS],
        "offer_href": offer_href,
        "training_href": training_href,
        "offer_note": offer_note(actor),
        "said": list_answers_for(session, person, may_read(actor)),
        "answer_form": None,
        "place_form": PlaceForm(formdata=None),
        "saved": None,
    }
    return render_file(
        "leads.html", opened, "leads", status=status, fragment="_leads.html", **context | given
    )


def offer_href(offer: JobOffer) -> str | None:
    """The page of an offer, where offers are served."""
    return url_if_served("offers.show", public_id=offer.public_id)


def training_href(row: TrainingSession) -> str | None:
    """The page of a session, where the catalogue is served."""
    return url_if_served("trainings.show", public_id=row.public_id)


def offer_note(actor: Actor) -> Any:
    """What a line says of an offer beside its title; the employer only to who may know."""

    def note(offer: JobOffer) -> str:
        parts = [offer.commune.name if offer.commune else None]
        if offer.establishment is not None and sees_employer_name(actor, offer):
            parts.append(offer.establishment.name)
        parts.append(offer.contract.label if offer.contract else None)
        return " · ".join(part for part in parts if part)

    return note


@blueprint.post("/<public_id>/commune")
@requires(Capability.PEOPLE_WRITE)
def place(public_id: str) -> ResponseReturnValue:
    """Where the person lives: its jobs appear at once."""
    opened, form = open_to_write(public_id), PlaceForm()
    if not form.validate() or form.commune.commune is None:
        return _page(opened, status=422, place_form=form)
    apply_place(opened.person, form.commune.commune)
    record_change(db_session(), current_actor(), person=opened.person, name="identity_changed")
    return go_to("leads", opened)


@blueprint.post("/<public_id>/questions")
@requires(Capability.PEOPLE_WRITE)
def answer_question(public_id: str) -> ResponseReturnValue:
    """Keep an answer, and show at once what it moves."""
    opened, form = open_to_write(public_id), AnswerForm()
    if not form.validate() or not _is_known(form):
        return _page(opened, status=422, answer_form=form)
    before = _counts(opened)
    _record_answer(opened, form)
    text = shift_text(shift_between(before, _counts(opened)))
    if not wants_fragment():
        flash(text, "success")
        return go_to("leads", opened)
    return announce(_page(opened, saved=text), text)


def _counts(opened: Opened) -> dict[str, int]:
    nothing = mm.Window(size=0)
    view = mm.offers_for_person(db_session(), current_actor(), opened.person, nothing)
    return lead_queries.count_groups(view)


def _is_known(form: AnswerForm) -> bool:
    """Whether the question and the answer exist; the error says what to do."""
    known: dict[str, tuple[Any, Any]] = {
        "skill": (Skill, answers.LEVEL_ANSWERS),
        "credential": (CredentialType, answers.CREDENTIAL_ANSWERS),
    }
    model, allowed = known.get(form.kind.data or "", (None, ()))
    found = model and db_session().get(model, form.code.data)
    if found and form.answer.data in {value for value, _label in allowed}:
        return True
    form.answer.errors = [_("Choisissez une réponse.")]
    return False


def _record_answer(opened: Opened, form: AnswerForm) -> None:
    code, answer = form.code.data or "", form.answer.data or ""
    if form.kind.data == "credential":
        record_credential_answer(opened, code, answer, form.expires_on.data)
        return
    queries.record_levels(
        db_session(),
        current_actor(),
        person=opened.person,
        levels=[(code, answers.level_of(answer))],
        source=AssertionSource.DECLARED,
        on=clock.today(),
    )


def shift_text(shift: Shift) -> str:
    """« 3 emplois passent de « à vérifier » à « prêt ». »"""
    told = [
        (shift.to_ready, _("« prêt »")),
        (shift.to_one_step, _("« prêt après une étape »")),
        (shift.elsewhere, _("« parcours plus long » ou « écart »")),
    ]
    moves = [
        ngettext(
            "%(num)d emploi passe de « à vérifier » à %(group)s",
            "%(num)d emplois passent de « à vérifier » à %(group)s",
            count,
            group=group,
        )
        for count, group in told
        if count
    ]
    if not moves:
        return str(_("Réponse enregistrée. Aucun emploi ne change de groupe."))
    return str(_("Réponse enregistrée. ")) + ", ".join(moves) + "."


@blueprint.post("/<public_id>/gouts")
@requires(Capability.PEOPLE_WRITE)
def taste(public_id: str) -> ResponseReturnValue:
    """👍 or 👎 on the trade of a job, or neither any more."""
    opened = open_to_write(public_id)
    code, liking = request.form.get("occupation", ""), request.form.get("liking", "")
    occupation = queries.get_occupation(db_session(), code)
    if occupation is None or liking not in {"1", "-1", "0"}:
        abort(400)
    queries.record_interest(
        db_session(), person=opened.person, occupation_code=code, liking=int(liking) or None
    )
    text = _taste_text(occupation.label, int(liking))
    if wants_fragment():
        return announce(_page(opened), text)
    flash(text, "success")
    back = {"situation": "show", "metiers": "near_trades"}
    return go_to(back.get(request.form.get("retour", ""), "leads"), opened)


def _taste_text(trade: str, liking: int) -> str:
    words = {
        1: _("« %(trade)s » lui plaît\u00a0: ces emplois passent devant."),
        -1: _("« %(trade)s » est décliné. C’est noté, et cela se retire."),
        0: _("« %(trade)s »\u00a0: l’avis est retiré."),
    }
    return str(words[liking] % {"trade": trade})


@blueprint.get("/<public_id>/pourquoi/<offer_id>")
@requires(Capability.PEOPLE_READ)
def why(public_id: str, offer_id: str) -> ResponseReturnValue:
    """« Pourquoi ? »: each requirement of an offer, with the fact used."""
    opened, session, actor = open_file(public_id), db_session(), current_actor()
    offer = lead_queries.get_readable_offer(session, actor, offer_id)
    if offer is None:
        abort(404)
    return render_file(
        "why.html",
        opened,
        "leads",
        offer=offer,
        explanation=mm.explain(session, opened.person, offer),
        offer_href=offer_href(offer),
        offer_note=offer_note(actor)(offer),
    )
