"""Passkeys (WebAuthn level 2): signing in with a device, its screen lock, and no password.

The challenge carries its own date. It is accepted for five minutes, and never when the passkey
was used since: an answer that somebody copied opens nothing a second time.
"""

from __future__ import annotations

import json
import secrets
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session, joinedload
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal import clock
from portal.models import Account, AccountPasskey

MOST_PASSKEYS = 10
LASTS = timedelta(minutes=5)
_RP_NAME = "Écluse"
_DATED = struct.Struct(">d")


class PasskeyError(Exception):
    """The answer of the device is not the one that was asked for."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the portal is: what a passkey is bound to."""

    origin: str

    @property
    def host(self) -> str:
        """The name a passkey belongs to."""
        return urlsplit(self.origin).hostname or ""

    @property
    def can_hold_passkeys(self) -> bool:
        """Browsers want a name, not a number, and HTTPS (but on ``localhost``)."""
        try:
            ip_address(self.host)
        except ValueError:
            return self.origin.startswith("https://") or self.host == "localhost"
        return False


def list_passkeys(session: Session, account: Account) -> list[AccountPasskey]:
    """The passkeys of an account, the oldest first."""
    query = select(AccountPasskey).where(AccountPasskey.account_id == account.id)
    return list(session.scalars(query.order_by(AccountPasskey.made_at, AccountPasskey.id)))


def new_challenge() -> str:
    """Thirty-two random bytes and their date, as text for the cookie."""
    now = _DATED.pack(clock.now().timestamp())
    return bytes_to_base64url(now + secrets.token_bytes(32))


def registration_options(
    session: Session, site: Site, account: Account, challenge: str
) -> dict[str, Any]:
    """What the browser needs to make a passkey on this device, unless it holds one already."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=_RP_NAME,
        user_name=account.email,
        user_display_name=account.full_name,
        user_id=account.public_id.encode(),
        challenge=base64url_to_bytes(challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential_id))
            for row in list_passkeys(session, account)
        ],
    )
    return _as_json(options)


def register(
    session: Session,
    site: Site,
    account: Account,
    *,
    challenge: str,
    answer: dict[str, Any],
    label: str,
) -> AccountPasskey:
    """Keep a passkey made on this device; :class:`PasskeyError` when the answer is not right."""
    _issued_at(challenge)
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise PasskeyError(str(error)) from error
    known = list_passkeys(session, account)
    credential_id = bytes_to_base64url(made.credential_id)
    taken = select(AccountPasskey.id).where(AccountPasskey.credential_id == credential_id)
    if len(known) >= MOST_PASSKEYS or session.scalar(taken):
        raise PasskeyError("too many passkeys, or one known already")
    row = AccountPasskey(
        account_id=account.id,
        credential_id=credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        label=" ".join(label.split())[:60] or "Cet appareil",
    )
    session.add(row)
    session.flush()
    return row


def authentication_options(site: Site, challenge: str) -> dict[str, Any]:
    """What the browser needs to ask for one of its passkeys; it names no account."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=base64url_to_bytes(challenge),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_json(options)


def account_of_answer(
    session: Session, site: Site, *, challenge: str, answer: dict[str, Any]
) -> Account:
    """The open account whose passkey answered; :class:`PasskeyError` otherwise."""
    issued = _issued_at(challenge)
    row = session.scalar(
        select(AccountPasskey)
        .where(AccountPasskey.credential_id == str(answer.get("id", ""))[:1400])
        .options(joinedload(AccountPasskey.account))
    )
    if row is None or not row.account.active:
        raise PasskeyError("unknown passkey")
    try:
        checked = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise PasskeyError(str(error)) from error
    _use(session, row, issued, checked.new_sign_count)
    return row.account


def forget(session: Session, account: Account, public_id: str) -> AccountPasskey | None:
    """Take back one of the account's passkeys; None when it has no such one."""
    row = next((r for r in list_passkeys(session, account) if r.public_id == public_id), None)
    if row is not None:
        session.delete(row)
        session.flush()
    return row


def _use(session: Session, row: AccountPasskey, issued: datetime, sign_count: int) -> None:
    """Note the use, unless the passkey was used since the challenge was made."""
    result = session.execute(
        update(AccountPasskey)
        .where(
            AccountPasskey.id == row.id,
            (AccountPasskey.last_used_at.is_(None)) | (AccountPasskey.last_used_at < issued),
        )
        .values(last_used_at=clock.now(), sign_count=sign_count)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise PasskeyError("this answer has already served")


def _issued_at(challenge: str) -> datetime:
    """When a challenge was made; :class:`PasskeyError` when it is not one, or too old."""
    try:
        (stamp,) = _DATED.unpack(base64url_to_bytes(challenge)[: _DATED.size])
        issued = datetime.fromtimestamp(stamp, UTC)
    except (ValueError, OverflowError, OSError, struct.error) as error:
        raise PasskeyError("no challenge") from error
    if not timedelta() <= clock.now() - issued <= LASTS:
        raise PasskeyError("the challenge is too old")
    return issued


def _as_json(options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(options_to_json(options))
    return found
