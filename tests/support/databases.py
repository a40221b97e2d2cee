"""Databases given to each test like new, behind engines that live as long as the process.

An engine keeps the statements it has compiled. With one for each test, compiling the same ones
again was a third of the suite.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import Engine, event

from portal.db import Database, make_engine
from portal.demo.load import load_territory
from portal.matchmaking.batch import refresh_suggestions
from tests.support.postgres import PostgresServer


def _view_of(engine: Engine) -> Database:
    """A database of its own on a shared pool: what is kept per engine is not shared."""
    return Database(engine.execution_options())


class SqliteSlot:
    """One SQLite file, replaced by a copy of a template before each test."""

    def __init__(self, path: Path, template: Path) -> None:
        self.path, self._template = path, template
        self.url = f"sqlite:///{path}"
        self._engine = make_engine(self.url)
        # Nothing here has to survive a power cut, and waiting for the disk is half of a commit.
        event.listen(self._engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=off"))

    def fill(self) -> None:
        """Put a copy of the template in place; what an earlier test left open stays apart."""
        self._engine.dispose()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copy(self._template, self.path)

    def database(self) -> Database:
        """The file as it is now."""
        return _view_of(self._engine)


class PostgresSlot:
    """One database of a server, made again from a template before each test."""

    def __init__(self, server: PostgresServer, name: str, template: str) -> None:
        self._server, self._name, self._template = server, name, template
        self._engine = make_engine(server.url_of(name))

    def fill(self) -> None:
        """Make it again from the template, ending the connections an earlier test left."""
        self._engine.dispose()
        self._server.recreate(self._name, template=self._template)

    def database(self) -> Database:
        """The database as it is now."""
        return _view_of(self._engine)


def fill_with_demo(path: Path) -> None:
    """Fill a migrated SQLite file with the demonstration and the suggestions of everyone."""
    database = Database(f"sqlite:///{path}")
    with database.transaction() as session:
        load_territory(session, lambda _what: None)
        refresh_suggestions(session, lambda *_: None)
    in_one_file(database)


def in_one_file(database: Database) -> None:
    """Close a SQLite database with all it holds in its file, so that copying it is enough."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
