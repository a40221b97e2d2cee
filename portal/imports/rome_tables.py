"""Where the rows of ROME go, in the order they are written."""

from __future__ import annotations

from portal.imports.tables import TableRows
from portal.models import (
    Occupation,
    OccupationNeighbour,
    OccupationSkill,
    OccupationTitle,
    ReferenceVersion,
    Skill,
    SkillGroup,
)
from portal.text import N_

# The names of parts are shown in the report.
VERSION = N_("version")
GROUP = N_("macro-compétences")
SKILL = N_("compétences et savoirs")
OCCUPATION = N_("métiers")
TITLE = N_("appellations")
LINK = N_("compétences des métiers")
MOBILITY = N_("mobilités")

TABLES: dict[str, TableRows] = {
    VERSION: TableRows(ReferenceVersion, ("origin", "version")),
    GROUP: TableRows(SkillGroup, ("code",)),
    SKILL: TableRows(Skill, ("code",)),
    OCCUPATION: TableRows(Occupation, ("code",)),
    TITLE: TableRows(OccupationTitle, ("rome_code_ogr",)),
    LINK: TableRows(OccupationSkill, ("occupation_code", "skill_code")),
    MOBILITY: TableRows(OccupationNeighbour, ("occupation_code", "neighbour_code")),
}
