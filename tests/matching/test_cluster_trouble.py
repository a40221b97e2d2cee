"""What goes wrong on the way: told in French with what to do, nothing half written."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from matching.cli import main
from matching.everyone import PersonPathways
from matching.index import Index
from matching.pathways.everyone import Goals
from matching.shards import Records
from tests.matching.clusters import distributed, files, lines, read
from tests.matching.good_files import arguments, write_files

from matching.cluster import crew, fingerprint  # isort: skip
from matching.cluster.crew import Cluster  # isort: skip
from matching.cluster.errors import ClusterError  # isort: skip
from matching.cluster.run import run  # isort: skip

HOME = Path(__file__).parents[2]
WORKER = """
import asyncio, sys
{before}
from distributed import Worker
async def main():
    async with Worker(sys.argv[1], nthreads=1, dashboard_address="127.0.0.1:0") as worker:
        await worker.finished()
asyncio.run(main())
"""
SCHEDULER = """
import asyncio
from distributed import Scheduler
async def main():
    async with Scheduler(host="127.0.0.1", port=0, dashboard=False) as scheduler:
        print(scheduler.address, flush=True)
        await scheduler.finished()
asyncio.run(main())
"""
WITHOUT_ECLUSE = "sys.modules['matching'] = None"
OTHER_LOOPS = (
    "from matching.cluster import fingerprint\n"
    "fingerprint.engine = lambda: 'aaa (Python 3.11, NumPy 2.4, numba 0.1)'"
)


@contextmanager
def python(script: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own, killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", script, *words],
        env={**os.environ, "PYTHONPATH": str(HOME)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A scheduler without workers."""
    with python(SCHEDULER) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()


@pytest.fixture
def records(departement: Index) -> Records:
    return Records.of(departement)


def refused(records: Records, folder: Path, address: str, **more: Any) -> str:
    """What a run that cannot be done says."""
    with (
        pytest.raises(ClusterError) as told,
        run(records, PersonPathways(Goals(2)), folder, Cluster(address), most=4, **more),
    ):
        pass
    assert "\n" not in str(told.value)
    return str(told.value)


def at(number: int, act: Callable[[], None]) -> Callable[[int, int, int], None]:
    def report(done: int, _total: int, _owners: int) -> None:
        if done == number:
            act()

    return report


def test_a_worker_killed_in_the_middle_costs_nothing_but_time(
    departement: Index, records: Records, cluster: Any, tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill() -> None:
        with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
            pids = client.run(os.getpid)
            busy = [worker for worker, tasks in client.processing().items() if tasks]
        # Small shards may all be done at this very moment: any worker is then the one lost.
        killed.append(pids[[*busy, *pids][0]])
        os.kill(killed[0], signal.SIGKILL)

    work, workers = PersonPathways(Goals(2)), Cluster(cluster.scheduler_address)
    with run(records, work, tmp_path, workers, at(2, kill), most=4) as paths:
        assert killed
        assert read(paths) == lines(departement, work)
        assert files(tmp_path) == sorted(paths)


def test_nobody_at_the_address(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "_SECONDS_TO_CONNECT", 0.2)
    assert "aucun ordonnanceur ne répond" in refused(records, tmp_path, "tcp://127.0.0.1:9")
    assert files(tmp_path) == []


def test_a_scheduler_without_workers(
    records: Records, scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "_SECONDS_TO_CONNECT", 0.5)
    assert "n’a aucun agent" in refused(records, tmp_path, scheduler)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("before", "told"),
    [(WITHOUT_ECLUSE, "n’a pas Écluse avec"), (OTHER_LOOPS, "numba 0.1")],
)
def test_a_worker_that_is_not_the_same(
    records: Records, scheduler: str, tmp_path: Path, before: str, told: str
) -> None:
    with python(WORKER.format(before=before), scheduler):
        said = refused(records, tmp_path, scheduler)
    assert told in said
    assert "nstallez" in said
    assert files(tmp_path) == []


