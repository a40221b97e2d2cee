"""What the tests of security share."""

from __future__ import annotations

from typing import Any

from flask import Flask


def probe(app: Flask, path: str, view: Any, **options: Any) -> None:
    """Add a route for the test, before the first request."""
    app.add_url_rule(path, path.strip("/").replace("/", "_"), view, **options)
