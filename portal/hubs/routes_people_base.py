"""What the pages about the people of a cohort share: who may open them."""

from __future__ import annotations

from sqlalchemy import select

from portal.access.actor import Actor
from portal.access.log import log_refusal
from portal.access.roles import Capability
from portal.hubs import queries
from portal.hubs.answers import found_or_404
from portal.models import Cohort, CohortMembership, Organisation, Referral
from portal.web.guards import current_actor
from portal.web.session import db_session


def open_cohort(public_id: str, *, people: bool = False, write: bool = False) -> Cohort:
    """The cohort, or the page « introuvable »; ``people``: only for those who may see people."""
    actor = current_actor()
    row = found_or_404(queries.get_cohort(db_session(), actor, public_id, write=write))
    return found_or_404(row if queries.sees_people(actor) or not people else None)


def open_member(cohort: Cohort, public_id: str) -> CohortMembership:
    """A person of the cohort that the actor may see; a refusal is logged."""
    actor, session = current_actor(), db_session()
    row = queries.get_member(session, actor, cohort, public_id)
    if row is None:
        query = select(CohortMembership.person_id).where(CohortMembership.public_id == public_id)
        person_id = session.scalar(query)
        if person_id is not None:
            log_refusal(actor, person_id, f"cohorte {cohort.public_id}")
    return found_or_404(row)


def runs(actor: Actor, cohort: Cohort) -> bool:
    """Whether the actor is the hub of the cohort."""
    return actor.can(Capability.HUBS_WRITE) and actor.organisation.id == cohort.hub_id


def owners_of(membership: CohortMembership, actor: Actor) -> list[Organisation]:
    """The structures that may take the next step: the prescriber, the hub, who follows them."""
    following = db_session().scalars(
        select(Organisation)
        .join(Referral, Referral.organisation_id == Organisation.id)
        .where(Referral.person_id == membership.person_id, Referral.end.is_(None))
        .order_by(Organisation.name)
    )
    rows = [membership.prescriber, actor.organisation, membership.cohort.hub, *following]
    return list({row.id: row for row in rows}.values())
