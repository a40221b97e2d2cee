"""« Mes accueils et embauches »: who comes, who is there, what is expected of the firm."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.journal import record_event
from portal.calls.queries import record_call
from portal.employers import queries
from portal.employers.blueprint import blueprint
from portal.employers.cards import job_of
from portal.employers.visiting import author_details, log_shown
from portal.hires.queries import get_own, list_own
from portal.hires.rules import is_open
from portal.hires.views import employer_card
from portal.immersions.assessing import can_assess
from portal.immersions.queries import get_hosted, list_hosted
from portal.immersions.sheet import pdf_or_page
from portal.models import CallReason, FollowUpSide, Hire, HireState, JobFollowUp
from portal.offers.answers import done, found_or_404, refused
from portal.today.tasks import working_days_after
from portal.web.guards import current_employer, employer_door
from portal.web.paging import requested_page
from portal.web.session import db_session


@blueprint.get("/accueils")
@employer_door()
def hosts() -> ResponseReturnValue:
    """The tests, the immersions and the contracts of the firm."""
    session, visitor, today = db_session(), current_employer(), clock.today()
    place, number = visitor.establishment.id, requested_page()
    asked = queries.list_asked_tests(session, place) if number == 1 else []
    hosted = list_hosted(session, place, number)
    hired = list_own(session, place, number)
    shown = {row.person_id for row in asked}
    shown |= {row.person_id for row in hosted.rows} | {row.person_id for row in hired.rows}
    log_shown(visitor, sorted(shown), "accueils et embauches")
    return render_template(
        "employers/hosts.html",
        asked=[(row.person.first_name, job_of(row.offer)) for row in asked],
        hosted=hosted.rows,
        to_assess={row.id for row in hosted.rows if can_assess(row, today)},
        hired=[_hired(row) for row in hired.rows],
        page=hosted if hosted.pages >= hired.pages else hired,
    )


def _hired(hire: Hire) -> dict[str, Any]:
    today = clock.today()
    waiting = [row for row in hire.follow_ups if _is_asked(row, hire)]
    return {
        "public_id": hire.public_id,
        "card": employer_card(hire, today),
        "news": min(waiting, key=lambda row: row.due).public_id if waiting else None,
        "current": hire.state is HireState.CURRENT,
    }


def _is_asked(row: JobFollowUp, hire: Hire) -> bool:
    """News of the employer's side whose day has come."""
    asked = row.side is FollowUpSide.EMPLOYER and row.due <= clock.today()
    return asked and is_open(row, hire.state)


@blueprint.get("/accueils/<public_id>/convention.pdf")
@employer_door()
def convention(public_id: str) -> ResponseReturnValue:
    """The convention, to be read and signed."""
    visitor = current_employer()
    row = found_or_404(get_hosted(db_session(), visitor.establishment.id, public_id))
    log_shown(visitor, [row.person_id], f"convention {public_id}")
    return pdf_or_page(row, url_for("employers.hosts"))


@blueprint.post("/embauches/<public_id>/retards")
@employer_door()
def late(public_id: str) -> ResponseReturnValue:
    """« Signaler des retards »: somebody calls the firm and the person."""
    visitor, back = current_employer(), url_for("employers.hosts")
    hire = found_or_404(get_own(db_session(), visitor.establishment.id, public_id))
    if hire.state is not HireState.CURRENT:
        return refused(_("Ce contrat est terminé."), back)
    report_lateness(hire)
    record_event(
        db_session(),
        actor=visitor.actor,
        subject=hire,
        name="lateness_reported",
        details=author_details(visitor),
    )
    return done(
        _("C’est noté\u00a0: votre conseiller appelle la personne, et vous rappelle."), back
    )


def report_lateness(hire: Hire) -> None:
    """Two tasks by the next working day: who follows the hire calls the firm, the référent calls
    the person. Said twice, each stays one task."""
    visitor = current_employer()
    record_call(
        db_session(),
        reason=CallReason.HOURS,
        due_on=working_days_after(clock.today(), 1),
        person=hire.person,
        subject=hire,
        # Neutral: the person is asked how it goes, and has not been judged.
        note=_("L’entreprise demande un point sur les horaires. Demandez comment cela se passe."),
    )
    record_call(
        db_session(),
        reason=CallReason.LATE,
        due_on=working_days_after(clock.today(), 1),
        establishment=visitor.establishment,
        contact=visitor.contact,
        organisation_id=hire.organisation_id,
        account_id=hire.recorded_by_id,
        subject=hire,
        note=_(
            "%(who)s signale des retards de %(name)s. Appelez l’entreprise et la personne.",
            who=visitor.name,
            name=hire.person.full_name,
        ),
    )
