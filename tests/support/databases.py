"""Databases given to each test like new, behind engines that live as long as the process.

An engine keeps the statements it has compiled. With one for each test, compiling the same ones
again was a third of the suite.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import psycopg
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
    """One database of a server, emptied before each test: making it anew takes a second.

    It is made anew from its template when a test has touched the schema, or left so much that
    the dead rows would weigh.
    """

    _HEAVIEST = 100_000_000  # bytes; an empty one takes 20 million
    # Each change of the schema rewrites rows of the catalogue, which then have another xmin.
    _SHAPE = """
        SELECT md5(string_agg(part, ' ' ORDER BY part)) FROM (
            SELECT concat_ws(' ', 'class', oid, xmin) FROM pg_class
                WHERE relnamespace = 'public'::regnamespace
            UNION ALL SELECT concat_ws(' ', 'column', attrelid, attnum, a.xmin)
                FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
                WHERE relnamespace = 'public'::regnamespace
            UNION ALL SELECT concat_ws(' ', 'trigger', oid, xmin) FROM pg_trigger
            UNION ALL SELECT concat_ws(' ', 'constraint', oid, xmin) FROM pg_constraint
            UNION ALL SELECT concat_ws(' ', 'function', oid, xmin) FROM pg_proc
            UNION ALL SELECT concat_ws(' ', 'version', version_num) FROM alembic_version
        ) AS parts (part)"""
    _TABLES = """
        SELECT quote_ident(tablename) FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY tablename"""
    _SEQUENCES = """
        SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"""

    def __init__(self, server: PostgresServer, name: str, template: str) -> None:
        self._server, self._name, self._template = server, name, template
        self._engine = make_engine(server.url_of(name))
        self._shape = ""
        self._empty = ""

    def fill(self) -> None:
        """Make it as its template is, ending the connections an earlier test left."""
        self._engine.dispose()
        if not self._shape or not self._emptied():
            self._server.recreate(self._name, template=self._template)
            with self._server.connect(self._name) as connection:
                self._shape = str(_scalars(connection, self._SHAPE))
                tables = _scalars(connection, self._TABLES)
                self._empty = "; ".join(f"DELETE FROM {table}" for table in tables)

    def _emptied(self) -> bool:
        """Whether it could be emptied; else it is to be made anew."""
        with self._server.connect(self._name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            size = _scalars(connection, "SELECT pg_database_size(current_database())")[0]
            if size > self._HEAVIEST or str(_scalars(connection, self._SHAPE)) != self._shape:
                return False
            # Triggers and references have nothing to say of what goes all at once.
            connection.execute("SET session_replication_role = replica")
            connection.execute(self._empty.encode())
            connection.execute(self._SEQUENCES)
        return True

    def database(self) -> Database:
        """The database as it is now."""
        return _view_of(self._engine)


def _scalars(connection: psycopg.Connection[tuple[Any, ...]], query: str) -> list[Any]:
    return [value for (value,) in connection.execute(query.encode())]


def fill(database: Database) -> None:
    """Fill a migrated database with the demonstration and the suggestions of everyone."""
    with database.transaction() as session:
        load_territory(session, lambda _what: None)
        refresh_suggestions(session, lambda *_: None)


def fill_with_demo(path: Path) -> None:
    """:func:`fill` a migrated SQLite file."""
    database = Database(f"sqlite:///{path}")
    fill(database)
    in_one_file(database)


def in_one_file(database: Database) -> None:
    """Close a SQLite database with all it holds in its file, so that copying it is enough."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
