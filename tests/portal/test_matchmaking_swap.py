"""Pages go on with the index they have while the next is made, and it answers like a new one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from portal import clock, config
from portal.db import INDEX_FOLDER, Database
from portal.matchmaking import building, generations, loading, overlay
from portal.matchmaking.world import World
from portal.models import (
    Commune,
    ImportKind,
    ImportRun,
    IndexGeneration,
    Interest,
    JobOffer,
    LinkState,
    Occupation,
    Person,
    Skill,
    SkillAssertion,
    SkillLink,
    TrainingSession,
)
from tests.support.factories import Factory
from tests.support.kept_index import Beside, Process, fill_territory, generation

DAY = timedelta(days=1)


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
    seen: list[int] = []

    def build(*arguments: Any) -> World:
        seen.append(1)
        return building.build_world(*arguments)

    monkeypatch.setattr(generations, "build_world", build)
    return seen


def built(session: Session) -> dict[str, Any]:
    """The lists of a process that reads everything."""
    return Process(session, None).lists()


def is_asked(kept: Path) -> bool:
    return (kept / "asked").exists()


def prepare(both: Session, kept: Path) -> None:
    """What « ecluse index » does."""
    both.rollback()
    assert Process(both, kept).cache.prepare(both)
    both.rollback()


def test_the_day_changes_and_nobody_waits(
    both: Session, served: Process, territory: JobOffer, kept: Path, made: list[int]
) -> None:
    make, today = Factory(both), clock.today()
    people = both.scalars(select(Person).order_by(Person.id)).all()
    people[0].available_from = today
    people[1].available_from = today + 3 * DAY
    territory.start_wanted = territory.start_latest = today
    # Over the day before yesterday, it is still in the index of today.
    make.session_of_training(teaches={"tp.1": 3}, starts_in=-9, lasts=8)
    make.session_of_training(teaches={"tp.0": 2}, starts_in=0, lasts=1)
    both.commit()
    assert served.lists() == built(both)
    old = generation(kept)
    for days in (1, 4):
        with clock.frozen_at(clock.now() + days * DAY):
            people[2].max_minutes += 1
            both.commit()
            expected = built(both)
            assert served.lists() == expected
            assert Process(both, kept).lists() == expected
            assert served.world().today == clock.today()
    assert generation(kept) == old
    assert made == []
    with clock.frozen_at(clock.now() + 4 * DAY):
        prepare(both, kept)
        assert generation(kept) != old
        assert served.lists() == built(both)
    assert made == [1]


def test_an_index_of_last_week_is_made_again(
    both: Session, served: Process, kept: Path, made: list[int]
) -> None:
    with clock.frozen_at(clock.now() + 8 * DAY):
        assert served.lists() == built(both)
    assert made == [1]


def change_all(session: Session) -> None:
    now = clock.now()
    for table, values in (
        (SkillAssertion, {"level": 3}),
        (Person, {"max_minutes": 50}),
        (JobOffer, {"posts": 4}),
        (TrainingSession, {"seats_left": 0}),
    ):
        session.execute(update(table).values(**values, updated_at=now))


def rename_a_skill(session: Session) -> None:
    """As who confirms that two skills are one."""
    confirmed = LinkState.CONFIRMED
    session.add(SkillLink(skill_code="tp.0", target_code="tp.2", score=99, state=confirmed))
    session.get_one(Skill, "tp.0").same_as_code = "tp.2"


def leave_a_group(session: Session) -> None:
    for code in ("tp.1", "tp.2"):
        session.get_one(Skill, code).group_code = None
    imported(session, ImportKind.ROME)


def imported(session: Session, kind: ImportKind) -> None:
    session.add(ImportRun(kind=kind, file_name="file", sha256="0" * 64))


def replace_a_trade(session: Session) -> None:
    """As an import of the nomenclature, which alone touches trades."""
    make = Factory(session)
    old = session.scalars(select(Occupation).order_by(Occupation.code)).first()
    assert old is not None
    other = make.occupation("F9999", "Un autre métier")
    person = session.scalars(select(Person).order_by(Person.id)).first()
    assert person is not None
    session.add(Interest(person_id=person.id, occupation_code=other.code, liking=1))
    old.retired, old.replaced_by_code = True, other.code
    imported(session, ImportKind.ROME)


def add_a_commune(session: Session) -> None:
    values = {"name": "Ailleurs", "search_name": "ailleurs", "departement_code": "80"}
    session.add(Commune(code="80999", latitude=49.9, longitude=2.3, **values))
    imported(session, ImportKind.COMMUNES)


@pytest.mark.parametrize(
    "change", [change_all, rename_a_skill, leave_a_group, replace_a_trade, add_a_commune]
)
def test_much_that_changes_is_served_over_the_former_index(
    both: Session,
    served: Process,
    kept: Path,
    made: list[int],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Session], None],
) -> None:
    monkeypatch.setattr(overlay, "MANY", 3)
    monkeypatch.setattr(overlay, "MOST", dict.fromkeys(overlay.MOST, 1))
    change(both)
    both.commit()
    expected = built(both)
    assert served.lists() == expected
    assert Process(both, kept).lists() == expected
    assert made == []
    assert is_asked(kept) == (change is not add_a_commune)


def test_the_next_is_taken_at_once(
    both: Session, served: Process, kept: Path, made: list[int]
) -> None:
    both.execute(update(SkillAssertion).values(level=3, updated_at=clock.now()))
    both.commit()
    (kept / "asked").touch()
    prepare(both, kept)
    assert served.lists() == built(both)
    both.commit()
    assert served.cache._held is not None
    assert served.cache._held.generation == generation(kept).name
    assert made == [1]


@pytest.mark.parametrize("days", [0, 1])
def test_pages_are_served_while_a_process_builds(
    any_database: Database, both: Session, served: Process, kept: Path, made: list[int], days: int
) -> None:
    """The other one holds the lock of those who build, and never gives it back."""
    with Beside(any_database, kept, "write_index") as there:
        assert there.answer() == "there"
        change_all(both)
        both.commit()
        with clock.frozen_at(clock.now() + days * DAY):
            expected = built(both)
            assert served.lists() == expected
            assert Process(both, kept).lists() == expected
    assert made == []


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
