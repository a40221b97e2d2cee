"""A file or folder to import: its name, its size, and how far it has been read."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_CHUNK = 1 << 20


@dataclass(slots=True)
class Source:
    """``path`` is a file, or a folder where the importer takes one; ``name`` is shown."""

    path: Path
    name: str
    bytes_read: int = 0
    total_bytes: int = 0

    @classmethod
    def of(cls, path: Path, name: str | None = None) -> Source:
        """A source on an existing path, measured."""
        source = cls(path, name or path.name)
        source.total_bytes = sum(file.stat().st_size for file in source.files())
        return source

    def files(self) -> list[Path]:
        """The file, or those directly in the folder, sorted."""
        if self.path.is_dir():
            return sorted(file for file in self.path.iterdir() if file.is_file())
        return [self.path]

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The file's bytes, buffered; what is read counts in ``bytes_read``."""
        with self.path.open("rb", buffering=0) as raw, self.counted(raw) as stream:
            yield stream

    @contextmanager
    def counted(self, raw: Any) -> Iterator[IO[bytes]]:
        """Any binary stream, so that what is read from it counts in ``bytes_read``."""
        with io.BufferedReader(_Counting(raw, self), _CHUNK) as stream:
            yield stream

    def sha256(self) -> str:
        """The digest of the file, or of a folder's file names and contents."""
        digest = hashlib.sha256()
        for file in self.files():
            if self.path.is_dir():
                digest.update(file.name.encode() + b"\0")
            with file.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
        return digest.hexdigest()


class _Counting(io.RawIOBase):
    """Passes reads on and tells the source how much went by."""

    def __init__(self, raw: Any, source: Source) -> None:
        self._raw = raw
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self._source.bytes_read += len(data)
        return len(data)
