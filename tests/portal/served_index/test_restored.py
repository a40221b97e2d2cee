"""An index serves the database that knows it, and no other state of it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from portal import clock
from portal.matchmaking.building import Prints
from portal.models import (
    IndexGeneration,
    JobOffer,
    SkillAssertion,
)
from tests.portal.served_index.support import (
    DAY,
    built,
    prepare,
)
from tests.support.kept_index import Process, generation


@pytest.mark.parametrize("any_database", ["sqlite"], indirect=True)
def test_a_database_put_back_as_it_was_is_read_again(
    tmp_path: Path, both: Session, served: Process, kept: Path, made: list[int]
) -> None:
    """As many rows, and marks that say nothing: the index of the day after is not used."""
    path = both.get_bind().engine.url.database
    assert path is not None
    with (
        closing(sqlite3.connect(path)) as live,
        closing(sqlite3.connect(tmp_path / "backup")) as backup,
    ):
        live.backup(backup)
        expected = built(both)
        both.execute(update(SkillAssertion).values(level=3, updated_at=clock.now()))
        both.commit()
        (kept / "asked").touch()
        prepare(both, kept)
        assert Process(both, kept).lists() == served.lists() != expected
        both.close()
        both.get_bind().engine.dispose()
        backup.backup(live)
    assert made == [1]
    assert Process(both, kept).lists() == expected
    assert served.lists() == expected
    assert made == [1, 1]


def test_an_index_unknown_to_its_database_never_serves(
    both: Session, served: Process, kept: Path, made: list[int]
) -> None:
    old = generation(kept)
    both.execute(text("UPDATE skill_assertion SET level = 3"))
    both.execute(delete(IndexGeneration))
    both.commit()
    expected = built(both)
    assert Process(both, kept).lists() == expected
    assert served.lists() == expected
    assert generation(kept) != old
    assert made == [1]


def lose_a_part(words: dict[str, Any]) -> None:
    del words["marks"]["people"]


def lose_a_table(words: dict[str, Any]) -> None:
    words["marks"]["people"].pop()


@pytest.mark.parametrize("differ", [lose_a_part, lose_a_table])
@pytest.mark.parametrize("any_database", ["sqlite"], indirect=True)
def test_an_index_that_tells_of_other_tables_is_made_again(
    both: Session,
    served: Process,
    kept: Path,
    made: list[int],
    monkeypatch: pytest.MonkeyPatch,
    differ: Callable[[dict[str, Any]], None],
) -> None:
    """As a release that read other tables would have left it, the engine being the same."""

    def words(self: Prints) -> dict[str, Any]:
        told = real(self)
        differ(told)
        return told

    real = Prints.words
    with monkeypatch.context() as former:
        former.setattr(Prints, "words", words)
        (kept / "asked").touch()
        prepare(both, kept)
    assert Process(both, kept).lists() == built(both)
    assert made == [1, 1]


def test_who_built_for_itself_takes_what_is_kept_since(
    both: Session, territory: JobOffer, kept: Path, made: list[int]
) -> None:
    kept.write_text("no folder can be made here")
    process = Process(both, kept)
    process.lists()
    both.commit()
    kept.unlink()
    prepare(both, kept)
    assert process.lists() == built(both)
    both.commit()
    assert process.cache._held is not None
    assert process.cache._held.generation == generation(kept).name


def test_names_of_long_ago_are_forgotten(both: Session, served: Process, kept: Path) -> None:
    both.add(IndexGeneration(name="old", created_at=clock.now() - 400 * DAY))
    both.commit()
    (kept / "asked").touch()
    prepare(both, kept)
    names = both.scalars(select(IndexGeneration.name)).all()
    assert len(names) == 2
    assert "old" not in names


def test_what_is_left_of_a_base_put_back_goes_once_nobody_can_use_it(
    both: Session, served: Process, kept: Path
) -> None:
    here = generation(kept).parent
    left, used, building = (kept / name for name in ("left", "used", "building"))
    for folder, days in ((left, 9), (used, 7), (building, 9)):
        (folder / "generation").mkdir(parents=True)
        (folder / "lock").touch()
        past = (clock.now() - days * DAY).timestamp()
        os.utime(folder, (past, past))
    with (building / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        prepare(both, kept)
    assert {path for path in kept.iterdir() if path.is_dir()} == {here, used, building}
    assert Process(both, kept).lists() == built(both)
