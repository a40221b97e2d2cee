"""The blueprint of hubs, filled by its modules of routes."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("hubs", __name__, url_prefix="/hubs")
