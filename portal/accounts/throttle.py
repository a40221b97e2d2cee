"""Slowing guesses down, in the database so that every process counts the same.

An attempt is written *before* the password is checked, so that a burst of parallel requests
cannot pass under the limit, and erased when the sign-in succeeds. Past a limit each further
failure doubles the wait. Attempts made while waiting are refused unchecked and not counted:
somebody who insists does not wait longer.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import LoginAttempt

WINDOW = timedelta(minutes=15)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
KEPT = timedelta(days=1)

PER_ACCOUNT_AND_ADDRESS = 5
PER_ADDRESS = 20
# Guessing from many addresses at once: high, since it also makes the owner wait.
PER_ACCOUNT = 50


class TooManyAttemptsError(Exception):
    """Too many failures; ``until`` is when the next attempt will be looked at."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


@dataclass(frozen=True, slots=True)
class Attempts:
    """The counter of one database, under the portal's secret key."""

    database: Database
    secret_key: str

    def begin(self, *, email: str, address: str) -> int:
        """Write an attempt and return its id, or raise :class:`TooManyAttemptsError`."""
        now = clock.now()
        row = LoginAttempt(account_key=self._key(email), address=network_of(address), at=now)
        with self.database.transaction() as session:
            session.execute(delete(LoginAttempt).where(LoginAttempt.at < now - KEPT))
            session.add(row)
        with self.database.session(read_only=True) as session:
            until = _wait_until(session, row)
        if until is None or until <= now:
            return row.id
        self.forget(row.id)
        raise TooManyAttemptsError(until)

    def forget(self, attempt_id: int) -> None:
        """Erase an attempt that turned out right; the failures before it still count."""
        with self.database.transaction() as session:
            session.execute(delete(LoginAttempt).where(LoginAttempt.id == attempt_id))

    def _key(self, email: str) -> str:
        typed = email.strip().lower().encode()
        return hmac.new(self.secret_key.encode(), typed, hashlib.sha256).hexdigest()


def network_of(address: str) -> str:
    """What counts as one caller: an IPv4 address, or the /64 that an IPv6 subscriber owns."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"


def _wait_until(session: Session, row: LoginAttempt) -> datetime | None:
    same_account = LoginAttempt.account_key == row.account_key
    same_address = LoginAttempt.address == row.address
    limits = (
        (and_(same_account, same_address), PER_ACCOUNT_AND_ADDRESS),
        (same_address, PER_ADDRESS),
        (same_account, PER_ACCOUNT),
    )
    waits = [_wait_of(session, row, condition, limit) for condition, limit in limits]
    return max((wait for wait in waits if wait), default=None)


def _wait_of(
    session: Session, row: LoginAttempt, condition: ColumnElement[bool], limit: int
) -> datetime | None:
    """When this limit lets the next attempt through, None when it is not reached.

    Every other attempt counts, not only those of a lower id: an id is drawn before its row can be
    seen, so that of two at once each could count without the other.
    """
    failures, last = session.execute(
        select(func.count(LoginAttempt.id), func.max(LoginAttempt.at)).where(
            condition, LoginAttempt.id != row.id, LoginAttempt.at > row.at - WINDOW
        )
    ).one()
    if failures < limit:
        return None
    wait: timedelta = min(FIRST_WAIT * 2 ** min(failures - limit, 10), LONGEST_WAIT)
    until: datetime = last + wait
    return until
