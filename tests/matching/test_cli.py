"""``python -m matching`` on files: the exact lines, the exit codes, the files refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matching.cli import main

PERSON = {
    "id": "ada", "skills": {"pave": 2, "kerb": 0}, "credentials": {"caces": "2026-12-31"},
    "no_credentials": ["aipr"], "commune": "62041", "modes": ["bike", "bus"], "max_minutes": 45,
    "available_from": "2026-11-01", "interests": {"F1702": 1}, "last_proposed": None,
}  # fmt: skip
OFFER = {
    "id": "job", "occupation": "F1702", "commune": "62041", "start_wanted": "2026-12-10",
    "start_latest": "2027-01-31", "posts": 2, "requirements": [
        {"kind": "day_one", "skill": "pave", "level": 2},
        {"kind": "day_one", "skill": "kerb", "level": 1},
        {"kind": "desired", "credential": "caces"},
    ],
}  # fmt: skip
SESSION = {
    "id": "course", "start": "2026-12-01", "end": "2026-12-18", "commune": "62041",
    "seats_left": 4, "prerequisites": [{"skill": "pave", "level": 1}, {"credential": "b"}],
    "teaches": {"kerb": 2}, "delivers": ["aipr"],
}  # fmt: skip
COMMUNES = "code_insee,nom,latitude,longitude\n62041,Arras,50.293,2.782\n62042,Ailleurs,,\n"
SKILLS = "skill,label,group\npave,Poser des pavés,roads\nkerb,Poser des bordures,roads\n"
OCCUPATIONS = "occupation,label,core_skills,neighbours\nF1702,Routes,pave|kerb,F1701|K2204\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder of good files."""
    for name, records in (("people", [PERSON]), ("offers", [OFFER]), ("sessions", [SESSION])):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records))
    (tmp_path / "communes.csv").write_text(COMMUNES, encoding="utf-8")
    (tmp_path / "skills.csv").write_text(SKILLS, encoding="utf-8")
    (tmp_path / "occupations.csv").write_text(OCCUPATIONS, encoding="utf-8")
    return tmp_path


def arguments(command: str, files: Path, *more: str) -> list[str]:
    names = ("people", "offers", "sessions")
    given = [part for name in names for part in (f"--{name}", str(files / f"{name}.jsonl"))]
    given += ["--communes", str(files / "communes.csv"), "--today", "2026-11-20", *more]
    return [command, *given]


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
    real = batch._line

    def breaks(index: Any, by: str, top: int, number: int) -> str:
        if number:
            raise OSError(28, "No space left on device")
        return real(index, by, top, number)

    monkeypatch.setattr(batch, "_line", breaks)
    out = files / "lists.jsonl"
    out.write_text("before")
    assert main(arguments("rank", files, "--out", str(out))) == 2
    assert out.read_text() == "before"
    assert [path.name for path in files.iterdir() if path.name.endswith(".part")] == []


Bad = tuple[str, str, str]


def record(name: str, base: dict[str, Any], key: str) -> Callable[..., Bad]:
    """A bad record: the file, its second line, and the key the message must name."""

    def bad(*without: str, **changes: Any) -> Bad:
        fields = {k: v for k, v in {**base, "id": "other", **changes}.items() if k not in without}
        return f"{name}.jsonl", json.dumps(fields), key

    return bad


def person(key: str) -> Callable[..., Bad]:
    return record("people", PERSON, key)


def offer(key: str) -> Callable[..., Bad]:
    return record("offers", OFFER, key)


def course(key: str) -> Callable[..., Bad]:
    return record("sessions", SESSION, key)


def asks(**need: Any) -> dict[str, Any]:
    return {"requirements": [{"kind": "day_one", **need}]}


