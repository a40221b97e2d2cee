"""What is kept of comings and goings, and until when (domain reference §4.12).

Codes and visits that ended open nothing: they are kept for the time somebody may ask about them.
Logs are kept twelve months, like the access log.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, delete, func
from sqlalchemy.orm import Session

from portal import clock
from portal.models import DoorPass, DoorSession, OneTimeCode, ReceivedSms, TrustedDevice

VISITS_KEPT = timedelta(days=30)
CODES_KEPT = timedelta(days=7)
LOGS_KEPT = timedelta(days=365)


def forget_doors(session: Session, today: date) -> int:
    """Delete old visits, codes, devices, passes and SMS received; how many rows."""
    start = clock.start_of(today)
    visit_end = func.coalesce(DoorSession.ended_at, DoorSession.expires_at)
    old: tuple[tuple[type, ColumnElement[bool]], ...] = (
        (DoorSession, visit_end < start - VISITS_KEPT),
        (OneTimeCode, OneTimeCode.expires_at < start - CODES_KEPT),
        (TrustedDevice, TrustedDevice.expires_at < start),
        (DoorPass, DoorPass.at < start - LOGS_KEPT),
        (ReceivedSms, ReceivedSms.received_at < start - LOGS_KEPT),
    )
    return sum(_forget(session, table, is_old) for table, is_old in old)


def _forget(session: Session, table: type, is_old: ColumnElement[bool]) -> int:
    statement = delete(table).where(is_old).execution_options(synchronize_session=False)
    return int(getattr(session.execute(statement), "rowcount", 0))
