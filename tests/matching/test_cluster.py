"""Several processes and several machines: the lines of one machine, whatever is lost on the way.

Everything stays on the loopback: a scheduler and two real worker processes.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.match.worlds import build
from matching.cli import main
from matching.everyone import OfferLists, PersonLists, PersonPathways, Work, answers, line
from matching.index import Index
from matching.pathways.everyone import Goals
from matching.shards import Records
from tests.matching.good_files import OFFER, PERSON, arguments, write_files

WHY = "the extra « cluster » is not installed: pip install 'ecluse[cluster]'"
distributed = pytest.importorskip("distributed", reason=WHY)
pytest.importorskip("pyarrow", reason=WHY)

import pyarrow.parquet as pq  # noqa: E402

from matching.cluster import crew, fingerprint, parts  # noqa: E402
from matching.cluster.crew import Cluster, ClusterError, Packed, Processes, Tls  # noqa: E402
from matching.cluster.run import run  # noqa: E402

WORKS: tuple[Work, ...] = (PersonLists(5), OfferLists(5), PersonPathways(Goals(2)))
SMALL = 12


@pytest.fixture(scope="module")
def index() -> Index:
    return build(120, 60, 80, "departement").indexed()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler and two workers, each a process of its own."""
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
    ) as started:
        yield started


def lines(index: Index, work: Work) -> list[str]:
    return [line(values) for values in answers(index, work)]


def read(paths: Iterable[Path]) -> list[str]:
    return [line(values) for values in parts.rows(paths)]


@pytest.mark.parametrize("work", WORKS)
def test_workers_give_the_lines_of_one_machine(
    index: Index, cluster: Any, tmp_path: Path, work: Work
) -> None:
    told: list[tuple[int, int, int]] = []
    crew_of_two = Cluster(cluster.scheduler_address)
    paths = run(
        Records.of(index), work, tmp_path, crew_of_two, lambda *t: told.append(t), most=SMALL
    )
    assert read(paths) == lines(index, work)
    owners = len(index.offers.offers if isinstance(work, OfferLists) else index.people.people)
    assert [done for done, _, _ in told] == list(range(len(paths) + 1))
    assert told[-1] == (len(paths), len(paths), owners)
    assert sum(pq.read_metadata(path).num_rows for path in paths) == owners


def test_a_worker_killed_in_the_middle_costs_nothing_but_time(
    index: Index, cluster: Any, tmp_path: Path
) -> None:
    work, killed = PersonPathways(Goals(2)), []

    def kill(done: int, total: int, _owners: int) -> None:
        if done == 2 and not killed:
            with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
                pids = client.run(os.getpid)
                busy = [worker for worker, tasks in client.processing().items() if tasks]
            assert total - done > 2
            # Small shards may all be done at this very moment: any worker is then the one lost.
            killed.append(pids[[*busy, *pids][0]])
            os.kill(killed[0], signal.SIGKILL)

    address = cluster.scheduler_address
    paths = run(Records.of(index), work, tmp_path, Cluster(address), kill, most=4)
    assert killed
    assert read(paths) == lines(index, work)
    assert sorted(tmp_path.iterdir()) == sorted(paths)


class InterruptedRunError(Exception):
    """The run stops, as when somebody kills it."""


