"""The settings of the application that answers."""

from __future__ import annotations

from flask import current_app

from portal.config import Settings


def current_settings() -> Settings:
    """The settings that :func:`portal.app.create_app` was given; needs an application context."""
    found: Settings = current_app.config["SETTINGS"]
    return found
