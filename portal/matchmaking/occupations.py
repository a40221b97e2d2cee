"""What an occupation usually asks: the starting point of an offer, and of readiness counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal.models import (
    CredentialType,
    OccupationCredential,
    OccupationSkill,
    ReferenceOrigin,
    RequirementKind,
    Skill,
)

# ROME says which skills are core, not when they are needed: on the job, until the employer says.
_DEFAULT_KIND = RequirementKind.ON_THE_JOB
_DEFAULT_LEVEL = 2
_MOST_PROPOSED = 12


@dataclass(frozen=True, slots=True)
class UsualRequirement:
    """A requirement proposed for an occupation: a skill at a level, or a credential."""

    kind: RequirementKind
    skill: Skill | None = None
    level: int | None = None
    credential: CredentialType | None = None

    @property
    def label(self) -> str:
        """What is asked, in words."""
        return (
            self.skill.label if self.skill else (self.credential.label if self.credential else "")
        )


def usual_requirements(session: Session, occupation_code: str) -> list[UsualRequirement]:
    """Credentials, then the skills that are core or usually asked on day one.

    Ours when we wrote them, else ROME's core skills (at most twelve).
    """
    return usual_requirements_of(session, (occupation_code,))[occupation_code]


def usual_requirements_of(
    session: Session, codes: Collection[str]
) -> dict[str, list[UsualRequirement]]:
    """:func:`usual_requirements` of several occupations, in two statements."""
    found: dict[str, list[UsualRequirement]] = {code: [] for code in codes}
    credentials = session.scalars(
        select(OccupationCredential)
        .where(OccupationCredential.occupation_code.in_(codes))
        .options(joinedload(OccupationCredential.credential))
        .order_by(OccupationCredential.credential_code)
    )
    for row in credentials:
        kind = RequirementKind(row.usual_kind)
        found[row.occupation_code].append(UsualRequirement(kind, credential=row.credential))
    for code, rows in _core_links(session, codes).items():
        found[code] += [_of_skill(row) for row in rows]
    return found


def regulatory_credentials(session: Session, occupation_code: str) -> list[str]:
    """The credentials without which the occupation is not allowed."""
    rows = session.scalars(
        select(OccupationCredential.credential_code)
        .where(
            OccupationCredential.occupation_code == occupation_code,
            OccupationCredential.usual_kind == RequirementKind.REGULATORY.value,
        )
        .order_by(OccupationCredential.credential_code)
    )
    return list(rows)


def _core_links(session: Session, codes: Collection[str]) -> dict[str, list[OccupationSkill]]:
    rows = session.scalars(
        select(OccupationSkill)
        .join(Skill)
        .where(
            OccupationSkill.occupation_code.in_(codes),
            or_(
                OccupationSkill.core,
                OccupationSkill.usual_kind == RequirementKind.DAY_ONE.value,
            ),
            Skill.retired.is_(False),
        )
        .options(joinedload(OccupationSkill.skill))
        .order_by(Skill.label)
    )
    found: dict[str, list[OccupationSkill]] = defaultdict(list)
    for row in rows:
        found[row.occupation_code].append(row)
    return {code: _ours_first(links) for code, links in found.items()}


def _ours_first(rows: list[OccupationSkill]) -> list[OccupationSkill]:
    ours = [row for row in rows if row.origin is ReferenceOrigin.STARTER]
    return ours or rows[:_MOST_PROPOSED]


def _of_skill(row: OccupationSkill) -> UsualRequirement:
    kind = RequirementKind(row.usual_kind) if row.usual_kind else _DEFAULT_KIND
    return UsualRequirement(kind, skill=row.skill, level=row.usual_level or _DEFAULT_LEVEL)
