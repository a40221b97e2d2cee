"""What has been given to a person or to an establishment, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.offers import is_own
from portal.accesses.leaving import SentLink
from portal.doors.codes import revoke_person_codes
from portal.doors.contacts import close_accesses, main_contact
from portal.doors.links import revoke_links
from portal.introductions.rules import EMPLOYER_STATES
from portal.models import (
    DoorLink,
    DoorPass,
    EmployerContact,
    Establishment,
    Introduction,
    JobOffer,
    OfferState,
    OutboxMessage,
    Person,
    PersonCode,
)
from portal.web.doorstep import end_visits

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Given:
    """The links and passes of one bearer or of one establishment, latest first."""

    links: list[SentLink]
    passes: list[DoorPass]

    def is_over(self, link: DoorLink) -> bool:
        """Whether a link ran out before it was used."""
        return clock.now() >= link.expires_at


def is_kept(actor: Actor) -> ColumnElement[bool]:
    """The establishments whose contacts the actor's platform writes.

    Whoever writes a contact opens the whole space of the firm, the people of other platforms
    included: only the platform that keeps the establishment does, or when none does, one that
    has an offer there, a draft being no offer yet.
    """
    return or_(
        Establishment.owner_id == actor.organisation.id,
        and_(
            Establishment.owner_id.is_(None),
            exists(
                select(JobOffer.id).where(
                    JobOffer.establishment_id == Establishment.id,
                    JobOffer.state != OfferState.DRAFT,
                    is_own(actor),
                )
            ),
        ),
    )


def _is_written_to(actor: Actor) -> ColumnElement[bool]:
    """Those to whose known contacts the actor's platform sends links: it presented somebody."""
    presented = (
        select(Introduction.id)
        .join(Introduction.offer)
        .where(
            JobOffer.establishment_id == Establishment.id,
            JobOffer.state != OfferState.DRAFT,
            Introduction.organisation_id == actor.organisation.id,
            Introduction.state.in_(EMPLOYER_STATES),
        )
    )
    return or_(is_kept(actor), exists(presented))


def keeps(session: Session, actor: Actor, establishment: Establishment) -> bool:
    """Whether the actor's platform writes the contacts of an establishment."""
    query = select(Establishment.id).where(Establishment.id == establishment.id, is_kept(actor))
    return session.scalar(query) is not None


def writes_to(session: Session, actor: Actor, establishment: Establishment) -> bool:
    """Whether the actor's platform sends links to the contacts of an establishment."""
    query = select(Establishment.id).where(
        Establishment.id == establishment.id, _is_written_to(actor)
    )
    return session.scalar(query) is not None


def get_establishment(session: Session, actor: Actor, public_id: str) -> Establishment | None:
    """An establishment to whose contacts the actor sends links."""
    return session.scalar(
        select(Establishment).where(Establishment.public_id == public_id, _is_written_to(actor))
    )


def get_kept_establishment(session: Session, actor: Actor, public_id: str) -> Establishment | None:
    """An establishment whose contacts the actor writes."""
    return session.scalar(
        select(Establishment).where(Establishment.public_id == public_id, is_kept(actor))
    )


def get_contact(
    session: Session, actor: Actor, establishment_id: str, public_id: str
) -> EmployerContact | None:
    """A contact to whom the actor sends links."""
    return session.scalar(_contact_query(establishment_id, public_id).where(_is_written_to(actor)))


def get_kept_contact(
    session: Session, actor: Actor, establishment_id: str, public_id: str
) -> EmployerContact | None:
    """A contact that the actor changes, closes, or whose accesses they withdraw."""
    return session.scalar(_contact_query(establishment_id, public_id).where(is_kept(actor)))


def _contact_query(establishment_id: str, public_id: str) -> Select[EmployerContact]:
    return (
        select(EmployerContact)
        .join(EmployerContact.establishment)
        .where(
            EmployerContact.public_id == public_id,
            Establishment.public_id == establishment_id,
        )
    )


