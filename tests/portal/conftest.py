"""What the portal's tests share."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from portal.accounts import passwords
from portal.db import Database
from portal.models import ImportKind
from tests.support.databases import in_one_file
from tests.support.imports import import_file


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash for tests: the real cost, held by a test of its own, would take minutes."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    passwords._decoy.cache_clear()
    yield
    passwords._decoy.cache_clear()


@pytest.fixture
def whole_rome(
    shared_data: Path,
    filled_once: Callable[[str, Callable[[Path], None]], Path],
    tmp_path: Path,
) -> Iterator[Database]:
    """A database of the test's own, where the whole ROME was imported once."""

    def fill(path: Path) -> None:
        database = Database(f"sqlite:///{path}")
        import_file(database, ImportKind.ROME, shared_data / "rome")
        in_one_file(database)

    copy = shutil.copy(filled_once("rome", fill), tmp_path / "rome.sqlite3")
    database = Database(f"sqlite:///{copy}")
    yield database
    database.dispose()
