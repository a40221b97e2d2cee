"""The folder of a run: what is there is taken up again, what is another's is left alone."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks.match.worlds import build
from matching.cli import main
from matching.everyone import PersonLists, PersonPathways, Work
from matching.index import Index
from matching.pathways.everyone import Goals
from matching.shards import Records
from tests.matching.clusters import SMALL, Counted, files, lines, read
from tests.matching.good_files import arguments, write_files

from matching.cluster import parts  # isort: skip
from matching.cluster.crew import Cluster, Processes  # isort: skip
from matching.cluster.run import run  # isort: skip

WORK = PersonPathways(Goals(2))
# A run by itself, as a command is: its arguments are a folder and the address of a scheduler. It
# tells the processes it started, then is killed at once, its third part written.
RUN = """
import os, signal, sys
from multiprocessing import active_children
from pathlib import Path
from benchmarks.match.worlds import build
from matching.cluster.crew import Cluster, Processes
from matching.cluster.run import run
from matching.everyone import PersonPathways
from matching.pathways.everyone import Goals
from matching.shards import Records

def stop(done, total, owners):
    if done == 3:
        print(*(child.pid for child in active_children()), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    folder, *address = sys.argv[1:]
    crew = Cluster(*address) if address else Processes(1)
    records = Records.of(build(120, 60, 80, "departement").indexed())
    with run(records, PersonPathways(Goals(2)), Path(folder), crew, stop, most=4):
        pass
"""


class InterruptedRunError(Exception):
    """The run stops, as when somebody kills it."""


def stop_at(number: int) -> Callable[[int, int, int], None]:
    def stop(done: int, _total: int, _owners: int) -> None:
        if done == number:
            raise InterruptedRunError

    return stop


def dates(paths: list[Path]) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in paths}


def test_what_is_on_disk_is_not_done_again(
    departement: Index, cluster: Any, tmp_path: Path
) -> None:
    work, records = PersonLists(5), Records.of(departement)
    first = Cluster(cluster.scheduler_address)
    with (
        pytest.raises(InterruptedRunError),
        run(records, work, tmp_path, first, stop_at(3), most=SMALL),
    ):
        pass
    before = dates(files(tmp_path))
    assert len(before) == 3
    second = Counted()
    with run(records, work, tmp_path, second, most=SMALL) as paths:
        assert {path.stem for path in before}.isdisjoint(second.asked)
        assert len(second.asked) == len(paths) - 3
        assert dates([*before]) == before
        assert read(paths) == lines(departement, work)


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_run_killed_at_once_is_taken_up_again(
    departement: Index, cluster: Any, tmp_path: Path, elsewhere: bool
) -> None:
    address = [cluster.scheduler_address] if elsewhere else []
    script = tmp_path / "alone.py"
    script.write_text(RUN)
    folder = tmp_path / "parts"
    killed = subprocess.run(
        [sys.executable, str(script), str(folder), *address],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    children = [int(pid) for pid in killed.stdout.split()]
    assert bool(children) is not elsewhere
    before = dates(list(folder.glob("*.parquet")))
    records, again = Records.of(departement), Counted()
    with run(records, WORK, folder, again, most=4) as paths:
        assert len(before) == 3 < len(paths)
        assert len(again.asked) == len(paths) - len(before)
        assert dates([*before]) == before
        assert files(folder) == sorted(paths)
        assert read(paths) == lines(departement, WORK)
    for child in children:
        assert _gone(child), "a worker whose run was killed leaves too"


def _gone(pid: int) -> bool:
    """Whether a process ends within ten seconds (or waits for nobody but its parent)."""
    status = Path(f"/proc/{pid}/stat")
    for _ in range(200):
        try:
            if status.read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files, and the parts of their lists in « parts »."""
    folder = tmp_path_factory.mktemp("made")
    write_files(folder)
    assert main([*arguments("rank", folder), "--parts", str(folder / "parts")]) == 0
    return folder


@pytest.fixture
def world(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.mark.parametrize(
    "more", [["--top", "3"], ["--shard", "1"], ["--by", "offer"], ["--today", "2026-11-21"], None]
)
def test_the_parts_of_another_run_are_refused_and_left_as_they_are(
    world: Path, more: list[str] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if more is None:
        people = world / "people.jsonl"
        people.write_text(people.read_text().replace('"max_minutes": 45', '"max_minutes": 46'))
    before = dates(files(world / "parts"))
    asked = [*arguments("rank", world), "--parts", str(world / "parts"), *(more or [])]
    out = world / "lists.jsonl"
    assert main([*asked, "--out", str(out)]) == 2
    assert "tient les tranches d’un autre calcul" in capsys.readouterr().err
    assert dates(files(world / "parts")) == before
    assert not out.exists()


def test_an_own_folder_is_cleared_of_the_parts_of_another_run(
    departement: Index, tmp_path: Path
) -> None:
    records = Records.of(departement)
    with run(records, PersonLists(5), tmp_path, Processes(1)):
        pass
    (tmp_path / "notes.txt").write_text("kept")
    with run(records, PersonLists(6), tmp_path, Processes(1), own=True) as paths:
        assert files(tmp_path) == sorted([*paths, tmp_path / "notes.txt"])
        assert read(paths) == lines(departement, PersonLists(6))


def test_a_folder_is_for_one_run_at_a_time(
    world: Path, departement: Index, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [*arguments("rank", world), "--parts", str(world / "parts")]
    with run(Records.of(departement), PersonLists(5), world / "parts", Processes(1), own=True):
        assert main(asked) == 2
        assert "un autre calcul s’en sert en ce moment" in capsys.readouterr().err
    assert len(files(world / "parts")) == 1


def test_parts_are_for_their_owner_alone(world: Path) -> None:
    assert (world / "parts").stat().st_mode & 0o777 == 0o700


def test_what_a_killed_run_was_writing_is_no_obstacle_and_does_not_stay(
    departement: Index, tmp_path: Path
) -> None:
    part, data = tmp_path / "personlists-0.parquet", b"whole"
    draft = tmp_path / f".{part.name}.{os.getpid()}.part"
    draft.write_bytes(b"the beginning of the same part, by a process of the same number")
    parts.write(part, data)
    assert part.read_bytes() == data
    assert not draft.exists()
    part.unlink()
    (tmp_path / f".{part.name}.1.part").write_bytes(b"that of another")
    with run(Records.of(departement), PersonLists(1), tmp_path, Processes(1)) as paths:
        assert files(tmp_path) == sorted(paths)


def test_a_part_cut_short_is_done_again(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (part,) = files(world / "parts")
    whole = part.read_bytes()
    part.write_bytes(whole[:50])
    assert main([*arguments("rank", world), "--parts", str(world / "parts")]) == 0
    assert part.read_bytes() == whole


def test_a_damaged_part_is_named(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (part,) = files(world / "parts")
    whole = part.read_bytes()
    part.write_bytes(whole[:4] + bytes(40) + whole[44:])
    out = world / "lists.jsonl"
    asked = [*arguments("rank", world), "--parts", str(world / "parts"), "--out", str(out)]
    assert main(asked) == 2
    assert f"{part}\u00a0: tranche abîmée" in capsys.readouterr().err
    assert not out.exists()


@contextmanager
def few_files(more: int) -> Iterator[None]:
    """No more than so many files opened besides those that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1 + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_parts_are_read_one_after_another_whatever_their_number(tmp_path: Path) -> None:
    index, work = build(200, 10, 10).indexed(), PersonLists(3)
    with run(Records.of(index), work, tmp_path, Processes(1), most=2) as paths:
        assert len(paths) >= 100
        with few_files(8):
            found = read(paths)
        assert found == lines(index, work)


@pytest.mark.parametrize("work", [PersonLists(5), WORK])
def test_the_name_of_a_run_does_not_depend_on_the_hash_seed(work: Work) -> None:
    asked = (
        "from benchmarks.match.worlds import build; from matching.shards import Records\n"
        "from matching.everyone import *; from matching.pathways.everyone import Goals\n"
        "from matching.cluster.fingerprint import of_run\n"
        f"print(of_run(Records.of(build(9, 9, 9).indexed()), {work!r}, 5))"
    )
    names = {
        subprocess.run(
            [sys.executable, "-c", asked],
            env={
                **os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2]),
            },
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(names) == 1
