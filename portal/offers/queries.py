"""Offers in the database, as the actor may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, UnaryExpression, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, load_only, selectinload

from portal import clock
from portal.access import offers as access
from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.db import insert_if_absent
from portal.models import (
    LIVE_OFFER_STATES,
    Commune,
    Confidentiality,
    Establishment,
    JobOffer,
    Occupation,
    OfferOrigin,
    OfferRequirement,
    OfferState,
    OfferView,
    Organisation,
)
from portal.offers.rules import CLOSED_OFFER_STATES
from portal.text import like_pattern
from portal.web.paging import Page, paginate

PAGE_SIZE = 20
_ACCOUNTS_KEPT = 128
#: What a row of the list says.
_OF_ROW = (
    JobOffer.public_id,
    JobOffer.organisation_id,
    JobOffer.state,
    JobOffer.origin,
    JobOffer.title,
    JobOffer.posts,
    JobOffer.contract,
    JobOffer.employer_text,
    JobOffer.start_wanted,
    JobOffer.start_latest,
    JobOffer.confidentiality,
    JobOffer.fresh_until,
)
VIEWS = ("all", "mine", "drafts", "partners", "new", "to_confirm", "closed")


@dataclass(frozen=True, slots=True)
class OfferFilters:
    """What is asked of the list; empty means everything of the view."""

    view: str = "all"
    text: str = ""
    trade: str = ""
    place: str = ""
    state: OfferState | None = None
    origin: OfferOrigin | None = None


@dataclass(frozen=True, slots=True)
class OfferPage:
    """A page of the list, what is new in it, and how many offers each view holds."""

    page: Page[JobOffer]
    new_ids: frozenset[int]
    counts: dict[str, int]


def get_offer(session: Session, actor: Actor, public_id: str) -> JobOffer | None:
    """An offer the actor may read, with what its page shows."""
    return _one(session, public_id, access.may_read(actor))


def get_own_offer(session: Session, actor: Actor, public_id: str) -> JobOffer | None:
    """An offer the actor may change."""
    return _one(session, public_id, access.may_write(actor))


def _one(session: Session, public_id: str, scope: ColumnElement[bool]) -> JobOffer | None:
    return session.scalar(
        select(JobOffer)
        .where(JobOffer.public_id == public_id, scope)
        .options(
            joinedload(JobOffer.occupation),
            joinedload(JobOffer.commune),
            joinedload(JobOffer.establishment).joinedload(Establishment.commune),
            joinedload(JobOffer.organisation),
            joinedload(JobOffer.adviser),
            selectinload(JobOffer.requirements).joinedload(OfferRequirement.skill),
            selectinload(JobOffer.requirements).joinedload(OfferRequirement.credential),
        )
    )


def list_offers(session: Session, actor: Actor, filters: OfferFilters, number: int) -> OfferPage:
    """A page of the offers the actor may read, the most recent first; five statements."""
    scope = access.may_read(actor)
    query = _filtered(select(JobOffer).where(scope), actor, filters)
    query = query.options(
        load_only(*_OF_ROW),
        joinedload(JobOffer.occupation).load_only(Occupation.label),
        joinedload(JobOffer.commune).load_only(Commune.name),
        joinedload(JobOffer.establishment).load_only(Establishment.name),
        joinedload(JobOffer.organisation).load_only(Organisation.name),
    ).order_by(*_order(filters.view))
    page = paginate(session, query, number=number, size=PAGE_SIZE)
    new_ids = session.scalars(
        select(JobOffer.id).where(JobOffer.id.in_([row.id for row in page.rows]), is_new(actor))
    )
    return OfferPage(page, frozenset(new_ids), _counts(session, actor))


def _order(view: str) -> tuple[UnaryExpression[Any], ...]:
    if view == "to_confirm":
        return JobOffer.fresh_until.asc(), JobOffer.id.asc()
    if view == "drafts":
        return JobOffer.updated_at.desc(), JobOffer.id.desc()
    moment = func.coalesce(JobOffer.shared_at, JobOffer.qualified_at, JobOffer.created_at)
    return moment.desc(), JobOffer.id.desc()


def is_new(actor: Actor) -> ColumnElement[bool]:
    """Shared by another structure, still live, and never opened by this account (T-OFF-01)."""
    return _conditions_of(actor)["new"]


def _is_new_to(account_id: int, own: ColumnElement[bool], today: date) -> ColumnElement[bool]:
    seen = exists(
        select(OfferView.id).where(
            OfferView.offer_id == JobOffer.id, OfferView.account_id == account_id
        )
    )
    return and_(~own, _is_live(today), ~seen)


def _is_live(today: date) -> ColumnElement[bool]:
    return and_(
        JobOffer.state.in_(LIVE_OFFER_STATES),
        or_(JobOffer.fresh_until.is_(None), JobOffer.fresh_until >= today),
    )


def _is_to_confirm(today: date) -> ColumnElement[bool]:
    """In the state, or past the date before the daily job has run."""
    return or_(
        JobOffer.state == OfferState.TO_CONFIRM,
        and_(JobOffer.state.in_(LIVE_OFFER_STATES), JobOffer.fresh_until < today),
    )


def view_condition(actor: Actor, view: str) -> ColumnElement[bool]:
    """Which offers belong to a view of the list."""
    return _conditions_of(actor)[view]


def _conditions_of(actor: Actor) -> Mapping[str, ColumnElement[bool]]:
    return _conditions(actor.organisation.id, actor.account.id, clock.today())


@lru_cache(_ACCOUNTS_KEPT)
def _conditions(
    organisation_id: int, account_id: int, today: date
) -> Mapping[str, ColumnElement[bool]]:
    """The condition of each view, written once a day for an account: an expression is kept."""
    own = access.captured_by(organisation_id)
    return {
        "all": JobOffer.state.not_in({OfferState.DRAFT, *CLOSED_OFFER_STATES}),
        "mine": and_(own, JobOffer.state.not_in({OfferState.DRAFT, *CLOSED_OFFER_STATES})),
        "drafts": and_(own, JobOffer.state == OfferState.DRAFT),
        "partners": and_(~own, JobOffer.state.not_in(CLOSED_OFFER_STATES)),
        "new": _is_new_to(account_id, own, today),
        "to_confirm": and_(own, _is_to_confirm(today)),
        "closed": JobOffer.state.in_(CLOSED_OFFER_STATES),
    }


def _counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many offers in each view, in one statement."""
    columns = [
        func.count(JobOffer.id).filter(view_condition(actor, view)).label(view) for view in VIEWS
    ]
    row = session.execute(select(*columns).where(access.may_read(actor))).one()
    return dict(row._mapping)


