"""What lines say of a row: loader options that leave its other columns to who asks for them."""

from __future__ import annotations

from functools import cache

from sqlalchemy.orm import joinedload, load_only, selectinload
from sqlalchemy.sql.base import ExecutableOption

from portal.models import (
    Commune,
    CredentialType,
    Establishment,
    JobOffer,
    Occupation,
    OfferRequirement,
    Person,
    Skill,
    TrainingAction,
    TrainingProgram,
    TrainingSession,
)

Options = tuple[ExecutableOption, ...]

_PLACE = (Commune.code, Commune.name)
_PERSON = (
    Person.public_id,
    Person.first_name,
    Person.last_name,
    Person.commune_code,
    Person.available_from,
    Person.last_proposed_on,
)
_OFFER = (
    JobOffer.public_id,
    JobOffer.organisation_id,
    JobOffer.state,
    JobOffer.title,
    JobOffer.occupation_code,
    JobOffer.contract,
    JobOffer.weekly_hours,
    JobOffer.commune_code,
    JobOffer.start_wanted,
    JobOffer.start_latest,
    JobOffer.confidentiality,
    JobOffer.fresh_until,
)
_REQUIREMENT = (
    OfferRequirement.public_id,
    OfferRequirement.kind,
    OfferRequirement.skill_code,
    OfferRequirement.level,
    OfferRequirement.credential_code,
    OfferRequirement.position,
    OfferRequirement.justification,
)
_SESSION = (
    TrainingSession.public_id,
    TrainingSession.start,
    TrainingSession.end,
    TrainingSession.commune_code,
    TrainingSession.remote,
    TrainingSession.seats,
    TrainingSession.seats_left,
    TrainingSession.weekly_hours,
)


@cache
def of_person() -> Options:
    """Somebody in a list, and where they live."""
    return load_only(*_PERSON), joinedload(Person.commune).load_only(*_PLACE)


@cache
def of_offer() -> Options:
    """An offer in a list, with its trade, its place, its firm and its requirements."""
    return (
        load_only(*_OFFER),
        joinedload(JobOffer.commune).load_only(*_PLACE),
        joinedload(JobOffer.occupation).load_only(Occupation.code, Occupation.label),
        joinedload(JobOffer.establishment).load_only(Establishment.name),
        *requirement_loading(),
    )


@cache
def requirement_loading() -> Options:
    """Loader options for the requirements of offers, with their labels."""
    requirements = selectinload(JobOffer.requirements)
    label = CredentialType.code, CredentialType.label
    return (
        requirements.load_only(*_REQUIREMENT),
        requirements.joinedload(OfferRequirement.skill).load_only(Skill.code, Skill.label),
        requirements.joinedload(OfferRequirement.credential).load_only(*label),
    )


@cache
def of_session() -> Options:
    """A session that a line, or a step, tells: when, where, how many seats, and what it is."""
    action = joinedload(TrainingSession.action)
    return (
        load_only(*_SESSION),
        joinedload(TrainingSession.commune).load_only(*_PLACE),
        action.load_only(TrainingAction.organiser_name),
        action.joinedload(TrainingAction.program).load_only(TrainingProgram.title),
    )
