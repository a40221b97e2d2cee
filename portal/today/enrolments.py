"""What positionings ask of the day: seats kept, entries to declare, absences to understand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.access.people import own_portfolio
from portal.enrolments.queries import may_see
from portal.enrolments.rules import (
    ENDED_STATES,
    ENTRY_WORKING_DAYS,
    PRESENT_STATES,
    UNEXPLAINED_ALERT,
)
from portal.models import (
    Account,
    AttendanceWeek,
    Enrollment,
    EnrollmentState,
    Membership,
    RecruitmentState,
    Role,
    TrainingAction,
    TrainingSession,
)
from portal.today.queues import Queue, Source, one_by_one
from portal.today.tasks import Desk, Task, working_days_after

# Older absences are no news: the training ended, or the person did.
_RECENT = timedelta(days=60)
#: Our assumption: how long a positioning may wait for a word of the organisation.
_ANSWER = timedelta(days=7)
_ACTION = joinedload(Enrollment.session).joinedload(TrainingSession.action)
_ENROLMENTS = Source(
    Enrollment,
    joins=(Enrollment.person, Enrollment.session, TrainingSession.action),
    shown=(joinedload(Enrollment.person), _ACTION.joinedload(TrainingAction.program)),
)


def holds(desk: Desk) -> Queue:
    """A freed seat is kept for one's own person: to be told within 48 hours (T-ENR-04)."""
    condition = and_(
        own_portfolio(desk.actor),
        Enrollment.state == EnrollmentState.SELECTED,
        Enrollment.hold_until > clock.now(),
    )
    return _queue(
        desk,
        condition,
        Enrollment.hold_until,
        lambda row: _task(
            row,
            row.hold_until.astimezone(clock.PARIS).date() if row.hold_until else desk.today,
            _("Une place est gardée 48 heures : prévenir la personne"),
        ),
    )


def cancelled(desk: Desk) -> Queue:
    """One's own people positioned on a session that the catalogue cancels: another is to find."""
    condition = and_(
        own_portfolio(desk.actor),
        Enrollment.state.not_in(ENDED_STATES),
        TrainingSession.recruitment == RecruitmentState.CANCELLED,
        TrainingSession.end >= desk.today,
    )
    return _queue(
        desk,
        condition,
        TrainingSession.start,
        lambda row: _task(
            row, desk.today, _("Session annulée\u00a0: prévenir la personne, en choisir une autre")
        ),
    )


def to_answer(desk: Desk) -> Queue:
    """People that a referent positioned on one's own sessions, and who wait for an answer."""
    condition = and_(
        Enrollment.state.in_((EnrollmentState.POSITIONED, EnrollmentState.CANDIDATE)),
        TrainingSession.start >= desk.today,
    )
    return _queue(
        desk,
        condition,
        TrainingSession.start,
        lambda row: _task(
            row,
            row.updated_at.astimezone(clock.PARIS).date() + _ANSWER,
            _("Répondre\u00a0: une personne est positionnée"),
        ),
    )


def entries(desk: Desk) -> Queue:
    """People admitted in sessions that began, by who declares their entry (three working days)."""
    condition = and_(
        Enrollment.state == EnrollmentState.ADMITTED,
        TrainingSession.start <= desk.today,
        _declares(desk),
    )
    return _queue(
        desk,
        condition,
        TrainingSession.start,
        lambda row: _task(
            row,
            working_days_after(row.session.start, ENTRY_WORKING_DAYS),
            _("Déclarer l’entrée en formation"),
        ),
    )


def _declares(desk: Desk) -> ColumnElement[bool]:
    """The organisation when somebody of it works here, else the referent of the person."""
    if desk.actor.role in (Role.TRAINING, Role.HUB):
        return may_see(desk.actor)
    works_here = exists(
        select(Membership.id)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.organisation_id == TrainingAction.organisation_id,
            Membership.role == Role.TRAINING,
            Membership.active,
            Account.active,
        )
    )
    return and_(own_portfolio(desk.actor), ~works_here)


def absences(desk: Desk) -> Queue:
    """One's own people with two half-days missed without a reason, not spoken of yet."""
    last = select(func.max(AttendanceWeek.monday)).where(
        AttendanceWeek.enrollment_id == Enrollment.id, AttendanceWeek.unexplained > 0
    )
    missed = select(func.sum(AttendanceWeek.unexplained)).where(
        AttendanceWeek.enrollment_id == Enrollment.id
    )
    condition = and_(
        own_portfolio(desk.actor),
        Enrollment.state.in_(PRESENT_STATES),
        missed.scalar_subquery() - Enrollment.absences_seen >= UNEXPLAINED_ALERT,
        last.scalar_subquery() >= desk.today - _RECENT,
    )
    return _queue(
        desk,
        condition,
        Enrollment.updated_at,
        lambda row: _task(
            row, desk.today, _("Absences en formation sans motif : appeler la personne")
        ),
    )


def _task(row: Enrollment, due: date, what: str) -> Task:
    return Task(
        due=due,
        what=str(what),
        about=f"{row.person.short_name}, {row.session.action.program.title}",
        href=url_for("enrolments.show", public_id=row.public_id),
        action=str(_("Voir")),
        people=(row.person_id,),
    )


def _queue(
    desk: Desk,
    condition: ColumnElement[bool],
    order: Any,
    make_task: Callable[[Enrollment], Task],
) -> Queue:
    return Queue(
        _ENROLMENTS,
        and_(may_see(desk.actor), condition),
        (order, Enrollment.id),
        one_by_one(make_task),
        lambda count: ngettext("Positionnement", "Positionnements", count),
        url_for("enrolments.index"),
    )
