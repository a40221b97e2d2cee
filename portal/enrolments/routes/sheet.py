"""The weekly sheet of a session: the presence of everybody on one page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.enrolments import attending, queries
from portal.enrolments.routes.door import blueprint, opened_session
from portal.enrolments.rules import Side
from portal.models import AccessKind, AttendanceWeek, Enrollment, TrainingSession
from portal.offers.answers import done, refused
from portal.web.guards import current_actor, requires
from portal.web.session import db_session

Present = Sequence[tuple[Enrollment, AttendanceWeek | None]]


@blueprint.get("/formations/<public_id>/presences")
@requires(Capability.ENROLMENTS)
def sheet(public_id: str) -> ResponseReturnValue:
    """Who was there, week by week."""
    row, monday = _opened(public_id), _week(request.args)
    return render_template("enrolments/sheet.html", **_context(row, monday))


def _opened(public_id: str) -> TrainingSession:
    """The session, for who may say its presence; else 404."""
    row = opened_session(public_id)
    if Side.ORGANISER not in queries.sides_of(db_session(), current_actor(), row):
        abort(404)
    return row


def _week(source: Any) -> date:
    """The Monday of the week asked for; this week when it says nothing that can be read."""
    try:
        asked = date.fromisoformat(source.get("semaine", ""))
    except ValueError:
        asked = clock.today()
    # At the ends of the calendar a week has no Monday, or no Sunday.
    return attending.monday_of(asked if 2000 <= asked.year <= 2100 else clock.today())


def _context(row: TrainingSession, monday: date) -> dict[str, Any]:
    present = _present(row, monday)
    week, first = timedelta(days=7), attending.monday_of(row.start)
    last = attending.monday_of(min(row.end, clock.today()))
    return {
        "row": row,
        "monday": monday,
        "present": present,
        "due": next((said.due for _one, said in present if said), attending.HALF_DAYS),
        "before": monday - week if monday > first else None,
        "after": monday + week if monday < last else None,
    }


def _present(row: TrainingSession, monday: date) -> Present:
    actor = current_actor()
    present = queries.list_present(db_session(), actor, row, monday)
    log_read(actor, [one.person_id for one, _week in present], AccessKind.LIST, "feuille")
    return present


@blueprint.post("/formations/<public_id>/presences")
@requires(Capability.ENROLMENTS)
def save_sheet(public_id: str) -> ResponseReturnValue:
    """Keep the week of everybody whose presence was filled in; all of it or nothing."""
    row, monday = _opened(public_id), _week(request.form)
    back = url_for("enrolments.sheet", public_id=public_id, semaine=monday.isoformat())
    count = 0
    for one, _said in _present(row, monday):
        try:
            week = _typed(one, monday)
            if week is None:
                continue
            attending.record_week(db_session(), current_actor(), enrolment=one, week=week)
        except ValueError:
            return refused(_("Donnez des nombres de demi-journées."), back)
        except IllegalTransitionError as error:
            return refused(f"{one.person.short_name} : {error.message}", back)
        count += 1
    said = ngettext(
        "Semaine enregistrée pour %(num)d personne.",
        "Semaine enregistrée pour %(num)d personnes.",
        count,
    )
    return done(said if count else None, back)


def _typed(one: Enrollment, monday: date) -> attending.Week | None:
    """What was typed of a person's week; None when it was left blank."""
    form = request.form
    attended = form.get(f"present-{one.public_id}", "").strip()
    if not attended:
        return None
    unexplained = form.get(f"absent-{one.public_id}", "").strip() or "0"
    return attending.Week(monday, int(form.get("due", "")), int(attended), int(unexplained))
