"""``python -m matching`` on files: the exact lines, the exit codes, the files refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from matching.cli import main
from matching.ranking import PersonRanking
from tests.matching.good_files import OFFER, PERSON, arguments, write_files


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder of good files."""
    write_files(tmp_path)
    return tmp_path


def append(files: Path, name: str, *records: dict[str, Any]) -> None:
    with (files / f"{name}.jsonl").open("a") as stream:
        stream.writelines(json.dumps(record) + "\n" for record in records)


def test_rank_writes_one_line_per_person(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    append(files, "offers", {**OFFER, "id": "away", "commune": "62042"})
    append(files, "people", {**PERSON, "id": "zoé", "skills": {}, "modes": []})
    assert main(arguments("rank", files, "--taxonomy", str(files))) == 0
    shown = capsys.readouterr()
    first, second = map(json.loads, shown.out.splitlines())
    assert first == {
        "person": "ada",
        "offers": [
            {
                "offer": "job", "group": "one_step", "ready_by": "2026-12-18", "unknown": 0,
                "doubt": 0, "gap": 1, "desired_met": 1, "minutes": 13.1,
            }
        ],
        "out_of_reach": 1,
        "with_car": 0,
    }  # fmt: skip
    assert list(first["offers"][0]) == [
        "offer", "group", "ready_by", "unknown", "doubt", "gap", "desired_met", "minutes",
    ]  # fmt: skip
    assert (second["person"], second["offers"][0]["unknown"]) == ("zoé", 2)
    assert "zoé" in shown.out
    assert "62042" in shown.err


def test_rank_by_offer_writes_one_line_per_offer(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    append(files, "people", {**PERSON, "id": "bob", "last_proposed": "2026-11-01"})
    assert main(arguments("rank", files, "--by", "offer", "--top", "1")) == 0
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert list(line) == ["offer", "people", "out_of_reach", "with_car"]
    assert [pair["person"] for pair in line["people"]] == ["ada"]


def test_an_offer_that_cannot_be_reached_by_ready_people_has_a_null_day(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "sessions.jsonl").write_text("")
    assert main(arguments("rank", files)) == 0
    (pair,) = json.loads(capsys.readouterr().out)["offers"]
    assert (pair["group"], pair["ready_by"]) == ("gap", None)


@pytest.mark.parametrize("by", ["person", "offer"])
def test_several_workers_write_the_same_lines(
    files: Path, by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    append(files, "people", *({**PERSON, "id": f"p{n}", "max_minutes": n} for n in range(7)))
    append(files, "offers", *({**OFFER, "id": f"o{n}"} for n in range(5)))
    outs = []
    for workers in ("1", "2"):
        assert main(arguments("rank", files, "--by", by, "--workers", workers)) == 0
        outs.append(capsys.readouterr().out)
    assert outs[0] == outs[1]
    assert len(outs[0].splitlines()) == (8 if by == "person" else 6)


def test_explain_opens_one_pair(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments("explain", files, "--person", "ada", "--offer", "job")) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["group"], said["ready_by"], said["step"]) == ("one_step", "2026-12-18", "course")
    pave, kerb, caces = said["requirements"]
    assert pave == {
        "kind": "day_one", "skill": "pave", "level": 2, "class": "met", "decides": True,
        "fact": {"level": 2}, "backed_by": [], "sessions": [],
    }  # fmt: skip
    assert kerb["class"] == "gap"
    assert [(option["session"], option["open"]) for option in kerb["sessions"]] == [
        ("course", True)
    ]
    assert caces["fact"] == {"held": True, "expiry": "2026-12-31"}


def test_the_module_runs_and_does_not_depend_on_the_hash_seed(files: Path) -> None:
    append(files, "people", *({**PERSON, "id": f"p{n}"} for n in range(5)))
    outs = [
        subprocess.run(
            [sys.executable, "-m", "matching", *arguments("rank", files, "--by", "offer")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outs[0] == outs[1] != b""


def test_resolve_is_handed_to_the_resolver(files: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "matching", "resolve", "--labels", str(files / "l.tsv")],
        input="maçon\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "l.tsv" in run.stderr


def test_out_is_written_whole_and_replaced(files: Path) -> None:
    out = files / "lists.jsonl"
    out.write_text("before")
    old = out.stat().st_ino
    assert main(arguments("rank", files, "--out", str(out))) == 0
    assert out.stat().st_ino != old, "another file takes its place: never half of one"
    assert json.loads(out.read_text())["person"] == "ada"
    assert sorted(path.name for path in files.iterdir() if path.suffix == ".part") == []


def test_a_failure_while_writing_leaves_out_untouched(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matching import batch

    append(files, "people", {**PERSON, "id": "bob"})
    real = batch.person_ranking_json

    def breaks(ranking: PersonRanking) -> str:
        if ranking.person == "bob":
            raise OSError(28, "No space left on device")
        return real(ranking)

    monkeypatch.setattr(batch, "person_ranking_json", breaks)
    out = files / "lists.jsonl"
    out.write_text("before")
    assert main(arguments("rank", files, "--out", str(out))) == 2
    assert out.read_text() == "before"
    assert [path.name for path in files.iterdir() if path.name.endswith(".part")] == []


@pytest.mark.parametrize(
    "more",
    [
        ["--top", "0"],
        ["--top", "-3"],
        ["--top", "many"],
        ["--workers", "0"],
        ["--by", "commune"],
        ["--today", "demain"],
        ["--unknown"],
    ],
)
def test_a_bad_argument_is_one_line_and_exit_code_2(
    files: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments("rank", files, *more))
    assert stopped.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("argv", [[], ["rank"], ["explain"], ["unknown"]])
def test_a_missing_argument_is_one_line_and_exit_code_2(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(argv)
    assert stopped.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(("who", "what"), [("nobody", "job"), ("ada", "nothing")])
def test_explain_refuses_an_unknown_id(
    files: Path, who: str, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments("explain", files, "--person", who, "--offer", what)) == 2
    said = capsys.readouterr().err
    assert ("personne inconnue" if who == "nobody" else "offre inconnue") in said
    assert ("nobody" if who == "nobody" else "nothing") in said


def test_blank_lines_a_byte_order_mark_and_absent_collections_are_accepted(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    least = {"id": "min", "commune": "62041", "available_from": "2026-11-20"}
    text = "﻿" + json.dumps(least) + "\r\n\n  \n" + json.dumps(PERSON)
    (files / "people.jsonl").write_text(text, encoding="utf-8")
    assert main(arguments("rank", files)) == 0
    assert [json.loads(line)["person"] for line in capsys.readouterr().out.splitlines()] == [
        "min",
        "ada",
    ]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["rank"], "il manque --people"),
        (["rank", "--by", "x"], "--by\u00a0: valeur inconnue\u00a0: 'x'"),
        (["unknown"], "valeur inconnue\u00a0: 'unknown'"),
        (["rank", "--t", "3"], "option ambiguë\u00a0: --t, ce peut être --taxonomy"),
        (["rank", "-h=3"], "-h/--help ne prend pas de valeur, ici '3'"),
        (["resolve"], "il faut une des options --labels --taxonomy."),
        (["resolve", "--labels"], "--labels\u00a0: il faut une valeur."),
        (["resolve", "--labels", "l", "--taxonomy", "t"], "ne va pas avec"),
        (["resolve", "--labels", "l", "--more"], "options inconnues\u00a0: --more"),
    ],
)
def test_what_is_wrong_with_an_argument_is_said_in_french(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(argv)
    message = capsys.readouterr().err
    assert said in message
    assert message.endswith(" --help\n")
