"""One-time links to choose a password: signed, for 48 hours, dead once used.

Nothing is stored. The link carries a fingerprint of the stored hash it was made for, so it dies
as soon as a password is chosen, with this link or another way.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.passwords import fingerprint
from portal.models import Account

VALID_FOR = timedelta(hours=48)
_USE = "choose-password"


def make_token(secret_key: str, account: Account) -> str:
    """The end of a link that lets its bearer choose this account's password."""
    issued = int(clock.now().timestamp())
    return _serializer(secret_key).dumps(
        [account.public_id, issued, fingerprint(secret_key, account.password_hash, _USE)]
    )


def account_of_token(session: Session, secret_key: str, token: str) -> Account | None:
    """The open account a token was made for; None when it is false, too old or already used."""
    try:
        public_id, issued, given = _serializer(secret_key).loads(token)
        age = clock.now().timestamp() - issued
    except (BadData, TypeError, ValueError):
        return None
    account = session.scalar(select(Account).where(Account.public_id == public_id, Account.active))
    if account is None or not 0 <= age <= VALID_FOR.total_seconds():
        return None
    expected = fingerprint(secret_key, account.password_hash, _USE)
    return account if hmac.compare_digest(given, expected) else None


def _serializer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt=_USE, signer_kwargs={"digest_method": hashlib.sha256})
