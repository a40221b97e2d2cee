"""The only place that asks what time it is, so that tests and replays can set it.

Instants are stored in UTC; days and deadlines are those of Paris (INV-19).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

_stamp: ContextVar[datetime | None] = ContextVar("instant_of_changes", default=None)
_frozen: ContextVar[datetime | None] = ContextVar("frozen_instant", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def of_changes() -> datetime:
    """The instant that a row changed now carries: the present one, or that of the whole import."""
    return _stamp.get() or now()


@contextmanager
def changes_at(instant: datetime) -> Iterator[None]:
    """Have the rows changed in this context carry one instant, which tells them from all others."""
    token = _stamp.set(instant)
    try:
        yield
    finally:
        _stamp.reset(token)


def today() -> date:
    """The present day in Paris."""
    return now().astimezone(PARIS).date()


def start_of(day: date) -> datetime:
    """The first instant of a day in Paris."""
    return datetime.combine(day, datetime.min.time(), PARIS)


@contextmanager
def frozen_at(instant: datetime) -> Iterator[None]:
    """Hold the clock at an aware instant, in this context only."""
    token = _frozen.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


class Watch:
    """Tells when the machine's clock was set back.

    What has passed since the machine started never goes back, and follows the same corrections of
    speed: only a step is told.
    """

    def __init__(self) -> None:
        self._ahead = _ahead_of_start()

    def was_set_back(self) -> bool:
        """Whether it was, by a second or more, since this was last asked."""
        before, self._ahead = self._ahead, _ahead_of_start()
        return self._ahead <= before - _STEP_SECONDS


_STEP_SECONDS = 1.0


def _ahead_of_start() -> float:
    return time.time() - time.monotonic()
