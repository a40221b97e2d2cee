"""Which offers an actor may see, and whether with the employer's name.

As for people, what an offer is compared with is a set (``IN`` of a query about the place alone)
and never an ``EXISTS`` about the row: kept prepared, the database would ask it offer by offer.
"""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import ColumnElement, and_, false, or_, select

from portal import clock
from portal.access.actor import Actor
from portal.access.people import PLACES_KEPT
from portal.access.roles import Capability
from portal.models.offers import LIVE_OFFER_STATES, Confidentiality, JobOffer, OfferState
from portal.models.organisations import Organisation, Role
from portal.models.people import Person

_NEVER_SHARED_STATES = (OfferState.DRAFT,)
#: The tables that :func:`may_read` reads; what it gives changes only when one of their rows does.
TABLES_READ = (JobOffer, Organisation)


def is_own(actor: Actor) -> ColumnElement[bool]:
    """Captured by the actor's structure."""
    return captured_by(actor.organisation.id)


def captured_by(organisation_id: int) -> ColumnElement[bool]:
    """Captured by a structure."""
    return JobOffer.organisation_id == organisation_id


def may_read(actor: Actor) -> ColumnElement[bool]:
    """Offers the actor may open.

    A partner sees what its département's platforms share (S3-20), and public offers; never a
    draft nor an offer kept by its adviser. An employer sees those of its own establishment.
    """
    if actor.role is Role.EMPLOYER:
        if actor.organisation.establishment_id is None:
            return false()
        return and_(
            JobOffer.establishment_id == actor.organisation.establishment_id,
            JobOffer.state.not_in(_NEVER_SHARED_STATES),
        )
    if not actor.can(Capability.OFFERS_READ):
        return false()
    return _readable_from(actor.organisation.id, actor.departement_code)


@lru_cache(PLACES_KEPT)
def _readable_from(organisation_id: int, departement_code: str | None) -> ColumnElement[bool]:
    # Written once for all the pages of a place: an expression never changes.
    shared = and_(JobOffer.state.not_in(_NEVER_SHARED_STATES), _shared_in(departement_code))
    return or_(captured_by(organisation_id), shared)


def is_live() -> ColumnElement[bool]:
    """Confirmed of late, and one can still start: the others are not proposed (T-OFF-03)."""
    today = clock.today()
    return and_(
        JobOffer.state.in_(LIVE_OFFER_STATES),
        JobOffer.fresh_until >= today,
        JobOffer.start_latest >= today,
    )


def may_be_shown_to(person: Person) -> ColumnElement[bool]:
    """Live offers a person may find in their own space: what partners where they live read.

    Never one kept by its adviser: it is shown to those the adviser chose, when they are asked.
    """
    return and_(is_live(), _shared_in(person.departement_code))


def names_employer_to_all(offer: JobOffer) -> bool:
    """Whether everybody who sees the offer may read the employer's name."""
    return offer.confidentiality in (Confidentiality.PUBLIC, Confidentiality.PARTNERS_NAMED)


@lru_cache(PLACES_KEPT)
def _shared_in(departement_code: str | None) -> ColumnElement[bool]:
    public = JobOffer.confidentiality == Confidentiality.PUBLIC
    if departement_code is None:
        return public
    platforms = select(Organisation.id).where(Organisation.departement_code == departement_code)
    return or_(
        public,
        and_(
            JobOffer.confidentiality.in_(
                (Confidentiality.PARTNERS_NAMED, Confidentiality.PARTNERS_MASKED)
            ),
            JobOffer.shared_at.is_not(None),
            or_(
                JobOffer.departement_code == departement_code,
                JobOffer.organisation_id.in_(platforms),
            ),
        ),
    )


def may_write(actor: Actor) -> ColumnElement[bool]:
    """Offers the actor may change: those of its own platform."""
    if not actor.can(Capability.OFFERS_WRITE):
        return false()
    return is_own(actor)


def sees_employer_name(actor: Actor, offer: JobOffer) -> bool:
    """Whether the employer's name may be shown to the actor."""
    if offer.organisation_id == actor.organisation.id or actor.role is Role.EMPLOYER:
        return True
    return names_employer_to_all(offer)
