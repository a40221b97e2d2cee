"""One index on disk for all processes: same lists, every write seen, never one that is damaged."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from portal import clock, config
from portal.db import Database
from portal.matchmaking import generations, version, world
from portal.matchmaking.generations import make_generation, newest
from portal.matchmaking.shelf import Shelf
from portal.models import (
    JobOffer,
    OfferState,
    Person,
    SkillAssertion,
    TrainingSession,
)
from tests.support.factories import Factory
from tests.support.kept_index import Beside, Process, count_readings, fill_territory, generation


@pytest.fixture
def territory(both: Session) -> JobOffer:
    """Offers, sessions and people who know this and that; the first offer."""
    return fill_territory(both)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One element per reading of every row."""
    return count_readings(monkeypatch, world, generations)


def test_one_reads_the_rows_for_all_and_lists_are_those_of_no_shelf(
    both: Session, territory: JobOffer, kept: Path, made: list[int]
) -> None:
    expected = Process(both, None).lists()
    made.clear()
    for _ in range(3):
        assert Process(both, kept).lists() == expected
    assert made == [1]
    assert generation(kept).stat().st_size > 0


CHANGES: dict[str, Callable[[Session, JobOffer], object]] = {
    "a level": lambda session, _offer: session.execute(
        update(SkillAssertion).values(level=3, updated_at=clock.now())
    ),
    "a skill removed": lambda session, _offer: session.execute(
        delete(SkillAssertion).where(SkillAssertion.skill_code == "tp.0")
    ),
    "a person archived": lambda session, _offer: setattr(
        session.scalars(select(Person)).first(), "archived_at", clock.now()
    ),
    "a person removed": lambda session, _offer: [
        session.execute(text("DELETE FROM referral")),
        session.execute(text("DELETE FROM person WHERE id = (SELECT min(id) FROM person)")),
    ],
    "an offer": lambda _session, offer: setattr(offer, "posts", 7),
    "an offer closed": lambda _session, offer: setattr(offer, "state", OfferState.SUSPENDED),
    "a session": lambda session, _offer: setattr(
        session.scalars(select(TrainingSession)).one(), "seats_left", 0
    ),
    "the nomenclature": lambda session, _offer: Factory(session).skill("tp.new", "Nouveau"),
}


def test_every_change_is_in_the_lists_of_those_who_read_before_and_after(
    both: Session, territory: JobOffer, kept: Path
) -> None:
    before = Process(both, kept)
    before.lists()
    for name, change in CHANGES.items():
        change(both, territory)
        both.commit()
        expected = Process(both, None).lists()
        assert before.lists() == expected, name
        assert Process(both, kept).lists() == expected, name


def test_what_is_not_committed_is_seen_by_its_session_alone(
    any_database: Database, both: Session, territory: JobOffer, kept: Path
) -> None:
    mine = Process(both, kept)
    with any_database.session() as other:
        theirs = Process(other, kept)
        before = theirs.lists()
        other.rollback()
        both.execute(update(SkillAssertion).values(level=3, updated_at=clock.now()))
        written = mine.lists()
        assert written != before
        assert theirs.lists() == before
        other.rollback()
        both.rollback()
        assert mine.lists() == before
        # Made again while somebody writes, the index holds what is committed alone.
        both.execute(update(SkillAssertion).values(level=3, updated_at=clock.now()))
        shutil.rmtree(kept)
        assert Process(both, kept).lists() == written
        both.rollback()
        assert Process(other, kept).lists() == before


def test_a_new_generation_is_taken_at_the_next_change_and_the_old_one_leaves(
    both: Session, territory: JobOffer, kept: Path, made: list[int]
) -> None:
    process = Process(both, kept)
    process.lists()
    old = generation(kept)
    shelf = process.cache.shelf
    assert shelf is not None
    with shelf.alone():
        make_generation(both.get_bind().engine, shelf)
    assert generation(kept) != old
    assert not old.exists()
    # Its pages are still there for whoever holds them.
    assert process.lists() == Process(both, None).lists()
    made.clear()
    territory.posts = 9
    both.commit()
    assert process.lists() == Process(both, kept).lists()
    assert made == []


