"""An offer seen by its firm: what each requirement costs, which aids may help."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.calls.queries import record_call
from portal.employers import aids as rules
from portal.employers import mirror as reflections
from portal.employers import queries
from portal.employers.blueprint import blueprint
from portal.employers.cards import adviser_of, job_of
from portal.hires.queries import get_own
from portal.hires.views import job_of as job_of_hire
from portal.models import CallReason, JobOffer
from portal.offers.answers import done, found_or_404
from portal.today.tasks import working_days_after
from portal.web.guards import current_employer, employer_door
from portal.web.session import db_session


@blueprint.get("/offres/<public_id>/exigences")
@employer_door()
def mirror(public_id: str) -> ResponseReturnValue:
    """What each requirement costs in people, and the training that makes up for it."""
    offer = _own(public_id)
    return render_template(
        "employers/mirror.html",
        offer=offer,
        job=job_of(offer),
        adviser=adviser_of(offer),
        rows=reflections.reflect(db_session(), offer),
    )


@blueprint.post("/offres/<public_id>/exigences")
@employer_door()
def talk(public_id: str) -> ResponseReturnValue:
    """« J’en parle à mon conseiller »."""
    offer, visitor = _own(public_id), current_employer()
    record_call(
        db_session(),
        reason=CallReason.EMPLOYER,
        due_on=working_days_after(clock.today(), 1),
        establishment=visitor.establishment,
        contact=visitor.contact,
        organisation_id=offer.organisation_id,
        account_id=offer.adviser_id,
        subject=offer,
        note=_(
            "%(who)s veut parler des exigences de l’offre «\u00a0%(job)s\u00a0».",
            who=visitor.name,
            job=job_of(offer),
        ),
    )
    said = _("C’est noté\u00a0: votre conseiller vous rappelle.")
    return done(said, url_for("employers.mirror", public_id=public_id))


@blueprint.get("/offres/<public_id>/aides")
@employer_door()
def aids(public_id: str) -> ResponseReturnValue:
    """The aids of an offer, by the rules of its first day."""
    offer = _own(public_id)
    day = max(offer.start_wanted or clock.today(), clock.today())
    return render_template(
        "employers/aids.html",
        job=job_of(offer),
        adviser=adviser_of(offer),
        judged=rules.judge_all(rules.facts_of_offer(offer), day),
        back=url_for("employers.home"),
        day=day,
    )


@blueprint.get("/embauches/<public_id>/aides")
@employer_door()
def hire_aids(public_id: str) -> ResponseReturnValue:
    """The aids of a signed contract, by the rules of its first day."""
    hire = found_or_404(get_own(db_session(), current_employer().establishment.id, public_id))
    return render_template(
        "employers/aids.html",
        job=job_of_hire(hire),
        adviser=adviser_of(hire.offer) if hire.offer else None,
        judged=rules.judge_all(rules.facts_of_hire(hire), hire.start),
        back=url_for("employers.hosts"),
        day=hire.start,
    )


def _own(public_id: str) -> JobOffer:
    """An offer of the firm; 404 for another's."""
    establishment = current_employer().establishment
    return found_or_404(queries.get_offer(db_session(), establishment.id, public_id))
