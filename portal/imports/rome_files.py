"""The official open data of ROME 4.0: a folder or a zip of CSV files named after a version."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO

from portal.imports.base import RefusedFileError, Rejection
from portal.imports.readers import CsvRow, read_csv
from portal.imports.safety import MOST_UNPACKED, FileKind, SafeZip, require
from portal.imports.source import Source

EXPECTED = "l’archive ZIP (ou le dossier) des fichiers CSV du ROME 4.0 publiée par France Travail"
OCCUPATIONS = "referentiel_code_rome"
TITLES = "referentiel_appellation"
SKILLS = "referentiel_competence"
KNOWLEDGE = "referentiel_savoir"
LINKS = "coherence_item"
MOBILITIES = "rubrique_mobilite"
TEXTS = "texte"
NEEDED = (OCCUPATIONS, TITLES, SKILLS, KNOWLEDGE, LINKS, MOBILITIES)

_FILE = re.compile(r"unix_([a-z_]+)_v([0-9]{2,6})_utf8\.csv", re.IGNORECASE)
_VERSION_FILE = "version.txt"
_VERSION = re.compile(r"num[eé]ro de version\s*:\s*([0-9A-Za-z_.]{1,20})", re.IGNORECASE)
_PUBLISHED = re.compile(r"date de publication\s*:\s*(\d{2}/\d{2}/\d{4})", re.IGNORECASE)
_LONGEST_VERSION_FILE = 100_000


@dataclass(frozen=True, slots=True)
class RomeVersion:
    """« 60 », and when it was published."""

    number: str
    published_on: date | None


class RomeBundle:
    """The files of one version, by the word in the middle of their names."""

    def __init__(self, source: Source, archive: SafeZip | None) -> None:
        self._source = source
        self._archive = archive
        names = archive.names if archive else [file.name for file in source.files()]
        self._names: dict[str, str] = {}
        stamps = set()
        for name in names:
            if match := _FILE.fullmatch(name):
                self._names[match[1].lower()] = name
                stamps.add(match[2])
        self._has_version = _VERSION_FILE in names
        self._check(stamps)
        self.version = self._read_version(stamps.pop())

    def _check(self, stamps: set[str]) -> None:
        missing = [stem for stem in NEEDED if stem not in self._names]
        if missing:
            raise RefusedFileError(
                f"« {self._source.name} » n’est pas le ROME 4.0 complet : il manque "
                f"unix_{missing[0]}_v…_utf8.csv. Il faut {EXPECTED}."
            )
        if len(stamps) > 1:
            raise RefusedFileError(
                f"« {self._source.name} » mélange plusieurs versions du ROME "
                f"({', '.join(sorted(stamps))}) : gardez les fichiers d’une seule."
            )

    def _read_version(self, stamp: str) -> RomeVersion:
        if not self._has_version:
            return RomeVersion(stamp, None)
        with self._open(_VERSION_FILE) as stream:
            text = stream.read(_LONGEST_VERSION_FILE).decode("utf-8", errors="replace")
        number, published = _VERSION.search(text), _PUBLISHED.search(text)
        return RomeVersion(
            number[1] if number else stamp, _day(published[1]) if published else None
        )

    def rows(self, stem: str, *columns: str) -> Iterator[CsvRow | Rejection]:
        """The rows of a file that must have ``columns``; rejections name the file."""
        name = self._names[stem]
        with self._open(name) as stream:
            for row in read_csv(stream, name, required=columns, delimiter=","):
                if isinstance(row, Rejection):
                    yield Rejection(row.line, name, row.reason)
                else:
                    yield row

    def has(self, stem: str) -> bool:
        """Whether an optional file is there."""
        return stem in self._names

    def name_of(self, stem: str) -> str:
        """The whole name of a file."""
        return self._names[stem]

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        if self._archive:
            with self._archive.open(name) as raw, self._source.counted(raw) as stream:
                yield stream
        else:
            path = self._source.path / name
            with path.open("rb") as raw, self._source.counted(raw) as stream:
                yield stream


@contextmanager
def open_bundle(source: Source) -> Iterator[RomeBundle]:
    """The bundle of a folder or zip. Raises RefusedFileError when it is neither, or unsafe."""
    if source.path.is_dir():
        if source.total_bytes > MOST_UNPACKED:
            raise RefusedFileError(
                f"Le dossier « {source.name} » est trop gros : il faut {EXPECTED}."
            )
        yield RomeBundle(source, None)
        return
    require(source, FileKind.ZIP, expected=EXPECTED)
    archive = SafeZip(source.path, source.name)
    source.total_bytes = archive.unpacked_bytes
    try:
        yield RomeBundle(source, archive)
    finally:
        archive.close()


def missing_values(row: CsvRow, columns: Collection[str]) -> str | None:
    """The first of the columns that is empty."""
    return next((column for column in columns if not row.get(column)), None)


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=None).date()  # noqa: DTZ007
    except ValueError:
        return None