def test_another_engine_is_refused_by_the_shard_too(
    records: Records, cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint, "engine", lambda: "000 (Python 2.7, NumPy 1.0, sans numba)")
    monkeypatch.setattr(crew, "check_engine", lambda _: None)
    assert "Moteurs différents" in refused(records, tmp_path, cluster.scheduler_address)
    assert files(tmp_path) == []


def test_all_workers_lost_in_the_middle(
    records: Records, scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "_SECONDS_BETWEEN_LOOKS", 0.2)
    monkeypatch.setattr(crew, "_SECONDS_ALONE", 0.5)
    with python(WORKER.format(before=""), scheduler) as worker:
        said = refused(records, tmp_path, scheduler, report=at(2, worker.kill))
    assert "plus aucun agent" in said
    assert "Relancez la même commande" in said
    assert len(files(tmp_path)) >= 2


def test_all_workers_lost_while_what_they_hold_is_brought(
    records: Records, scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "_SECONDS_ALONE", 0.5)
    monkeypatch.setattr(crew, "_finished", lambda _, found: distributed.wait(found).done)
    with python(WORKER.format(before=""), scheduler) as worker:
        said = refused(records, tmp_path, scheduler, report=at(1, worker.kill))
    assert "plus aucun agent" in said
    assert len(files(tmp_path)) == 1


def test_the_scheduler_lost_in_the_middle(records: Records, tmp_path: Path) -> None:
    with python(SCHEDULER) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with python(WORKER.format(before=""), address):
            said = refused(records, tmp_path, address, report=at(2, process.kill))
    assert "ne répond plus" in said
    assert len(files(tmp_path)) >= 2


def test_a_full_disk_is_told_and_leaves_whole_parts_alone(
    departement: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    write_files(tmp_path)
    asked = [*arguments("rank", tmp_path), "--parts", str(tmp_path / "parts")]

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("matching.cluster.parts.os.fsync", full)
        assert main(asked) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.endswith("écriture impossible (le disque est plein)")
    assert said.startswith(str(tmp_path / "parts"))
    assert files(tmp_path / "parts") == []
    assert main(asked) == 0
    assert len(files(tmp_path / "parts")) == 1


def test_a_folder_that_is_a_file_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_files(tmp_path)
    (tmp_path / "parts").write_text("")
    assert main([*arguments("rank", tmp_path), "--parts", str(tmp_path / "parts")]) == 2
    assert "ce n’est pas un dossier" in capsys.readouterr().err


TCP, TLS = ("--scheduler", "tcp://127.0.0.1:9"), ("--scheduler", "tls://127.0.0.1:9")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--shard", "5"], "--shard ne sert qu’avec --parts"),
        (["--tls-ca", "ca.pem"], "ne servent qu’avec --scheduler"),
        (["--parts", "p", "--tls-key", "k.pem"], "ne servent qu’avec --scheduler"),
        ([*TCP], "ajoutez --parts"),
        ([*TCP, "--parts", "p", "--workers", "2"], "--workers compte les processus"),
        ([*TCP, "--parts", "p", "--tls-ca", "ca.pem"], "demandent une adresse en tls://"),
        ([*TLS, "--parts", "p", "--tls-ca", "absent.pem"], "il n’y a pas de fichier absent.pem"),
        ([*TLS, "--parts", "p", "--tls-key", "k.pem"], "ajoutez --tls-cert"),
        (["--scheduler", "10.0.0.1:8786", "--parts", "p"], "tcp://machine:port"),
    ],
)
@pytest.mark.parametrize("command", ["rank", "pathways"])
def test_an_option_that_would_do_nothing_is_refused(
    tmp_path: Path, command: str, more: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments(command, tmp_path), *more]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert len(said.splitlines()) == 1


def test_pathways_towards_nothing_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments("pathways", tmp_path), "--offers-each", "0", "--no-liked"]) == 2
    assert "il ne reste aucun but" in capsys.readouterr().err
