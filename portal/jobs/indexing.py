"""The index of a large territory, made at the start and at midnight: no page waits for it.

What changes in the day is read by each process (see ``portal.matchmaking.world``).
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from datetime import date

from sqlalchemy import func, select

from portal import clock, config
from portal.db import Database
from portal.models import JobOffer, Person

log = logging.getLogger(__name__)


class IndexKeeper:
    """Runs ``ecluse index`` when a day begins: what it reads weighs on no process that stays."""

    def __init__(self, database: Database, settings: config.Settings) -> None:
        self._database, self._settings = database, settings
        self._day: date | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def run_if_due(self) -> bool:
        """Whether one was started."""
        self._reap()
        today = clock.today()
        if self._process is not None or self._day == today:
            return False
        is_large = self._is_large()  # tried again when the database does not answer
        self._day = today
        if not is_large:
            return False
        command = [sys.executable, "-m", "portal.cli", "index", "--home", str(self._settings.home)]
        environment = {**os.environ, "ECLUSE_DATABASE_URL": self._settings.database_url}
        self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter
            command, env=environment, stdout=subprocess.DEVNULL
        )
        return True

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
            self._process = None

    def _is_large(self) -> bool:
        people, offers = (select(func.count(t.id)).scalar_subquery() for t in (Person, JobOffer))
        with self._database.session(read_only=True) as session:
            return (session.scalar(select(people + offers)) or 0) >= config.SMALL_TERRITORY
