"""What people are invited to, for those who invite them."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("invitations", __name__, url_prefix="/invitations")
