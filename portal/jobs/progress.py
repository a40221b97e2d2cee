"""How a running job tells where it stands, and learns that it must stop."""

from __future__ import annotations

import threading
import time

from portal.db import Database
from portal.jobs import queue

_SECONDS_BETWEEN_WRITES = 0.5


class CancelledError(Exception):
    """Somebody asked to stop: roll back and say so."""


class StoppedError(Exception):
    """The worker is being stopped: roll back, the job goes back to the queue."""


class JobProgress:
    """Writes progress at most twice a second; raises when the job must stop."""

    def __init__(
        self, database: Database, held: queue.Claim, stop: threading.Event | None = None
    ) -> None:
        self._database = database
        self._held = held
        self._stop = stop
        self._last = float("-inf")
        self._last_phase = ""

    def report(self, phase: str, done: int, total: int | None, *, silent: bool = False) -> None:
        """Where the job stands. ``silent``: the caller holds SQLite's write lock, so only ask."""
        now = time.monotonic()
        if phase == self._last_phase and now - self._last < _SECONDS_BETWEEN_WRITES:
            return
        self._last, self._last_phase = now, phase
        if self._stop and self._stop.is_set():
            raise StoppedError
        if silent and self._database.engine.dialect.name == "sqlite":
            asked = queue.is_cancel_asked(self._database, self._held)
        else:
            asked = queue.record_progress(
                self._database, self._held, phase=phase, done=done, total=total
            )
        if asked:
            raise CancelledError
