"""A major project with its list, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.models import (
    Confidence,
    MajorProject,
    Occupation,
    ProjectNeed,
    ProjectTrade,
    ProjectVersion,
)
from portal.projects.rules import Quarter
from tests.support.factories import MARQUION, Factory


def quarter(ahead: int = 1) -> Quarter:
    """The quarter so many after the present one."""
    found = Quarter.of(clock.today())
    for _ in range(ahead):
        following = found.number % 4 + 1
        found = Quarter(found.year + (following == 1), following)
    return found


def make_project(make: Factory, code: str = "canal", **values: Any) -> MajorProject:
    """A project at Marquion, made once by its code."""
    known = make.session.scalar(select(MajorProject).where(MajorProject.code == code))
    values.setdefault("name", f"Projet {code}")
    values.setdefault("commune_code", make.commune(MARQUION).code)
    return known or make.add(MajorProject(code=code, **values))


def make_list(
    make: Factory, project: MajorProject, version: str = "essai-1", **values: Any
) -> ProjectVersion:
    """A version of a project's list, made once."""
    known = next((row for row in project.versions if row.version == version), None)
    if known:
        return known
    values.setdefault("valid_from", date(2026, 1, 1))
    values.setdefault("source", "Source d’essai")
    row = make.add(ProjectVersion(project_id=project.id, version=version, **values))
    make.session.refresh(project)
    return row


def make_trade(
    make: Factory,
    version: ProjectVersion,
    needs: Mapping[Quarter, int] | None = None,
    *,
    occupation: Occupation | None = None,
    name: str = "Constructeur de routes",
    position: int | None = None,
) -> ProjectTrade:
    """A trade of a list; by default 12 jobs in the next quarter."""
    asked = {quarter(): 12} if needs is None else needs
    place = position or len(version.trades) + 1
    known = next((row for row in version.trades if row.position == place), None)
    if known:
        return known
    trade = ProjectTrade(
        version=version,
        position=place,
        name=name,
        occupation=occupation or make.occupation(),
        confidence=Confidence.ANNOUNCED,
        source="Page du chantier",
        needs=[
            ProjectNeed(
                quarter=str(when),
                jobs=jobs,
                confidence=Confidence.HYPOTHESIS,
                source="Hypothèse de travail",
            )
            for when, jobs in asked.items()
        ],
    )
    return make.add(trade)
