"""The interchange files: JSON Lines records, commune CSV, taxonomy folder.

Everything that is not exactly what the format says is refused with a ``FileError`` that gives
the file, the line and the key.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TypeVar

from matching.bulk.keys import MOST_ROWS
from matching.fields import FieldError, Fields
from matching.records import (
    DEFAULT_MAX_MINUTES,
    Commune,
    Mode,
    Occupation,
    Offer,
    Person,
    Prerequisite,
    Requirement,
    RequirementKind,
    Session,
    Skill,
    Taxonomy,
)

SKILLS_FILE, OCCUPATIONS_FILE = "skills.csv", "occupations.csv"
LIST_SEPARATOR = "|"
# All that separates words, but the no-break space of French typography.
_BREAKS = re.compile(r"[^\S\u00a0]+")
NOT_UTF8 = "le texte n’est pas en UTF-8\u00a0: enregistrez le fichier en UTF-8"
_GIVEN_TWICE = "est déjà plus haut\u00a0: gardez une seule des deux lignes"
Record = TypeVar("Record", Person, Offer, Session)


class FileError(ValueError):
    """A file that is not what it should be. ``line`` is None when the whole file is at fault."""

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        # A key of the file may hold line breaks: the message stays on one line.
        problem = _BREAKS.sub(" ", problem).strip()
        self.path, self.line, self.problem = path, line, problem
        where = f"{path}, ligne {line}" if line else str(path)
        super().__init__(f"{where}\u00a0: {problem}")


def read_people(path: Path) -> tuple[Person, ...]:
    """The people of a JSON Lines file. Raises ``FileError``."""
    return _read_records(path, _person)


def read_offers(path: Path) -> tuple[Offer, ...]:
    """The offers of a JSON Lines file. Raises ``FileError``."""
    return _read_records(path, _offer)


def read_sessions(path: Path) -> tuple[Session, ...]:
    """The training sessions of a JSON Lines file. Raises ``FileError``."""
    return _read_records(path, _session)


def read_communes(path: Path) -> tuple[Commune, ...]:
    """The communes of a CSV with at least ``code_insee,latitude,longitude``.

    A commune without coordinates is left out: its centre is not known. Raises ``FileError``.
    """
    found: dict[str, Commune] = {}
    for line, row in read_csv(path, ("code_insee", "latitude", "longitude")):
        code = row["code_insee"].strip()
        if not code:
            raise FileError(path, line, "'code_insee' est vide\u00a0: donnez le code de la commune")
        if code in found:
            raise FileError(path, line, f"la commune {code!r} {_GIVEN_TWICE}")
        if row["latitude"].strip() or row["longitude"].strip():
            latitude = _degrees(path, line, row, "latitude", 90)
            longitude = _degrees(path, line, row, "longitude", 180)
            found[code] = Commune(code, latitude, longitude)
    return tuple(found.values())


def read_taxonomy(folder: Path) -> Taxonomy:
    """The two-file taxonomy folder. Raises ``FileError``."""
    skills: dict[str, Skill] = {}
    path = folder / SKILLS_FILE
    for line, row in read_csv(path, ("skill", "label", "group")):
        skill = _new_code(path, line, row, "skill", skills)
        skills[skill] = Skill(skill, row["label"].strip(), row["group"].strip() or None)
    occupations: dict[str, Occupation] = {}
    path = folder / OCCUPATIONS_FILE
    for line, row in read_csv(path, ("occupation", "label", "core_skills", "neighbours")):
        code = _new_code(path, line, row, "occupation", occupations)
        core, neighbours = _codes(row["core_skills"]), _codes(row["neighbours"])
        occupations[code] = Occupation(code, row["label"].strip(), core, neighbours)
    return Taxonomy(skills, occupations)


def read_csv(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV with their line number; other columns are kept too.

    Raises ``FileError`` on a missing column, a row of another length, or text that is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from _rows(path, stream, columns)
    except UnicodeDecodeError:
        raise FileError(path, _line_not_utf8(path), NOT_UTF8) from None
    except OSError as error:
        raise FileError(path, None, why_unreadable(error)) from None


def _rows(
    path: Path, stream: Iterator[str], columns: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(stream, strict=True)
    try:
        header = next(reader, [])
        missing = [name for name in columns if name not in header]
        if missing:
            raise FileError(path, 1, f"il manque la colonne {missing[0]!r}")
        for cells in reader:
            if len(cells) == len(header):
                yield reader.line_num, dict(zip(header, cells, strict=True))
            elif cells:
                problem = f"{len(cells)} colonnes au lieu de {len(header)}"
                raise FileError(path, reader.line_num, problem)
    except csv.Error as error:
        problem = f"illisible comme CSV\u00a0: vérifiez les guillemets ({error})"
        raise FileError(path, reader.line_num, problem) from None


def _new_code(
    path: Path, line: int, row: Mapping[str, str], column: str, known: Mapping[str, object]
) -> str:
    code = row[column].strip()
    if not code:
        raise FileError(path, line, f"{column!r} est vide\u00a0: donnez un code")
    if code in known:
        raise FileError(path, line, f"{column!r}\u00a0: {code!r} {_GIVEN_TWICE}")
    return code


def _codes(joined: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in joined.split(LIST_SEPARATOR) if code.strip())


def _degrees(path: Path, line: int, row: Mapping[str, str], column: str, most: int) -> float:
    try:
        value = float(row[column])
    except ValueError:
        value = math.nan
    if not abs(value) <= most:
        expected = f"n’est pas un nombre de degrés entre -{most} et {most}"
        raise FileError(path, line, f"{column!r}\u00a0: {row[column]!r} {expected}")
    return value


def _read_records(path: Path, build: Callable[[Fields], Record]) -> tuple[Record, ...]:
    found: dict[str, Record] = {}
    for line, text in _lines(path):
        try:
            record = build(Fields(_decode(text)))
        except FieldError as problem:
            raise FileError(path, line, str(problem)) from None
        if record.id in found:
            problem_text = f"'id'\u00a0: {record.id!r} {_GIVEN_TWICE}"
            raise FileError(path, line, problem_text)
        found[record.id] = record
    return tuple(found.values())


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their number. Only a line feed ends a line."""
    try:
        with path.open("rb") as stream:
            for number, raw in enumerate(stream, 1):
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                if text.strip():
                    yield number, text
    except UnicodeDecodeError:
        raise FileError(path, _line_not_utf8(path), NOT_UTF8) from None
    except OSError as error:
        raise FileError(path, None, why_unreadable(error)) from None