BAD_RECORDS: dict[str, Bad] = {
    "age": person("age")(age=52),
    "sex": person("sex")(sex="F"),
    "nationality": person("nationality")(nationality="FR"),
    "name": person("name")(name="Ada"),
    "status": person("status")(status="RSA"),
    "address": person("address")(address="1 rue"),
    "no id": person("id")("id"),
    "empty id": person("id")(id=" "),
    "null id": person("id")(id=None),
    "id is a number": person("id")(id=3),
    "id is half a character": person("id")(id="\ud800"),
    "id twice": person("ada")(id="ada"),
    "no commune": person("commune")("commune"),
    "commune is a number": person("commune")(commune=62041),
    "no availability": person("available_from")("available_from"),
    "date in French order": person("available_from")(available_from="20/11/2026"),
    "date that does not exist": person("available_from")(available_from="2026-02-30"),
    "date with a time": person("available_from")(available_from="2026-11-20T08:00:00"),
    "date as a week": person("last_proposed")(last_proposed="2026-W47-5"),
    "level too high": person("skills.pave")(skills={"pave": 4}),
    "level negative": person("skills.pave")(skills={"pave": -1}),
    "level as text": person("skills.pave")(skills={"pave": "2"}),
    "level with a comma": person("skills.pave")(skills={"pave": 1.5}),
    "level as a boolean": person("skills.pave")(skills={"pave": True}),
    "level null": person("skills.pave")(skills={"pave": None}),
    "skills as a list": person("skills")(skills=["pave"]),
    "expiry is not a date": person("credentials.caces")(credentials={"caces": "never"}),
    "credentials as a list": person("credentials")(credentials=["caces"]),
    "absent credentials as a map": person("no_credentials")(no_credentials={"aipr": None}),
    "absent credential as a number": person("no_credentials[0]")(no_credentials=[1]),
    "unknown mode": person("modes[1]")(modes=["car", "train"]),
    "modes as a text": person("modes")(modes="car"),
    "negative minutes": person("max_minutes")(max_minutes=-1),
    "minutes with a comma": person("max_minutes")(max_minutes=30.5),
    "interest of two": person("interests.F1702")(interests={"F1702": 2}),
    "interest of zero": person("interests.F1702")(interests={"F1702": 0}),
    "unknown key of an offer": offer("salary")(salary=2000),
    "no occupation": offer("occupation")("occupation"),
    "latest before wanted": offer("start_latest")(start_latest="2026-12-09"),
    "no post": offer("posts")(posts=0),
    "requirements as a map": offer("requirements")(requirements={}),
    "a requirement as a text": offer("requirements[0]")(requirements=["pave"]),
    "unknown kind": offer("requirements[0].kind")(
        requirements=[{"kind": "nice", "skill": "pave", "level": 1}]
    ),
    "no kind": offer("requirements[0].kind")(requirements=[{"skill": "pave", "level": 1}]),
    "no level": offer("requirements[0].level")(**asks(skill="pave")),
    "level of five": offer("requirements[0].level")(**asks(skill="pave", level=5)),
    "a credential with a level": offer("requirements[0].level")(**asks(credential="b", level=1)),
    "skill and credential": offer("requirements[0].skill")(
        **asks(skill="pave", level=1, credential="b")
    ),
    "neither skill nor credential": offer("requirements[0].skill")(**asks()),
    "unknown key of a requirement": offer("requirements[0].age")(
        **asks(skill="pave", level=1, age=18)
    ),
    "unknown key of a session": course("price")(price=0),
    "end before start": course("end")(end="2026-11-30"),
    "neither commune nor remote": course("commune")("commune"),
    "commune and remote": course("remote")(remote=True),
    "remote as a text": course("remote")(remote="yes"),
    "no seats": course("seats_left")("seats_left"),
    "negative seats": course("seats_left")(seats_left=-1),
    "a prerequisite with a kind": course("prerequisites[0].kind")(
        prerequisites=[{"kind": "day_one", "skill": "pave", "level": 1}]
    ),
    "taught level as text": course("teaches.kerb")(teaches={"kerb": "2"}),
    "delivered as a text": course("delivers")(delivers="aipr"),
    "not JSON": ("people.jsonl", "{", "JSON"),
    "a list": ("people.jsonl", "[]", "object"),
    "cut in the middle": ("offers.jsonl", json.dumps(OFFER)[:40], "JSON"),
    "a key twice": ("people.jsonl", '{"id": "a", "id": "b"}', "id"),
    "not a number": ("people.jsonl", '{"max_minutes": NaN}', "NaN"),
    "an endless number": ("people.jsonl", '{"max_minutes": ' + "9" * 5000 + "}", "JSON"),
    "too deep": ("people.jsonl", "[" * 100_000, "JSON"),
    "a column is missing": ("communes.csv", "only,three,cells", "4"),
    "a commune twice": ("communes.csv", "62041,Arras,50,2", "62041"),
    "latitude beyond the pole": ("communes.csv", "62043,X,91,2", "latitude"),
    "longitude is a text": ("communes.csv", "62043,X,50,est", "longitude"),
    "latitude alone": ("communes.csv", "62043,X,50,", "longitude"),
    "latitude is not a number": ("communes.csv", "62043,X,nan,2", "latitude"),
    "no commune code": ("communes.csv", ",X,50,2", "code_insee"),
    "an open quote": ("communes.csv", '62043,"X,50,2', "CSV"),
    "a skill twice": ("skills.csv", "pave,Encore,roads", "pave"),
    "an occupation without code": ("occupations.csv", ",Sans code,,", "occupation"),
}  # fmt: skip


