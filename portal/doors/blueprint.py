"""The blueprint of the doors; its pages are translated (portal/web/language.py)."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("doorstep", __name__)
