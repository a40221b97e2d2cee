"""One person's file: opened, created, changed, archived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access import people as access
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.people import PersonAccess
from portal.doors.reach import close_old_reach, reach_of
from portal.locks import hold_row
from portal.models import (
    AccessGrant,
    AccessReason,
    AgreementChannel,
    Commune,
    ContactPreference,
    Person,
    PersonStatus,
    Referral,
)
from portal.people.rules import GRANT_LENGTH, OBJECTION, Rights, rights_of, visible_statuses
from portal.text import fold

#: How long a form sent again is taken for the first one.
_SENT_AGAIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Opened:
    """A person as the actor found them: how far the door opens, and what they may do."""

    person: Person
    level: PersonAccess
    rights: Rights

    @property
    def statuses(self) -> list[PersonStatus]:
        """The statuses that this actor may read."""
        return visible_statuses(self.rights, self.person.statuses)

    @property
    def lead(self) -> Referral | None:
        """Who leads the accompaniment now."""
        return next((r for r in self.person.referrals if r.lead and r.end is None), None)


# One statement: each is a handful of rows, less dear to repeat than to ask for one by one.
_FILE = (
    select(Person)
    .where(Person.public_id == bindparam("public_id"))
    .options(
        joinedload(Person.commune),
        joinedload(Person.referrals).joinedload(Referral.account),
        joinedload(Person.referrals).joinedload(Referral.organisation),
        joinedload(Person.statuses),
    )
)


def get_opened(session: Session, actor: Actor, public_id: str) -> Opened | None:
    """The person under this id, with the actor's level (perhaps NONE); None when nobody is."""
    person = session.scalars(_FILE, {"public_id": public_id}).unique().one_or_none()
    if person is None:
        return None
    level = access.access_to(session, actor, person.id)
    return Opened(person, level, rights_of(actor, level, person.referrals))


def record_grant(
    session: Session, actor: Actor, *, person: Person, reason: AccessReason
) -> AccessGrant:
    """Open the file for a stated reason; the door closes by itself after seven days."""
    now = clock.now()
    grant = AccessGrant(
        person_id=person.id,
        account_id=actor.account.id,
        organisation_id=actor.organisation.id,
        reason=reason,
        granted_at=now,
        until=now + GRANT_LENGTH,
    )
    session.add(grant)
    session.flush()
    record_event(session, actor=actor, subject=person, name="file_opened", reason=reason.value)
    return grant


def list_look_alikes(
    session: Session,
    actor: Actor,
    *,
    first_name: str,
    last_name: str,
    birth_date: date | None,
    phone: str | None,
) -> list[Person]:
    """People the actor may see with the same name and birth date, or the same telephone.

    The name is enough for a file that the actor reads, when nothing tells that it is another
    birth date; not the one just opened, that a second tap sends again.
    """
    same_name = Person.search_name == fold(f"{first_name} {last_name}")
    before = Person.created_at < clock.now() - _SENT_AGAIN
    by_name = and_(same_name, access.may_read(actor), before)
    if birth_date is None:
        signs = [by_name]
    else:
        same_birth = and_(same_name, Person.birth_date == birth_date)
        signs = [same_birth, and_(by_name, Person.birth_date.is_(None))]
    if phone:
        signs.append(Person.phone == phone)
    query = select(Person).where(access.may_see_card(actor), or_(*signs))
    return list(session.scalars(query.order_by(Person.id).limit(5)))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the person is and how to reach them."""

    first_name: str
    last_name: str
    birth_date: date | None
    phone: str | None
    email: str | None
    contact_preference: ContactPreference
    commune: Commune | None


def record_person(
    session: Session, actor: Actor, *, identity: Identity, shared_by: AgreementChannel | None
) -> Person:
    """A new person, followed from today by the actor, who leads.

    The same identity, sent again by the same account within minutes, is the same file.
    """
    hold_row(session, actor.organisation)  # of two sent at once, the second one finds the first
    known = _recorded_just_before(session, actor, identity)
    if known is not None:
        return known
    today = clock.today()
    person = Person(owner_id=actor.organisation.id, followed_since=today)
    apply_identity(person, identity)
    if shared_by is not None:
        person.shared_on, person.shared_channel = today, shared_by.value
    session.add(person)
    session.flush()
    session.add(
        Referral(
            person_id=person.id,
            organisation_id=actor.organisation.id,
            account_id=actor.account.id,
            lead=True,
            start=today,
        )
    )
    session.flush()
    record_event(
        session, actor=actor, subject=person, name="person_created", details={"informed": True}
    )
    return person


def _recorded_just_before(session: Session, actor: Actor, identity: Identity) -> Person | None:
    """The file that the actor has just opened under the very same identity."""
    return session.scalar(
        select(Person)
        .where(
            access.is_active(),
            access.own_portfolio(actor),
            Person.created_at > clock.now() - _SENT_AGAIN,
            Person.first_name == identity.first_name,
            Person.last_name == identity.last_name,
            Person.birth_date == identity.birth_date,
            Person.phone == identity.phone,
            Person.email == identity.email,
        )
        .limit(1)
    )


def apply_identity(person: Person, identity: Identity) -> None:
    """Write the identity on the row, its search name and its département with it."""
    person.first_name = identity.first_name
    person.last_name = identity.last_name
    person.search_name = fold(f"{identity.first_name} {identity.last_name}")
    person.birth_date = identity.birth_date
    person.phone = identity.phone
    person.email = identity.email
    person.contact_preference = identity.contact_preference
    apply_place(person, identity.commune)


def apply_place(person: Person, commune: Commune | None) -> None:
    """Write the commune on the row, and its département with it."""
    person.commune = commune
    person.commune_code = commune.code if commune else None
    person.departement_code = commune.departement_code if commune else None


def record_identity(session: Session, actor: Actor, *, person: Person, identity: Identity) -> None:
    """Change the identity; a new number or mail ends what was sent to the old one."""
    before = reach_of(person)
    apply_identity(person, identity)
    record_change(session, actor, person=person, name="identity_changed")
    close_old_reach(session, person, before=before)


def record_change(session: Session, actor: Actor, *, person: Person, name: str) -> None:
    """Flush what a form changed on the person, and say who changed it."""
    session.flush()
    record_event(session, actor=actor, subject=person, name=name)


def record_archive(session: Session, actor: Actor, *, person: Person, reason: str) -> None:
    """Close the file: it leaves every list, and its referrals end today.

    Who objects (RGPD, article 21) is never brought back, whatever file names them.
    """
    person.archived_at = clock.now()
    if reason == OBJECTION:
        person.objected_at = person.archived_at
    for referral in person.referrals:
        if referral.end is None:
            referral.end, referral.end_reason = clock.today(), reason
    session.flush()
    record_event(session, actor=actor, subject=person, name="person_archived", reason=reason)
