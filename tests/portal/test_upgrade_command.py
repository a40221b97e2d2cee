"""``ecluse upgrade``: an installation knows its trades, credentials and communes from the start."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portal import schema
from portal.cli.upgrade import command
from portal.db import Database
from portal.models import Commune, CredentialType, Occupation, Skill


def upgraded(home: Path) -> str:
    """What the command says."""
    result = CliRunner().invoke(command, ["--home", str(home)], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_a_new_database_has_the_schema_and_the_starter_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ECLUSE_DATABASE_URL", raising=False)
    assert "La base est à jour." in upgraded(tmp_path)
    database = Database(f"sqlite:///{tmp_path / 'ecluse.sqlite3'}")
    assert schema.is_current(database.engine)
    with database.session(read_only=True) as session:
        counts = [
            session.scalar(select(func.count()).select_from(table))
            for table in (CredentialType, Occupation, Skill, Commune)
        ]
    database.dispose()
    assert all(counts)


def test_a_second_upgrade_keeps_what_was_changed_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ECLUSE_DATABASE_URL", raising=False)
    upgraded(tmp_path)
    database = Database(f"sqlite:///{tmp_path / 'ecluse.sqlite3'}")
    with database.transaction() as session:
        code = session.scalars(select(Commune.code).limit(1)).one()
        session.get_one(Commune, code).population = 12_345
    assert "La base était déjà à jour." in upgraded(tmp_path)
    with database.session(read_only=True) as session:
        assert session.get_one(Commune, code).population == 12_345
    database.dispose()
