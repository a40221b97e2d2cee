"""What is done every hour without anybody asking: stale offers, sessions of browsers long gone.

Each task is idempotent, in a transaction of its own; one that fails is logged and tried again
an hour later, and does not keep the others from running. One that has much to delete does it by
bounded transactions, for a limited time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.jobs.retention import load_pace
from portal.models import AccountSession

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
_SESSIONS_KEPT = timedelta(days=30)

Task = Callable[[Session, date], int]
"""Does its work up to a day, and returns how many rows it changed; the caller commits."""

# « module:function », loaded when it runs: features are above the jobs that call them.
TASKS = (
    "portal.offers.freshness:expire_stale_offers",
    "portal.enrolments.seats:pass_expired_holds",
    "portal.immersions.assessing:follow_dates",
    "portal.hubs.planning:follow_sessions",
    "portal.messages.events:write_due",
    "portal.invitations.reminding:plan_reminders",
    "portal.jobs.upkeep:forget_old_sessions",
    "portal.jobs.retention:forget_expired",
    "portal.matchmaking.stamps:forget_notes",
)
# Called again until nothing is left or time is up; each call does a bounded part.
BY_PARTS = frozenset({"portal.jobs.retention:forget_expired"})


class Upkeep:
    """Runs the tasks when an hour has passed since the last time, at once the first time."""

    def __init__(self, database: Database, stop: threading.Event | None = None) -> None:
        self._database, self._stop = database, stop
        self._last = float("-inf")

    def run_if_due(self) -> bool:
        """Whether it ran."""
        now = time.monotonic()
        if now - self._last < EVERY_SECONDS:
            return False
        self._last = now
        run_tasks(self._database, self._stop)
        return True


def run_tasks(database: Database, stop: threading.Event | None = None) -> dict[str, int]:
    """Run every task now; how many rows each changed (those that failed are left out).

    Once ``stop`` is set, what has parts left to do leaves them for the next time.
    """
    changed = {}
    for name in TASKS:
        try:
            run = _run_parts if name in BY_PARTS else _run
            changed[name] = run(database, name, stop or threading.Event())
        except Exception:  # a defect of one must stop neither the others nor the worker
            log.exception("upkeep task %s failed", name)
    return changed


def _run(database: Database, name: str, _stop: threading.Event) -> int:
    with database.transaction() as session:
        return _task(name)(session, clock.today())


def _run_parts(database: Database, name: str, stop: threading.Event) -> int:
    until, total = time.monotonic() + load_pace().seconds, 0
    while done := _run(database, name, stop):
        total += done
        if stop.is_set() or time.monotonic() >= until:
            log.warning("%s changed %s rows; what is left waits for the next hour", name, total)
            break
    return total


def forget_old_sessions(session: Session, today: date) -> int:
    """Delete the sessions of browsers that ended a month ago."""
    limit = clock.start_of(today) - _SESSIONS_KEPT
    result = session.execute(delete(AccountSession).where(AccountSession.expires_at < limit))
    return int(getattr(result, "rowcount", 0))


def _task(name: str) -> Task:
    module, _, function = name.partition(":")
    task: Task = getattr(import_module(module), function)
    return task
