"""Bring the starter set into the database: what a fresh Écluse knows before any import.

Idempotent, and never over ROME: once ROME is imported, its labels, ranks and titles stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Session

from portal.imports.tables import TableRows, upsert
from portal.models import (
    Commune,
    Confidence,
    CoordinatePrecision,
    CredentialType,
    MajorProject,
    Occupation,
    OccupationCredential,
    OccupationNeighbour,
    OccupationSkill,
    OccupationTitle,
    ProjectNeed,
    ProjectTrade,
    ProjectVersion,
    ReferenceOrigin,
    Skill,
    SkillGroup,
    SkillKind,
    TitleKind,
)
from portal.reference import starter
from portal.reference.starter import StarterSet
from portal.text import fold

STARTER, ROME = ReferenceOrigin.STARTER, ReferenceOrigin.ROME
Rows = Iterable[dict[str, Any]]
HAUTS_DE_FRANCE = "32"


def load_starter(session: Session) -> None:
    """Insert or bring up to date the whole set; flushed, not committed."""
    data = starter.load_starter()
    _skills(session, data)
    _occupations(session, data)
    _credentials(session, data)
    _communes(session, data)
    _projects(session, data)
    session.expire_all()


def _save(
    session: Session, model: type[DeclarativeBase], rows: Rows, *key: str, keep: Sequence[str] = ()
) -> None:
    upsert(session, TableRows(model, key).table, rows, key, keep)


def _skills(session: Session, data: StarterSet) -> None:
    groups = ({"code": g.id, "label": g.label, "origin": STARTER} for g in data.skill_groups)
    _save(session, SkillGroup, groups, "code")
    skills = (
        {
            "code": skill.id,
            "label": skill.label,
            "plain_label": skill.plain_label or None,
            "kind": SkillKind(skill.kind),
            "group_code": skill.group or None,
            "origin": STARTER,
        }
        for skill in data.skills
    )
    _save(session, Skill, skills, "code")


def _occupations(session: Session, data: StarterSet) -> None:
    rows = [
        {
            "code": row.code,
            "label": row.label,
            "search_label": fold(row.label),
            "plain_text": row.plain,
            "family": row.family,
            "typical_start": row.typical_start or None,
            "origin": STARTER,
        }
        for row in data.occupations
    ]
    theirs = set(session.scalars(select(Occupation.code).where(Occupation.origin == ROME)))
    official = ("label", "search_label", "origin")
    ours = [row for row in rows if row["code"] not in theirs]
    shared = [row for row in rows if row["code"] in theirs]
    _save(session, Occupation, ours, "code")
    _save(session, Occupation, shared, "code", keep=official)
    _titles(session, data)
    _occupation_skills(session, data)
    _neighbours(session, data)


def _occupation_skills(session: Session, data: StarterSet) -> None:
    links = (
        {
            "occupation_code": link.occupation,
            "skill_code": link.skill,
            "core": link.core,
            "usual_kind": link.kind,
            "usual_level": link.level,
            "origin": STARTER,
        }
        for link in data.occupation_skills
    )
    _save(session, OccupationSkill, links, "occupation_code", "skill_code")


def _neighbours(session: Session, data: StarterSet) -> None:
    neighbours = (
        {
            "occupation_code": row.occupation,
            "neighbour_code": row.neighbour,
            "rank": row.rank,
            "origin": STARTER,
        }
        for row in data.neighbours
    )
    pair = ("occupation_code", "neighbour_code")
    _save(session, OccupationNeighbour, neighbours, *pair, keep=("rank", "origin"))


def _titles(session: Session, data: StarterSet) -> None:
    """Add the titles that nobody has given yet; ours have no code, so no key to upsert on."""
    known = {
        (occupation, title)
        for occupation, title in session.execute(
            select(OccupationTitle.occupation_code, OccupationTitle.title)
        )
    }
    session.add_all(
        OccupationTitle(
            occupation_code=row.occupation,
            title=row.title,
            kind=TitleKind(row.kind),
            origin=STARTER,
        )
        for row in data.titles
        if (row.occupation, row.title) not in known
    )
    session.flush()


def _credentials(session: Session, data: StarterSet) -> None:
    types = (
        {
            "code": row.type,
            "label": row.label,
            "validity_years": row.validity_years,
            "source": row.source,
            "verified": row.verified,
        }
        for row in data.credentials
    )
    _save(session, CredentialType, types, "code")
    links = (
        {
            "occupation_code": row.occupation,
            "credential_code": row.credential,
            "usual_kind": row.kind,
        }
        for row in data.occupation_credentials
    )
    _save(session, OccupationCredential, links, "occupation_code", "credential_code")


def _communes(session: Session, data: StarterSet) -> None:
    """Add the communes that are missing: an imported file knows better than the starter set."""
    known = set(session.scalars(select(Commune.code)))
    rows = (
        {
            "code": row.code_insee,
            "name": row.name,
            "search_name": fold(row.name),
            "postal_codes": "|".join(row.postal_codes),
            "departement_code": row.departement,
            "region_code": HAUTS_DE_FRANCE,
            "epci_code": row.epci or None,
            "epci_name": row.epci_name or None,
            "population": row.population,
            "latitude": row.latitude,
            "longitude": row.longitude,
            "precision": CoordinatePrecision(row.precision),
        }
        for row in data.communes
        if row.code_insee not in known
    )
    _save(session, Commune, rows, "code")


def _projects(session: Session, data: StarterSet) -> None:
    rows = (
        {
            "code": row.code,
            "name": row.name,
            "summary": row.summary or None,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "commune_code": row.commune or None,
        }
        for row in data.major_projects
    )
    _save(session, MajorProject, rows, "code")
    projects = dict(session.execute(select(MajorProject.code, MajorProject.id)).all())
    versions = (
        {
            "project_id": projects[row.project],
            "version": row.version,
            "valid_from": row.valid_from,
            "source": row.source,
            "official": row.official,
        }
        for row in data.project_versions
    )
    _save(session, ProjectVersion, versions, "project_id", "version")
    _project_trades(session, data)
    _project_needs(session, data)


def _project_trades(session: Session, data: StarterSet) -> None:
    query = select(MajorProject.code, ProjectVersion.version, ProjectVersion.id)
    versions = {
        (code, version): version_id
        for code, version, version_id in session.execute(query.join(ProjectVersion.project))
    }
    trades = (
        {
            "version_id": versions[(row.project, row.version)],
            "position": row.position,
            "name": row.name,
            "occupation_code": row.occupation,
            "confidence": Confidence(row.confidence),
            "source": row.source or None,
            "code_to_check": row.code_to_check,
        }
        for row in data.project_trades
    )
    _save(session, ProjectTrade, trades, "version_id", "position")


def _project_needs(session: Session, data: StarterSet) -> None:
    query = (
        select(MajorProject.code, ProjectVersion.version, ProjectTrade.position, ProjectTrade.id)
        .join(ProjectTrade.version)
        .join(ProjectVersion.project)
    )
    trades = {(code, version, place): id_ for code, version, place, id_ in session.execute(query)}
    basis = {
        (row.project, row.version, row.position): row.needs_basis for row in data.project_trades
    }
    needs = (
        {
            "trade_id": trades[(row.project, row.version, row.position)],
            "quarter": row.quarter,
            "jobs": row.jobs,
            "confidence": Confidence(row.confidence),
            "source": basis[(row.project, row.version, row.position)] or None,
        }
        for row in data.project_needs
    )
    _save(session, ProjectNeed, needs, "trade_id", "quarter")
