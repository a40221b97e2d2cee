"""Information meetings: slots, choices, bookings, presence, and the calendar file."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.hubs import meetings as dates
from portal.hubs import queries
from portal.hubs.blueprint import blueprint
from portal.hubs.candidates import may_speak_for
from portal.hubs.forms_people import MeetingForm
from portal.hubs.routes_people_base import open_cohort, open_member, runs
from portal.hubs.tabs import tabs_of
from portal.invitations import from_hubs
from portal.models import AccessKind, BookingState, Cohort, CohortMeeting
from portal.offers.answers import done, found_or_404, refused
from portal.web.guards import current_actor, requires
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

_LARGEST_INVITATION = 200


@blueprint.get("/<public_id>/reunions")
@requires(Capability.HUBS_READ)
def meetings(public_id: str) -> ResponseReturnValue:
    """The meetings, who is invited, who came."""
    context = _meetings(open_cohort(public_id, people=True))
    return page_or_fragment("hubs/people_meetings.html", "hubs/_people_meetings.html", **context)


@blueprint.post("/<public_id>/reunions")
@requires(Capability.HUBS_WRITE)
def add_meeting(public_id: str) -> ResponseReturnValue:
    """A new slot."""
    cohort = open_cohort(public_id, write=True)
    form = MeetingForm(training_from=cohort.session.start if cohort.session else None)
    if not form.validate():
        return render_template("hubs/people_meetings.html", **_meetings(cohort, form)), 422
    try:
        dates.record_meeting(
            db_session(),
            current_actor(),
            cohort=cohort,
            on=form.on.data or clock.today(),
            start_hour=form.start_hour.data or "",
            end_hour=form.end_hour.data or None,
            place=form.place.data or "",
            capacity=form.capacity.data or 1,
        )
    except IllegalTransitionError as error:
        form.start_hour.errors = [error.message]
        return render_template("hubs/people_meetings.html", **_meetings(cohort, form)), 422
    return done(_("Réunion ajoutée."), url_for("hubs.meetings", public_id=public_id))


@blueprint.post("/<public_id>/reunions/<meeting_id>/retirer")
@requires(Capability.HUBS_WRITE)
def remove_meeting(public_id: str, meeting_id: str) -> ResponseReturnValue:
    """A slot planned by mistake, nobody invited."""
    meeting = _meeting(open_cohort(public_id, write=True), meeting_id)
    back = url_for("hubs.meetings", public_id=public_id)
    try:
        dates.remove_meeting(db_session(), current_actor(), meeting=meeting)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(_("Réunion retirée."), back)


@blueprint.post("/<public_id>/reunions/invitations")
@requires(Capability.HUBS_WRITE)
def invite_people(public_id: str) -> ResponseReturnValue:
    """Offer the people ticked the choice of the slots ticked."""
    session, actor = db_session(), current_actor()
    cohort = open_cohort(public_id, write=True)
    back = url_for("hubs.meetings", public_id=public_id)
    wanted = set(request.form.getlist("member")[:_LARGEST_INVITATION])
    slots = set(request.form.getlist("slot"))
    people = [r for r in dates.list_invitable(session, cohort=cohort) if r.public_id in wanted]
    choices = [r for r in dates.list_meetings(session, cohort=cohort) if r.public_id in slots]
    if not people or not choices:
        return refused(_("Cochez des personnes, et au moins une réunion."), back)
    count = dates.invite(session, actor, memberships=people, meetings=choices)
    text = ngettext("%(num)d personne invitée.", "%(num)d personnes invitées.", count)
    return done(text, back)


@blueprint.post("/<public_id>/reunions/<meeting_id>/inscriptions")
@requires(Capability.HUBS_READ)
def book_slot(public_id: str, meeting_id: str) -> ResponseReturnValue:
    """The person takes this slot."""
    session, actor = db_session(), current_actor()
    cohort = open_cohort(public_id, people=True)
    meeting = _meeting(cohort, meeting_id)
    membership = open_member(cohort, request.form.get("member", ""))
    found_or_404(membership if may_speak_for(actor, membership) else None)
    back = url_for("hubs.meetings", public_id=public_id)
    try:
        booking = dates.book(session, actor, meeting=meeting, membership=membership)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    from_hubs.follow_booking(session, actor, booking)
    return done(_("Inscription enregistrée."), back)


@blueprint.post("/<public_id>/reunions/<meeting_id>/presences/<booking_id>")
@requires(Capability.HUBS_WRITE)
def mark_presence(public_id: str, meeting_id: str, booking_id: str) -> ResponseReturnValue:
    """A tap on a name: came, did not, or said they could not."""
    session, actor = db_session(), current_actor()
    cohort = open_cohort(public_id, write=True)
    meeting = _meeting(cohort, meeting_id)
    booking = found_or_404(dates.get_booking(session, meeting=meeting, public_id=booking_id))
    states = {state.value: state for state in BookingState}
    wanted = states.get(request.form.get("state", "")) or abort(400)
    back = url_for("hubs.meetings", public_id=public_id) + f"#reunion-{meeting_id}"
    try:
        dates.mark(session, actor, booking=booking, state=wanted)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(None, back)


@blueprint.post("/<public_id>/reunions/<meeting_id>/clore")
@requires(Capability.HUBS_WRITE)
def close_meeting(public_id: str, meeting_id: str) -> ResponseReturnValue:
    """Presence is complete: people move on, absentees are invited again once."""
    cohort = open_cohort(public_id, write=True)
    meeting = _meeting(cohort, meeting_id)
    back = url_for("hubs.meetings", public_id=public_id)
    try:
        found = dates.close(db_session(), current_actor(), meeting=meeting)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    text = _(
        "Réunion close\u00a0: présentes %(present)d, absentes %(absent)d, réinvitées %(again)d.",
        present=found.present,
        absent=found.absent,
        again=found.invited_again,
    )
    return done(text, back)


@blueprint.get("/<public_id>/reunions/<meeting_id>/agenda.ics")
@requires(Capability.HUBS_READ)
def meeting_calendar(public_id: str, meeting_id: str) -> ResponseReturnValue:
    """The meeting for a calendar; no person in it."""
    meeting = _meeting(open_cohort(public_id, people=True), meeting_id)
    answer = Response(dates.calendar_of(meeting), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="reunion-{meeting.on}.ics"'
    return answer


def _meeting(cohort: Cohort, public_id: str) -> CohortMeeting:
    return found_or_404(dates.get_meeting(db_session(), cohort=cohort, public_id=public_id))


def _meetings(cohort: Cohort, form: MeetingForm | None = None) -> dict[str, Any]:
    """The page; a prescriber sees its own people alone."""
    session, actor = db_session(), current_actor()
    visible = {row.id for row in queries.list_members(session, actor, cohort)}
    rows = dates.list_meetings(session, cohort=cohort)
    people = [r for r in dates.list_invitable(session, cohort=cohort) if r.id in visible]
    shown = [row.person_id for row in people]
    for meeting in rows:
        shown += [b.membership.person_id for b in meeting.bookings if b.membership_id in visible]
    log_read(actor, dict.fromkeys(shown), AccessKind.LIST, f"cohorte {cohort.public_id}")
    return {
        "cohort": cohort,
        "tabs": tabs_of(actor, cohort),
        "runs": runs(actor, cohort),
        "meetings": rows,
        "visible": visible,
        "invitable": people,
        "invited": {b.membership_id for m in rows if not m.held for b in m.bookings},
        "seated": dates.count_seated,
        "speaks_for": lambda membership: may_speak_for(actor, membership),
        "today": clock.today(),
        "form": form or MeetingForm(formdata=None),
    }
