"""What offers and employers ask of the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access import offers as offer_access
from portal.access.roles import Capability
from portal.introductions.queries import may_follow
from portal.introductions.rules import SILENCE, WAITING_STATES
from portal.models import (
    LIVE_OFFER_STATES,
    BusinessSignal,
    Confidentiality,
    Establishment,
    Introduction,
    IntroductionState,
    JobOffer,
    OfferOrigin,
    OfferState,
    SignalState,
)
from portal.offers.queries import is_new
from portal.today.tasks import Desk, Figure, Task, Theme, working_days_after

SHOWN = 5
_VISIT = timedelta(days=10)
_HORIZON = timedelta(days=7)


def to_reconfirm(desk: Desk) -> Theme:
    """Own offers whose freshness date is past, or comes within the week."""
    condition = (
        offer_access.may_write(desk.actor),
        or_(
            JobOffer.state == OfferState.TO_CONFIRM,
            JobOffer.state.in_(LIVE_OFFER_STATES) & (JobOffer.fresh_until <= desk.today + _HORIZON),
        ),
    )
    rows = desk.session.scalars(
        select(JobOffer)
        .where(*condition)
        .options(joinedload(JobOffer.establishment), joinedload(JobOffer.commune))
        .order_by(JobOffer.fresh_until, JobOffer.id)
        .limit(SHOWN)
    )
    tasks = [
        Task(
            due=offer.fresh_until or desk.today,
            what=_("Reconfirmer l’offre"),
            about=_about(offer),
            href=url_for("offers.show", public_id=offer.public_id),
            action=_("Reconfirmer"),
        )
        for offer in rows
    ]
    count = desk.session.scalar(select(func.count(JobOffer.id)).where(*condition)) or 0
    more = url_for("offers.index", vue="to_confirm")
    return Theme(tasks, count, _("Offres à reconfirmer"), more)


def _about(offer: JobOffer) -> str:
    firm = offer.establishment.name if offer.establishment else ""
    place = offer.commune.name if offer.commune else ""
    return ", ".join(part for part in (offer.title or "", firm, place) if part)


def without_answer(desk: Desk) -> Theme:
    """Introductions that an employer has not answered for ten days."""
    silent = (
        may_follow(desk.actor),
        Introduction.state.in_(WAITING_STATES),
        Introduction.sent_at <= clock.now() - SILENCE,
    )
    return _introductions(
        desk.session,
        silent,
        due=lambda row: (row.sent_at or clock.now()).astimezone(clock.PARIS).date() + SILENCE,
        what=_("Rappeler l’employeur : sans réponse depuis dix jours"),
        action=_("Relancer"),
    )


def to_meet(desk: Desk) -> Theme:
    """Meetings planned, whose outcome will be asked."""
    planned = (
        may_follow(desk.actor),
        Introduction.state == IntroductionState.MEETING,
        Introduction.meeting_on.is_not(None),
        Introduction.meeting_on <= desk.today + _HORIZON,
    )
    return _introductions(
        desk.session,
        planned,
        due=lambda row: row.meeting_on or desk.today,
        what=_("Rencontre prévue : noter ce qui en sort"),
        action=_("Suivre"),
    )


def to_ask(desk: Desk) -> Theme:
    """People whose agreement was asked, and not yet noted."""
    asked = (may_follow(desk.actor), Introduction.state == IntroductionState.AGREEMENT_ASKED)
    return _introductions(
        desk.session,
        asked,
        due=lambda row: working_days_after(row.created_at.astimezone(clock.PARIS).date(), 2),
        what=_("Noter l’accord de la personne"),
        action=_("Noter"),
    )


def to_send(desk: Desk) -> Theme:
    """People who agreed, and whom the employer does not know of yet."""
    agreed = (may_follow(desk.actor), Introduction.state == IntroductionState.AGREED)
    return _introductions(
        desk.session,
        agreed,
        due=lambda row: (row.agreed_at or clock.now()).astimezone(clock.PARIS).date(),
        what=_("Transmettre à l’employeur"),
        action=_("Transmettre"),
    )


def _introductions(
    session: Session,
    condition: tuple[ColumnElement[bool], ...],
    *,
    due: Callable[[Introduction], date],
    what: str,
    action: str,
) -> Theme:
    rows = session.scalars(
        select(Introduction)
        .where(*condition)
        .options(
            joinedload(Introduction.person),
            joinedload(Introduction.offer).joinedload(JobOffer.establishment),
            joinedload(Introduction.offer).joinedload(JobOffer.commune),
        )
        .order_by(Introduction.updated_at, Introduction.id)
        .limit(SHOWN)
    )
    tasks = [
        Task(
            due=due(row),
            what=what,
            about=f"{row.person.short_name}, {row.offer.title}",
            href=url_for("introductions.show", public_id=row.public_id),
            action=action,
            people=(row.person_id,),
        )
        for row in rows
    ]
    count = session.scalar(select(func.count(Introduction.id)).where(*condition)) or 0
    return Theme(tasks, count, what, url_for("introductions.index"))


def signals(desk: Desk) -> Theme:
    """Weak signals of one's own firms: a visit is due within ten days."""
    condition = (
        BusinessSignal.state == SignalState.TO_QUALIFY,
        Establishment.owner_id == desk.actor.organisation.id,
    )
    rows = desk.session.scalars(
        select(BusinessSignal)
        .join(BusinessSignal.establishment)
        .where(*condition)
        .options(joinedload(BusinessSignal.establishment))
        .order_by(BusinessSignal.detected_on, BusinessSignal.id)
        .limit(SHOWN)
    )
    tasks = [
        Task(
            due=row.detected_on + _VISIT,
            what=_("Visiter : %(kind)s", kind=row.kind.label),
            about=f"{row.establishment.name}. {row.note or ''}".strip(),
            href=url_for("offers.new", entreprise=row.establishment.public_id),
            action=_("Saisir une offre"),
        )
        for row in rows
    ]
    counted = select(func.count(BusinessSignal.id)).join(BusinessSignal.establishment)
    return Theme(tasks, desk.session.scalar(counted.where(*condition)) or 0)


