"""Every address of hubs, by its modules."""

from __future__ import annotations

from portal.hubs import (
    routes_board,
    routes_cohorts,
    routes_commitments,
    routes_people,
    routes_people_assignment,
    routes_people_meetings,
    routes_people_selection,
    routes_plan,
)
from portal.hubs.blueprint import blueprint

__all__ = [
    "blueprint",
    "routes_board",
    "routes_cohorts",
    "routes_commitments",
    "routes_people",
    "routes_people_assignment",
    "routes_people_meetings",
    "routes_people_selection",
    "routes_plan",
]
