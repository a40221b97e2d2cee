"""What is kept of comings and goings, and until when (domain reference §4.12).

Codes and visits that ended open nothing: they are kept for the time somebody may ask about them.
Logs, the access log among them, are kept twelve months. How long, since when and by which text is
data: ``data/retention.csv``; how much is deleted in one transaction, and for how many seconds of an
hour, is ``data/retention_pace.csv``.
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

_DATA = Path(__file__).with_name("data")
_FILE, _PACE_FILE = _DATA / "retention.csv", _DATA / "retention_pace.csv"


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


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a log never emptied is: nobody waits long for the database, yet it catches up.

    ``rows`` of each kind leave in one transaction; these follow one another for ``seconds``, then
    the rest waits for the next hour.
    """

    rows: int
    seconds: float


@cache
def load_pace() -> Pace:
    """The pace, as the data file has it."""
    with _PACE_FILE.open(encoding="utf-8", newline="") as file:
        values = {row["what"]: row["value"] for row in csv.DictReader(file)}
    return Pace(int(values["rows"]), float(values["seconds"]))


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
    """Delete old visits, codes, devices, passes, SMS received and accesses; how many rows.

    A bounded number of each: the caller commits, and calls again until there are none.
    """
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
    some = select(table.id).where(is_old).limit(load_pace().rows)
    statement = delete(table).where(table.id.in_(some))
    result = session.execute(statement.execution_options(synchronize_session=False))
    return int(getattr(result, "rowcount", 0))