def refused(files: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """Run ``rank``: exit 2, one line on standard error, ``--out`` untouched. Gives the line."""
    out = files / "lists.jsonl"
    out.write_text("before")
    code = main(arguments("rank", files, "--taxonomy", str(files), "--out", str(out), *more))
    shown = capsys.readouterr()
    assert (code, shown.out, out.read_text()) == (2, "", "before")
    assert len(shown.err.splitlines()) == 1
    return shown.err


@pytest.mark.parametrize("bad", BAD_RECORDS.values(), ids=BAD_RECORDS.keys())
def test_a_bad_line_is_refused_with_file_line_and_key(
    files: Path, bad: Bad, capsys: pytest.CaptureFixture[str]
) -> None:
    name, text, key = bad
    path = files / name
    before = path.read_text(encoding="utf-8")
    path.write_text(before + text + "\n", encoding="utf-8")
    message = refused(files, capsys)
    line = len(before.splitlines()) + 1
    assert message.startswith(f"{path}, line {line}: ")
    assert key in message.removeprefix(f"{path}, line {line}: ")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("people.jsonl", b'{"id": "\xe9"}\n', "line 1: not UTF-8"),
        ("people.jsonl", b"\n\n\xff\xfe", "line 3: not UTF-8"),
        ("communes.csv", "code_insee,latitude,longitude\n1,2,3\né".encode("latin-1"), "line 3"),
        ("communes.csv", b"", "line 1: column 'code_insee' is missing"),
        ("communes.csv", b"code,latitude,longitude\n", "'code_insee'"),
        ("skills.csv", b"skill,label\n", "'group'"),
        ("occupations.csv", b"occupation;label\n", "'occupation'"),
        ("offers.jsonl", b"PK\x03\x04", "line 1"),
    ],
)
def test_a_file_that_is_not_what_it_claims_is_refused(
    files: Path, name: str, content: bytes, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / name).write_bytes(content)
    message = refused(files, capsys)
    assert message.startswith(str(files / name))
    assert said in message


@pytest.mark.parametrize("name", ["people.jsonl", "communes.csv", "skills.csv"])
def test_a_missing_file_or_a_folder_is_refused(
    files: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / name).unlink()
    assert name in refused(files, capsys)
    (files / name).mkdir()
    assert name in refused(files, capsys)


def test_a_taxonomy_folder_of_neither_kind_is_refused(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = files / "empty"
    empty.mkdir()
    assert str(empty) in refused(files, capsys, "--taxonomy", str(empty))


def test_out_in_a_folder_that_does_not_exist_is_refused(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments("rank", files, "--out", str(files / "no" / "lists.jsonl"))) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


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
    assert ("nobody" if who == "nobody" else "nothing") in capsys.readouterr().err


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
