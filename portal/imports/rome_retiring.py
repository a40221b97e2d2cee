"""What a newer ROME no longer has: retired when people or offers may point to it, else removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, exists, func, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from portal.imports.base import BATCH, RefusedFileError
from portal.imports.rome_tables import LINK, MOBILITY, OCCUPATION, SKILL, TITLE
from portal.imports.stage import Stage
from portal.models import (
    Occupation,
    OccupationNeighbour,
    OccupationSkill,
    OccupationTitle,
    ReferenceOrigin,
    ReferenceVersion,
    Skill,
)

ROME = ReferenceOrigin.ROME
# A yearly version drops a few items in a hundred; more than this is a file cut at the end of a row.
LARGEST_LOSS = 0.2
_LEAST_KNOWN = 50  # below it a proportion says nothing
_CHUNK = 400

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Missing:
    """Codes that the database holds from ROME and the file does not have."""

    occupations: list[str]
    titles: list[str]
    skills: list[str]
    links: list[Pair]
    mobilities: list[Pair]


def loaded_version(session: Session) -> int | None:
    """The highest version loaded so far."""
    versions = session.scalars(
        select(ReferenceVersion.version).where(ReferenceVersion.origin == ROME)
    )
    return max((int(version) for version in versions if version.isdecimal()), default=None)


def find_missing(session: Session, stage: Stage) -> Missing:
    """Compare what is live in the database with the keys of the file, in batches."""

    def gone(part: str, query: Select[Any]) -> list[Any]:
        found: list[Any] = []
        for rows in session.execute(query).partitions(BATCH):
            by_key = {" ".join(row): row for row in rows}
            known = stage.known(part, list(by_key))
            found += [row for key, row in by_key.items() if key not in known]
        return found

    def codes(part: str, column: Any, model: Any) -> list[str]:
        live = select(column).where(model.origin == ROME, model.retired.is_(False))
        return [row[0] for row in gone(part, live)]

    def pairs(part: str, first: Any, second: Any, model: Any) -> list[Pair]:
        return [(a, b) for a, b in gone(part, select(first, second).where(model.origin == ROME))]

    link, near = OccupationSkill, OccupationNeighbour
    return Missing(
        codes(OCCUPATION, Occupation.code, Occupation),
        codes(TITLE, OccupationTitle.rome_code_ogr, OccupationTitle),
        codes(SKILL, Skill.code, Skill),
        pairs(LINK, link.occupation_code, link.skill_code, link),
        pairs(MOBILITY, near.occupation_code, near.neighbour_code, near),
    )


def check_proportion(session: Session, missing: Missing) -> None:
    """Refuse a file without which a large part of the nomenclature would vanish."""
    for model, gone, words in (
        (Occupation, missing.occupations, "métiers"),
        (Skill, missing.skills, "compétences et savoirs"),
    ):
        live = select(func.count()).where(model.origin == ROME, model.retired.is_(False))
        known = session.scalar(live) or 0
        if known >= _LEAST_KNOWN and len(gone) > LARGEST_LOSS * known:
            raise RefusedFileError(
                f"Ces fichiers semblent coupés : {len(gone)} {words} sur {known} disparaîtraient. "
                "Téléchargez-les de nouveau."
            )


def retire(session: Session, missing: Missing) -> dict[str, int]:
    """Flag codes as retired, remove links; how many, by part (parts without any left out)."""
    for model, column, codes in (
        (Occupation, Occupation.code, missing.occupations),
        (OccupationTitle, OccupationTitle.rome_code_ogr, missing.titles),
        (Skill, Skill.code, missing.skills),
    ):
        for some in _chunks(codes):
            session.execute(update(model).where(column.in_(some)).values(retired=True))
    link, near = OccupationSkill, OccupationNeighbour
    for owner, key, pairs in (
        (link, tuple_(link.occupation_code, link.skill_code), missing.links),
        (near, tuple_(near.occupation_code, near.neighbour_code), missing.mobilities),
    ):
        for some in _chunks(pairs):
            session.execute(delete(owner).where(key.in_(some)))
    counts = {
        OCCUPATION: len(missing.occupations),
        TITLE: len(missing.titles),
        SKILL: len(missing.skills),
        LINK: len(missing.links),
        MOBILITY: len(missing.mobilities),
    }
    return {part: number for part, number in counts.items() if number}


def adopt_twin_titles(session: Session) -> None:
    """Remove our own titles that ROME spells the same: its row stands for both."""
    theirs = aliased(OccupationTitle)
    twin = exists().where(
        theirs.occupation_code == OccupationTitle.occupation_code,
        theirs.title == OccupationTitle.title,
        theirs.rome_code_ogr.is_not(None),
    )
    session.execute(
        delete(OccupationTitle)
        .where(OccupationTitle.rome_code_ogr.is_(None), twin)
        .execution_options(synchronize_session=False)
    )


def _chunks(rows: Sequence[Any]) -> list[Sequence[Any]]:
    return [rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK)]
