"""Coming in: links, codes, language, leaving. Each module adds its pages to the blueprint."""

from __future__ import annotations

from portal.doors import entrance_routes, link_routes, visit_routes
from portal.doors.blueprint import blueprint

__all__ = ["blueprint", "entrance_routes", "link_routes", "visit_routes"]
