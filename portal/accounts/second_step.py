"""Between the right password and the code: a note in the signed cookie, for ten minutes.

The note carries a fingerprint of the password's hash: it is worth nothing once the password
changed, and it opens nothing by itself.
"""

from __future__ import annotations

import hmac

from flask import session
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.passwords import fingerprint
from portal.models import Account
from portal.web.settings import current_settings

_NOTE = "second_step"
_LASTS_SECONDS = 600


def hold_for_code(account: Account, target: str | None) -> None:
    """Note in this browser whose password was right, and where they were going."""
    session.clear()
    session[_NOTE] = [
        account.public_id,
        int(clock.now().timestamp()),
        _fingerprint(account),
        target or "",
    ]


def held_account(db: Session) -> tuple[Account, str] | None:
    """Who waits for their code in this browser, and where they were going."""
    try:
        public_id, since, given, target = session[_NOTE]
    except (KeyError, TypeError, ValueError):
        return None
    account = db.scalar(select(Account).where(Account.public_id == public_id, Account.active))
    fresh = 0 <= clock.now().timestamp() - since <= _LASTS_SECONDS
    if account is None or not fresh or not hmac.compare_digest(given, _fingerprint(account)):
        return None
    return account, target


def _fingerprint(account: Account) -> str:
    return fingerprint(current_settings().secret_key, account.password_hash, "second-step")
