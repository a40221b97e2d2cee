"""The blueprint of the employer's space."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("employers", __name__, url_prefix="/entreprise")
