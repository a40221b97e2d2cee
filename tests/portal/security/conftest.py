"""A portal to which a test adds pages."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.app import create_app
from portal.config import Settings
from portal.db import Database


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    """A portal of the test's own, as routes are added to it."""
    app = create_app(settings, database)
    app.config["WTF_CSRF_ENABLED"] = False
    return app