def _line_not_utf8(path: Path) -> int:
    """The first line that is not UTF-8."""
    lines = path.read_bytes().split(b"\n")
    return next(
        n for n, raw in enumerate(lines, 1) if raw.decode("utf-8", "ignore").encode() != raw
    )


def why_unreadable(error: OSError) -> str:
    """Why a file cannot be opened, and what to look at."""
    if isinstance(error, FileNotFoundError):
        return "ce fichier n’existe pas\u00a0: vérifiez le chemin"
    why = error.strerror or error
    return f"illisible\u00a0: vérifiez que c’est un fichier que vous pouvez ouvrir ({why})"


def _decode(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_no_twin_keys, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise FieldError(
            None, f"illisible comme JSON, colonne {error.colno} ({error.msg})"
        ) from None
    except RecursionError:
        raise FieldError(None, "illisible comme JSON (trop de niveaux)") from None
    except ValueError as error:
        if isinstance(error, FieldError):
            raise
        raise FieldError(None, "illisible comme JSON (un nombre est trop long)") from None


def _no_twin_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise FieldError(twin, "clé donnée deux fois\u00a0: gardez-en une")
    return found


def _no_constant(name: str) -> NoReturn:
    raise FieldError(None, f"illisible comme JSON ({name} n’est pas un nombre)")


def _person(fields: Fields) -> Person:
    fields.only(
        "id", "skills", "credentials", "no_credentials", "commune", "modes", "max_minutes",
        "available_from", "interests", "last_proposed",
    )  # fmt: skip
    return Person(
        id=fields.text("id"),
        commune=fields.text("commune"),
        available_from=fields.day("available_from"),
        skills=fields.numbers("skills", range(4)),
        credentials=fields.expiries("credentials"),
        no_credentials=frozenset(fields.texts("no_credentials")),
        modes=frozenset(fields.choices("modes", Mode)),
        max_minutes=fields.integer("max_minutes", 0, DEFAULT_MAX_MINUTES),
        interests=fields.numbers("interests", (1, -1)),
        last_proposed=fields.optional_day("last_proposed"),
    )


def _offer(fields: Fields) -> Offer:
    fields.only(
        "id", "occupation", "commune", "start_wanted", "start_latest", "posts", "requirements"
    )
    wanted, latest = fields.day("start_wanted"), fields.day("start_latest")
    if latest < wanted:
        raise FieldError("start_latest", "cette date est avant 'start_wanted'")
    return Offer(
        id=fields.text("id"),
        occupation=fields.text("occupation"),
        commune=fields.text("commune"),
        start_wanted=wanted,
        start_latest=latest,
        posts=fields.integer("posts", 1, 1),
        requirements=_requirements(fields),
    )


def _session(fields: Fields) -> Session:
    fields.only(
        "id", "start", "end", "commune", "remote", "seats_left", "prerequisites", "teaches",
        "delivers",
    )  # fmt: skip
    start, end = fields.day("start"), fields.day("end")
    if end < start:
        raise FieldError("end", "cette date est avant 'start'")
    remote = fields.flag("remote")
    if remote == fields.has("commune"):
        problem = "une session a soit une commune, soit 'remote': true"
        raise FieldError("remote" if remote else "commune", problem)
    return Session(
        id=fields.text("id"),
        start=start,
        end=end,
        seats_left=fields.integer("seats_left", 0),
        commune=None if remote else fields.text("commune"),
        remote=remote,
        prerequisites=tuple(_prerequisite(item) for item in fields.items("prerequisites")),
        teaches=fields.numbers("teaches", range(4)),
        delivers=frozenset(fields.texts("delivers")),
    )


def _requirements(fields: Fields) -> tuple[Requirement, ...]:
    found = tuple(_requirement(item) for item in fields.items("requirements"))
    if len(found) > MOST_ROWS:
        raise FieldError("requirements", f"{MOST_ROWS} exigences au plus, pas {len(found)}")
    return found


def _requirement(fields: Fields) -> Requirement:
    fields.only("kind", "skill", "level", "credential")
    need = _need(fields)
    return Requirement(
        need.skill, need.level, need.credential, fields.choice("kind", RequirementKind)
    )


def _prerequisite(fields: Fields) -> Prerequisite:
    fields.only("skill", "level", "credential")
    return _need(fields)


def _need(fields: Fields) -> Prerequisite:
    if fields.has("skill") == fields.has("credential"):
        raise FieldError(fields.path("skill"), "donnez soit 'skill', soit 'credential'")
    if fields.has("credential"):
        if fields.has("level"):
            problem = "une habilitation n’a pas de niveau\u00a0: retirez 'level'"
            raise FieldError(fields.path("level"), problem)
        return Prerequisite(credential=fields.text("credential"))
    return Prerequisite(fields.text("skill"), fields.integer("level", 0, most=3))
