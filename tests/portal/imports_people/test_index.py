"""What an import leaves for the index that pages are served from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal import config
from portal.db import Database
from portal.imports import pipeline
from portal.matchmaking import generations
from portal.matchmaking.world import WorldCache
from portal.models import IndexGeneration, Person, PersonStatus, SkillAssertion
from tests.portal.imports_people.support import bring, departement
from tests.support.import_files import person_row


@pytest.fixture
def here(any_database: Database, app: Flask) -> Iterator[Database]:
    """A database of each kind, in the portal's language."""
    with app.test_request_context("/"):
        yield any_database


def test_what_it_wrote_carries_the_instant_of_its_run(here: Database, tmp_path: Path) -> None:
    owner = departement(here)
    run = bring(here, tmp_path, owner, person_row())
    with here.session() as session:
        for table in (Person, PersonStatus):
            assert set(session.scalars(select(table.updated_at))) == {run.created_at}
        assert set(session.scalars(select(SkillAssertion.updated_at))) <= {run.created_at}
    assert run.updated_at > run.created_at


def test_the_index_of_a_large_one_is_ready_when_it_commits(
    here: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "SMALL_TERRITORY", 0)
    owner, folder = departement(here), tmp_path / "index"
    here.keep_index_in(folder)
    bring(here, tmp_path, owner, person_row())
    assert not folder.exists()
    monkeypatch.setattr(pipeline, "_MANY", 1)
    other = person_row(Identifiant="D-002", Nom="Autre", Date_de_naissance="02/01/1980")
    bring(here, tmp_path, owner, other)
    monkeypatch.setattr(generations, "make_generation", None)
    with here.session() as session:
        (name,) = session.scalars(select(IndexGeneration.name))
        people = WorldCache(here.engine, folder).world(session).index.people
        assert sorted(people.number) == sorted(session.scalars(select(Person.public_id)))
    assert len(people.number) == 2
    assert [path.name for path in folder.glob("*/*") if path.is_dir()] == [name]
