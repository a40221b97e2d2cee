"""What offers and employers ask of the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.access import offers as offer_access
from portal.access.people import is_active
from portal.access.roles import Capability
from portal.introductions.queries import may_follow
from portal.introductions.rules import EMPLOYER_STATES, ENDED_STATES, SILENCE, WAITING_STATES
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
    OutcomeReason,
    SignalState,
)
from portal.offers.queries import is_new
from portal.today.queues import Queue, Source, named, one_by_one
from portal.today.tasks import Desk, Figure, Task, working_days_after

_VISIT = timedelta(days=10)
_HORIZON = timedelta(days=7)
_OFFERS = Source(JobOffer, shown=(joinedload(JobOffer.establishment), joinedload(JobOffer.commune)))
_INTRODUCTIONS = Source(
    Introduction,
    shown=(
        joinedload(Introduction.person),
        joinedload(Introduction.offer).load_only(JobOffer.title),
    ),
)
_SIGNALS = Source(
    BusinessSignal,
    joins=(BusinessSignal.establishment,),
    shown=(joinedload(BusinessSignal.establishment),),
)


def to_reconfirm(desk: Desk) -> Queue:
    """Own offers whose freshness date is past, or comes within the week."""
    condition = (
        offer_access.may_write(desk.actor),
        or_(
            JobOffer.state == OfferState.TO_CONFIRM,
            JobOffer.state.in_(LIVE_OFFER_STATES) & (JobOffer.fresh_until <= desk.today + _HORIZON),
        ),
    )
    return Queue(
        _OFFERS,
        and_(*condition),
        (JobOffer.fresh_until, JobOffer.id),
        one_by_one(lambda row: _reconfirm(row, desk.today)),
        named(_("Offres à reconfirmer")),
        url_for("offers.index", vue="to_confirm"),
    )


def _reconfirm(offer: JobOffer, today: date) -> Task:
    return Task(
        due=offer.fresh_until or today,
        what=_("Reconfirmer l’offre"),
        about=_about(offer),
        href=url_for("offers.show", public_id=offer.public_id),
        action=_("Reconfirmer"),
    )


def _about(offer: JobOffer) -> str:
    firm = offer.establishment.name if offer.establishment else ""
    place = offer.commune.name if offer.commune else ""
    return ", ".join(part for part in (offer.title or "", firm, place) if part)


def without_answer(desk: Desk) -> Queue:
    """Introductions that an employer has not answered for ten days."""
    silent = (
        may_follow(desk.actor),
        Introduction.state.in_(WAITING_STATES),
        Introduction.sent_at <= clock.now() - SILENCE,
    )
    return _introductions(
        silent,
        due=lambda row: (row.sent_at or clock.now()).astimezone(clock.PARIS).date() + SILENCE,
        what=_("Rappeler l’employeur\u00a0: sans réponse depuis dix jours"),
        action=_("Relancer"),
    )


def to_meet(desk: Desk) -> Queue:
    """Meetings planned, whose outcome will be asked."""
    planned = (
        may_follow(desk.actor),
        Introduction.state == IntroductionState.MEETING,
        Introduction.meeting_on.is_not(None),
        Introduction.meeting_on <= desk.today + _HORIZON,
    )
    return _introductions(
        planned,
        due=lambda row: row.meeting_on or desk.today,
        what=_("Rencontre prévue\u00a0: noter ce qui en sort"),
        action=_("Suivre"),
    )


def to_ask(desk: Desk) -> Queue:
    """People whose agreement was asked, and not yet noted."""
    asked = (may_follow(desk.actor), Introduction.state == IntroductionState.AGREEMENT_ASKED)
    return _introductions(
        asked,
        due=lambda row: working_days_after(row.created_at.astimezone(clock.PARIS).date(), 2),
        what=_("Noter l’accord de la personne"),
        action=_("Noter"),
    )


def to_send(desk: Desk) -> Queue:
    """People who agreed, and whom the employer does not know of yet."""
    agreed = (may_follow(desk.actor), Introduction.state == IntroductionState.AGREED)
    return _introductions(
        agreed,
        due=lambda row: (row.agreed_at or clock.now()).astimezone(clock.PARIS).date(),
        what=_("Transmettre à l’employeur"),
        action=_("Transmettre"),
    )


def to_close(desk: Desk) -> Queue:
    """Introductions of people who are gone: the employer is told, and they end (INV-18)."""

    def tell(row: Introduction) -> Task:
        left = row.person.archived_at or row.person.objected_at or row.updated_at
        told = row.state in EMPLOYER_STATES
        return Task(
            due=working_days_after(left.astimezone(clock.PARIS).date(), 1),
            what=_("Dire à l’employeur\u00a0: la personne n’est plus disponible")
            if told
            else _("Clore\u00a0: la personne n’est plus disponible"),
            about=row.offer.title or "",
            href=url_for("introductions.show", public_id=row.public_id),
            action=_("Clore"),
        )

    condition = (
        may_follow(desk.actor),
        Introduction.state.not_in(ENDED_STATES),
        ~Introduction.person.has(is_active()),
    )
    return Queue(
        _INTRODUCTIONS,
        and_(*condition),
        (Introduction.updated_at, Introduction.id),
        one_by_one(tell),
        named(_("Personnes qui ne sont plus disponibles")),
        url_for("introductions.index"),
    )


def _introductions(
    condition: tuple[ColumnElement[bool], ...],
    *,
    due: Callable[[Introduction], date],
    what: str,
    action: str,
) -> Queue:
    def tell(row: Introduction) -> Task:
        return Task(
            due=due(row),
            what=what,
            about=f"{row.person.short_name}, {row.offer.title}",
            href=url_for("introductions.show", public_id=row.public_id),
            action=action,
            people=(row.person_id,),
        )

    return Queue(
        _INTRODUCTIONS,
        and_(*condition, Introduction.person.has(is_active())),
        (Introduction.updated_at, Introduction.id),
        one_by_one(tell),
        named(what),
        url_for("introductions.index"),
    )


def signals(desk: Desk) -> Queue:
    """Weak signals of one's own firms: a visit is due within ten days."""
    condition = (
        BusinessSignal.state == SignalState.TO_QUALIFY,
        Establishment.owner_id == desk.actor.organisation.id,
    )
    return Queue(
        _SIGNALS,
        and_(*condition),
        (BusinessSignal.detected_on, BusinessSignal.id),
        one_by_one(_visit),
    )


