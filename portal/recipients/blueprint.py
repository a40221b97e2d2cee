"""The blueprint of the person's space; its pages are translated (portal/web/language.py)."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("recipients", __name__, url_prefix="/moi")
