"""``portal.wsgi:application``: for a WSGI server other than ``ecluse serve``."""

from __future__ import annotations

from portal.app import create_app
from portal.config import load_settings
from portal.db import Database
from portal.demo_guard import assert_servable

_settings = load_settings()
_database = Database(_settings.database_url)
with _database.session(read_only=True) as _session:
    assert_servable(_session, _settings)
application = create_app(_settings, _database)
