"""The index of a large territory, made beside the pages: none of them waits for it.

At the start, when a day begins, and when somebody asks: pages go on with the former one and what
changed since (see ``portal.matchmaking.world``).
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from contextlib import suppress
from datetime import date

from sqlalchemy import func, select

from portal import clock, config
from portal.db import INDEX_ASKED, Database
from portal.models import JobOffer, Person

log = logging.getLogger(__name__)


# Between two that are asked for, or after one that failed.
_PAUSE_SECONDS = 120.0


class IndexKeeper:
    """Runs ``ecluse index``, one at a time: what it reads weighs on no process that stays."""

    def __init__(self, database: Database, settings: config.Settings) -> None:
        self._database, self._settings = database, settings
        self._day: date | None = None
        self._watch = clock.Watch()
        self._not_before = float("-inf")
        self._process: subprocess.Popen[bytes] | None = None

    def run_if_due(self) -> bool:
        """Whether one was started. A machine that can start none is asked again later."""
        self._reap()
        today = clock.today()
        asked = self._is_asked()
        if self._process is not None or time.monotonic() < self._not_before:
            return False
        if self._day == today and not asked:
            return False
        is_large = self._is_large()  # tried again when the database does not answer
        self._day = today
        if asked or not is_large:
            self._wait()
        # Of a territory that is no longer large, what was kept is removed by the same command.
        return (is_large or self._keeps_one()) and self._start()

    def _is_asked(self) -> bool:
        """By a process, or for the clock was set back: marks may say nothing of what came since."""
        note = self._settings.indexes / INDEX_ASKED
        if self._watch.was_set_back():
            with suppress(OSError):
                note.touch()
        return note.exists()

    def _wait(self) -> None:
        self._not_before = time.monotonic() + _PAUSE_SECONDS

    def _start(self) -> bool:
        command = [sys.executable, "-m", "portal.cli", "index", "--home", str(self._settings.home)]
        environment = {**os.environ, "ECLUSE_DATABASE_URL": self._settings.database_url}
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter
                command, env=environment, stdout=subprocess.DEVNULL
            )
        except OSError:
            log.exception("« ecluse index » cannot be started")
            self._try_again()
        return self._process is not None

    def _try_again(self) -> None:
        self._day = None
        self._wait()

    def stop(self) -> None:
        """End the one under way: what it had begun is not named, nor read."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def _reap(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            if self._process.returncode:
                log.error("« ecluse index » ended with %s", self._process.returncode)
                self._try_again()
            self._process = None

    def _keeps_one(self) -> bool:
        return any(path.is_dir() for path in self._settings.indexes.glob("*/*"))

    def _is_large(self) -> bool:
        people, offers = (select(func.count(t.id)).scalar_subquery() for t in (Person, JobOffer))
        with self._database.session(read_only=True) as session:
            return (session.scalar(select(people + offers)) or 0) >= config.SMALL_TERRITORY
