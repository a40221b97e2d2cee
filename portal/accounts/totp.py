"""Six digits from an authenticator application (RFC 6238), and spare codes.

The shared secret is encrypted in the database under a key drawn from the portal's own: a copy of
the database alone gives no code. A code serves once (RFC 6238, section 5.2).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.models import Account, AccountSpareCode, AccountTotp

ISSUER = "Écluse"
SPARE_CODES = 10
_STEP = 30  # seconds, what every application supposes
_SPARE_ALPHABET = "bcdfghjkmnpqrstvwxz23456789"


def begin(session: Session, secret_key: str, account: Account) -> str:
    """A fresh secret, in base 32; it asks nothing until a first code confirms it."""
    secret = pyotp.random_base32()
    row = _row(session, account)
    if row is None:
        row = AccountTotp(account_id=account.id)
        session.add(row)
    row.secret = _cipher(secret_key).encrypt(secret.encode()).decode()
    row.made_at, row.confirmed_at, row.last_step = clock.now(), None, 0
    session.flush()
    return secret


def pending_secret(session: Session, secret_key: str, account: Account) -> str | None:
    """The secret that waits for its first code."""
    row = _row(session, account)
    return _secret(secret_key, row) if row and row.confirmed_at is None else None


def address_of(secret: str, account: Account) -> str:
    """The ``otpauth:`` address that an application reads in a square code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=ISSUER)


def confirm(session: Session, secret_key: str, account: Account, code: str) -> bool:
    """Turn the authenticator on with its first code; whether the code was right."""
    row = _row(session, account)
    if row is None or row.confirmed_at is not None or not _accept(session, secret_key, row, code):
        return False
    row.confirmed_at = clock.now()
    session.flush()
    return True


def is_on(session: Session, account: Account) -> bool:
    """Whether a code is asked after the password."""
    row = _row(session, account)
    return row is not None and row.confirmed_at is not None


def check(session: Session, secret_key: str, account: Account, code: str) -> bool:
    """Whether the digits are right and had not served; a spare code is used up."""
    row = _row(session, account)
    if row is None or row.confirmed_at is None:
        return False
    typed = "".join(code.split()).lower()
    if typed.isdigit():
        return _accept(session, secret_key, row, typed)
    return _use_spare(session, secret_key, account, typed.replace("-", ""))


def stop(session: Session, account: Account) -> None:
    """Ask for no code any more, and forget the secret and the spare codes."""
    for table in (AccountTotp, AccountSpareCode):
        session.execute(delete(table).where(table.account_id == account.id))
    session.flush()


def make_spare_codes(session: Session, secret_key: str, account: Account) -> list[str]:
    """Ten new spare codes, shown once; the former ones serve no more."""
    session.execute(delete(AccountSpareCode).where(AccountSpareCode.account_id == account.id))
    codes = [_spare_code() for _ in range(SPARE_CODES)]
    session.add_all(
        AccountSpareCode(account_id=account.id, digest=_digest(secret_key, account, code))
        for code in codes
    )
    session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _spare_code() -> str:
    return "".join(secrets.choice(_SPARE_ALPHABET) for _ in range(10))


def count_spare_codes(session: Session, account: Account) -> int:
    """How many spare codes are left."""
    query = select(func.count(AccountSpareCode.id)).where(
        AccountSpareCode.account_id == account.id, AccountSpareCode.used_at.is_(None)
    )
    return session.scalar(query) or 0


def _accept(session: Session, secret_key: str, row: AccountTotp, code: str) -> bool:
    """Whether the code is that of now, give or take half a minute; its step then serves no more.

    The step is advanced by a conditional UPDATE: of two sign-ins at once with the same digits,
    one finds it already served.
    """
    secret = _secret(secret_key, row)
    step = _matching_step(secret, code, clock.now()) if secret else None
    if step is None:
        return False
    result = session.execute(
        update(AccountTotp)
        .where(AccountTotp.id == row.id, AccountTotp.last_step < step)
        .values(last_step=step)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    session.refresh(row)
    return result.rowcount == 1


def _matching_step(secret: str, code: str, now: datetime) -> int | None:
    generator, current = pyotp.TOTP(secret), int(now.timestamp()) // _STEP
    for step in (current, current - 1, current + 1):
        # As bytes: Python compares texts in constant time only when they are ASCII.
        if hmac.compare_digest(generator.generate_otp(step).encode(), code.encode()):
            return step
    return None


def _use_spare(session: Session, secret_key: str, account: Account, code: str) -> bool:
    result = session.execute(
        update(AccountSpareCode)
        .where(
            AccountSpareCode.account_id == account.id,
            AccountSpareCode.digest == _digest(secret_key, account, code),
            AccountSpareCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _row(session: Session, account: Account) -> AccountTotp | None:
    return session.scalar(select(AccountTotp).where(AccountTotp.account_id == account.id))


def _secret(secret_key: str, row: AccountTotp) -> str | None:
    """The secret; None when the portal's key changed since, so that no code can be right."""
    try:
        return _cipher(secret_key).decrypt(row.secret.encode()).decode()
    except InvalidToken:
        return None


def _cipher(secret_key: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"ecluse-totp").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _digest(secret_key: str, account: Account, code: str) -> str:
    message = f"spare:{account.public_id}:{code}".encode()
    return hmac.new(secret_key.encode(), message, hashlib.sha256).hexdigest()