def test_another_version_and_a_day_gone_back_are_made_again(
    both: Session, territory: JobOffer, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Process(both, kept).lists()
    old = generation(kept)
    with clock.frozen_at(clock.now() - timedelta(days=1)):
        assert Process(both, kept).world().today == clock.today()
    yesterday = generation(kept)
    monkeypatch.setattr(generations, "ENGINE_VERSION", "another")
    Process(both, kept).lists()
    assert len({old, yesterday, generation(kept)}) == 3


def test_what_another_release_read_is_made_again_under_the_same_rules(
    both: Session, territory: JobOffer, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Process(both, kept).lists()
    old = generation(kept)
    Process(both, kept).lists()
    assert generation(kept) == old
    monkeypatch.setattr(generations, "READING_CODE", "of another release")
    Process(both, kept).lists()
    assert generation(kept) != old


@pytest.mark.parametrize("changed", ["facts.py", "matchmaking/loading.py", "models/people.py"])
def test_the_code_that_reads_rows_is_told_from_another(tmp_path: Path, changed: str) -> None:
    source = Path(version.__file__).parents[1]
    releases = tmp_path / "before", tmp_path / "after"
    for release in releases:
        for name in ("facts.py", "matchmaking/loading.py", "models/people.py"):
            (release / name).parent.mkdir(parents=True, exist_ok=True)
            (release / name).write_bytes((source / name).read_bytes())
    before, after = releases
    assert version.digest_of(before) == version.digest_of(after)
    with (after / changed).open("a") as file:
        file.write("# a line more")
    assert version.digest_of(before) != version.digest_of(after)


def test_a_release_put_in_place_of_a_process_that_runs_changes_nothing_of_it(
    tmp_path: Path,
) -> None:
    """Its workers, forked before or after, are of one code: they share one index."""
    shutil.copytree(Path(version.__file__).parent, tmp_path / "matchmaking")
    code = tmp_path / "matchmaking" / "version.py"
    found = spec_from_file_location("release", code)
    assert found is not None
    assert found.loader is not None
    running = module_from_spec(found)
    found.loader.exec_module(running)
    before = running.digest_of(tmp_path)
    (tmp_path / "matchmaking" / "loading.py").write_text("# of the next release")
    assert running.digest_of(tmp_path) != before
    assert before == running.READING_CODE


def test_a_damaged_file_is_made_again_never_read(
    both: Session, territory: JobOffer, kept: Path
) -> None:
    expected = Process(both, kept).lists()
    for name in ("arrays.bin", "index.json", "../current"):
        old = generation(kept)
        content = bytearray((old / name).read_bytes())
        content[len(content) // 2] ^= 1
        (old / name).write_bytes(content)
        assert Process(both, kept).lists() == expected
        assert generation(kept) != old


def test_two_databases_share_no_folder(
    session: Session, both: Session, territory: JobOffer, kept: Path
) -> None:
    Process(both, kept).lists()
    assert Process(session, kept).lists() == {"people": {}, "offers": {}}
    assert len(list(kept.iterdir())) == 2


def test_a_small_territory_is_kept_by_each_process(
    both: Session, territory: JobOffer, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "SMALL_TERRITORY", 5_000)
    assert Process(both, kept).lists() == Process(both, None).lists()
    assert not kept.exists()


@pytest.mark.parametrize("full", [False, True], ids=["no folder", "no room"])
def test_a_disk_that_refuses_stops_no_page(
    both: Session, territory: JobOffer, kept: Path, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    def refuse(folder: Path, *_: object) -> None:
        folder.mkdir()
        (folder / "arrays.bin").write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, "no space left on device")

    if full:
        monkeypatch.setattr("portal.matchmaking.shelf.write_index", refuse)
    else:
        kept.write_text("a file where a folder should be")
    assert Process(both, kept).lists() == Process(both, None).lists()
    assert not full or [path.name for path in kept.glob("*/*")] == ["lock"]


def test_two_processes_open_the_same_files_and_see_each_other_write(
    any_database: Database, both: Session, territory: JobOffer, kept: Path, made: list[int]
) -> None:
    here = Process(both, kept)
    first = here.lists()
    both.rollback()
    with Beside(any_database, kept) as there:
        assert there.tell("lists") == first
        assert there.tell("level 3") == "written"
        second = here.lists()
        assert second == there.tell("lists") != first
        both.execute(update(SkillAssertion).values(level=0, updated_at=clock.now()))
        both.commit()
        assert there.tell("lists") == here.lists() != second
        opened = Path(f"/proc/{there.process.pid}/maps").read_text("ascii")
        assert str(generation(kept) / "arrays.bin") in opened
    assert made == [1]


@pytest.mark.parametrize("stop", ["write_index", "_push", "_name", "_record"])
def test_one_killed_in_the_middle_leaves_the_former_in_use(
    any_database: Database, both: Session, territory: JobOffer, kept: Path, stop: str
) -> None:
    expected = Process(both, kept).lists()
    both.rollback()
    old = generation(kept)
    with Beside(any_database, kept, stop) as there:
        assert there.answer() == "there"
        # Nobody waits for it to read what is there…
        assert Process(both, kept).lists() == expected
        os.kill(there.process.pid, signal.SIGKILL)
        there.process.wait(30)
    # …and the next to build is not kept waiting by its lock, nor by what it left.
    assert Process(both, kept).lists() == expected
    assert newest(both, Shelf(old.parent)) == old.name
    both.rollback()
    assert Process(both, kept).cache.prepare(both, anew=True)
    assert generation(kept) != old
    assert Process(both, kept).lists() == expected


def test_those_who_come_meanwhile_wait_for_the_one_who_builds(
    any_database: Database, both: Session, territory: JobOffer, kept: Path, made: list[int]
) -> None:
    lists: list[dict[str, Any]] = []

    def ask() -> None:
        with any_database.session() as session:
            lists.append(Process(session, kept).lists())

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lists == [Process(both, None).lists()] * 3
    assert len(made) == 2
