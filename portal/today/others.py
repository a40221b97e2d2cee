"""The day of employers, training organisations, administrators and the DPO."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.access.roles import Capability
from portal.imports.links import count_links
from portal.introductions.queries import may_receive
from portal.introductions.rules import WAITING_STATES
from portal.models import (
    AccessKind,
    AccessLog,
    DuplicateCandidate,
    DuplicateState,
    Introduction,
    Job,
    JobKind,
    JobOffer,
    JobState,
    LinkState,
    TrainingAction,
    TrainingSession,
)
from portal.today.queues import Queue, Source, named, one_by_one
from portal.today.tasks import Desk, Figure, Task, Theme, working_days_after

_STALE_SEATS = timedelta(days=30)
_AHEAD = timedelta(days=90)
_RECEIVED = Source(
    Introduction,
    joins=(Introduction.offer, Introduction.person),
    shown=(joinedload(Introduction.person), joinedload(Introduction.offer)),
)
_SESSIONS = Source(
    TrainingSession,
    joins=(TrainingSession.action,),
    shown=(joinedload(TrainingSession.action).joinedload(TrainingAction.program),),
)


def cards_to_answer(desk: Desk) -> Queue:
    """People presented to the employer, who waits for no one's answer but its own."""
    condition = (may_receive(desk.actor), Introduction.state.in_(WAITING_STATES))
    return Queue(
        _RECEIVED,
        and_(*condition),
        (Introduction.sent_at, Introduction.id),
        one_by_one(lambda row: _answer(row, desk.today)),
        named(_("Personnes proposées")),
        url_for("employers.home"),
    )


def _answer(row: Introduction, today: date) -> Task:
    return Task(
        due=working_days_after(_day(row.sent_at) or today, 2),
        what=_("Répondre\u00a0: une personne vous est proposée"),
        about=f"{row.person.first_name}, {row.offer.title}",
        href=url_for("employers.home"),
        action=_("Voir"),
        people=(row.person_id,),
    )


def _day(instant: datetime | None) -> date | None:
    return instant.astimezone(clock.PARIS).date() if instant else None


def seats_to_confirm(desk: Desk) -> Queue:
    """One's own sessions whose seats are not known, or were said long ago."""
    condition = (
        TrainingAction.organisation_id == desk.actor.organisation.id,
        TrainingSession.start.between(desk.today, desk.today + _AHEAD),
        TrainingSession.seats_left.is_(None)
        | (TrainingSession.last_confirmed_at < clock.now() - _STALE_SEATS),
    )
    return Queue(
        _SESSIONS,
        and_(*condition),
        (TrainingSession.start, TrainingSession.id),
        one_by_one(_say_seats),
        named(_("Sessions")),
        url_for("trainings.index"),
    )


def _say_seats(row: TrainingSession) -> Task:
    return Task(
        due=row.start - timedelta(days=30),
        what=_("Dire combien de places restent"),
        about=row.action.program.title,
        href=url_for("trainings.show", public_id=row.public_id),
        action=_("Dire les places"),
    )


def links_to_confirm(desk: Desk) -> Theme:
    """Links between skills, or between occupations, that an import proposes."""
    return _one(
        count_links(desk.session)[LinkState.PROPOSED],
        desk.today,
        _("Liens du ROME à confirmer"),
        url_for("imports.links"),
    )


def duplicates_to_decide(desk: Desk) -> Theme:
    """Rows of an import that look like a person already known."""
    query = select(func.count(DuplicateCandidate.id)).where(
        DuplicateCandidate.state == DuplicateState.TO_DECIDE,
        DuplicateCandidate.owner_id == desk.actor.organisation.id,
    )
    return _one(
        desk.session.scalar(query) or 0,
        desk.today,
        _("Personnes peut-être déjà connues"),
        url_for("people_import.duplicates"),
    )


def failed_imports(desk: Desk) -> Theme:
    """Imports of the week that ended refused."""
    query = select(func.count(Job.id)).where(
        Job.kind == JobKind.IMPORT,
        Job.state == JobState.FAILED,
        Job.created_at >= clock.now() - timedelta(days=7),
    )
    return _one(
        desk.session.scalar(query) or 0,
        desk.today,
        _("Imports refusés depuis sept jours"),
        url_for("imports.index"),
    )


def refusals(desk: Desk) -> Theme:
    """Files that professionals asked for and may not open, over a week."""
    query = select(func.count(AccessLog.id)).where(
        AccessLog.kind == AccessKind.REFUSED, AccessLog.at >= clock.now() - timedelta(days=7)
    )
    return _one(
        desk.session.scalar(query) or 0,
        desk.today,
        _("Accès refusés depuis sept jours"),
        url_for("access_log.index"),
    )


def _one(count: int, today: date, what: str, href: str) -> Theme:
    tasks = [Task(today, what, str(count), href, _("Voir"))] if count else []
    return Theme(tasks, len(tasks))


def catalogue_figures(desk: Desk) -> list[Figure]:
    """The catalogue ahead."""
    ahead = TrainingSession.start.between(desk.today, desk.today + _AHEAD)
    total, free = desk.session.execute(
        select(func.count(), func.count().filter(TrainingSession.seats_left > 0)).where(ahead)
    ).one()
    offers = desk.session.scalar(
        select(func.count(JobOffer.id)).where(
            JobOffer.start_wanted.between(desk.today, desk.today + _AHEAD),
            JobOffer.shared_at.is_not(None),
        )
    )
    period = _("dans les trois mois")
    sessions = url_for("trainings.index")
    shared = url_for("offers.index") if desk.actor.can(Capability.OFFERS_READ) else None
    return [
        Figure(free, total, _("sessions avec des places"), period, sessions),
        Figure(offers or 0, None, _("offres partagées"), period, shared),
    ]
