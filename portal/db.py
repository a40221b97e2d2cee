"""The database: engine, column types, and the session of a request or a command."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, sessionmaker
from sqlalchemy.types import TypeDecorator

SQLITE_BUSY_MILLISECONDS = 15_000
#: Many small statements at once rather than a few large ones: no compilation and no worker for a
#: statement of some milliseconds, and rows found by an index cost what they do on solid state. What
#: is kept prepared is planned once: planning the queues of a day takes longer than reading them.
#: Every statement is then planned for any values, even one asked once: what looks for a few rows
#: among many must be led to an index by its order, as the messages that are due are. An address
#: that gives its own ``options`` keeps them.
_FOR_PAGES = " ".join(
    f"-c {setting}"
    for setting in (
        "jit=off",
        "max_parallel_workers_per_gather=0",
        "random_page_cost=1.1",
        "plan_cache_mode=force_generic_plan",
    )
)
#: What a connection to PostgreSQL keeps prepared: the statements of the pages opened most.
STATEMENTS_KEPT = 400
#: In ``Session.info`` of a session that only reads, a page's for instance.
READ_ONLY = "read_only"
#: In ``Session.info``: the folder where the index of this database may be kept.
INDEX_FOLDER = "index_folder"
#: In that folder: the file left by who finds the index old, for the worker to make another.
INDEX_ASKED = "asked"
# No vowels: a public id never spells a word; no 0/1/l/o, so it can be read over the phone.
_PUBLIC_ALPHABET = "bcdfghjkmnpqrstvwxz23456789"
_PUBLIC_LENGTH = 14


def new_public_id() -> str:
    """A random id for URLs (65 bits): nothing can be learned or guessed from it."""
    return "".join(secrets.choice(_PUBLIC_ALPHABET) for _ in range(_PUBLIC_LENGTH))


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant; SQLite gives naive ones back, so UTC is put on again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        """Refuse naive instants: they are a bug at the place that made them."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored instant must be timezone-aware")
        return value.astimezone(UTC)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        """Instants come back in UTC whatever the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class WriteDuringReadError(RuntimeError):
    """A read-only session (a GET) tried to write: a defect of the page, never of its reader."""


def make_engine(url: str | URL) -> Engine:
    """An engine with the settings every connection needs, on SQLite and on PostgreSQL."""
    parsed = make_url(url)
    # The values of a failed statement are people's data: they do not belong in a log.
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(
            parsed,
            pool_pre_ping=True,
            # The connection used last is the one whose statements are already prepared.
            pool_use_lifo=True,
            hide_parameters=True,
            connect_args={} if "options" in parsed.query else {"options": _FOR_PAGES},
        )
        event.listen(engine, "connect", _keep_statements)
        return engine
    engine = create_engine(
        parsed,
        connect_args={"timeout": SQLITE_BUSY_MILLISECONDS / 1000},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _keep_statements(connection: Any, _record: object) -> None:
    """Let a connection keep the plans of all the pages: with psycopg's hundred, each drives
    another out before it is asked five times, and is planned again.
    """
    connection.prepared_max = STATEMENTS_KEPT


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=wal",
        "synchronous=normal",
        f"busy_timeout={SQLITE_BUSY_MILLISECONDS}",
        "foreign_keys=on",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class Database:
    """One engine and its sessions; lives as long as the process."""

    def __init__(self, source: str | URL | Engine) -> None:
        self.engine = source if isinstance(source, Engine) else make_engine(source)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    def keep_index_in(self, folder: Path) -> None:
        """Let the sessions from now on keep the index made of the rows in this folder."""
        self._sessions.configure(info={INDEX_FOLDER: folder})

    def session(self, *, read_only: bool = False) -> Session:
        """A new session; a read-only one raises on any flush or bulk write."""
        session = self._sessions()
        if read_only:
            session.info[READ_ONLY] = True
            event.listen(session, "before_flush", _refuse_flush)
            event.listen(session, "do_orm_execute", _refuse_bulk_write)
        return session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end, or leaves nothing behind."""
        with self._sessions.begin() as session:
            yield session

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _refuse_flush(session: Session, _context: UOWTransaction, _instances: object) -> None:
    changed = [
        *session.new,
        *session.deleted,
        *(i for i in session.dirty if session.is_modified(i)),
    ]
    if changed:
        names = ", ".join(sorted({type(instance).__name__ for instance in changed}))
        raise WriteDuringReadError(f"a read would write: {names}")


def _refuse_bulk_write(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        raise WriteDuringReadError("a read would write in bulk")


def insert_if_absent(session: Session, table: type[Any], **values: Any) -> None:
    """Insert a row unless a unique constraint says it is there, even since this very moment."""
    on_postgres = session.get_bind().dialect.name == "postgresql"
    statement = (postgresql.insert if on_postgres else sqlite.insert)(table).values(**values)
    session.execute(statement.on_conflict_do_nothing())
