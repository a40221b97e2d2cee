"""Accounts in the database: signing in, and what an administrator may see."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, selectinload

from portal import clock
from portal.access.actor import Actor
from portal.access.roles import CAPABILITIES, Capability
from portal.accounts.passwords import hash_password, needs_rehash, password_matches
from portal.models import (
    Account,
    AccountPasskey,
    AccountSession,
    AccountTotp,
    DomainEvent,
    Membership,
    Organisation,
    Person,
    Referral,
    Role,
)
from portal.text import like_pattern
from portal.web.paging import Page, paginate

PAGE_SIZE = 30
_WITH_PLACES = selectinload(Account.memberships).selectinload(Membership.organisation)


def get_account_by_email(session: Session, email: str) -> Account | None:
    """The active account with this address."""
    return session.scalar(
        select(Account)
        .where(Account.email == email.strip().lower(), Account.active)
        .options(_WITH_PLACES)
    )


def authenticate(session: Session, *, email: str, password: str) -> Account | None:
    """The account, if the password is right; an old hash is renewed on the way."""
    account = get_account_by_email(session, email)
    if not password_matches(account.password_hash if account else None, password):
        return None
    if account and needs_rehash(account.password_hash):
        account.password_hash = hash_password(password)
    return account


def has_factors(session: Session, account: Account) -> bool:
    """Whether something besides the password is asked, or serves, to sign in."""
    tables = (AccountTotp, AccountPasskey)
    return any(
        session.scalar(select(table.id).where(table.account_id == account.id).limit(1))
        for table in tables
    )


def may_manage(actor: Actor) -> ColumnElement[bool]:
    """Accounts the actor may administer.

    The administrator of a département's structure manages the accounts that work nowhere else:
    choosing the password of an account that also works elsewhere would open that elsewhere. Who
    works nowhere any more is left to the département they worked in.
    """
    if not actor.can(Capability.ACCOUNTS):
        return false()
    if actor.departement_code is None:
        return true()
    here = Organisation.departement_code == actor.departement_code
    elsewhere = or_(Organisation.departement_code.is_(None), ~here)
    return and_(_works_in(here), ~_works_in(and_(elsewhere, Membership.active)))


def _works_in(place: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the account has a membership there, active or not."""
    return exists(
        select(Membership.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.account_id == Account.id, place)
    )


@dataclass(frozen=True, slots=True)
class AccountFilters:
    """What the list of accounts is narrowed by."""

    text: str = ""
    role: Role | None = None
    closed: bool = False


def list_accounts(
    session: Session, actor: Actor, filters: AccountFilters, *, number: int = 1
) -> Page[Account]:
    """One page of the accounts the actor manages, by last name."""
    query = select(Account).where(may_manage(actor), Account.active.is_(not filters.closed))
    if filters.text:
        pattern = like_pattern(filters.text)
        name = func.lower(Account.first_name + " " + Account.last_name + " " + Account.email)
        query = query.where(name.like(pattern, escape="\\"))
    if filters.role:
        query = query.where(
            exists(
                select(Membership.id).where(
                    Membership.account_id == Account.id,
                    Membership.role == filters.role,
                    Membership.active,
                )
            )
        )
    query = query.order_by(Account.last_name, Account.first_name, Account.id)
    return paginate(session, query.options(_WITH_PLACES), number=number, size=PAGE_SIZE)


def get_account(session: Session, actor: Actor, public_id: str) -> Account | None:
    """An account the actor manages."""
    return session.scalar(
        select(Account)
        .where(may_manage(actor), Account.public_id == public_id)
        .options(_WITH_PLACES)
    )


def list_organisations(session: Session, actor: Actor) -> list[Organisation]:
    """The structures in which the actor may open accounts."""
    if not actor.can(Capability.ACCOUNTS):
        return []
    query = select(Organisation).where(Organisation.active)
    if actor.departement_code is not None:
        query = query.where(Organisation.departement_code == actor.departement_code)
    return list(session.scalars(query.order_by(Organisation.name, Organisation.id)))


def count_followed(session: Session, account: Account) -> dict[int, int]:
    """How many people the account follows now, by organisation id."""
    rows = session.execute(
        select(Referral.organisation_id, func.count(Referral.id))
        .join(Person, Person.id == Referral.person_id)
        .where(
            Referral.account_id == account.id,
            Referral.end.is_(None),
            Person.archived_at.is_(None),
        )
        .group_by(Referral.organisation_id)
    )
    return {row[0]: row[1] for row in rows}


def list_colleagues(session: Session, account: Account, organisation_id: int) -> list[Account]:
    """Colleagues of the structure whose role follows people: they could take over."""
    roles = [role for role, can in CAPABILITIES.items() if Capability.PEOPLE_WRITE in can]
    return list(
        session.scalars(
            select(Account)
            .join(Membership, Membership.account_id == Account.id)
            .where(
                Membership.organisation_id == organisation_id,
                Membership.role.in_(roles),
                Membership.active,
                Account.active,
                Account.id != account.id,
            )
            .order_by(Account.last_name, Account.first_name)
            .distinct()
        )
    )


def list_events(session: Session, account: Account, limit: int = 10) -> list[DomainEvent]:
    """What was last done to an account, newest first."""
    return list(
        session.scalars(
            select(DomainEvent)
            .where(DomainEvent.subject_kind == "account", DomainEvent.subject_id == account.id)
            .order_by(DomainEvent.at.desc(), DomainEvent.id.desc())
            .options(selectinload(DomainEvent.account))
            .limit(limit)
        )
    )


def count_sessions(session: Session, account: Account) -> int:
    """Browsers now signed in to the account."""
    found = session.scalar(
        select(func.count(AccountSession.id)).where(
            AccountSession.account_id == account.id,
            AccountSession.revoked_at.is_(None),
            AccountSession.expires_at > clock.now(),
        )
    )
    return found or 0
