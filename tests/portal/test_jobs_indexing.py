"""The index of a large territory is ready before it is asked for, each day."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal import clock, config
from portal.cli import main
from portal.config import Settings
from portal.db import INDEX_ASKED, Database
from portal.jobs import indexing, worker
from portal.jobs.indexing import IndexKeeper
from portal.matchmaking.shelf import Shelf
from tests.support.factories import Factory


class Started:
    """A process that lasts until told otherwise."""

    all: list[Started]

    def __init__(self, command: list[str], **_: object) -> None:
        self.command, self.returncode, self.ended = command, None, False
        Started.all.append(self)

    def poll(self) -> int | None:
        return self.returncode

    def terminate(self) -> None:
        self.ended = True

    def wait(self) -> None:
        assert self.ended


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Started]:
    """The processes started; any territory is large enough."""
    Started.all = []
    monkeypatch.setattr(config, "SMALL_TERRITORY", 0)
    monkeypatch.setattr(indexing.subprocess, "Popen", Started)
    return Started.all


def test_one_process_a_day(database: Database, settings: Settings, started: list[Started]) -> None:
    keeper, tomorrow = IndexKeeper(database, settings), clock.now() + timedelta(days=1)
    assert [keeper.run_if_due() for _ in range(3)] == [True, False, False]
    assert started[0].command[1:4] == ["-m", "portal.cli", "index"]
    with clock.frozen_at(tomorrow):
        assert not keeper.run_if_due()  # that of yesterday is still at work
        started[0].returncode = 0
        assert keeper.run_if_due()
    keeper.stop()
    assert [one.ended for one in started] == [False, True]


def test_one_more_when_somebody_asks_but_not_one_after_the_other(
    database: Database, settings: Settings, started: list[Started], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = IndexKeeper(database, settings)
    assert keeper.run_if_due()
    started[0].returncode = 0
    assert not keeper.run_if_due()
    shelf = Shelf(settings.indexes / "of this base")
    shelf.folder.mkdir(parents=True)
    shelf.ask()
    assert keeper.run_if_due()
    started[1].returncode = 0
    assert not keeper.run_if_due()
    monkeypatch.setattr(keeper, "_not_before", 0)
    assert keeper.run_if_due()
    started[2].returncode = 0
    shelf.answer()
    monkeypatch.setattr(keeper, "_not_before", 0)
    assert not keeper.run_if_due()


def test_one_more_when_the_clock_was_set_back(
    database: Database, settings: Settings, started: list[Started], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, now = IndexKeeper(database, settings), time.time
    settings.indexes.mkdir(parents=True)
    assert keeper.run_if_due()
    started[0].returncode = 0
    assert not keeper.run_if_due()
    monkeypatch.setattr("time.time", lambda: now() - 90)
    assert keeper.run_if_due()
    assert (settings.indexes / INDEX_ASKED).exists()


@pytest.mark.parametrize("failure", ["not started", "failed"])
def test_one_that_fails_is_tried_again_later_the_same_day(
    database: Database,
    settings: Settings,
    started: list[Started],
    monkeypatch: pytest.MonkeyPatch,
    failure: str,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, "no process can be started")

    keeper = IndexKeeper(database, settings)
    with monkeypatch.context() as patch:
        if failure == "not started":
            patch.setattr(indexing.subprocess, "Popen", refuse)
        assert keeper.run_if_due() == (failure == "failed")
    for one in started:
        one.returncode = 1
    assert not keeper.run_if_due()
    monkeypatch.setattr(keeper, "_not_before", 0)
    assert keeper.run_if_due()


def test_a_machine_that_starts_no_process_still_does_jobs(
    database: Database, settings: Settings, started: list[Started], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOMEM, "no memory")

    stop, done = threading.Event(), []

    def run_next(*_: object) -> bool:
        done.append(1)
        if len(done) == 2:
            stop.set()
        return True

    monkeypatch.setattr(indexing.subprocess, "Popen", refuse)
    monkeypatch.setattr(worker, "run_next", run_next)
    worker.run_worker(database, settings, stop)
    assert len(done) == 2


def test_a_small_territory_needs_none(
    database: Database, settings: Settings, started: list[Started], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "SMALL_TERRITORY", 1)
    assert not IndexKeeper(database, settings).run_if_due()
    assert started == []


def test_what_was_kept_of_a_territory_that_is_no_longer_large_is_removed(
    database: Database, settings: Settings, started: list[Started], monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.indexes / "this base" / "generation").mkdir(parents=True)
    monkeypatch.setattr(config, "SMALL_TERRITORY", 1)
    assert IndexKeeper(database, settings).run_if_due()
    assert started[0].command[3] == "index"


@pytest.mark.usefixtures("command")
def test_the_command_leaves_nothing_of_a_small_territory(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(config, "SMALL_TERRITORY", 0)
        run(capsys, settings)
    assert generations(settings.home)
    assert "Petit territoire" in run(capsys, settings)
    assert [path for path in settings.indexes.glob("*/*") if path.is_dir()] == []


def test_a_database_that_does_not_answer_is_asked_again_the_same_day(
    database: Database, settings: Settings, started: list[Started], tmp_path: Path
) -> None:
    keeper = IndexKeeper(Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}"), settings)
    with pytest.raises(OperationalError):
        keeper.run_if_due()
    keeper._database = database
    assert keeper.run_if_due()
    assert len(started) == 1


def generations(home: Path) -> set[str]:
    return {path.parent.name for path in (home / "index").glob("*/*/arrays.bin")}


def run(capsys: pytest.CaptureFixture[str], settings: Settings, *more: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["index", "--home", str(settings.home), *more])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, make: Factory, session: Session
) -> None:
    """The command on the test's database."""
    monkeypatch.setenv("ECLUSE_DATABASE_URL", settings.database_url)
    make.person(referent=make.account())
    session.commit()


@pytest.mark.usefixtures("command")
def test_the_command_makes_it_once_or_anew(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Petit territoire" in run(capsys, settings)
    monkeypatch.setattr(config, "SMALL_TERRITORY", 0)
    assert "prêt" in run(capsys, settings)
    first = generations(settings.home)
    assert len(first) == 1
    run(capsys, settings)
    assert generations(settings.home) == first
    run(capsys, settings, "--rebuild")
    assert len(generations(settings.home)) == 1
    assert generations(settings.home) != first


def test_the_process_is_that_of_the_command(settings: Settings) -> None:
    """Started for real, its arguments are understood; an empty folder has no database."""
    command = [sys.executable, "-m", "portal.cli", "index", "--home", str(settings.home)]
    environment = {"ECLUSE_DATABASE_URL": f"sqlite:///{settings.home / 'none.sqlite3'}"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "ecluse upgrade" in done.stderr
