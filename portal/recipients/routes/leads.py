"""« Mes pistes »: three jobs at most, a page for each, and what the person answers."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import matchmaking as mm
from portal.access.offers import names_employer_to_all
from portal.access.transitions import IllegalTransitionError
from portal.calls.queries import who_follows
from portal.models import LeadChoice
from portal.recipients import leads as queries
from portal.recipients import leads_answers as answers
from portal.recipients import words
from portal.recipients.blueprint import blueprint
from portal.recipients.contesting import list_contestations
from portal.recipients.frame import visitor_seen
from portal.recipients.leads import Lead
from portal.recipients.learning import what_is_learned
from portal.web.doorstep import PersonVisitor
from portal.web.guards import person_door
from portal.web.session import db_session


def lead_or_404(visitor: PersonVisitor, public_id: str) -> Lead:
    """A job that may be shown to this person: any other one does not exist."""
    return queries.get_lead(db_session(), visitor.person, public_id) or abort(404)


@blueprint.get("/pistes")
@person_door
def leads() -> ResponseReturnValue:
    """At most three jobs."""
    visitor = visitor_seen()
    return render_template(
        "recipients/leads.html",
        leads=queries.list_leads(db_session(), visitor.person),
        contested=bool(list_contestations(db_session(), visitor.person)),
        answered=bool(queries.list_answered(db_session(), visitor.person, most=1)),
        trade_picto=words.trade_picto,
        has_skills="recipients.skills" in current_app.view_functions,
    )


@blueprint.get("/pistes/reponses")
@person_door
def lead_answers() -> ResponseReturnValue:
    """What the person answered: they may change their mind."""
    visitor = visitor_seen()
    return render_template(
        "recipients/lead_answers.html",
        rows=queries.list_answered(db_session(), visitor.person),
        choice_words=words.choice_words,
    )


@blueprint.get("/pistes/<public_id>")
@person_door
def lead(public_id: str) -> ResponseReturnValue:
    """One job: where, how long, when, what one learns, who helps; three answers."""
    visitor = visitor_seen()
    found, session = lead_or_404(visitor, public_id), db_session()
    explanation = mm.explain(session, visitor.person, found.offer)
    return render_template(
        "recipients/lead.html",
        lead=found,
        offer=found.offer,
        picto_name=words.trade_picto(found.offer.occupation_code),
        contract=words.contract_words(found.offer),
        learned=what_is_learned(explanation),
        named=names_employer_to_all(found.offer),
        referral=who_follows(session, visitor.person),
        said=words.choice_words(found.answer.choice) if found.answer else None,
    )


@blueprint.post("/pistes/<public_id>")
@person_door
def answer_lead(public_id: str) -> ResponseReturnValue:
    """« Ça m’intéresse », « Pas pour moi », « Rappelez-moi »."""
    visitor = visitor_seen()
    found, given = lead_or_404(visitor, public_id), request.form.get("choice", "")
    if given not in {choice.value for choice in LeadChoice}:
        abort(400)
    answers.record_answer(
        db_session(),
        person=visitor.person,
        offer=found.offer,
        choice=LeadChoice(given),
        channel=visitor.channel,
        helper=visitor.helper,
    )
    after = "lead_reason" if given == LeadChoice.NOT_FOR_ME.value else "lead_said"
    return redirect(url_for(f"recipients.{after}", public_id=public_id), 303)


@blueprint.get("/pistes/<public_id>/dit")
@person_door
def lead_said(public_id: str) -> ResponseReturnValue:
    """What the answer sets going: who calls, and by when."""
    visitor = visitor_seen()
    found = lead_or_404(visitor, public_id)
    if found.answer is None:
        return redirect(url_for("recipients.lead", public_id=public_id))
    return render_template(
        "recipients/lead_said.html",
        lead=found,
        said=words.choice_words(found.answer.choice),
        call=queries.get_open_call(db_session(), visitor.person, found.offer),
    )


@blueprint.get("/pistes/<public_id>/raison")
@person_door
def lead_reason(public_id: str) -> ResponseReturnValue:
    """Six pictured reasons, and none."""
    found = lead_or_404(visitor_seen(), public_id)
    if found.answer is None or found.answer.choice is not LeadChoice.NOT_FOR_ME:
        return redirect(url_for("recipients.lead", public_id=public_id))
    return render_template("recipients/lead_reason.html", lead=found, reasons=words.REASONS)


@blueprint.post("/pistes/<public_id>/raison")
@person_door
def say_lead_reason(public_id: str) -> ResponseReturnValue:
    """Keep the reason, if one was given."""
    visitor = visitor_seen()
    found, given = lead_or_404(visitor, public_id), request.form.get("reason", "")
    reason = words.REASON_OF.get(given)
    if reason is None and given:
        abort(400)
    if reason is not None and found.answer is not None:
        answers.record_reason(
            db_session(), answer=found.answer, reason=reason, helper=visitor.helper
        )
    flash(_("C’est noté. Merci."), "success")
    return redirect(url_for("recipients.leads"), 303)


@blueprint.post("/pistes/<public_id>/accord")
@person_door
def agree_lead(public_id: str) -> ResponseReturnValue:
    """« Oui, parlez de moi »: more than a link is needed to be sure who says it."""
    visitor = visitor_seen()
    found = lead_or_404(visitor, public_id)
    if not visitor.confirmed:
        back = url_for("recipients.lead", public_id=public_id)
        return redirect(url_for("doorstep.confirm", suite=back), 303)
    if found.introduction is None or not found.asks_agreement:
        return redirect(url_for("recipients.lead", public_id=public_id), 303)
    try:
        answers.agree(
            db_session(),
            introduction=found.introduction,
            channel=visitor.channel,
            helper=visitor.helper,
        )
    except IllegalTransitionError:
        # The rule speaks to professionals; the person is told what it means for them.
        refuses = visitor.person.employers_refused_at is not None
        db_session().rollback()
        flash(words.REFUSES_EMPLOYERS if refuses else words.NOT_POSSIBLE, "error")
        return redirect(url_for("recipients.lead", public_id=public_id), 303)
    return redirect(url_for("recipients.lead_said", public_id=public_id), 303)
