"""Coming in: links, codes, language, leaving."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("doorstep", __name__)
