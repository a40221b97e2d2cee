"""The blueprint of offers, filled by its three modules of routes."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("offers", __name__, url_prefix="/offres")
