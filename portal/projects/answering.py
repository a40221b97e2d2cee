"""What can be done about a gap: open a cohort, or keep it in the register of unmet needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, url_for
from flask_babel import gettext as _

from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.models import MajorProject, ProjectTrade
from portal.projects.planning import Cell

# A group that one trainer can hold; a larger gap is several cohorts.
_USUAL_SEATS = 12


@dataclass(frozen=True, slots=True)
class Answer:
    """A link beside a gap."""

    label: str
    href: str


def answers_for(
    actor: Actor, project: MajorProject
) -> Callable[[ProjectTrade, Cell], list[Answer]]:
    """What this actor may do about each gap of the project, one click away."""
    opens = actor.can(Capability.HUBS_WRITE) and "hubs.new" in current_app.view_functions
    records = actor.can(Capability.NEEDS_WRITE) and "needs.new" in current_app.view_functions

    def answers(trade: ProjectTrade, cell: Cell) -> list[Answer]:
        if cell.missing is None or cell.missing.high == 0:
            return []
        return [
            *([Answer(_("Ouvrir une cohorte"), _cohort(project, trade, cell))] if opens else []),
            *([Answer(_("Noter au registre"), _need(project, trade, cell))] if records else []),
        ]

    return answers


def _cohort(project: MajorProject, trade: ProjectTrade, cell: Cell) -> str:
    seats = min(_USUAL_SEATS, cell.missing.high if cell.missing else _USUAL_SEATS)
    return url_for(
        "hubs.new",
        occupation=trade.occupation.label,
        occupation_code=trade.occupation_code,
        project=project.code,
        title=f"{trade.name}, {cell.quarter.label}",
        seats=seats,
    )


def _need(project: MajorProject, trade: ProjectTrade, cell: Cell) -> str:
    return url_for(
        "needs.new",
        projet=project.code,
        metier=trade.occupation_code,
        trimestre=str(cell.quarter),
        postes=cell.missing.high if cell.missing else None,
    )
