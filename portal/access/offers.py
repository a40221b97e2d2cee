"""Which offers an actor may see, and whether with the employer's name."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_

from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.models.offers import Confidentiality, JobOffer, OfferState
from portal.models.organisations import Role

_NEVER_SHARED_STATES = (OfferState.DRAFT,)


def is_own(actor: Actor) -> ColumnElement[bool]:
    """Captured by the actor's structure."""
    return JobOffer.organisation_id == actor.organisation.id


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
    return or_(
        is_own(actor), and_(JobOffer.state.not_in(_NEVER_SHARED_STATES), _shared_with(actor))
    )


def _shared_with(actor: Actor) -> ColumnElement[bool]:
    public = JobOffer.confidentiality == Confidentiality.PUBLIC
    if actor.departement_code is None:
        return public
    return or_(
        public,
        and_(
            JobOffer.confidentiality.in_(
                (Confidentiality.PARTNERS_NAMED, Confidentiality.PARTNERS_MASKED)
            ),
            JobOffer.shared_at.is_not(None),
            or_(
                JobOffer.departement_code == actor.departement_code,
                JobOffer.organisation.has(departement_code=actor.departement_code),
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
    return offer.confidentiality in (Confidentiality.PUBLIC, Confidentiality.PARTNERS_NAMED)
