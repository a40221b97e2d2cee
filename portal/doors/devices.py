"""Browsers from which a contact once gave a right code: they are not asked again."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Response, request
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.models import EmployerContact, TrustedDevice
from portal.web.doorstep import cookie_options, digest_of

TRUSTED_FOR = timedelta(days=180)


def is_trusted(session: Session, contact: EmployerContact) -> bool:
    """Whether this browser is one of the contact's."""
    token = request.cookies.get(device_cookie())
    if not token:
        return False
    found = session.scalar(
        select(TrustedDevice.id).where(
            TrustedDevice.digest == digest_of(token),
            TrustedDevice.contact_id == contact.id,
            TrustedDevice.revoked_at.is_(None),
            TrustedDevice.expires_at > clock.now(),
        )
    )
    return found is not None


def trust_device(session: Session, response: Response, contact: EmployerContact) -> None:
    """Remember this browser as the contact's."""
    token = secrets.token_urlsafe(32)
    session.add(
        TrustedDevice(
            digest=digest_of(token),
            contact_id=contact.id,
            expires_at=clock.now() + TRUSTED_FOR,
        )
    )
    session.flush()
    response.set_cookie(device_cookie(), token, max_age=TRUSTED_FOR, **cookie_options())


def forget_devices(session: Session, contact: EmployerContact) -> None:
    """Ask for a code again on every browser of a contact."""
    session.execute(
        update(TrustedDevice)
        .where(TrustedDevice.contact_id == contact.id, TrustedDevice.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def device_cookie() -> str:
    """The name of the cookie, bound to this host over HTTPS."""
    return "__Host-ecluse-device" if cookie_options()["secure"] else "ecluse-device"
