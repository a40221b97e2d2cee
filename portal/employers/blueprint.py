"""The blueprint of the employer's space."""

from __future__ import annotations

from flask import Blueprint

from portal.employers.failure import show_failure

blueprint = Blueprint("employers", __name__, url_prefix="/entreprise")
blueprint.register_error_handler(500, show_failure)
