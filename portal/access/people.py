"""Which people an actor may see, and how much of each (domain reference §4.8).

Three levels, from the least: a *card* (first name, initial, skills, commune) in lists built for
an offer or a session; the *file*, read; the *file*, changed. A structure changes the files of
the people it follows; it reads those it introduced, or for a reason it stated; it sees the card
of the people who agreed to be shared in the same département.

Each condition is a set of people (``IN`` of a query about the actor alone) and never an
``EXISTS`` about the row: the set is read once by its index, instead of once for each person.
Those of a place are written once for all the pages of that place: an expression never changes.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache, lru_cache
from typing import TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, and_, false, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal import clock
from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.models.offers import Introduction, JobOffer
from portal.models.people import AccessGrant, Person, Referral

T = TypeVar("T")
#: For how many structures, or accounts, a condition is kept written.
PLACES_KEPT = 512


class PersonAccess(IntEnum):
    """How much of a person an actor may see."""

    NONE = 0
    CARD = 1
    READ = 2
    WRITE = 3


@cache
def is_active() -> ColumnElement[bool]:
    """Neither archived nor objecting (INV-18): the others are nowhere."""
    return and_(Person.archived_at.is_(None), Person.objected_at.is_(None))


def followed_by_organisation(actor: Actor) -> ColumnElement[bool]:
    """Followed now by the actor's structure: its portfolio, which it may change."""
    return _followed_by(actor.organisation.id)


@lru_cache(PLACES_KEPT)
def _followed_by(organisation_id: int) -> ColumnElement[bool]:
    return Person.id.in_(
        select(Referral.person_id).where(
            Referral.organisation_id == organisation_id, Referral.end.is_(None)
        )
    )


def own_portfolio(actor: Actor) -> ColumnElement[bool]:
    """Followed now by the actor in person."""
    return _followed_for(actor.account.id, actor.organisation.id)


@lru_cache(PLACES_KEPT)
def _followed_for(account_id: int, organisation_id: int) -> ColumnElement[bool]:
    return Person.id.in_(
        select(Referral.person_id).where(
            Referral.account_id == account_id,
            Referral.organisation_id == organisation_id,
            Referral.end.is_(None),
        )
    )


@lru_cache(PLACES_KEPT)
def _introduced_on_offer_of(organisation_id: int, *, agreed: bool) -> ColumnElement[bool]:
    """Proposed for an offer of a structure; with the person's recorded yes or not."""
    query = (
        select(Introduction.person_id)
        .join(JobOffer, JobOffer.id == Introduction.offer_id)
        .where(JobOffer.organisation_id == organisation_id)
    )
    if agreed:
        query = query.where(Introduction.agreed_at.is_not(None))
    return Person.id.in_(query)


def _granted(actor: Actor) -> ColumnElement[bool]:
    return Person.id.in_(
        select(AccessGrant.person_id).where(
            AccessGrant.account_id == actor.account.id,
            AccessGrant.organisation_id == actor.organisation.id,
            AccessGrant.until > clock.now(),
        )
    )


def _shared_here(actor: Actor) -> ColumnElement[bool]:
    return _shared_in(actor.departement_code)


@lru_cache(PLACES_KEPT)
def _shared_in(departement_code: str | None) -> ColumnElement[bool]:
    if departement_code is None:
        return false()
    return and_(Person.shared_on.is_not(None), Person.departement_code == departement_code)


def may_write(actor: Actor) -> ColumnElement[bool]:
    """The people whose file the actor may change."""
    if not actor.can(Capability.PEOPLE_WRITE):
        return false()
    return and_(is_active(), followed_by_organisation(actor))


def may_read(actor: Actor) -> ColumnElement[bool]:
    """The people whose file the actor may open.

    A stated reason opens only a file whose card could be seen. Proposing somebody opens nothing:
    the file of a person introduced is read once that person has agreed.
    """
    if not actor.can(Capability.PEOPLE_READ):
        return false()
    return and_(
        is_active(),
        or_(
            followed_by_organisation(actor),
            _introduced_on_offer_of(actor.organisation.id, agreed=True),
            and_(_shared_here(actor), _granted(actor)),
        ),
    )


def may_see_card(actor: Actor) -> ColumnElement[bool]:
    """The people the actor may find in a list built for an offer or a session."""
    return and_(may_meet(actor), or_(*_ways_to_card(actor)))


def may_meet(actor: Actor) -> ColumnElement[bool]:
    """Everybody accompanied for roles that read about people: to be joined with a way to them.

    Whom the structure follows is seen by its members, without looking for another way.
    """
    return is_active() if actor.can(Capability.PEOPLE_READ) else false()


def _ways_to_card(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Whose card may be seen: followed, introduced on an offer of the structure, shared here."""
    return (
        followed_by_organisation(actor),
        _introduced_on_offer_of(actor.organisation.id, agreed=False),
        _shared_here(actor),
    )


@cache
def shows_employers() -> ColumnElement[bool]:
    """Accompanied, and not refusing that employers see anything of them (T-SEC-06)."""
    return and_(is_active(), Person.employers_refused_at.is_(None))


def may_introduce(actor: Actor) -> ColumnElement[bool]:
    """The people the actor may find for an offer: those who refuse employers are left out.

    Who follows them still sees them in the portfolio, where the refusal is said.
    """
    return and_(may_see_card(actor), shows_employers())


def ids_to_introduce(actor: Actor) -> CompoundSelect[str]:
    """The public ids of the people of :func:`may_introduce`, each way in by an index of its own.

    With ``OR`` the whole table of people is read; a test holds the two to the same people.
    """
    return _by_each_way(actor, Person.public_id, shows_employers())


def ids_of_cards(actor: Actor) -> CompoundSelect[int]:
    """The keys of the people of :func:`may_see_card`, found in the same way."""
    return _by_each_way(actor, Person.id, is_active())


def _by_each_way(
    actor: Actor, key: InstrumentedAttribute[T], condition: ColumnElement[bool]
) -> CompoundSelect[T]:
    seen = and_(may_meet(actor), condition)
    return union(*(select(key).where(seen, way) for way in _ways_to_card(actor)))


def access_to(session: Session, actor: Actor, person_id: int) -> PersonAccess:
    """The highest level the actor has on one person."""
    for level, condition in (
        (PersonAccess.WRITE, may_write(actor)),
        (PersonAccess.READ, may_read(actor)),
        (PersonAccess.CARD, may_see_card(actor)),
    ):
        if session.scalar(select(Person.id).where(Person.id == person_id, condition)):
            return level
    return PersonAccess.NONE
