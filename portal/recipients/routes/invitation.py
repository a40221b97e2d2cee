"""« Mon rendez-vous »: one sentence, three buttons, another date, and how the first day went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.invitations import answering, moving, queries, rules
from portal.invitations.calendar import calendar_of
from portal.models import DayFeeling, Invitation, InvitationKind
from portal.recipients.blueprint import blueprint
from portal.recipients.frame import visitor_seen
from portal.text import N_
from portal.web.doorstep import PersonVisitor
from portal.web.guards import person_door
from portal.web.session import db_session

_K = InvitationKind
#: (what is said, its drawing); the title, which stays French, follows when the sentence asks.
_SENTENCES: dict[InvitationKind, tuple[str, str]] = {
    _K.APPOINTMENT: (N_("On vous propose un rendez-vous."), "contacts"),
    _K.VISIT: (N_("On vous propose une visite."), "place"),
    _K.INFORMATION: (N_("On vous propose une réunion d’information."), "question"),
    _K.EMPLOYER_MEETING: (N_("Un employeur veut vous rencontrer."), "person"),
    _K.IMMERSION: (N_("Votre premier jour d’immersion."), "skills"),
    _K.TRAINING: (N_("Votre premier jour de formation."), "skills"),
    _K.JOB: (N_("Votre premier jour de travail."), "skills"),
}
_CANNOT_COME = "cannot_come"
_FREE_TITLES = frozenset({_K.APPOINTMENT, _K.VISIT})


@blueprint.get("/rendez-vous/<public_id>")
@person_door
def invitation(public_id: str) -> ResponseReturnValue:
    """What is proposed, or what was answered and what comes next."""
    row, visitor = _opened(public_id)
    return render_template("recipients/invitation.html", **_context(row, visitor))


@blueprint.post("/rendez-vous/<public_id>")
@person_door
def answer_invitation(public_id: str) -> ResponseReturnValue:
    """« Oui », « Non », « Rappelez-moi », « Je préfère une autre date » that nobody gave yet."""
    row, visitor = _opened(public_id)
    given = request.form.get("answer", "")
    choice = rules.BUTTONS.get(given) or abort(400)
    reason = _CANNOT_COME if request.form.get("reason") == _CANNOT_COME else None
    return _do(
        public_id,
        lambda: answering.answer(
            db_session(),
            invitation=row,
            choice=choice,
            channel=visitor.channel,
            helper_id=_helper_id(visitor),
            reason=reason,
            other_day=given == "other_day",
        ),
    )


@blueprint.get("/rendez-vous/<public_id>/autre-date")
@person_door
def other_dates(public_id: str) -> ResponseReturnValue:
    """« Je ne peux pas venir »: two other dates, or a call."""
    row, visitor = _opened(public_id)
    return render_template("recipients/invitation_other.html", **_context(row, visitor))


@blueprint.post("/rendez-vous/<public_id>/autre-date")
@person_door
def move_invitation(public_id: str) -> ResponseReturnValue:
    """Another date."""
    row, visitor = _opened(public_id)
    return _do(
        public_id,
        lambda: moving.move(
            db_session(),
            invitation=row,
            key=request.form.get("slot", ""),
            channel=visitor.channel,
            helper_id=_helper_id(visitor),
        ),
    )


@blueprint.post("/rendez-vous/<public_id>/journee")
@person_door
def say_day(public_id: str) -> ResponseReturnValue:
    """« Tout s’est bien passé ? »"""
    row, visitor = _opened(public_id)
    feelings = {feeling.value: feeling for feeling in DayFeeling}
    feeling = feelings.get(request.form.get("feeling", "")) or abort(400)
    return _do(
        public_id,
        lambda: answering.record_feeling(
            db_session(),
            invitation=row,
            feeling=feeling,
            channel=visitor.channel,
            helper_id=_helper_id(visitor),
        ),
    )


@blueprint.get("/rendez-vous/<public_id>/agenda.ics")
@person_door
def invitation_calendar(public_id: str) -> ResponseReturnValue:
    """The date for the telephone's calendar."""
    row, _visitor = _opened(public_id)
    answer = Response(calendar_of(row, str(_(_sentence(row)))), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'attachment; filename="rendez-vous.ics"'
    return answer


def _opened(public_id: str) -> tuple[Invitation, PersonVisitor]:
    """The person's own invitation; another's does not exist."""
    visitor = visitor_seen()
    found = queries.get_own(db_session(), person_id=visitor.person.id, public_id=public_id)
    return found or abort(404), visitor


def _do(public_id: str, change: Callable[[], None]) -> ResponseReturnValue:
    """Do it and show what comes next; a refusal is said on the same page, and changes nothing."""
    try:
        change()
    except IllegalTransitionError as error:
        db_session().rollback()
        flash(error.message)
    return redirect(url_for("recipients.invitation", public_id=public_id), 303)


def _sentence(row: Invitation) -> str:
    return _SENTENCES[row.kind][0]


def _helper_id(visitor: PersonVisitor) -> int | None:
    return visitor.helper.account.id if visitor.helper else None


def _context(row: Invitation, visitor: PersonVisitor) -> dict[str, Any]:
    now = clock.now()
    session = db_session()
    return {
        "invitation": row,
        "person": visitor.person,
        "sentence": _(_sentence(row)),
        "picture": _SENTENCES[row.kind][1],
        "title": row.title if row.kind in _FREE_TITLES else None,
        "has_hour": rules.has_hour(row.starts_at),
        "past": rules.has_started(row, now),
        "asks_day": rules.asks_feeling(row, now),
        "others": moving.list_others(session, row) if not rules.has_started(row, now) else [],
        "call_by": queries.call_promised(session, row),
    }
