"""What is done every hour without anybody asking: stale offers, sessions of browsers long gone.

Each task is idempotent, in a transaction of its own; one that fails is logged and tried again
an hour later, and does not keep the others from running.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
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


class Upkeep:
    """Runs the tasks when an hour has passed since the last time, at once the first time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last = float("-inf")

    def run_if_due(self) -> bool:
        """Whether it ran."""
        now = time.monotonic()
        if now - self._last < EVERY_SECONDS:
            return False
        self._last = now
        run_tasks(self._database)
        return True


def run_tasks(database: Database) -> dict[str, int]:
    """Run every task now; how many rows each changed (those that failed are left out)."""
    changed = {}
    for name in TASKS:
        try:
            with database.transaction() as session:
                changed[name] = _task(name)(session, clock.today())
        except Exception:  # a defect of one must stop neither the others nor the worker
            log.exception("upkeep task %s failed", name)
    return changed


def forget_old_sessions(session: Session, today: date) -> int:
    """Delete the sessions of browsers that ended a month ago."""
    limit = clock.start_of(today) - _SESSIONS_KEPT
    result = session.execute(delete(AccountSession).where(AccountSession.expires_at < limit))
    return int(getattr(result, "rowcount", 0))


def _task(name: str) -> Task:
    module, _, function = name.partition(":")
    task: Task = getattr(import_module(module), function)
    return task
