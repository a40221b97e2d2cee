"""The demonstration sends nothing: the page shows the six digits that would have been sent."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.doors.codes import Bearer, living_code, message_key
from portal.models import DoorLink, OutboxMessage

_SIX_DIGITS = re.compile(r"\b\d{3}[ \u00a0]?\d{3}\b")


def code_to_show(
    session: Session, settings: Settings, *, to: Bearer, link: DoorLink | None = None
) -> str | None:
    """« 123 456 » in the demonstration alone; None anywhere else, whatever the code."""
    if not settings.demo:
        return None
    row = living_code(session, to=to, link=link)
    if row is None:
        return None
    body = session.scalar(select(OutboxMessage.body).where(OutboxMessage.key == message_key(row)))
    found = _SIX_DIGITS.search(body or "")
    return found.group() if found else None
