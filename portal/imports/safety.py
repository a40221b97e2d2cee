"""Fences around files from outside: what they are, how big they get, what a zip may hold."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import IO

from portal.imports.base import RefusedFileError
from portal.imports.source import Source

MEGABYTE = 1024 * 1024
MOST_BYTES = 512 * MEGABYTE
MOST_ENTRIES = 200
MOST_UNPACKED = 512 * MEGABYTE
MOST_RATIO = 100  # text compresses by 5 to 20; a bomb by 1,000
_HEAD = 4096
_ENCRYPTED = 0x1

# What the standard library raises on a damaged archive, whichever part is hit.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
)
_COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class FileKind(StrEnum):
    """What the first bytes of a file say it is; values are words for messages."""

    EMPTY = "un fichier vide"
    ZIP = "une archive ZIP"
    XLSX = "un classeur Excel (XLSX)"
    GZIP = "une archive GZIP"
    PDF = "un document PDF"
    OLD_EXCEL = "un classeur Excel ancien (XLS)"
    XML = "un fichier XML"
    HTML = "une page web (HTML)"
    JSON = "un fichier JSON"
    TEXT = "un fichier texte"
    BINARY = "un fichier binaire"


_SIGNATURES = (
    (b"PK\x03\x04", FileKind.ZIP),
    (b"PK\x05\x06", FileKind.ZIP),
    (b"\x1f\x8b", FileKind.GZIP),
    (b"%PDF", FileKind.PDF),
    (b"\xd0\xcf\x11\xe0", FileKind.OLD_EXCEL),
)
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def kind_of(path: Path) -> FileKind:
    """What a file is, from its first bytes (never from its name)."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return _zip_kind(path) if kind is FileKind.ZIP else kind
    return _text_kind(head)


def _zip_kind(path: Path) -> FileKind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except BROKEN:
        return FileKind.ZIP
    return FileKind.XLSX if "xl/workbook.xml" in names else FileKind.ZIP


def _text_kind(head: bytes) -> FileKind:
    wide = head.startswith(_BOMS[1:])
    text = head.removeprefix(_BOMS[0]).replace(b"\0", b"") if wide else head.removeprefix(_BOMS[0])
    start = text.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").lstrip()
    if not start:
        return FileKind.BINARY if text.strip() else FileKind.EMPTY
    if b"\0" in text:
        return FileKind.BINARY
    lowered = start[:200].lower()
    if lowered.startswith((b"<!doctype html", b"<html")):
        return FileKind.HTML
    if start.startswith(b"<"):
        return FileKind.XML
    return FileKind.JSON if start[:1] in (b"{", b"[") else FileKind.TEXT


def require(source: Source, *accepted: FileKind, expected: str) -> FileKind:
    """The file's kind, if accepted. ``expected`` completes « il faut … » in the message."""
    if source.path.is_dir():
        raise RefusedFileError(f"« {source.name} » est un dossier : il faut {expected}.")
    if source.total_bytes > MOST_BYTES:
        raise RefusedFileError(
            f"« {source.name} » dépasse {MOST_BYTES // MEGABYTE} Mo : "
            "vérifiez le fichier ou découpez-le."
        )
    kind = kind_of(source.path)
    if kind not in accepted:
        raise RefusedFileError(
            f"« {source.name} » est {kind.value} : il faut {expected}. Rien n’a été écrit."
        )
    return kind


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    """Like ``is_dir``, which fails on an empty name."""
    return entry.filename.endswith("/")


class SafeZip:
    """A zip whose every entry was checked before any is read; nothing is ever unpacked to disk."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        try:
            self._archive = zipfile.ZipFile(path)
        except BROKEN as error:
            raise RefusedFileError(
                f"L’archive « {name} » est abîmée ou incomplète : téléchargez-la de nouveau."
            ) from error
        self._entries = {
            PurePosixPath(entry.filename).name: entry
            for entry in self._archive.infolist()
            if not _is_folder(entry)
        }
        self._check()

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    @property
    def names(self) -> list[str]:
        """Base names of the entries."""
        return sorted(self._entries)

    @property
    def unpacked_bytes(self) -> int:
        """Size of all the entries, unpacked."""
        return sum(entry.file_size for entry in self._archive.infolist())

    def _check(self) -> None:
        entries = self._archive.infolist()
        if len(entries) > MOST_ENTRIES:
            self._refuse(f"contient {len(entries)} fichiers (au plus {MOST_ENTRIES})")
        for entry in entries:
            self._check_entry(entry)
        if self.unpacked_bytes > MOST_UNPACKED:
            self._refuse(f"dépasse {MOST_UNPACKED // MEGABYTE} Mo une fois ouverte")
        files = [entry for entry in entries if not _is_folder(entry)]
        if len(files) != len(self._entries):
            self._refuse("contient deux fois le même nom de fichier")

    def _check_entry(self, entry: zipfile.ZipInfo) -> None:
        parts = PurePosixPath(entry.filename).parts
        raw = entry.orig_filename
        if ".." in parts or raw.startswith(("/", "\\")) or "\\" in raw or ":" in raw:
            self._refuse("contient un chemin qui sort de l’archive")
        if stat.S_ISLNK(entry.external_attr >> 16):
            self._refuse("contient un lien vers un autre fichier")
        if entry.flag_bits & _ENCRYPTED:
            self._refuse("est protégée par un mot de passe")
        if entry.compress_type not in _COMPRESSIONS:
            self._refuse("utilise une compression inhabituelle")
        if entry.file_size > MEGABYTE and entry.file_size > MOST_RATIO * entry.compress_size:
            self._refuse("se déplie en un volume anormal")

    def _refuse(self, why: str) -> None:
        raise RefusedFileError(
            f"L’archive « {self.name} » {why} : elle est refusée par sécurité. "
            "Prenez l’archive d’origine, sans la modifier."
        )

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """An entry by base name. Reading stops at the declared size (checked above)."""
        try:
            with self._archive.open(self._entries[name]) as stream:
                yield stream
        except BROKEN as error:
            if isinstance(error, UnicodeError):
                raise
            raise RefusedFileError(
                f"« {name} », dans l’archive, est abîmé : téléchargez de nouveau « {self.name} »."
            ) from error
