"""``resolve`` on the command line: formats, and one line when a file is wrong."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from matching.cli import main
from matching.files import NOT_UTF8

Run = tuple[int, list[dict[str, object]], str]
LIST = "BUILD\tMaçon / Maçonne\nBUILD\tOuvrier du bâtiment\nROADS\tPaveur / Paveuse\n"


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    def call(queries: str | bytes, *arguments: object) -> Run:
        content = queries.encode() if isinstance(queries, str) else queries
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
        code = main(["resolve", *(str(argument) for argument in arguments)])
        printed = capsys.readouterr()
        return code, [json.loads(line) for line in printed.out.splitlines()], printed.err

    return call


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.tsv"
    path.write_text(LIST, encoding="utf-8")
    return path


def test_one_line_per_query_blank_ones_too(resolve, labels: Path) -> None:  # type: ignore[no-untyped-def]
    code, lines, errors = resolve("maçonne\n\npaveur\r\n", "--labels", labels)
    assert (code, errors) == (0, "")
    assert [line["query"] for line in lines] == ["maçonne", "", "paveur"]
    assert lines[0]["results"][0] == {"id": "BUILD", "label": "Maçon / Maçonne", "score": 100.0}
    assert lines[1]["results"] == []


def test_top_and_unit(resolve, labels: Path) -> None:  # type: ignore[no-untyped-def]
    _, (line,), _ = resolve("ouvrier du bâtiment", "--labels", labels, "--top", 1)
    assert [result["label"] for result in line["results"]] == ["Ouvrier du bâtiment"]
    _, (line,), _ = resolve("maçon bâtiment", "--labels", labels, "--unit", "label")
    assert {result["id"] for result in line["results"]} == {"BUILD"}
    assert len(line["results"]) == 2


def test_two_file_taxonomy(resolve, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "occupations.csv").write_text(
        "occupation,label,core_skills,neighbours\nG1605,Plongeur de cuisine,s1|s2,\n"
    )
    (tmp_path / "skills.csv").write_text("skill,label,group\ns1,Laver la vaisselle,\n")
    _, (line,), _ = resolve("faire la plonge", "--taxonomy", tmp_path, "--kind", "occupation")
    assert line["results"][0]["id"] == "G1605", "the everyday lexicon takes part"
    _, (line,), _ = resolve("vaisselle", "--taxonomy", tmp_path, "--kind", "skill")
    assert [result["id"] for result in line["results"]] == ["s1"]


def test_rome_layout(resolve, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    files = {
        "unix_referentiel_code_rome_v999_utf8.csv": '"code_rome","libelle_rome"\n"F1703","Maçon"\n',
        "unix_referentiel_appellation_v999_utf8.csv": (
            '"libelle_appellation_long","libelle_appellation_court","code_rome"\n'
            '"Briqueteur / Briqueteuse","Briqueteur(se)","F1703"\n'
        ),
        "unix_referentiel_competence_v999_utf8.csv": (
            '"code_ogr","libelle_competence"\n"1","Monter un mur"\n'
        ),
        "unix_referentiel_savoir_v999_utf8.csv": (
            '"code_ogr_savoir","libelle_savoir"\n"2","Types de mortier"\n'
        ),
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    _, (line,), _ = resolve("briqueteuse", "--taxonomy", tmp_path, "--kind", "occupation")
    assert (line["results"][0]["id"], line["results"][0]["score"]) == ("F1703", 100.0)
    _, (line,), _ = resolve("mortier", "--taxonomy", tmp_path, "--kind", "skill")
    assert line["results"][0]["id"] == "2"


@pytest.mark.parametrize(
    ("description", "content", "message"),
    [
        (
            "no tab",
            b"a\tb\nc d\n",
            "ligne 2\u00a0: il faut un identifiant, une tabulation et un libellé",
        ),
        ("three fields", b"a\tb\tc\n", "ligne 1\u00a0: il faut un identifiant"),
        ("empty label", b"a\t \n", "ligne 1\u00a0: il faut un identifiant"),
        ("not UTF-8", b"a\tb\nc\t\xe9\n", "ligne 2\u00a0: le texte n’est pas en UTF-8"),
    ],
)
def test_a_bad_list_is_one_line(  # type: ignore[no-untyped-def]
    resolve, tmp_path: Path, description: str, content: bytes, message: str
) -> None:
    path = tmp_path / "bad.tsv"
    path.write_bytes(content)
    code, lines, errors = resolve("maçon\n", "--labels", path)
    assert (code, lines) == (2, []), description
    assert errors.startswith(str(path)), description
    assert message in errors, description
    assert errors.count("\n") == 1, description


@pytest.mark.parametrize(
    ("description", "content", "message"),
    [
        ("missing column", "skill,group\na,b\n", "ligne 1\u00a0: il manque la colonne 'label'"),
        ("empty file", "", "ligne 1\u00a0: il manque la colonne"),
        ("short line", "skill,label,group\na\n", "ligne 2\u00a0: 1 colonnes au lieu de 3"),
        (
            "empty label",
            "skill,label,group\na,,\n",
            "ligne 2\u00a0: il manque un identifiant ou un libellé",
        ),
        ("broken quotes", 'skill,label,group\na,"b" c,d\n', "illisible comme CSV"),
    ],
)
def test_a_bad_table_is_one_line(  # type: ignore[no-untyped-def]
    resolve, tmp_path: Path, description: str, content: str, message: str
) -> None:
    (tmp_path / "skills.csv").write_text(content)
    code, lines, errors = resolve("x\n", "--taxonomy", tmp_path, "--kind", "skill")
    assert (code, lines) == (2, []), description
    assert message in errors, description
    assert errors.count("\n") == 1, description


def test_other_errors(resolve, labels: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert resolve("x", "--labels", tmp_path / "none.tsv")[0] == 2
    assert "il manque le fichier" in resolve("x", "--taxonomy", tmp_path, "--kind", "skill")[2]
    assert "--kind" in resolve("x", "--taxonomy", tmp_path)[2]
    code, lines, errors = resolve(b"ma\xe7on\n", "--labels", labels)
    assert (code, lines, errors) == (2, [], f"entrée standard, ligne 1\u00a0: {NOT_UTF8}\n")


def test_titles_are_linked_through_rome(resolve, labels: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rome = tmp_path / "rome"
    rome.mkdir()
    (rome / "occupations.csv").write_text(
        "occupation,label,core_skills,neighbours\nX1,Dallagiste,,\nX2,Coiffeur,,\n"
    )
    (rome / "skills.csv").write_text("skill,label,group\n")
    _, (alone,), _ = resolve("dallagiste", "--labels", labels)
    assert alone["results"] == []
    labels.write_text(LIST + "ROADS\tPoseur de dallage\n", encoding="utf-8")
    code, (line,), errors = resolve("dallagiste", "--labels", labels, "--bridge", rome)
    assert (code, errors) == (0, "")
    assert line["results"][0]["id"] == "ROADS"


def test_a_bridge_without_labels_is_refused(resolve, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    asked = ("--taxonomy", tmp_path, "--kind", "skill", "--bridge", tmp_path)
    code, lines, errors = resolve("maçon", *asked)
    assert (code, lines) == (2, [])
    assert "--bridge ne sert qu’avec --labels" in errors
