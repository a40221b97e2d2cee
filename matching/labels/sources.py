"""Read labels from files: a list of our own, the two-file taxonomy, or ROME's open data."""

from __future__ import annotations

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
from matching.labels.resolver import Label
from matching.rome import COMPETENCES, KNOWLEDGE, OCCUPATIONS, rome_file

Kind = Literal["occupation", "skill"]
KINDS: tuple[Kind, ...] = ("occupation", "skill")
TITLES = "unix_referentiel_appellation"


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
