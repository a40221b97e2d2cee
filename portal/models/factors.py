"""What a professional signs in with besides a password: passkeys, an authenticator, spare codes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.models.base import Base, WithId, WithPublicId
from portal.models.organisations import Account


class AccountPasskey(WithPublicId, Base):
    """A passkey (WebAuthn): the public key alone; the private one never leaves the device."""

    __tablename__ = "account_passkey"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    label: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_used_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class AccountTotp(WithId, Base):
    """The secret shared with an authenticator, encrypted under the portal's key.

    ``last_step`` is the last half minute whose code was accepted: a code serves once (RFC 6238,
    section 5.2). ``confirmed_at`` None: the first code was not given yet, so it asks nothing.
    """

    __tablename__ = "account_totp"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), unique=True
    )
    secret: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)

    account: Mapped[Account] = relationship()


class AccountSpareCode(WithId, Base):
    """A spare code, for the day the phone is lost: its keyed digest, used once."""

    __tablename__ = "account_spare_code"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]
