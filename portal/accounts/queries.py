"""Accounts in the database."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.accounts.passwords import hash_password, needs_rehash, password_matches
from portal.models import Account, Membership


def get_account_by_email(session: Session, email: str) -> Account | None:
    """The active account with this address."""
    return session.scalar(
        select(Account)
        .where(Account.email == email.strip().lower(), Account.active)
        .options(selectinload(Account.memberships).selectinload(Membership.organisation))
    )


def authenticate(session: Session, *, email: str, password: str) -> Account | None:
    """The account, if the password is right; an old hash is renewed on the way."""
    account = get_account_by_email(session, email)
    if not password_matches(account.password_hash if account else None, password):
        return None
    if account and needs_rehash(account.password_hash):
        account.password_hash = hash_password(password)
    return account
