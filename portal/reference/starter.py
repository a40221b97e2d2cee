"""The starter reference set: what a fresh Écluse knows before any import.

A pure reader of the CSV files of ``portal/reference/data`` (described in
``docs/reference-data.md``): no SQL, no clock, no network. Occupations carry ROME 4.0 codes;
skills have stable ids of our own, ``domain.group.skill``, that an import of ROME re-links.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, ClassVar, Protocol, TypeVar

DATA = files(__package__).joinpath("data")
# One list of credentials for the whole product: the one beside what recognises them in texts.
# It is read as data, so that no code of the engine is imported here.
CREDENTIALS = files("matching.labels").joinpath("credentials.csv")


@dataclass(frozen=True, slots=True)
class Family:
    """A family of occupations (« Travaux publics et canal »)."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Occupation:
    """An occupation of ROME 4.0: official name, one plain sentence, usual start (« 07:00 »)."""

    code: str
    label: str
    family: str
    plain: str
    typical_start: str
    outdoor: bool
    carrying: bool


@dataclass(frozen=True, slots=True)
class Title:
    """A name of an occupation; ``kind`` is ``official`` or ``everyday``."""

    occupation: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class SkillGroup:
    """A family of skills that transfer to one another (the engine's ``group``)."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill; ``kind`` is ``know_how``, ``knowledge`` or ``soft``."""

    id: str
    label: str
    plain_label: str
    group: str
    kind: str


@dataclass(frozen=True, slots=True)
class OccupationSkill:
    """A skill of an occupation, and what a beginner's offer usually asks: kind, level 1–3."""

    occupation: str
    skill: str
    core: bool
    kind: str
    level: int


@dataclass(frozen=True, slots=True)
class OccupationCredential:
    """A credential that an offer of the occupation usually asks, with the requirement kind."""

    occupation: str
    credential: str
    kind: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A near occupation; ``rank`` 1 is the nearest."""

    occupation: str
    neighbour: str
    rank: int


@dataclass(frozen=True, slots=True)
class Credential:
    """A licence or certificate.

    ``validity_years`` is None when nothing says it expires, ``verified`` False when the
    duration depends on the case, ``hours`` the usual length of the training, None if unknown.
    """

    type: str
    label: str
    family: str
    validity_years: int | None
    source: str
    verified: bool
    hours: int | None


@dataclass(frozen=True, slots=True)
class MajorProject:
    """A major project; one whose ``ends_on`` is past is kept for reading only.

    ``commune`` (INSEE code, or empty) is where people's readiness is counted from.
    """

    code: str
    name: str
    summary: str
    starts_on: date | None
    ends_on: date | None
    commune: str


@dataclass(frozen=True, slots=True)
class ProjectVersion:
    """A dated list of the trades of a project."""

    project: str
    version: str
    valid_from: date
    source: str
    official: bool


@dataclass(frozen=True, slots=True)
class ProjectVolume:
    """A total of jobs announced for a group of trades."""

    project: str
    version: str
    group: str
    label: str
    jobs: int
    confidence: str
    source: str


@dataclass(frozen=True, slots=True)
class ProjectTrade:
    """A trade of a project.

    ``confidence`` says whether a source names the trade (``announced``) or not
    (``hypothesis``); ``code_to_check`` whether its occupation is our reading;
    ``needs_basis`` what its quarterly needs rest on.
    """

    project: str
    version: str
    position: int
    name: str
    occupation: str
    confidence: str
    source: str
    code_to_check: bool
    volume_group: str
    needs_basis: str


@dataclass(frozen=True, slots=True)
class ProjectNeed:
    """Jobs that open for a trade (its position) in a quarter (« 2027-T3 »)."""

    project: str
    version: str
    position: int
    quarter: str
    jobs: int
    confidence: str


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune: centre in decimal degrees; ``precision`` is ``exact`` or ``neighbour``."""

    code_insee: str
    name: str
    postal_codes: tuple[str, ...]
    population: int
    departement: str
    epci: str
    epci_name: str
    latitude: float
    longitude: float
    precision: str


@dataclass(frozen=True, slots=True)
class StarterSet:
    """The whole set, each part in the order of its file."""

    families: tuple[Family, ...]
    occupations: tuple[Occupation, ...]
    titles: tuple[Title, ...]
    skill_groups: tuple[SkillGroup, ...]
    skills: tuple[Skill, ...]
    occupation_skills: tuple[OccupationSkill, ...]
    occupation_credentials: tuple[OccupationCredential, ...]
    neighbours: tuple[Neighbour, ...]
    credentials: tuple[Credential, ...]
    major_projects: tuple[MajorProject, ...]
    project_versions: tuple[ProjectVersion, ...]
    project_volumes: tuple[ProjectVolume, ...]
    project_trades: tuple[ProjectTrade, ...]
    project_needs: tuple[ProjectNeed, ...]
    communes: tuple[Commune, ...]


_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": lambda text: {"0": False, "1": True}[text],
    "date": date.fromisoformat,
    "date | None": lambda text: date.fromisoformat(text) if text else None,
    "tuple[str, ...]": lambda text: tuple(text.split("|")) if text else (),
}


class _Record(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


Row = TypeVar("Row", bound=_Record)


def _records(source: Traversable) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(source.read_text(encoding="utf-8").splitlines())


def _read(name: str, kind: type[Row]) -> tuple[Row, ...]:
    """Return one ``kind`` per row of the file; its columns are the fields of ``kind``."""
    converters = {field.name: _CONVERTERS[str(field.type)] for field in fields(kind)}
    return tuple(
        kind(**{column: convert(row[column]) for column, convert in converters.items()})
        for row in _records(DATA.joinpath(f"{name}.csv"))
    )


def _credentials() -> tuple[Credential, ...]:
    hours = {
        row["credential"]: int(row["hours"]) for row in _records(DATA / "credential_hours.csv")
    }
    return tuple(
        Credential(
            type=row["type"],
            label=row["label"],
            family=row["family"],
            validity_years=int(row["validity_years"]) if row["validity_years"] else None,
            source=row["source"],
            verified=row["to_check"] == "non",
            hours=hours.get(row["type"]),
        )
        for row in _records(CREDENTIALS)
    )


@cache
def load_starter() -> StarterSet:
    """Return the starter set; read once for the life of the process.

    Raises KeyError or ValueError when a file lacks a column or holds a malformed value.
    """
    return StarterSet(
        families=_read("families", Family),
        occupations=_read("occupations", Occupation),
        titles=_read("titles", Title),
        skill_groups=_read("skill_groups", SkillGroup),
        skills=_read("skills", Skill),
        occupation_skills=_read("occupation_skills", OccupationSkill),
        occupation_credentials=_read("occupation_credentials", OccupationCredential),
        neighbours=_read("neighbours", Neighbour),
        credentials=_credentials(),
        major_projects=_read("major_projects", MajorProject),
        project_versions=_read("project_versions", ProjectVersion),
        project_volumes=_read("project_volumes", ProjectVolume),
        project_trades=_read("project_trades", ProjectTrade),
        project_needs=_read("project_needs", ProjectNeed),
        communes=_read("communes_hdf", Commune),
    )