def _filtered(query: Select[JobOffer], actor: Actor, filters: OfferFilters) -> Select[JobOffer]:
    query = query.where(view_condition(actor, filters.view))
    if filters.text:
        query = query.where(_says(actor, filters.text))
    if filters.trade:
        query = query.where(
            or_(
                JobOffer.occupation_code == filters.trade.upper(),
                JobOffer.occupation.has(
                    Occupation.search_label.like(like_pattern(filters.trade), escape="\\")
                ),
            )
        )
    if filters.place:
        query = query.where(JobOffer.commune.has(_place_condition(filters.place)))
    if filters.state:
        query = query.where(_state_condition(filters.state))
    if filters.origin:
        query = query.where(JobOffer.origin == filters.origin)
    return query


def _place_condition(place: str) -> ColumnElement[bool]:
    if place.strip().isdigit():
        return Commune.postal_codes.like(f"%{place.strip()}%")
    return Commune.search_name.like(like_pattern(place)[1:], escape="\\")


def _state_condition(state: OfferState) -> ColumnElement[bool]:
    today = clock.today()
    if state is OfferState.TO_CONFIRM:
        return _is_to_confirm(today)
    if state in LIVE_OFFER_STATES:
        return and_(JobOffer.state == state, _is_live(today))
    return JobOffer.state == state


def _says(actor: Actor, text: str) -> ColumnElement[bool]:
    """In the title, the trade, or the employer's name where the actor may see it."""
    pattern = like_pattern(text)
    spelled = text.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    named = or_(
        access.is_own(actor),
        JobOffer.confidentiality.in_((Confidentiality.PUBLIC, Confidentiality.PARTNERS_NAMED)),
    )
    return or_(
        func.lower(func.coalesce(JobOffer.title, "")).like(f"%{spelled}%", escape="\\"),
        JobOffer.occupation.has(Occupation.search_label.like(pattern, escape="\\")),
        and_(
            named,
            JobOffer.establishment.has(Establishment.search_name.like(pattern, escape="\\")),
        ),
    )


def record_view(session: Session, actor: Actor, *, offer: JobOffer) -> None:
    """The account has seen the offer: it is no longer « nouveau » for it."""
    seen = {"offer_id": offer.id, "account_id": actor.account.id, "seen_at": clock.now()}
    insert_if_absent(session, OfferView, **seen)


def is_own(actor: Actor, offer: JobOffer) -> bool:
    """Whether the actor may change a loaded offer."""
    return actor.can(Capability.OFFERS_WRITE) and offer.organisation_id == actor.organisation.id
