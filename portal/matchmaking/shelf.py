"""The index of a database on disk, one for all the processes of a machine.

``current`` names the folder of the index in use, a *generation*. A new one is written under another
name, pushed to the disk, and named by one rename: whoever is killed in the middle leaves the former
in use. The lock of the one who builds is the system's, so it does not outlive its process.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from matching.index import Index
from matching.snapshot import StoredIndexError, read_index, write_index

log = logging.getLogger(__name__)

_CURRENT, _LOCK, _DRAFT = "current", "lock", "draft-"
# A generation may be replaced between the reading of its name and that of its files.
_TRIES = 3


def shelf_of(engine: Engine, folder: Path) -> Shelf | None:
    """The shelf of a database under the folder of all; None when the database is not a file."""
    identity = _identity(engine)
    if identity is None:
        return None
    name = hashlib.blake2b(identity.encode(), digest_size=12).hexdigest()
    return Shelf(folder / name)


def _identity(engine: Engine) -> str | None:
    """What no other database has, and this one keeps: a base made again is another one."""
    url = engine.url
    if engine.dialect.name == "sqlite":
        path = Path(url.database or "")
        if not url.database or not path.is_file():
            return None
        found = path.stat()
        return f"sqlite {path.resolve()} {found.st_dev} {found.st_ino}"
    with engine.connect() as connection:
        numbers = connection.execute(_NUMBERS).one()
    return (
        f"{engine.dialect.name} {url.host} {url.port} {url.query} {url.database} {tuple(numbers)}"
    )


_NUMBERS = text(
    "SELECT oid, CAST('person' AS regclass) AS person"
    " FROM pg_database WHERE datname = current_database()"
)


class Shelf:
    """Where the index of one database is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def named(self) -> str | None:
        """The generation in use, None when there is none."""
        try:
            return (self.folder / _CURRENT).read_text("ascii").strip() or None
        except (OSError, UnicodeDecodeError):
            return None

    def read(self) -> tuple[str, Index, Mapping[str, Any]] | None:
        """The generation in use, its index and what was said of it; None when none can serve."""
        for _ in range(_TRIES):
            name = self.named()
            if name is None:
                return None
            try:
                return name, *read_index(self.folder / Path(name).name)
            except StoredIndexError as error:
                if name == self.named():
                    log.warning("the index kept on disk cannot serve: %s", error)
                    return None
        return None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else builds meanwhile; waits for whoever does."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / _LOCK).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def put(self, index: Index, about: Mapping[str, Any]) -> str:
        """Make this index the one in use, and remove the others. Under :meth:`alone`.

        Processes that hold a former one keep its pages until they let go of it.
        """
        draft = self.folder / f"{_DRAFT}{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        name = secrets.token_hex(8)
        try:
            write_index(draft, index, about)
            for path in (*draft.iterdir(), draft):
                _push(path)
            draft.rename(self.folder / name)
        finally:
            # A full disk is left no fuller than it was.
            shutil.rmtree(draft, ignore_errors=True)
        self._name(name)
        self._sweep(name)
        return name

    def _name(self, name: str) -> None:
        draft = self.folder / f"{_CURRENT}.{os.getpid()}"
        draft.write_text(name, "ascii")
        _push(draft)
        draft.replace(self.folder / _CURRENT)
        _push(self.folder)

    def _sweep(self, name: str) -> None:
        """Remove what is not in use, and what those who were killed have left."""
        for path in self.folder.iterdir():
            if path.is_dir() and path.name != name:
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.startswith(f"{_CURRENT}."):
                path.unlink(missing_ok=True)


def _push(path: Path) -> None:
    """Wait until a file, or the names in a folder, would outlive a power cut."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
