"""Files that are not what they claim: refused whole, in plain words, with nothing written."""

from __future__ import annotations

import gzip
import io
import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.db import Database
from portal.imports import safety
from portal.imports.base import RefusedFileError
from portal.imports.readers import read_json_lines, read_xml
from portal.models import ImportKind
from tests.support.imports import import_file, row_counts
from tests.support.rome import MiniRome

COMMUNES, ROME = ImportKind.COMMUNES, ImportKind.ROME
GOOD_CSV = "code_insee,nom,population\n62041,Arras,42600\n59122,Cambrai,32000\n"
GOOD_JSON = json.dumps(
    [{"code": "62041", "nom": "Arras", "centre": {"type": "Point", "coordinates": [2.77, 50.28]}}]
)


@dataclass(frozen=True)
class Bad:
    """A bad file: what is wrong, how to make it, and words that the refusal must have."""

    what: str
    kind: ImportKind
    make: Callable[[Path], Path]
    words: str


def content(data: bytes | str, name: str = "fichier.csv") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return make


def zipped(**entries: bytes) -> Callable[[Path], Path]:
    """A zip of the good files, plus or instead of them ``entries`` (a long name: ``name``)."""

    def make(folder: Path) -> Path:
        return rome_zip(folder, {**MiniRome().files(), **entries})

    return make


def rome_zip(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / "rome.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def with_entry(name: str, data: bytes = b"x", mode: int = 0o600) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = MiniRome().zip(folder / "rome.zip")
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
        return path

    return make


def many_entries(folder: Path) -> Path:
    return rome_zip(folder, {f"f{n}.csv": b"x" for n in range(safety.MOST_ENTRIES + 1)})


def cut(make: Callable[[Path], Path], keep: float) -> Callable[[Path], Path]:
    """The same file, cut."""

    def cutting(folder: Path) -> Path:
        path = make(folder)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * keep)])
        return path

    return cutting


def damaged(folder: Path) -> Path:
    """A zip whose directory is right and whose content is not."""
    path = MiniRome().zip(folder / "rome.zip")
    data = bytearray(path.read_bytes())
    start = data.find(b"unix_referentiel_competence") + 60
    data[start : start + 20] = bytes(20)
    path.write_bytes(bytes(data))
    return path


def encrypted(folder: Path) -> Path:
    path = MiniRome().zip(folder / "rome.zip")
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(signature)
        data[place + offset] |= 1
    path.write_bytes(bytes(data))
    return path


