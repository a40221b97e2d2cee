"""Signed-in browsers: a random token in the signed cookie, its hash in the database."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from flask import Flask, g, session
from flask_login import LoginManager, UserMixin, login_user
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.models.organisations import Account, AccountSession, Membership
from portal.web.session import database, db_session
from portal.web.settings import current_settings

_TOUCH_EVERY = timedelta(minutes=5)


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login carries: the actor, and the token of this browser."""

    def __init__(self, actor: Actor, token: str) -> None:
        self.actor = actor
        self.token = token

    def get_id(self) -> str:
        """The token: it tells the session, not the account, so it can be revoked alone."""
        return self.token


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(
    db: Session, account: Account, membership: Membership | None = None
) -> SignedIn | None:
    """Sign an account in under a fresh token, or None if it works nowhere any more.

    ``membership`` is where it acts; by default the first place that is still open.
    """
    open_places = (m for m in account.memberships if m.active and m.organisation.active)
    membership = membership or next(open_places, None)
    if membership is None:
        return None
    settings = current_settings()
    token = secrets.token_urlsafe(32)
    db.add(
        AccountSession(
            token_hash=token_hash(token),
            account_id=account.id,
            membership_id=membership.id,
            expires_at=clock.now() + settings.session_lifetime,
        )
    )
    session.clear()
    signed_in = SignedIn(Actor(account, membership), token)
    login_user(signed_in)
    return signed_in


def revoke_session(db: Session, token: str) -> None:
    """End this browser's session now."""
    db.execute(
        update(AccountSession)
        .where(AccountSession.token_hash == token_hash(token))
        .values(revoked_at=clock.now())
    )


def revoke_account_sessions(db: Session, account: Account) -> None:
    """End every session of an account (its password changed, or it was closed)."""
    db.execute(
        update(AccountSession)
        .where(AccountSession.account_id == account.id, AccountSession.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def switch_membership(db: Session, token: str, membership: Membership) -> None:
    """Act from now on in another structure or role of the same account."""
    db.execute(
        update(AccountSession)
        .where(AccountSession.token_hash == token_hash(token))
        .values(membership_id=membership.id)
    )


# Asked by every page: written once.
_BROWSER = (
    select(AccountSession)
    .where(AccountSession.token_hash == bindparam("token_hash"))
    .options(
        joinedload(AccountSession.account)
        .joinedload(Account.memberships)
        .joinedload(Membership.organisation)
    )
)


def _load(token: str) -> SignedIn | None:
    found = db_session().scalars(_BROWSER, {"token_hash": token_hash(token)})
    row = found.unique().one_or_none()
    if row is None or row.membership is None or not _is_alive(row, clock.now()):
        return None
    _touch_later(row)
    return SignedIn(Actor(row.account, row.membership), token)


def _is_alive(row: AccountSession, now: datetime) -> bool:
    settings = current_settings()
    return (
        row.revoked_at is None
        and now < row.expires_at
        and now - row.seen_at < settings.session_idle
        and row.account.active
        and row.membership is not None
        and row.membership.active
        and row.membership.organisation.active
    )


def _touch_later(row: AccountSession) -> None:
    if clock.now() - row.seen_at > _TOUCH_EVERY:
        g.session_to_touch = row.id


def touch_session() -> None:
    """Push back the idle limit, in a transaction of its own (a GET cannot write)."""
    session_id = g.pop("session_to_touch", None)
    if session_id is not None:
        with database().transaction() as db:
            db.execute(
                update(AccountSession)
                .where(AccountSession.id == session_id)
                .values(seen_at=clock.now())
            )


def init_app(app: Flask) -> None:
    """Attach Flask-Login."""
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(_load)
    manager.init_app(app)
