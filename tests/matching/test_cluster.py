"""Several processes and several machines: the lines of one machine.

Everything stays on the loopback: a scheduler and two real worker processes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.match.worlds import build
from matching.bulk.scene import MOST_COMPILED
from matching.cli import main
from matching.everyone import OfferLists, PersonLists, Work, answers
from matching.index import Index
from matching.shards import Records
from tests.matching.clusters import SMALL, WORKS, distributed, files, lines, read
from tests.matching.good_files import OFFER, PERSON, arguments, write_files

pq = pytest.importorskip("pyarrow.parquet")

from matching.cluster import parts  # noqa: E402
from matching.cluster.crew import Cluster, Processes, Tls  # noqa: E402
from matching.cluster.errors import ClusterError  # noqa: E402
from matching.cluster.packing import packed, unpacked  # noqa: E402
from matching.cluster.run import run  # noqa: E402


@pytest.mark.parametrize("work", WORKS)
def test_workers_give_the_lines_of_one_machine(
    departement: Index, cluster: Any, tmp_path: Path, work: Work
) -> None:
    told: list[tuple[int, int, int]] = []
    crew, records = Cluster(cluster.scheduler_address), Records.of(departement)
    with run(records, work, tmp_path, crew, lambda *t: told.append(t), most=SMALL) as paths:
        assert read(paths) == lines(departement, work)
    owners = len(records.offers if isinstance(work, OfferLists) else records.people)
    assert [done for done, _, _ in told] == list(range(len(paths) + 1))
    assert told[-1] == (len(paths), len(paths), owners)
    assert sum(pq.read_metadata(path).num_rows for path in paths) == owners


@pytest.mark.parametrize("work", [PersonLists(60), OfferLists(5), OfferLists(MOST_COMPILED + 1)])
def test_parts_give_the_very_answers_back(departement: Index, tmp_path: Path, work: Work) -> None:
    with run(Records.of(departement), work, tmp_path, Processes(1), most=50) as paths:
        found = dict(parts.answers(paths))
    assert [found[number] for number in range(len(found))] == list(answers(departement, work))


def test_a_world_without_anybody_has_no_parts(tmp_path: Path) -> None:
    records = Records.of(build(1, 1, 1, "departement").indexed())._replace(people=(), offers=())
    with run(records, PersonLists(5), tmp_path, Processes(1)) as paths:
        assert paths == []
        assert list(parts.lines(paths, tmp_path)) == []


def test_records_are_the_same_once_sent(departement: Index) -> None:
    records = Records.of(departement)
    assert unpacked(packed(records)) == records


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


def test_encrypted_and_refused_without_the_certificate(departement: Index, tmp_path: Path) -> None:
    security = distributed.security.Security.temporary()
    pems = {}
    for name, content in (
        ("authority", security.tls_ca_file),
        ("certificate", security.tls_client_cert),
        ("key", security.tls_client_key),
    ):
        pems[name] = tmp_path / f"{name}.pem"
        pems[name].write_text(content)
    work, records = PersonLists(3), Records.of(departement)
    with distributed.LocalCluster(
        n_workers=1,
        processes=False,
        dashboard_address="127.0.0.1:0",
        host="tls://127.0.0.1",
        security=security,
    ) as encrypted:
        address = encrypted.scheduler_address
        assert address.startswith("tls://")
        tls = Tls(*map(str, pems.values()))
        with run(records, work, tmp_path / "p", Cluster(address, tls)) as paths:
            assert read(paths) == lines(departement, work)
        with (
            pytest.raises(ClusterError, match="certificats"),
            run(records, work, tmp_path / "other", Cluster(address)),
        ):
            pass
        assert files(tmp_path / "other") == []
