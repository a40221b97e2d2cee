"""Read labels from files: a list of our own, the two-file taxonomy, or ROME's open data."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from matching.files import (
    NOT_UTF8,
    OCCUPATIONS_FILE,
    SKILLS_FILE,
    FileError,
    read_csv,
    why_unreadable,
)
from matching.labels.model import About, Label
from matching.rome import COMPETENCES, CORE, KNOWLEDGE, LINKS, OCCUPATIONS, rome_file

Kind = Literal["occupation", "skill"]
KINDS: tuple[Kind, ...] = ("occupation", "skill")
TITLES = "unix_referentiel_appellation"
DEFINITIONS = "unix_texte"
DOMAINS = "unix_cr_gd_dp"
# A core skill, or a knowledge item, tells more of an occupation than any other sentence.
TELLING = 2
_TEXT, _DOMAIN, _PARENT = "libelle_texte", "libelle_domaine_professionel", "code_rome_parent"


class _Table(NamedTuple):
    """A table of labels: its file, the column of the id, the columns of the labels."""

    name: str
    id_column: str
    label_columns: tuple[str, ...]


_TWO_FILES: dict[Kind, _Table] = {
    "occupation": _Table(OCCUPATIONS_FILE, "occupation", ("label",)),
    "skill": _Table(SKILLS_FILE, "skill", ("label",)),
}
_ROME: dict[Kind, tuple[_Table, ...]] = {
    "occupation": (
        _Table(OCCUPATIONS, "code_rome", ("libelle_rome",)),
        _Table(TITLES, "code_rome", ("libelle_appellation_long", "libelle_appellation_court")),
    ),
    "skill": (
        _Table(COMPETENCES, "code_ogr", ("libelle_competence",)),
        _Table(KNOWLEDGE, "code_ogr_savoir", ("libelle_savoir",)),
    ),
}


def read_labels(path: Path) -> list[Label]:
    """Read ``id<TAB>label`` lines; empty lines are passed over. Raises ``FileError``."""
    labels = []
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) != 2 or not all(fields):
            raise FileError(path, number, "il faut un identifiant, une tabulation et un libellé")
        labels.append(Label(*fields))
    return labels


def read_taxonomy_labels(folder: Path, kind: Kind) -> list[Label]:
    """Labels of occupations (ROME codes) or of skills, from either layout of folder.

    Raises ``FileError`` when the folder holds neither, or on a malformed file.
    """
    if any((folder / name).exists() for name in (OCCUPATIONS_FILE, SKILLS_FILE)):
        table = _TWO_FILES[kind]
        return list(_labels_of(folder / table.name, table))
    return [
        label for table in _ROME[kind] for label in _labels_of(rome_file(folder, table.name), table)
    ]


def read_about(folder: Path, kind: Kind) -> list[About]:
    """What the occupations are about: definition, skills, knowledge, professional domain.

    Nothing for skills, whose label says all; nothing from the files that the folder lacks.
    Raises ``FileError`` on a malformed file.
    """
    if kind == "skill":
        return []
    if (folder / OCCUPATIONS_FILE).exists():
        return list(_about_of_two_files(folder))
    definitions = _optional(folder, DEFINITIONS, ("code_rome", "libelle_type_texte", _TEXT))
    told = [
        About(row["code_rome"], row[_TEXT])
        for row in definitions
        if row["libelle_type_texte"] == "definition"
    ]
    domains = _optional(folder, DOMAINS, ("code_rome", _DOMAIN))
    told += [About(row["code_rome"], row[_DOMAIN]) for row in domains]
    return told + list(_linked_items(folder))


def read_families(folder: Path, kind: Kind) -> dict[str, str]:
    """The family of each ROME code: the code of the former ROME it comes from.

    Empty for skills and for the two-file taxonomy. Raises ``FileError`` on a malformed file.
    """
    if kind == "skill" or (folder / OCCUPATIONS_FILE).exists():
        return {}
    rows = _optional(folder, OCCUPATIONS, ("code_rome", _PARENT))
    return {row["code_rome"]: row[_PARENT] for row in rows if row[_PARENT]}


def _about_of_two_files(folder: Path) -> Iterator[About]:
    skills = {}
    if (folder / SKILLS_FILE).exists():
        rows = read_csv(folder / SKILLS_FILE, ("skill", "label"))
        skills = {row["skill"]: row["label"] for _, row in rows}
    for _, row in read_csv(folder / OCCUPATIONS_FILE, ("occupation", "core_skills")):
        known = [code for code in row["core_skills"].split("|") if code in skills]
        yield from (About(row["occupation"], skills[code], TELLING) for code in known)


def _linked_items(folder: Path) -> Iterator[About]:
    """The competences and knowledge items of each occupation."""
    competences, knowledge = _ROME["skill"]
    labels = {
        row["code_ogr"]: row["libelle_competence"]
        for row in _optional(folder, competences.name, ("code_ogr", "libelle_competence"))
    }
    known = {
        row["code_ogr_savoir"]: row["libelle_savoir"]
        for row in _optional(folder, knowledge.name, ("code_ogr_savoir", "libelle_savoir"))
    }
    for row in _optional(folder, LINKS, ("code_rome", "code_ogr", "coeur_metier")):
        code = row["code_ogr"]
        if code in labels:
            weight = TELLING if row["coeur_metier"] == CORE else 1
            yield About(row["code_rome"], labels[code], weight)
        elif code in known:
            yield About(row["code_rome"], known[code], TELLING)


def _optional(folder: Path, name: str, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """The rows of a ROME file that may be absent or, in an extract, lack a column."""
    if not any(folder.glob(f"{name}_v*.csv")):
        return
    path = rome_file(folder, name)
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    if set(columns) <= set(header):
        yield from (row for _, row in read_csv(path, columns))


def _labels_of(path: Path, table: _Table) -> Iterator[Label]:
    for line, row in read_csv(path, (table.id_column, *table.label_columns)):
        id_ = row[table.id_column].strip()
        texts = [text for column in table.label_columns if (text := row[column].strip())]
        if not id_ or not texts:
            raise FileError(path, line, "il manque un identifiant ou un libellé")
        yield from (Label(id_, text) for text in texts)


def _lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file. Raises ``FileError`` with the line of the bad byte."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(path, None, why_unreadable(error)) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(path, content.count(b"\n", 0, error.start) + 1, NOT_UTF8) from None
    # Not splitlines(): a label may hold a character that Unicode calls a line separator.
    return text.removesuffix("\n").split("\n")