class Counted:
    """A crew that remembers the names of the jobs it was given."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def results(self, jobs: Iterable[Packed], common: bytes) -> Iterator[tuple[str, bytes]]:
        def seen() -> Iterator[Packed]:
            for job in jobs:
                self.asked.append(job.name)
                yield job

        yield from Processes(1).results(seen(), common)


def test_what_is_on_disk_is_not_done_again(index: Index, cluster: Any, tmp_path: Path) -> None:
    work, records = PersonLists(5), Records.of(index)

    def stop(done: int, _total: int, _owners: int) -> None:
        if done == 3:
            raise InterruptedRunError

    with pytest.raises(InterruptedRunError):
        run(records, work, tmp_path, Cluster(cluster.scheduler_address), stop, most=SMALL)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(before) == 3
    second = Counted()
    paths = run(records, work, tmp_path, second, most=SMALL)
    assert {path.stem for path in before}.isdisjoint(second.asked)
    assert len(second.asked) == len(paths) - 3
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert read(paths) == lines(index, work)


def test_parts_are_for_their_owner_alone(tmp_path: Path) -> None:
    records = Records.of(build(12, 6, 8, "departement").indexed())
    run(records, PersonLists(5), tmp_path / "parts", Counted())
    assert (tmp_path / "parts").stat().st_mode & 0o777 == 0o700


def test_only_the_shards_whose_records_changed_are_done_again(tmp_path: Path) -> None:
    world = build(120, 60, 80, "departement")
    work = PersonLists(5)
    first = run(Records.of(world.indexed()), work, tmp_path, Processes(1), most=SMALL)
    (tmp_path / "notes.txt").write_text("kept")
    world.people[7] = build(8, 1, 1, seed=3).people[7]
    changed, again = world.indexed(), Counted()
    paths = run(Records.of(changed), work, tmp_path, again, most=SMALL)
    assert 1 <= len(again.asked) < len(paths)
    assert {*tmp_path.glob("*.parquet")} == {*paths}
    assert len({*first} - {*paths}) >= 1
    assert (tmp_path / "notes.txt").exists()
    assert read(paths) == lines(changed, work)


@pytest.mark.parametrize("command", ["rank", "rank --by offer", "pathways"])
def test_the_command_writes_the_same_file_by_shards(
    cluster: Any, tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_files(tmp_path)
    for name, record in (("people", PERSON), ("offers", OFFER)):
        more = [json.dumps({**record, "id": f"{name}{n}"}) + "\n" for n in range(6)]
        with (tmp_path / f"{name}.jsonl").open("a") as stream:
            stream.writelines(more)
    words = arguments(command.split()[0], tmp_path, *command.split()[1:])
    assert main(words) == 0
    alone = capsys.readouterr().out
    shards = ("--parts", str(tmp_path / "parts"), "--shard", "2", "--out", str(tmp_path / "out"))
    scheduler = ("--scheduler", cluster.scheduler_address)
    assert main([*words, *shards, *scheduler]) == 0
    told = capsys.readouterr()
    assert (tmp_path / "out").read_text() == alone
    assert told.out == ""
    assert "tranches\u00a0: 4 sur 4" in told.err


def test_several_processes_write_the_same_pathways(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_files(tmp_path)
    with (tmp_path / "people.jsonl").open("a") as stream:
        stream.writelines(json.dumps({**PERSON, "id": f"p{n}"}) + "\n" for n in range(5))
    words = arguments("pathways", tmp_path)
    assert main(words) == 0
    alone = capsys.readouterr().out
    assert len(alone.splitlines()) == 6
    assert main([*words, "--workers", "2"]) == 0
    assert capsys.readouterr().out == alone


def test_nobody_at_the_address_is_said_in_one_line(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "_SECONDS_TO_CONNECT", 0.2)
    with pytest.raises(ClusterError, match="aucun ordonnanceur ne répond") as refused:
        run(Records.of(index), PersonLists(5), tmp_path, Cluster("tcp://127.0.0.1:9"))
    assert "\n" not in str(refused.value)


def test_another_engine_is_refused(
    index: Index, cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint, "engine", lambda: "000 (Python 2.7, NumPy 1.0)")
    with pytest.raises(ClusterError, match="Moteurs différents"):
        run(Records.of(index), PersonLists(5), tmp_path, Cluster(cluster.scheduler_address))
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_was_writing_is_no_obstacle_and_does_not_stay(
    index: Index, tmp_path: Path
) -> None:
    part, data = tmp_path / "personlists-0.parquet", b"whole"
    draft = tmp_path / f".{part.name}.{os.getpid()}.part"
    draft.write_bytes(b"the beginning of the same part, by a process of the same number")
    parts.write(part, data)
    assert part.read_bytes() == data
    assert not draft.exists()
    (tmp_path / f".{part.name}.1.part").write_bytes(b"that of another")
    paths = run(Records.of(index), PersonLists(1), tmp_path, Processes(1))
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_a_damaged_part_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path)
    asked = [*arguments("rank", tmp_path), "--parts", str(tmp_path / "parts")]
    assert main(asked) == 0
    part = next((tmp_path / "parts").iterdir())
    part.write_bytes(part.read_bytes()[:50])
    out = tmp_path / "lists.jsonl"
    assert main([*asked, "--out", str(out)]) == 2
    assert f"{part}\u00a0: tranche abîmée" in capsys.readouterr().err
    assert not out.exists()


def test_a_scheduler_without_a_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_files(tmp_path)
    assert main([*arguments("rank", tmp_path), "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "--parts" in capsys.readouterr().err


def test_encrypted_and_refused_without_the_certificate(index: Index, tmp_path: Path) -> None:
    security = distributed.security.Security.temporary()
    files = {}
    for name, content in (
        ("authority", security.tls_ca_file),
        ("certificate", security.tls_client_cert),
        ("key", security.tls_client_key),
    ):
        files[name] = tmp_path / f"{name}.pem"
        files[name].write_text(content)
    work, records = PersonLists(3), Records.of(index)
    with distributed.LocalCluster(
        n_workers=1,
        processes=False,
        dashboard_address="127.0.0.1:0",
        host="tls://127.0.0.1",
        security=security,
    ) as encrypted:
        address = encrypted.scheduler_address
        assert address.startswith("tls://")
        tls = Tls(*map(str, files.values()))
        assert read(run(records, work, tmp_path / "p", Cluster(address, tls))) == lines(index, work)
        with pytest.raises(ClusterError, match="certificats"):
            run(records, work, tmp_path / "other", Cluster(address))
