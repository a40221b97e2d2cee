"""Read labels from files: a list of our own, the two-file taxonomy, or ROME's open data."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from matching.labels.resolver import Label

Kind = Literal["occupation", "skill"]
KINDS: tuple[Kind, ...] = ("occupation", "skill")

_TWO_FILES: dict[Kind, tuple[str, str, str]] = {
    "occupation": ("occupations.csv", "occupation", "label"),
    "skill": ("skills.csv", "skill", "label"),
}
# ROME's open data: pattern of the file name, column of the id, columns of the labels.
_ROME: dict[Kind, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "occupation": (
        ("unix_referentiel_code_rome_v*_utf8.csv", "code_rome", ("libelle_rome",)),
        (
            "unix_referentiel_appellation_v*_utf8.csv",
            "code_rome",
            ("libelle_appellation_long", "libelle_appellation_court"),
        ),
    ),
    "skill": (
        ("unix_referentiel_competence_v*_utf8.csv", "code_ogr", ("libelle_competence",)),
        ("unix_referentiel_savoir_v*_utf8.csv", "code_ogr_savoir", ("libelle_savoir",)),
    ),
}


class LabelFileError(ValueError):
    """A file of labels that cannot be read: which file, which line, what is wrong."""

    def __init__(self, path: Path | str, line: int | None, what: str) -> None:
        place = f"{path}, line {line}" if line is not None else str(path)
        super().__init__(f"{place}: {what}")


def read_labels(path: Path) -> list[Label]:
    """Read ``id<TAB>label`` lines; empty lines are passed over. Raises LabelFileError."""
    labels = []
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        fields = line.split("\t")
        if len(fields) != 2 or not all(field.strip() for field in fields):
            raise LabelFileError(path, number, "expected an id, one tab and a label")
        labels.append(Label(fields[0].strip(), fields[1].strip()))
    return labels


def read_taxonomy(folder: Path, kind: Kind) -> list[Label]:
    """Labels of occupations (ROME codes) or of skills, from either layout of folder.

    Raises LabelFileError when the folder holds neither, or on a malformed file.
    """
    name, id_column, label_column = _TWO_FILES[kind]
    if (folder / name).is_file():
        return list(_labels_of_table(folder / name, id_column, (label_column,)))
    labels: list[Label] = []
    for pattern, id_column, label_columns in _ROME[kind]:
        # The last by name: the most recent version, should several lie side by side.
        found = sorted(folder.glob(pattern)) if folder.is_dir() else []
        if not found:
            raise LabelFileError(folder, None, f"holds neither {name} nor {pattern}")
        labels.extend(_labels_of_table(found[-1], id_column, label_columns))
    return labels


def _labels_of_table(path: Path, id_column: str, columns: tuple[str, ...]) -> Iterator[Label]:
    reader = csv.DictReader(_lines(path), strict=True)
    try:
        for missing in {id_column, *columns} - set(reader.fieldnames or ()):
            raise LabelFileError(path, 1, f"column {missing!r} is missing")
        for row in reader:
            id_ = (row[id_column] or "").strip()
            texts = [text for column in columns if (text := (row[column] or "").strip())]
            if not id_ or not texts:
                raise LabelFileError(path, reader.line_num, "an id or a label is empty")
            yield from (Label(id_, text) for text in texts)
    except csv.Error as error:
        raise LabelFileError(path, reader.line_num, f"not readable as CSV ({error})") from error


def _lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file. Raises LabelFileError with the line of the bad byte."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LabelFileError(path, None, error.strerror or "cannot be read") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LabelFileError(path, line, "not UTF-8") from error
    # Not splitlines(): a label may hold a character that Unicode calls a line separator.
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