def rome_folder(change: Callable[[MiniRome], object]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        rome = MiniRome()
        change(rome)
        return rome.folder(folder / "rome")

    return make


def rome_file(stem: str, data: bytes) -> Callable[[Path], Path]:
    """A folder where one file is replaced."""

    def make(folder: Path) -> Path:
        path = MiniRome().folder(folder / "rome")
        (path / f"unix_{stem}_v460_utf8.csv").write_bytes(data)
        return path

    return make


def mixed_versions(folder: Path) -> Path:
    path = MiniRome().folder(folder / "rome")
    name = "unix_referentiel_savoir_v460_utf8.csv"
    (path / name).rename(path / name.replace("460", "459"))
    return path


def empty_folder(folder: Path) -> Path:
    path = folder / "vide"
    path.mkdir()
    return path


def nested_zip(folder: Path) -> Path:
    inner = MiniRome().zip(folder / "inner.zip")
    return rome_zip(folder, {"rome.zip": inner.read_bytes()})


XLSX = io.BytesIO()
with zipfile.ZipFile(XLSX, "w") as _book:
    _book.writestr("xl/workbook.xml", "<workbook/>")
HEADER_TWICE = "code_insee,nom,nom\n62041,Arras,Arras\n"

BAD_FILES = [
    Bad("empty", COMMUNES, content(b""), "vide"),
    Bad("only blanks", COMMUNES, content(b" \n\n \n"), "vide"),
    Bad("only a byte order mark", COMMUNES, content(b"\xef\xbb\xbf"), "vide"),
    Bad("only headings", COMMUNES, content("code_insee,nom\n"), "aucune ligne"),
    Bad("other columns", COMMUNES, content("a;b\n1;2\n"), "colonnes attendues"),
    Bad("no column for the name", COMMUNES, content("code_insee\n62041\n"), "le nom"),
    Bad("a column twice", COMMUNES, content(HEADER_TWICE), "deux fois"),
    Bad(
        "Latin-1", COMMUNES, content("code_insee,nom\n62041,Abbécourt\n".encode("latin-1")), "UTF-8"
    ),
    Bad("UTF-16", COMMUNES, content(GOOD_CSV.encode("utf-16")), "UTF-8"),
    Bad(
        "Latin-1 at the very end", COMMUNES, content(GOOD_CSV.encode() + b"59001,\xe9,1\n"), "UTF-8"
    ),
    Bad("cut in a row", COMMUNES, content(GOOD_CSV + "59001,Abanc"), "coupé"),
    Bad("cut in quotes", COMMUNES, content(GOOD_CSV + '59001,"Abanc'), "coupé"),
    Bad("bad quotes", COMMUNES, content(GOOD_CSV + '59001,"Ab"c,3\n'), "CSV lisible"),
    Bad(
        "a cell of 200,000 characters",
        COMMUNES,
        content(GOOD_CSV + f"59001,{'a' * 200_000},1\n"),
        "CSV lisible",
    ),
    Bad("random bytes", COMMUNES, content(bytes(range(256)) * 40), "binaire"),
    Bad("an image", COMMUNES, content(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "binaire"),
    Bad("a PDF named .csv", COMMUNES, content(b"%PDF-1.7\n"), "PDF"),
    Bad("an XLSX named .csv", COMMUNES, content(XLSX.getvalue()), "XLSX"),
    Bad("an old XLS named .csv", COMMUNES, content(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "XLS"),
    Bad("a zip named .csv", COMMUNES, lambda folder: MiniRome().zip(folder / "a.csv"), "ZIP"),
    Bad("a gzip named .csv", COMMUNES, content(gzip.compress(GOOD_CSV.encode())), "GZIP"),
    Bad("a web page named .csv", COMMUNES, content("<!DOCTYPE html><html></html>"), "web"),
    Bad("an XML named .csv", COMMUNES, content("<?xml version='1.0'?><a/>"), "XML"),
    Bad("a folder", COMMUNES, empty_folder, "dossier"),
    Bad("a JSON that is cut", COMMUNES, content(GOOD_JSON[:-20]), "coupé"),
    Bad("a JSON with something after it", COMMUNES, content(GOOD_JSON + "]"), "abîmé"),
    Bad("a JSON object", COMMUNES, content('{"features": []}'), "aucune commune"),
    Bad("an empty JSON list", COMMUNES, content("[]"), "aucune commune"),
    Bad("JSON in Latin-1", COMMUNES, content('[{"nom": "Abbécourt"}]'.encode("latin-1")), "JSON"),
    Bad("JSON nested without end", COMMUNES, content("[" * 100_000), "JSON"),
    Bad("not a zip", ROME, content(GOOD_CSV, "rome.zip"), "fichier texte"),
    Bad("an empty folder", ROME, empty_folder, "il manque"),
    Bad("a zip of something else", ROME, lambda f: rome_zip(f, {"a.csv": b"a\n1\n"}), "il manque"),
    Bad("a zip in a zip", ROME, nested_zip, "il manque"),
    Bad("a zip without directory", ROME, cut(zipped(), 0.6), "abîmée"),
    Bad("a damaged zip", ROME, damaged, "abîmé"),
    Bad("a zip with a password", ROME, encrypted, "mot de passe"),
    Bad("a zip bomb", ROME, with_entry("notes.txt", bytes(30_000_000)), "volume anormal"),
    Bad("a path out of the zip", ROME, with_entry("../../etc/passwd"), "sort de l’archive"),
    Bad("an absolute path in the zip", ROME, with_entry("/etc/passwd"), "sort de l’archive"),
    Bad("a Windows path in the zip", ROME, with_entry("..\\passwd"), "sort de l’archive"),
    Bad(
        "a link in the zip", ROME, with_entry("lien", b"/etc/passwd", stat.S_IFLNK | 0o777), "lien"
    ),
    Bad("too many files in the zip", ROME, many_entries, "fichiers"),
    Bad("the same file twice in the zip", ROME, with_entry("autre/version.txt"), "deux fois"),
    Bad("two versions mixed", ROME, mixed_versions, "plusieurs versions"),
    Bad(
        "a file without its columns",
        ROME,
        rome_file("referentiel_savoir", b"a,b\n1,2\n"),
        "colonnes",
    ),
    Bad("an empty file", ROME, rome_file("referentiel_competence", b""), "vide"),
    Bad(
        "a file that is cut",
        ROME,
        rome_file("rubrique_mobilite", b'"code_rome","code_rome_cible","numero_ordre"\n"F17'),
        "coupé",
    ),
    Bad(
        "a file in Latin-1",
        ROME,
        rome_file("referentiel_savoir", b'"code_ogr_savoir","libelle_savoir"\n"1","\xe9"\n'),
        "UTF-8",
    ),
    Bad(
        "a missing file",
        ROME,
        rome_folder(lambda rome: rome.tables.pop("coherence_item")),
        "coherence_item",
    ),
]


def test_there_are_many_bad_files() -> None:
    assert len(BAD_FILES) >= 40
    assert len({bad.what for bad in BAD_FILES}) == len(BAD_FILES)


@pytest.mark.parametrize("bad", BAD_FILES, ids=lambda bad: f"{bad.kind.value}: {bad.what}")
def test_a_bad_file_is_refused_whole(bad: Bad, database: Database, tmp_path: Path) -> None:
    path = bad.make(tmp_path)
    with pytest.raises(RefusedFileError) as refused:
        import_file(database, bad.kind, path)
    assert bad.words in refused.value.message
    assert row_counts(database) == {}


def test_a_file_beyond_the_size_limit_is_refused(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safety, "MOST_BYTES", 20)
    with pytest.raises(RefusedFileError, match="dépasse"):
        import_file(database, COMMUNES, content(GOOD_CSV)(tmp_path))


def xml_texts(data: bytes) -> list[str | None]:
    """The texts of the elements « offre » of a « liste »."""
    stream = io.BytesIO(data)
    found = read_xml(stream, "f.xml", "offre", roots=("liste",), expected="une liste")
    return [element.text for element in found]


BOMB = b"""<!DOCTYPE liste [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>
<liste><offre>&d;</offre></liste>"""
EXTERNAL = b"""<!DOCTYPE liste [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<liste><offre>&x;</offre></liste>"""


@pytest.mark.parametrize(
    ("what", "data", "words"),
    [
        ("an entity bomb", BOMB, "DTD"),
        ("an external entity", EXTERNAL, "DTD"),
        ("an external DTD", b'<!DOCTYPE liste SYSTEM "http://x.test/a.dtd"><liste/>', "DTD"),
        ("another root", b"<rss><offre>a</offre></rss>", "rss"),
        ("cut", b"<liste><offre>a</offre><offre>", "coupé"),
        ("empty", b"", "coupé"),
        ("not XML", b"code;nom\n1;2\n", "XML"),
        (
            "a wrong encoding",
            b"<?xml version='1.0' encoding='utf-8'?><liste>\xe9\xe8</liste>",
            "encodage",
        ),
        ("something after the end", b"<liste/><liste/>", "XML"),
        ("too deep", b"<liste>" + b"<a>" * 5000, "XML"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_xml_is_refused(what: str, data: bytes, words: str) -> None:
    with pytest.raises(RefusedFileError) as refused:
        xml_texts(data)
    assert words in refused.value.message


def test_a_good_xml_is_read_whatever_its_namespace() -> None:
    data = b'<liste xmlns="http://x.test/1"><offre>a</offre><offre>b</offre></liste>'
    assert xml_texts(data) == ["a", "b"]


@pytest.mark.parametrize("data", [b'{"a": 1}\n{"a": ', b"{]\n", b'{"a": "\xe9"}\n', b"[" * 100_000])
def test_bad_json_lines_are_refused(data: bytes) -> None:
    with pytest.raises(RefusedFileError):
        list(read_json_lines(io.BytesIO(data), "f.jsonl"))


def check_whatever_happens(database: Database, path: Path, kind: ImportKind) -> None:
    """A preview is refused, or its figures add up; nothing but reports is ever written."""
    try:
        run = import_file(database, kind, path, dry_run=True)
    except RefusedFileError:
        assert row_counts(database).keys() <= {"import_run", "import_rejection"}
        return
    assert run.read == run.created + run.changed + run.unchanged + run.rejected
    assert set(row_counts(database)) <= {"import_run", "import_rejection"}


FUZZING = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FUZZING
@given(data=st.binary(max_size=400))
def test_no_bytes_at_all_crash_an_import(data: bytes, database: Database, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(data)
    check_whatever_happens(database, tmp_path / "f", COMMUNES)


@FUZZING
@given(
    text=st.sampled_from([GOOD_CSV, GOOD_JSON]),
    place=st.integers(0, 60),
    length=st.integers(0, 20),
    patch=st.one_of(
        st.binary(max_size=6), st.text(max_size=6).map(lambda t: t.encode("utf-8", "replace"))
    ),
)
def test_a_good_file_with_a_patch_never_crashes(
    text: str, place: int, length: int, patch: bytes, database: Database, tmp_path: Path
) -> None:
    data = text.encode()
    (tmp_path / "f").write_bytes(data[:place] + patch + data[place + length :])
    check_whatever_happens(database, tmp_path / "f", COMMUNES)


@FUZZING
@given(data=st.data())
def test_a_rome_zip_with_wrong_bytes_never_crashes(
    data: st.DataObject, database: Database, tmp_path: Path
) -> None:
    content = bytearray(MiniRome().zip(tmp_path / "rome.zip").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "rome.zip").write_bytes(bytes(content))
    check_whatever_happens(database, tmp_path / "rome.zip", ROME)


@FUZZING
@given(
    stem=st.sampled_from(sorted(MiniRome().tables)),
    row=st.integers(0, 5),
    cell=st.integers(0, 4),
    value=st.text(max_size=12),
)
def test_a_rome_with_a_strange_cell_never_crashes(
    stem: str,
    row: int,
    cell: int,
    value: str,
    database: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rome = MiniRome()
    table = rome.tables[stem]
    chosen = table[row % len(table)]
    chosen[cell % len(chosen)] = value.encode("utf-8", "replace").decode()
    folder = rome.folder(tmp_path_factory.mktemp("rome") / "files")
    check_whatever_happens(database, folder, ROME)
