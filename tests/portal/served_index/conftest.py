"""A territory large enough for the shelf, and a process that serves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal import clock, config
from portal.db import Database
from portal.matchmaking import building, generations
from portal.models import (
    JobOffer,
)
from tests.support.kept_index import Process, count_readings, fill_territory


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every world is large enough for the shelf, every cut is made of tables."""
    monkeypatch.setattr(config, "SMALL_TERRITORY", 0)
    monkeypatch.setattr("matching.index._FEW", 0)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where indexes are kept."""
    return tmp_path / "index"


@pytest.fixture
def both(any_database: Database, app: Flask) -> Iterator[Session]:
    """A session on each kind of database, in the portal's language."""
    with app.test_request_context("/"), any_database.session() as session:
        yield session


@pytest.fixture
def territory(both: Session) -> JobOffer:
    """A territory whose rows are old: nothing is read again for being of the last minute."""
    offer = fill_territory(both)
    old = clock.now() - timedelta(hours=1)
    for part in ("people", "offers", "sessions"):
        for table in building.PARTS[part]:
            both.execute(update(table).values(updated_at=old))
    both.commit()
    return offer


@pytest.fixture
def served(both: Session, territory: JobOffer, kept: Path) -> Process:
    """A process that has served a page."""
    process = Process(both, kept)
    process.lists()
    both.commit()
    assert process.cache._held is not None
    return process


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One element per reading of every row for the shelf."""
    return count_readings(monkeypatch, generations)
