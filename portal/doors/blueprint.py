"""The blueprint of the doors; its pages are translated (portal/web/language.py)."""

from __future__ import annotations

from flask import Blueprint

from portal.recipients.failure import show_failure

blueprint = Blueprint("doorstep", __name__)
blueprint.register_error_handler(500, show_failure)
