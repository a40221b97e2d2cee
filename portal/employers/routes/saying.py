"""Saying how it went: the tutor's two minutes, and the four questions after a hire.

Each page also serves a link made for it alone: that subject, and nothing else.
"""

from __future__ import annotations

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.employers import following, queries
from portal.employers.blueprint import blueprint
from portal.employers.forms import AssessForm, NewsForm
from portal.employers.routes.hosts import report_lateness
from portal.employers.visiting import author_details, check_subject, log_shown, sees_space
from portal.hires.follow_ups import record_follow_up
from portal.hires.rules import is_open
from portal.hires.views import job_of
from portal.immersions.assessing import Assessment, can_assess, record_assessment
from portal.immersions.forms import gesture_choices, read_gestures
from portal.immersions.queries import get_hosted, list_gestures
from portal.models import Immersion, ImmersionState, JobFollowUp, LinkPurpose
from portal.offers.answers import done, found_or_404
from portal.web.guards import current_employer, employer_door
from portal.web.session import db_session


@blueprint.get("/accueils/<public_id>/bilan")
@employer_door(LinkPurpose.EMPLOYER_ASSESSMENT)
def assess(public_id: str) -> ResponseReturnValue:
    """Three faces, a few gestures."""
    row, form = _hosted(public_id), AssessForm(formdata=None)
    form.by_name.data = row.tutor_name
    return _assess_page(row, form)


@blueprint.post("/accueils/<public_id>/bilan")
@employer_door(LinkPurpose.EMPLOYER_ASSESSMENT)
def record_assess(public_id: str) -> ResponseReturnValue:
    """Keep the tutor's answers."""
    session, visitor = db_session(), current_employer()
    row, form = _hosted(public_id), AssessForm()
    if not form.validate():
        return _assess_page(row, form, 422)
    said = Assessment(
        came=not form.absent.data,
        objectives=form.outcome,
        by_name=(form.by_name.data or "").strip(),
        would_hire=form.hire,
        gestures=read_gestures(request.form, list_gestures(session, row.occupation)),
    )
    details = author_details(visitor)
    try:
        record_assessment(session, visitor.actor, immersion=row, said=said, details=details)
    except IllegalTransitionError as error:
        session.rollback()
        return _assess_page(_hosted(public_id), form, 409, error.message)
    return done(None, url_for("employers.assess", public_id=public_id))


def _hosted(public_id: str) -> Immersion:
    visitor = current_employer()
    row = found_or_404(get_hosted(db_session(), visitor.establishment.id, public_id))
    check_subject(visitor, row)
    log_shown(visitor, [row.person_id], f"bilan {public_id}")
    return row


def _assess_page(
    row: Immersion, form: AssessForm, status: int = 200, error: str | None = None
) -> Response:
    page = render_template(
        "employers/assess.html",
        immersion=row,
        form=form,
        gestures=list_gestures(db_session(), row.occupation),
        levels=gesture_choices(),
        said=request.form,
        open=can_assess(row, clock.today()),
        given=row.state is ImmersionState.CLOSED,
        error=error,
        sees_space=sees_space(current_employer()),
    )
    return make_response(page, status)


@blueprint.get("/nouvelles/<public_id>")
@employer_door(LinkPurpose.EMPLOYER_FOLLOW_UP)
def follow_up(public_id: str) -> ResponseReturnValue:
    """The four questions."""
    return _news_page(_asked(public_id), NewsForm(formdata=None))


@blueprint.post("/nouvelles/<public_id>")
@employer_door(LinkPurpose.EMPLOYER_FOLLOW_UP)
def record_news(public_id: str) -> ResponseReturnValue:
    """Keep the answers; hours that are not kept make both sides called."""
    session, visitor = db_session(), current_employer()
    row, form = _asked(public_id), NewsForm()
    if not form.validate():
        return _news_page(row, form, 422)
    answers = {} if form.gone.data else form.answers
    try:
        record_follow_up(
            session,
            visitor.actor,
            follow_up=row,
            on=clock.today(),
            channel=None,
            result=following.result_of(answers, gone=bool(form.gone.data)),
            note=following.note_of(answers),
            details=author_details(visitor),
        )
    except IllegalTransitionError as error:
        session.rollback()
        return _news_page(_asked(public_id), form, 409, error.message)
    if following.tells_of_lateness(answers):
        report_lateness(row.hire)
    return done(None, url_for("employers.follow_up", public_id=public_id))


def _asked(public_id: str) -> JobFollowUp:
    visitor = current_employer()
    row = found_or_404(queries.get_follow_up(db_session(), visitor.establishment.id, public_id))
    check_subject(visitor, row)
    log_shown(visitor, [row.hire.person_id], f"nouvelles {public_id}")
    return row


def _news_page(
    row: JobFollowUp, form: NewsForm, status: int = 200, error: str | None = None
) -> Response:
    page = render_template(
        "employers/follow_up.html",
        name=row.hire.person.full_name,
        job=job_of(row.hire),
        form=form,
        questions=tuple(following.QUESTIONS),
        open=is_open(row, row.hire.state) and row.hire.start <= clock.today(),
        given=row.done_on is not None,
        error=error,
        sees_space=sees_space(current_employer()),
    )
    return make_response(page, status)
