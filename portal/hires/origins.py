"""Where a hire comes from: an introduction, a pathway, a cohort, or the person's file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.access import people as people_access
from portal.access.actor import Actor
from portal.access.people import PersonAccess
from portal.access.roles import Capability
from portal.introductions.queries import get_introduction
from portal.models import (
    Cohort,
    CohortMembership,
    EmployerCommitment,
    Establishment,
    Introduction,
    JobOffer,
    JobPromise,
    Person,
)
from portal.pathways.queries import get_opened


@dataclass(frozen=True, slots=True)
class Origin:
    """Who is hired, and all that is known of the job; ``arguments`` name it in an address."""

    person: Person
    arguments: dict[str, str] = field(default_factory=dict)
    introduction: Introduction | None = None
    membership: CohortMembership | None = None
    offer: JobOffer | None = None
    commitment: EmployerCommitment | None = None

    @property
    def establishment(self) -> Establishment | None:
        """The employer, when the offer or the promised job says it."""
        if self.commitment is not None:
            return self.commitment.establishment
        return self.offer.establishment if self.offer else None


def get_origin(session: Session, actor: Actor, asked: Mapping[str, str]) -> Origin | None:
    """The origin named in an address; None when it is unknown, or not the actor's to use."""
    for name, find in _FINDERS.items():
        if public_id := asked.get(name):
            origin = find(session, actor, public_id)
            if origin is not None:
                origin.arguments[name] = public_id
            return origin
    return None


def _of_introduction(session: Session, actor: Actor, public_id: str) -> Origin | None:
    row = get_introduction(session, actor, public_id)
    if row is None or row.person.is_gone:
        return None
    return Origin(row.person, introduction=row, offer=row.offer)


def _of_pathway(session: Session, actor: Actor, public_id: str) -> Origin | None:
    opened = get_opened(session, actor, public_id)
    if opened is None or opened.level < PersonAccess.WRITE:
        return None
    return Origin(opened.pathway.person, offer=opened.pathway.goal_offer)


def _of_person(session: Session, actor: Actor, public_id: str) -> Origin | None:
    person = session.scalar(
        select(Person).where(Person.public_id == public_id, people_access.may_write(actor))
    )
    return Origin(person) if person else None


def _of_membership(session: Session, actor: Actor, public_id: str) -> Origin | None:
    """A place in a cohort of the actor's hub, or of a person the actor's structure follows."""
    row = session.scalar(
        select(CohortMembership)
        .join(Cohort, Cohort.id == CohortMembership.cohort_id)
        .join(Person, Person.id == CohortMembership.person_id)
        .where(
            CohortMembership.public_id == public_id,
            people_access.is_active(),
            (Cohort.hub_id == actor.organisation.id) | people_access.may_write(actor),
        )
        .options(joinedload(CohortMembership.person), joinedload(CohortMembership.cohort))
    )
    if row is None or not actor.can(Capability.HIRES):
        return None
    commitment = _promised_to(session, row)
    return Origin(
        row.person,
        membership=row,
        offer=commitment.offer if commitment else None,
        commitment=commitment,
    )


def _promised_to(session: Session, membership: CohortMembership) -> EmployerCommitment | None:
    return session.scalar(
        select(EmployerCommitment)
        .join(JobPromise, JobPromise.commitment_id == EmployerCommitment.id)
        .where(JobPromise.membership_id == membership.id)
        .options(joinedload(EmployerCommitment.establishment), joinedload(EmployerCommitment.offer))
    )


_FINDERS = {
    "introduction": _of_introduction,
    "parcours": _of_pathway,
    "membre": _of_membership,
    "personne": _of_person,
}
