"""What is kept of comings and goings, and until when (domain reference §4.12).

Codes and visits that ended open nothing: they are kept for the time somebody may ask about them.
Logs, the access log among them, are kept twelve months. How long, since when and by which text is
data: ``data/retention.csv``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    AccessLog,
    DoorPass,
    DoorSession,
    OneTimeCode,
    ReceivedSms,
    TrustedDevice,
)

_FILE = Path(__file__).with_name("data") / "retention.csv"
# Of a log never emptied before, the rest goes an hour later: nobody waits long for the database.
_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Delay:
    """How long a kind of row is kept; ``basis`` and ``source`` say by which text."""

    what: str
    kept: timedelta
    valid_from: date
    valid_until: date | None
    basis: str
    source: str

    def holds_on(self, day: date) -> bool:
        """Whether it is the rule of that day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@cache
def load_delays() -> tuple[Delay, ...]:
    """Every delay ever in force, as the data file has them."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_delay(row) for row in csv.DictReader(file))


def _delay(row: dict[str, str]) -> Delay:
    return Delay(
        what=row["what"],
        kept=timedelta(days=int(row["days"])),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_until=date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
        basis=row["basis"],
        source=row["source"],
    )


def forget_expired(session: Session, today: date) -> int:
    """Delete old visits, codes, devices, passes, SMS received and accesses; how many rows."""
    ends = {
        "visits": (DoorSession, func.coalesce(DoorSession.ended_at, DoorSession.expires_at)),
        "codes": (OneTimeCode, OneTimeCode.expires_at),
        "devices": (TrustedDevice, TrustedDevice.expires_at),
        "passes": (DoorPass, DoorPass.at),
        "received_sms": (ReceivedSms, ReceivedSms.received_at),
        "access_log": (AccessLog, AccessLog.at),
    }
    start = clock.start_of(today)
    in_force = [delay for delay in load_delays() if delay.holds_on(today)]
    old = [(ends[delay.what], start - delay.kept) for delay in in_force]
    return sum(_forget(session, table, end < limit) for (table, end), limit in old)


def _forget(session: Session, table: Any, is_old: ColumnElement[bool]) -> int:
    """Delete the rows, a bounded number at a time; how many."""
    some = select(table.id).where(is_old).limit(_AT_ONCE)
    statement = delete(table).where(table.id.in_(some))
    result = session.execute(statement.execution_options(synchronize_session=False))
    return int(getattr(result, "rowcount", 0))
