"""The index of a database on disk, one for all the processes of a machine.

``current`` names the folders of the indexes that may serve, *generations*, the newest first. One is
written under another name, pushed to the disk, and named by one rename: whoever is killed in the
middle leaves the former in use. Which of those named serves is said by the database (see
``generations``). The lock of the one who builds is the system's: it does not outlive its process.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from matching.index import Index
from matching.snapshot import read_index, write_index
from portal.db import INDEX_ASKED

_CURRENT, _LOCK, _DRAFT = "current", "lock", "draft-"


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

    def names(self) -> list[str]:
        """The generations that may serve, the newest first."""
        try:
            lines = (self.folder / _CURRENT).read_text("ascii").splitlines()
        except (OSError, UnicodeDecodeError):
            return []
        return [Path(line).name for line in lines if line.strip()]

    def read(self, name: str) -> tuple[Index, Mapping[str, Any]]:
        """The index of a generation and what was said of it; ``StoredIndexError`` if it cannot."""
        return read_index(self.folder / name)

    @contextmanager
    def alone(self, *, wait: bool = True) -> Iterator[bool]:
        """Nobody else builds meanwhile; waits for whoever does, or else gives False."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / _LOCK).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def put(self, index: Index, about: Mapping[str, Any]) -> str:
        """Write an index and name it first, before those named already. Under :meth:`alone`.

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
        self.keep([name, *self.names()])
        return name

    def keep(self, names: Sequence[str]) -> None:
        """Let these serve, the first most, and remove the others. Under :meth:`alone`."""
        self._name(names)
        self._sweep(names)

    def clear(self) -> None:
        """Let nothing serve: each process makes its own, and nobody is to make another here."""
        if self.folder.exists():
            with self.alone():
                self.answer()
                self.keep([])

    def forget_others(self, before: datetime) -> None:
        """Remove the shelves where no index was named since: of databases put back or made again.

        ``before``: an index of that time can serve nobody any more, whatever its database.
        """
        beside = self.folder.parent
        for folder in beside.iterdir() if beside.is_dir() else ():
            if folder == self.folder or not _is_left(folder, before.timestamp()):
                continue
            with suppress(OSError), Shelf(folder).alone(wait=False) as alone:
                if alone:
                    shutil.rmtree(folder, ignore_errors=True)

    def ask(self) -> None:
        """Have the worker of this machine make another generation, soon."""
        with suppress(OSError):
            self._asked.touch()

    def is_asked(self) -> bool:
        """Whether somebody found the index old."""
        return self._asked.exists()

    def answer(self) -> None:
        """Note that another generation is being made."""
        self._asked.unlink(missing_ok=True)

    @property
    def _asked(self) -> Path:
        return self.folder.parent / INDEX_ASKED

    def _name(self, names: Sequence[str]) -> None:
        draft = self.folder / f"{_CURRENT}.{os.getpid()}"
        draft.write_text("\n".join(names), "ascii")
        _push(draft)
        draft.replace(self.folder / _CURRENT)
        _push(self.folder)

    def _sweep(self, names: Sequence[str]) -> None:
        """Remove what may not serve, and what those who were killed have left."""
        for path in self.folder.iterdir():
            if path.is_dir() and path.name not in names:
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.startswith(f"{_CURRENT}."):
                path.unlink(missing_ok=True)


def _is_left(folder: Path, before: float) -> bool:
    """Whether nothing was named in a folder since an instant."""
    with suppress(OSError):
        return folder.is_dir() and folder.stat().st_mtime < before
    return False


def _push(path: Path) -> None:
    """Wait until a file, or the names in a folder, would outlive a power cut."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
