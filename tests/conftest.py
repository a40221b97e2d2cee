"""Fixtures of the whole suite: databases, application, client, rows.

Each test finds everything like new. What takes long to make is made once and given back clean:

- once a run (``filled_once``), in a file that is copied: the demonstration, the whole ROME;
- once a process: the schema, the application, what is compiled of templates and of statements
  (``tests.support.databases``), the PostgreSQL server, the browser;
- processes that a test starts are forks of one that has the portal loaded
  (``tests.support.processes``), unless how it starts is what is tested.
"""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings as settings_profiles
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.orm import Session

from portal import schema
from portal.app import configure, create_app
from portal.config import Settings
from portal.db import Database
from tests.support.client import CheckingClient, client_for
from tests.support.databases import PostgresSlot, SqliteSlot, fill_with_demo, in_one_file
from tests.support.factories import Factory
from tests.support.postgres import PostgresServer, find_programs

# A run that checks a change draws the same examples each time: it never fails for what the change
# did not touch. Elsewhere the draws are random, and keep looking.
settings_profiles.register_profile("checks", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings_profiles.load_profile("checks")

REQUIRED = {name for name in os.environ.get("ECLUSE_REQUIRE", "").split(",") if name}
TESTS = Path(__file__).resolve().parent
SHARED = TESTS.parents[1] / "shared" / "data"


def skip_or_fail(need: str, reason: str) -> None:
    """Skip with a plain reason, or fail when ``ECLUSE_REQUIRE`` names the need."""
    if need in REQUIRED:
        pytest.fail(f"{reason} (ECLUSE_REQUIRE={need})")
    pytest.skip(reason)


class _SharedTemplates(BytecodeCache):
    """Templates compiled once a process: each test builds an application of its own."""

    def __init__(self) -> None:
        self._compiled: dict[str, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give back what another application of this process compiled from the same source."""
        bucket.code = self._compiled.get(bucket.key + bucket.checksum)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the next one."""
        self._compiled[bucket.key + bucket.checksum] = bucket.code


def pytest_configure() -> None:
    """What is imported and collected stays: it is neither searched for garbage, then nor later."""
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with few long tests first: at the end, none keeps a core busy beside an idle one.

    They are those of the whole project and those that open a browser.
    """
    items.sort(
        key=lambda item: item.path.parent != TESTS and TESTS / "browser" not in item.path.parents
    )


def pytest_collection_finish() -> None:
    """From the first test on, garbage is what the tests leave."""
    gc.freeze()
    gc.enable()


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _SharedTemplates()}


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data files beside the project; its tests skip without it."""
    if not SHARED.is_dir():
        pytest.skip("the public data files (../shared/data) are not beside the project")
    return SHARED


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("schema") / "empty.sqlite3"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database.engine)
    in_one_file(database)
    return path


@pytest.fixture(scope="session")
def filled_once(
    tmp_path_factory: pytest.TempPathFactory, _migrated_sqlite: Path
) -> Callable[[str, Callable[[Path], None]], Path]:
    """A way to have a SQLite file of this name, filled once a run by the first process to ask.

    To be copied, never written.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent

    def filled(name: str, fill: Callable[[Path], None]) -> Path:
        path, unfinished = folder / f"{name}.sqlite3", folder / f"{name}.unfinished"
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                shutil.copy(_migrated_sqlite, unfinished)
                fill(unfinished)
                unfinished.rename(path)
        return path

    return filled


@pytest.fixture(scope="session")
def demo_file(filled_once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The demonstration with its suggestions; to be copied, never written."""
    return filled_once("demo", fill_with_demo)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder of the test's own."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def _slot(tmp_path_factory: pytest.TempPathFactory, _migrated_sqlite: Path) -> SqliteSlot:
    return SqliteSlot(tmp_path_factory.mktemp("slot") / "ecluse.sqlite3", _migrated_sqlite)


@pytest.fixture
def settings(home: Path, _slot: SqliteSlot) -> Settings:
    """Settings on a migrated, empty SQLite database."""
    _slot.fill()
    return Settings(
        home=home,
        database_url=_slot.url,
        secret_key="for tests only",
        testing=True,
        secure_cookies=False,
    )


@pytest.fixture
def database(settings: Settings, _slot: SqliteSlot) -> Iterator[Database]:
    """The test's database, that of the settings."""
    database = _slot.database()
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def _built_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application built once a process: a fifth of the suite would go into building it."""
    home = tmp_path_factory.mktemp("app")
    return create_app(Settings(home, "sqlite://", "for tests only", testing=True))


@pytest.fixture
def app(_built_app: Flask, settings: Settings, database: Database) -> Iterator[Flask]:
    """The portal, with CSRF off (its own tests switch it on); adding a route needs one's own.

    What a test changes in the configuration or attaches is taken back after it.
    """
    app = _built_app
    kept, attached = dict(app.config), dict(app.extensions)
    configure(app, settings)
    app.config["WTF_CSRF_ENABLED"] = False
    app.extensions["ecluse_database"] = database
    yield app
    for holder, before in ((app.config, kept), (app.extensions, attached)):
        holder.clear()
        holder.update(before)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session for preparing and checking rows; commit before calling the client."""
    with database.session() as session:
        yield session


@pytest.fixture
def make(session: Session) -> Factory:
    """Makes rows."""
    return Factory(session)


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    """A signed-out client that checks every page."""
    return client_for(app)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A private PostgreSQL server; its tests skip where the programs are missing."""
    programs = find_programs()
    if programs is None:
        skip_or_fail("postgres", "PostgreSQL is not installed (initdb and postgres)")
    assert programs is not None
    # Rows of earlier tests stay dead where they were: new ones are read in the order they came.
    with PostgresServer.started(programs, "-c", "autovacuum=off") as server:
        yield server


@pytest.fixture(scope="session")
def _sqlite_slot(tmp_path_factory: pytest.TempPathFactory, _migrated_sqlite: Path) -> SqliteSlot:
    return SqliteSlot(tmp_path_factory.mktemp("slot") / "any.sqlite3", _migrated_sqlite)


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> PostgresServer:
    """The server, with a database « migrated » to be a template, never written."""
    postgres.recreate("migrated", template="template0")
    database = Database(postgres.url_of("migrated"))
    schema.upgrade(database.engine)
    database.dispose()
    return postgres


@pytest.fixture(scope="session")
def _postgres_slot(migrated_postgres: PostgresServer) -> PostgresSlot:
    return PostgresSlot(migrated_postgres, "given", template="migrated")


@pytest.fixture(params=["sqlite", "postgres"])
def any_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated, empty database of each kind: the test runs once on each."""
    slot: SqliteSlot | PostgresSlot = request.getfixturevalue(f"_{request.param}_slot")
    slot.fill()
    database = slot.database()
    yield database
    database.dispose()