def list_contacts(session: Session, establishment: Establishment) -> list[EmployerContact]:
    """The contacts of an establishment, those who are still there first."""
    return list(
        session.scalars(
            select(EmployerContact)
            .where(EmployerContact.establishment_id == establishment.id)
            .order_by(EmployerContact.active.desc(), EmployerContact.name, EmployerContact.id)
        )
    )


def list_of_establishment(session: Session, establishment: Establishment) -> Given:
    """The last links made for an establishment, and what came of them."""
    ids = select(EmployerContact.id).where(EmployerContact.establishment_id == establishment.id)
    return _given(session, lambda table: table.contact_id.in_(ids))


def list_of_person(session: Session, person: Person) -> Given:
    """The last links made for a person, and what came of them."""
    return _given(session, lambda table: table.person_id == person.id)


def get_living_code(session: Session, person: Person) -> PersonCode | None:
    """The printed code of a person that still opens."""
    return session.scalar(
        select(PersonCode).where(
            PersonCode.person_id == person.id,
            PersonCode.revoked_at.is_(None),
            PersonCode.expires_at > clock.now(),
        )
    )


def _given(session: Session, is_theirs: Callable[[Any], ColumnElement[bool]]) -> Given:
    """``is_theirs``: of a table with a ``person_id`` and a ``contact_id``, the bearer's rows."""
    links = session.scalars(
        select(DoorLink)
        .where(is_theirs(DoorLink))
        .options(joinedload(DoorLink.contact), joinedload(DoorLink.made_by))
        .order_by(DoorLink.created_at.desc(), DoorLink.id.desc())
        .limit(_SHOWN)
    ).all()
    carrying = select(OutboxMessage).where(
        is_theirs(OutboxMessage), OutboxMessage.link_id.in_([row.id for row in links])
    )
    messages = {row.link_id: row for row in session.scalars(carrying)}
    passes = session.scalars(
        select(DoorPass)
        .where(is_theirs(DoorPass))
        .order_by(DoorPass.at.desc(), DoorPass.id.desc())
        .limit(_SHOWN)
    )
    # A link that no message carries is in nobody's hands, unless it was used.
    sent = [
        SentLink(row, messages.get(row.id)) for row in links if row.id in messages or row.used_at
    ]
    return Given(sent, list(passes))


def record_first_contact(
    session: Session, actor: Actor, *, establishment: Establishment
) -> EmployerContact | None:
    """Make a contact of what the offer form kept, if there is none yet."""
    contact = main_contact(session, establishment)
    if contact is not None:
        record_event(session, actor=actor, subject=contact, name="contact_recorded")
    return contact


def record_contact(
    session: Session,
    actor: Actor,
    *,
    contact: EmployerContact,
    name: str,
    job: str | None,
    phone: str | None,
    email: str | None,
) -> None:
    """Write a contact, new or known; a new number or address ends what the old one opened."""
    known = contact.id is not None
    moved = known and (contact.phone, contact.email) != (phone, email)
    contact.name, contact.job = name, job
    contact.phone, contact.email = phone, email
    session.add(contact)
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=contact,
        name="contact_changed" if known else "contact_recorded",
    )
    if moved:
        close_accesses(session, actor, contact=contact, moved=True)


def record_departure(session: Session, actor: Actor, *, contact: EmployerContact) -> None:
    """A contact left the establishment: nothing of theirs opens any more."""
    contact.active = False
    close_accesses(session, actor, contact=contact)
    record_event(session, actor=actor, subject=contact, name="contact_closed")


def record_person_closed(session: Session, actor: Actor, *, person: Person) -> None:
    """Withdraw everything a person was given: links, printed code, open visits."""
    revoke_person_codes(session, person)
    revoke_links(session, to=person)
    end_visits(session, person_id=person.id)
    record_event(session, actor=actor, subject=person, name="accesses_closed")
