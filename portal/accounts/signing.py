"""What the pages of signing in share: counted guesses, waits, and where one goes afterwards."""

from __future__ import annotations

from datetime import datetime

from flask import request
from flask_babel import gettext as _

from portal.accounts.throttle import Attempts
from portal.web.filters import clock_time
from portal.web.paths import local_path
from portal.web.session import database
from portal.web.settings import current_settings


def attempts() -> Attempts:
    """The counter of guesses."""
    return Attempts(database(), current_settings().secret_key)


def begin_attempt(key: str) -> int:
    """Count a guess from this address on what ``key`` names; the error says until when to wait."""
    return attempts().begin(email=key, address=request.remote_addr or "")


def wait_message(until: datetime) -> str:
    """« Réessayez à partir de 14 h 32 »."""
    # Rounded up to the minute shown: « 14 h 32 » must not be too early.
    minute = datetime.fromtimestamp(-(-until.timestamp() // 60) * 60, until.tzinfo)
    return str(_("Trop d’essais. Réessayez à partir de %(time)s.", time=clock_time(minute)))


def safe_target(target: str | None) -> str:
    """A path of this site, never another host (no open redirect)."""
    return local_path(target)
