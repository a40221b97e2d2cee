"""Files refused: exit code 2, one line with file, line and key, and ``--out`` untouched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matching.cli import main
from tests.matching.good_files import OFFER, PERSON, SESSION, arguments, write_files


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder of good files."""
    write_files(tmp_path)
    return tmp_path


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
    "a list": ("people.jsonl", "[]", "objet"),
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
    assert message.startswith(f"{path}, ligne {line}\u00a0: ")
    assert key in message.removeprefix(f"{path}, ligne {line}\u00a0: ")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("people.jsonl", b'{"id": "\xe9"}\n', "ligne 1\u00a0: le texte n’est pas en UTF-8"),
        ("people.jsonl", b"\n\n\xff\xfe", "ligne 3\u00a0: le texte n’est pas en UTF-8"),
        ("communes.csv", "code_insee,latitude,longitude\n1,2,3\né".encode("latin-1"), "ligne 3"),
        ("communes.csv", b"", "ligne 1\u00a0: il manque la colonne 'code_insee'"),
        ("communes.csv", b"code,latitude,longitude\n", "'code_insee'"),
        ("skills.csv", b"skill,label\n", "'group'"),
        ("occupations.csv", b"occupation;label\n", "'occupation'"),
        ("offers.jsonl", b"PK\x03\x04", "ligne 1"),
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
