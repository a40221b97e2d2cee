"""The blueprint of the person's space; its pages are translated (portal/web/language.py)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from portal.recipients import saying_dates
from portal.recipients.failure import show_failure
from portal.recipients.frame import frame
from portal.recipients.keeping import mark_visit

blueprint = Blueprint("recipients", __name__, url_prefix="/moi")


blueprint.add_app_template_filter(saying_dates.day, "day")
blueprint.add_app_template_filter(saying_dates.hour, "hour")
blueprint.add_app_template_filter(saying_dates.duration, "duration")


@blueprint.app_context_processor
def _frame() -> dict[str, Any]:
    return {"frame": frame()}


blueprint.register_error_handler(500, show_failure)


@blueprint.after_request
def _mark(response: Response) -> Response:
    return mark_visit(response)
