"""Demonstration accounts have known passwords: no server but ``ecluse demo`` may serve them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.errors import InputError
from portal.models import Account


def assert_servable(session: Session, settings: Settings) -> None:
    """Raise :class:`InputError` on a demonstration database outside the demonstration."""
    if settings.demo:
        return
    if session.scalar(select(Account.id).where(Account.demo).limit(1)) is not None:
        raise InputError(
            "Cette base contient des comptes de démonstration, dont le mot de passe est connu :"
            " elle ne peut être servie que par « ecluse demo »."
        )
