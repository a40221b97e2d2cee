"""A throw-away PostgreSQL server on a private socket, as an unprivileged account."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg


@dataclass(frozen=True)
class Programs:
    """Where the server's programs are."""

    initdb: str
    postgres: str
    pg_isready: str


def find_programs() -> Programs | None:
    """The newest installed server, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in [*map(str, folders), None]:
        found = [shutil.which(name, path=folder) for name in ("initdb", "postgres", "pg_isready")]
        if all(found):
            return Programs(*[str(path) for path in found])
    return None


class PostgresServer:
    """A running server; ``new_database`` gives the URL of an empty database."""

    def __init__(self, folder: Path, programs: Programs, options: list[str]) -> None:
        self.folder = folder
        self.programs = programs
        self.options = options
        self._numbers = count(1)

    @classmethod
    @contextmanager
    def started(cls, programs: Programs, *options: str) -> Iterator[PostgresServer]:
        """Initialise, start with these options more, and stop at the end."""
        folder = Path(tempfile.mkdtemp(prefix="ecluse-pg-"))
        try:
            with cls(folder, programs, [*options])._running() as server:
                yield server
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _running(self) -> Iterator[PostgresServer]:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody", "nogroup")
        data = str(self.folder / "data")
        self._run(
            [self.programs.initdb, "-D", data, "-U", "ecluse", "-A", "trust", "-E", "UTF8", "-N"]
        )
        command = [self.programs.postgres, "-D", data, "-k", str(self.folder), "-h", ""]
        command += ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"]
        command += self.options
        process = subprocess.Popen(
            self._unprivileged(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self._wait(process)
            yield self
        finally:
            process.terminate()
            process.wait(timeout=30)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        check = [self.programs.pg_isready, "-q", "-h", str(self.folder), "-t", "1"]
        for _ in range(100):
            if subprocess.run(check, check=False).returncode == 0:
                return
            if process.poll() is not None:
                raise RuntimeError("PostgreSQL did not start")
        raise RuntimeError("PostgreSQL did not answer")

    def _run(self, command: list[str]) -> None:
        subprocess.run(self._unprivileged(command), check=True, capture_output=True)

    @staticmethod
    def _unprivileged(command: list[str]) -> list[str]:
        # initdb refuses to run as root.
        if os.geteuid() != 0:
            return command
        return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]

    def new_database(self) -> str:
        """Create an empty database and return its SQLAlchemy URL."""
        name = f"test{next(self._numbers)}"
        self._say(f"CREATE DATABASE {name}")
        return self.url_of(name)

    def recreate(self, name: str, *, template: str) -> None:
        """Make a database like another one, dropping what had its name and who used it."""
        self._say(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy",
        )

    def url_of(self, name: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://ecluse@/{name}?host={self.folder}"

    def connect(self, name: str) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of the account that may do everything; each statement is committed."""
        return psycopg.connect(host=str(self.folder), user="ecluse", dbname=name, autocommit=True)

    def _say(self, *statements: str) -> None:
        with self.connect("postgres") as connection:
            for statement in statements:
                connection.execute(statement.encode())
