"""Who follows the person and how: contacts, hand-overs, sharing, statuses, barriers, limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.roles import CAPABILITIES, Capability
from portal.locks import hold_row
from portal.models import (
    Account,
    AgreementChannel,
    Barrier,
    BarrierImpact,
    BarrierState,
    BarrierTheme,
    Contact,
    ContactChannel,
    Membership,
    Organisation,
    OrganisationKind,
    Person,
    PersonRestricted,
    PersonStatus,
    Referral,
    StatusCode,
    StatusSource,
)
from portal.people.queries.files import Opened
from portal.people.rules import BARRIERS

_FOLLOWING_ROLES = [
    role for role, capabilities in CAPABILITIES.items() if Capability.PEOPLE_WRITE in capabilities
]
_CONTACTS_SHOWN = 30


class AlreadyLedError(Exception):
    """Somebody else became the lead meanwhile (INV-01)."""


def list_contacts(session: Session, person: Person) -> list[tuple[Contact, str | None]]:
    """The last contacts, most recent first, each with the name of who had it."""
    rows = session.execute(
        select(Contact, Account)
        .outerjoin(Account, Account.id == Contact.by_id)
        .where(Contact.person_id == person.id)
        .order_by(Contact.on.desc(), Contact.id.desc())
        .limit(_CONTACTS_SHOWN)
    )
    return [(contact, account.full_name if account else None) for contact, account in rows]


def record_contact(
    session: Session,
    actor: Actor,
    *,
    person: Person,
    on: date,
    channel: ContactChannel,
    note: str | None,
) -> Contact:
    """A two-way contact; it moves « dernier contact » forward, never back.

    The same one, word for word, is not counted twice: the form was sent again.
    """
    hold_row(session, person)  # of two sent at once, the second one finds the first
    words: dict[str, Any] = {"by_id": actor.account.id, "on": on, "channel": channel, "note": note}
    known = session.scalar(select(Contact).filter_by(person_id=person.id, **words).limit(1))
    if known is not None:
        return known
    contact = Contact(person_id=person.id, **words)
    session.add(contact)
    if person.last_contact_on is None or person.last_contact_on < on:
        person.last_contact_on = on
    session.flush()
    return contact


def list_colleagues(session: Session, actor: Actor) -> list[Membership]:
    """Those to whom a person may be handed over.

    The actor's structure; for a service of the Département, its other services too.
    """
    place = Membership.organisation_id == actor.organisation.id
    departement = {OrganisationKind.MDS, OrganisationKind.DEPARTEMENT}
    if actor.organisation.kind in departement and actor.departement_code:
        sister = Membership.organisation.has(
            Organisation.kind.in_(departement)
            & (Organisation.departement_code == actor.departement_code)
            & Organisation.active
        )
        place = or_(place, sister)
    query = (
        select(Membership)
        .join(Account)
        .where(place, Membership.active, Account.active, Membership.role.in_(_FOLLOWING_ROLES))
        .options(joinedload(Membership.account), joinedload(Membership.organisation))
        .order_by(Account.last_name, Account.first_name, Membership.id)
    )
    return list(session.scalars(query))


def record_hand_over(
    session: Session, actor: Actor, *, opened: Opened, to: Membership, note: str
) -> Referral:
    """End the current lead and start the colleague's, the same day (INV-01).

    Raises :class:`AlreadyLedError` when another structure leads.
    """
    today, lead = clock.today(), opened.lead
    if lead is not None and lead.organisation_id != actor.organisation.id:
        raise AlreadyLedError
    if lead is not None:
        lead.end, lead.end_reason = today, "handed_over"
        session.flush()
    referral = Referral(
        person_id=opened.person.id,
        organisation_id=to.organisation_id,
        account_id=to.account_id,
        lead=True,
        start=today,
    )
    session.add(referral)
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=opened.person,
        name="handed_over",
        details={"to_account": to.account_id, "note": note},
    )
    return referral


def record_sharing(
    session: Session, actor: Actor, *, person: Person, channel: AgreementChannel | None
) -> None:
    """The person agrees that the card is shared in the département, or (None) withdraws."""
    if channel is None:
        person.shared_on = person.shared_channel = None
        name = "sharing_withdrawn"
    else:
        person.shared_on, person.shared_channel = clock.today(), channel.value
        name = "sharing_agreed"
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=person,
        name=name,
        details={"channel": channel.value if channel else None},
    )


def record_status(
    session: Session,
    actor: Actor,
    *,
    person: Person,
    code: StatusCode,
    start: date,
    source: StatusSource,
    evidence_date: date | None,
) -> PersonStatus:
    """A new dated status; the ones before stay as they were."""
    status = PersonStatus(
        person=person,
        code=code,
        start=start,
        source=source,
        evidence_date=evidence_date,
        recorded_by_id=actor.account.id,
    )
    session.add(status)
    session.flush()
    return status


def record_status_end(session: Session, actor: Actor, *, status: PersonStatus, end: date) -> None:
    """Say when a status ended; nothing else of it ever changes."""
    status.end = end
    session.flush()
    record_event(session, actor=actor, subject=status, name="status_ended")


def list_barriers(session: Session, person: Person) -> list[Barrier]:
    """The barriers, those at work first."""
    order = list(BarrierState)
    rows = session.scalars(
        select(Barrier)
        .where(Barrier.person_id == person.id)
        .options(joinedload(Barrier.acts_organisation))
    ).all()
    closed = {BarrierState.LIFTED, BarrierState.BYPASSED}
    return sorted(rows, key=lambda b: (b.state in closed, order.index(b.state), b.theme.value))


def get_barrier(session: Session, person: Person, public_id: str) -> Barrier | None:
    """A barrier of this person."""
    return session.scalar(
        select(Barrier).where(Barrier.person_id == person.id, Barrier.public_id == public_id)
    )


@dataclass(frozen=True, slots=True)
class BarrierWork:
    """How much it weighs, who acts, by when."""

    impact: BarrierImpact
    acts_text: str | None
    target_date: date | None


def record_barrier(
    session: Session, actor: Actor, *, person: Person, theme: BarrierTheme, work: BarrierWork
) -> Barrier:
    """A theme to work on, observed today."""
    barrier = Barrier(
        person_id=person.id,
        theme=theme,
        observed_by_id=actor.account.id,
        observed_on=clock.today(),
        impact=work.impact,
        acts_text=work.acts_text,
        target_date=work.target_date,
    )
    session.add(barrier)
    session.flush()
    record_event(
        session, actor=actor, subject=barrier, name="barrier_observed", to_state=barrier.state.value
    )
    return barrier


def record_barrier_work(
    session: Session, actor: Actor, *, barrier: Barrier, work: BarrierWork
) -> None:
    """What changed in who acts and by when; the change is in the journal."""
    barrier.impact, barrier.acts_text = work.impact, work.acts_text
    barrier.target_date = work.target_date
    session.flush()
    record_event(session, actor=actor, subject=barrier, name="barrier_planned")


def record_barrier_state(
    session: Session, actor: Actor, *, barrier: Barrier, target: BarrierState
) -> None:
    """Move a barrier; raises ``IllegalTransitionError`` when the table refuses it."""
    BARRIERS.move(session, barrier, target, actor=actor, name="barrier_moved")


def get_limits(session: Session, person: Person) -> PersonRestricted | None:
    """Functional limits and accommodation; the caller checks ``Rights.keeps_limits``."""
    return session.get(PersonRestricted, person.id)


def record_limits(
    session: Session, actor: Actor, *, person: Person, limits: str | None, accommodation: str | None
) -> None:
    """Functional words only, in their own table."""
    row = session.get(PersonRestricted, person.id)
    if row is None:
        row = PersonRestricted(person_id=person.id)
        session.add(row)
    row.functional_limits, row.accommodation = limits, accommodation
    session.flush()
    record_event(session, actor=actor, subject=person, name="limits_recorded")