def _visit(row: BusinessSignal) -> Task:
    return Task(
        due=row.detected_on + _VISIT,
        what=_("Visiter\u00a0: %(kind)s", kind=row.kind.label),
        about=f"{row.establishment.name}. {row.note or ''}".strip(),
        href=url_for("offers.new", entreprise=row.establishment.public_id),
        action=_("Saisir une offre"),
    )


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
    sent, hired = desk.session.execute(
        select(
            func.count().filter(Introduction.sent_at >= since),
            func.count().filter(
                Introduction.closed_at >= since, Introduction.outcome_reason == OutcomeReason.HIRED
            ),
        )
        .select_from(Introduction)
        .join(Introduction.offer)
        .where(own)
    ).one()
    week = _("depuis lundi")
    offers, introductions = url_for("offers.index"), url_for("introductions.index")
    ended = url_for("introductions.index", vue="ended")
    return [
        Figure(told, len(hidden), _("offres cachées communiquées en un jour ouvré"), week, offers),
        Figure(sent, None, _("personnes présentées"), week, introductions),
        Figure(hired, None, _("embauches notées"), week, ended),
    ]


def _within_a_working_day(qualified: datetime | None, shared: datetime | None) -> bool:
    if qualified is None or shared is None:
        return False
    day = qualified.astimezone(clock.PARIS).date()
    return shared.astimezone(clock.PARIS).date() <= working_days_after(day, 1)