def newly_shared(desk: Desk) -> int:
    """How many offers shared by partners this account has not opened yet (T-OFF-01)."""
    if not desk.actor.can(Capability.OFFERS_READ):
        return 0
    query = select(func.count(JobOffer.id)).where(
        offer_access.may_read(desk.actor), is_new(desk.actor), JobOffer.state.in_(LIVE_OFFER_STATES)
    )
    return desk.session.scalar(query) or 0


def week_figures(desk: Desk) -> list[Figure]:
    """The week of a platform: captured, communicated within a working day (I-10), hired."""
    monday = desk.today - timedelta(days=desk.today.weekday())
    since = datetime.combine(monday, datetime.min.time(), clock.PARIS)
    own = JobOffer.organisation_id == desk.actor.organisation.id
    hidden = desk.session.execute(
        select(JobOffer.qualified_at, JobOffer.shared_at).where(
            own,
            JobOffer.origin == OfferOrigin.HIDDEN,
            JobOffer.qualified_at >= since,
            JobOffer.confidentiality != Confidentiality.ADVISER_ONLY,
        )
    ).all()
    told = sum(_within_a_working_day(qualified, shared) for qualified, shared in hidden)
    sent = _count_introductions(desk.session, own, Introduction.sent_at >= since)
    hired = _count_introductions(
        desk.session, own, Introduction.closed_at >= since, state=IntroductionState.HIRED
    )
    week = _("depuis lundi")
    offers, introductions = url_for("offers.index"), url_for("introductions.index")
    return [
        Figure(told, len(hidden), _("offres cachées communiquées en un jour ouvré"), week, offers),
        Figure(sent, None, _("personnes présentées"), week, introductions),
        Figure(hired, None, _("embauches notées"), week, introductions),
    ]


def _within_a_working_day(qualified: datetime | None, shared: datetime | None) -> bool:
    if qualified is None or shared is None:
        return False
    day = qualified.astimezone(clock.PARIS).date()
    return shared.astimezone(clock.PARIS).date() <= working_days_after(day, 1)


def _count_introductions(
    session: Session,
    own: ColumnElement[bool],
    *conditions: ColumnElement[bool],
    state: IntroductionState | None = None,
) -> int:
    query = select(func.count(Introduction.id)).join(Introduction.offer).where(own, *conditions)
    if state is not None:
        query = query.where(Introduction.state == state)
    return session.scalar(query) or 0
