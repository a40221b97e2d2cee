"""What an import, or who renames, writes: found whatever its dates, its index ready."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.db import INDEX_FOLDER, Database
from portal.imports.links import record_decision
from portal.matchmaking import loading
from portal.matchmaking.generations import newest
from portal.models import (
    Commune,
    ImportKind,
    ImportRun,
    Interest,
    LinkState,
    Person,
    Role,
    SkillAssertion,
    SkillLink,
)
from tests.portal.served_index.support import (
    built,
    change_all,
    imported,
)
from tests.support.factories import Factory
from tests.support.kept_index import Beside, Process


def test_rows_of_a_long_import_are_found_by_when_it_began(
    any_database: Database, both: Session, served: Process, kept: Path, made: list[int]
) -> None:
    """They are older than the last change of a page, which was saved while it wrote."""
    with any_database.session() as other:
        began = clock.now() - timedelta(minutes=10)
        page = other.scalars(select(Person).order_by(Person.id.desc())).first()
        assert page is not None
        page.max_minutes = 33
        other.commit()
    served.lists()
    both.rollback()
    run = ImportRun(kind=ImportKind.PEOPLE, file_name="people", sha256="0" * 64, created_at=began)
    both.add(run)
    written = {"level": 0, "updated_at": began + timedelta(minutes=1)}
    both.execute(update(SkillAssertion).values(written))
    both.execute(delete(Interest))
    both.commit()
    expected = built(both)
    assert served.lists() == expected
    assert Process(both, kept).lists() == expected
    assert made == []


def move_everybody(session: Session) -> None:
    """What no index that is kept can be brought to."""
    session.execute(update(Commune).values(latitude=Commune.latitude + 0.1))
    imported(session, ImportKind.COMMUNES)
    session.flush()


def test_rows_of_a_large_import_are_read_once_and_those_saved_meanwhile_as_well(
    both: Session, served: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They all carry the instant of their run, so a change a second later reads that change."""
    read: list[int] = []
    real = loading.load_people
    people = both.scalars(select(Person).order_by(Person.id)).all()

    def load(session: Session, known: Any, today: date, only: set[int] | None = None) -> Any:
        read.append(len(only or ()))
        return real(session, known, today, only)

    monkeypatch.setattr(loading, "load_people", load)
    run = ImportRun(kind=ImportKind.PEOPLE, file_name="people", sha256="0" * 64, changed=1_000)
    both.add(run)
    both.flush()
    with clock.changes_at(run.created_at):
        for person in people:
            person.max_minutes = 41
        both.flush()
    both.commit()
    for number, person in enumerate(people[:2]):
        assert served.lists() == built(both)
        both.commit()
        person.max_minutes = 90 - number
        both.commit()
    assert served.lists() == built(both)
    assert [count for count in read if count] == [4, 1, 2]


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_an_import_has_its_index_ready_before_anybody_sees_its_rows(
    any_database: Database,
    both: Session,
    served: Process,
    kept: Path,
    made: list[int],
    ends: str,
) -> None:
    before = served.lists()
    both.rollback()
    with any_database.session() as writer:
        writer.info[INDEX_FOLDER] = kept
        change_all(writer)
        move_everybody(writer)
        Process(writer, kept).cache.announce(writer)
        assert made == [1]
        assert served.lists() == before
        assert Process(both, kept).lists() == before
        both.rollback()
        getattr(writer, ends)()
    expected = built(both)
    assert (expected == before) == (ends == "rollback")
    assert served.lists() == expected
    assert Process(both, kept).lists() == expected
    assert made == [1]


def test_however_many_imports_end_or_fail_the_disk_holds_two_and_one_serves(
    any_database: Database, both: Session, served: Process, kept: Path, made: list[int]
) -> None:
    for number, ends in enumerate(("commit", "rollback", "rollback", "commit", "rollback")):
        with any_database.session() as writer:
            writer.info[INDEX_FOLDER] = kept
            writer.execute(update(Person).values(max_minutes=20 + number))
            imported(writer, ImportKind.PEOPLE)
            Process(writer, kept).cache.announce(writer)
            getattr(writer, ends)()
        assert len([path for path in kept.glob("*/*") if path.is_dir()]) == 2
        assert served.lists() == built(both)
        both.rollback()
        assert served.cache.shelf is not None
        assert newest(both, served.cache.shelf) is not None
        both.rollback()
    assert len(made) == 5


def test_an_import_does_not_wait_for_another_that_builds(
    any_database: Database, both: Session, served: Process, kept: Path, made: list[int]
) -> None:
    with Beside(any_database, kept, "write_index") as there:
        assert there.answer() == "there"
        change_all(both)
        served.cache.announce(both)
        both.commit()
        assert served.lists() == built(both)
    assert made == []


def test_two_skills_of_many_said_to_be_one_have_their_index_ready(
    any_database: Database,
    both: Session,
    served: Process,
    kept: Path,
    made: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    any_database.keep_index_in(kept)
    account = Factory(both).account(Role.ADMIN)
    links = [
        SkillLink(skill_code=f"tp.{number}", target_code="tp.2", score=99) for number in (0, 1)
    ]
    both.add_all(links)
    both.commit()
    for link, many in zip(links, (1_000, 1), strict=True):
        monkeypatch.setattr("portal.imports.links.MANY", many)
        with any_database.transaction() as writer:
            actor = Actor(account, account.memberships[0])
            asked, state = [link.public_id], LinkState.CONFIRMED
            assert record_decision(writer, actor, public_ids=asked, state=state) == 1
        assert len(made) == (many == 1)
        assert served.lists() == built(both)
        both.commit()
    assert served.cache._held is not None
    assert served.cache.shelf is not None
    assert served.cache._held.generation == newest(both, served.cache.shelf)
