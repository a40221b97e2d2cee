"""Catalogues, offers and people that are not what they claim: refused whole, nothing written.

Then the same good files, broken at random: never a crash, never half a file.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from portal.db import Database
from portal.imports import people_files
from portal.imports.base import RefusedFileError
from portal.models import ImportKind, OrganisationKind
from tests.support.factories import Factory
from tests.support.import_files import (
    HEADINGS,
    MEETING,
    build_reference,
    day,
    import_with,
    json_lines,
    lheo,
    offer,
    people_csv,
    person_row,
    session_xml,
)
from tests.support.imports import row_counts

CATALOGUE, OFFERS, PEOPLE = ImportKind.CATALOGUE, ImportKind.OFFERS, ImportKind.PEOPLE
GOOD_XML = lheo(session_xml(inside=MEETING.format(on=day(10))), session_xml("S2"))
GOOD_CSV = people_csv(person_row(), person_row(Identifiant="D-2", Nom="Petit", Téléphone=""))
GOOD_OFFERS = json_lines(offer(), offer(id="2"))
WRITTEN_AT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?=<)")


@cache
def workbook() -> bytes:
    """A good workbook of one person, the same bytes in every run.

    Writing one stores the time of writing, in the archive and in its properties; with it, a
    damage drawn once could not be drawn again.
    """
    book, stream = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(HEADINGS))
    sheet.append(list(person_row().values()))
    book.save(stream)
    return rewritten(
        stream.getvalue(), lambda _name, data: WRITTEN_AT.sub(b"2026-01-05T08:00:00Z", data)
    )


def rewritten(archive: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """An archive whose entries are changed, or dropped (None), and all bear the same time."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as source,
        zipfile.ZipFile(stream, "w") as target,
    ):
        for name in source.namelist():
            if (data := change(name, source.read(name))) is not None:
                entry = zipfile.ZipInfo(name)
                target.writestr(entry, data, compress_type=zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def repacked(change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The good workbook, each part changed, or dropped (None)."""
    return rewritten(workbook(), change)


def with_dtd(name: str, data: bytes) -> bytes:
    """A bomb in front of the sheet."""
    if not name.endswith("sheet1.xml"):
        return data
    start = data.index(b"<worksheet")
    return data[:start] + BOMB.encode() + data[start:]


def wide_dtd(name: str, data: bytes) -> bytes:
    """The sheet in UTF-16, where a declaration cannot be searched for."""
    return data.decode().encode("utf-16") if name.endswith("sheet1.xml") else data


def cut_sheet(name: str, data: bytes) -> bytes:
    return data[: len(data) // 2] if name.endswith("sheet1.xml") else data


def no_sheet(name: str, data: bytes) -> bytes | None:
    return None if name.endswith("sheet1.xml") else data


def bomb_entry(name: str, data: bytes) -> bytes:
    return b"<a>" + b" " * 40_000_000 if name.endswith("styles.xml") else data


def zip_of(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def damaged(archive: bytes) -> bytes:
    """The first compressed byte, after the name of its part, says a kind of block there is not."""
    start = archive.index(b".xml") + len(b".xml")
    return archive[:start] + b"\xff" + archive[start + 1 :]


BOMB = (
    '<!DOCTYPE lheo [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)
EXTERNAL = '<!DOCTYPE lheo [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
REMOTE = '<!DOCTYPE lheo SYSTEM "http://127.0.0.1:9/lheo.dtd">'


def declared(dtd: str, entity: str = "") -> str:
    """The good catalogue with a DTD, using an entity of it."""
    text = GOOD_XML.replace("<lheo ", f"{dtd}<lheo ", 1)
    return text.replace("Ouvrier routier", f"Ouvrier {entity}")


@dataclass(frozen=True)
class Bad:
    """A bad file, and words that its refusal must have."""

    what: str
    kind: ImportKind
    data: bytes | str
    words: str


BAD = [
    Bad("entity bomb", CATALOGUE, declared(BOMB, "&d;"), "DTD"),
    Bad("unused entity bomb", CATALOGUE, declared(BOMB), "DTD"),
    Bad("external entity", CATALOGUE, declared(EXTERNAL, "&x;"), "DTD"),
    Bad("external DTD", CATALOGUE, declared(REMOTE), "DTD"),
    Bad("undeclared entity", CATALOGUE, GOOD_XML.replace("routier", "&nada;"), "XML"),
    Bad("cut XML", CATALOGUE, GOOD_XML[:-200], "coupé"),
    Bad("cut in the first tag", CATALOGUE, GOOD_XML[:60], "XML"),
    Bad("two roots", CATALOGUE, f"{GOOD_XML}<lheo/>", "XML"),
    Bad("other version", CATALOGUE, GOOD_XML.replace("lheo.gouv.fr/2.3", "x.org/9"), "LHEO 1.3"),
    Bad("no namespace", CATALOGUE, "<lheo><offres/></lheo>", "sans version"),
    Bad("other root", CATALOGUE, GOOD_XML.replace("lheo", "rss"), "LHEO"),
    Bad("no formation", CATALOGUE, '<lheo xmlns="http://www.lheo.org/2.2"/>', "aucune formation"),
    Bad("encoding that lies", CATALOGUE, GOOD_XML.encode("latin-1", "replace"), "XML"),
    Bad("JSON for XML", CATALOGUE, GOOD_OFFERS, "JSON"),
    Bad("page of error", CATALOGUE, "<!DOCTYPE html><html><body>502</body></html>", "page web"),
    Bad("deep XML", CATALOGUE, GOOD_XML.replace("Tout", "<a>" * 5000 + "</a>" * 5000), "XML"),
    Bad("zip without XML", CATALOGUE, zip_of("lisez-moi.txt", b"rien"), "aucun fichier XML"),
    Bad("zip with a cut XML", CATALOGUE, zip_of("a.xml", GOOD_XML[:-90].encode()), "coupé"),
    Bad("zip bomb", CATALOGUE, zip_of("a.xml", b"<a>" + b" " * 60_000_000), "volume anormal"),
    Bad("zip that climbs", CATALOGUE, zip_of("../a.xml", GOOD_XML.encode()), "sort de l’archive"),
    Bad("empty list", OFFERS, "[]", "aucune offre"),
    Bad("empty answer", OFFERS, '{"resultats": []}', "aucune offre"),
    Bad("cut JSON Lines", OFFERS, GOOD_OFFERS[:-30], "ligne 2"),
    Bad("cut list", OFFERS, json.dumps([offer(), offer(id="2")])[:-30], "coupé"),
    Bad("cut answer", OFFERS, json.dumps({"resultats": [offer()]})[:-20], "coupé"),
    Bad("CSV for JSON", OFFERS, GOOD_CSV, "fichier texte"),
    Bad("deep JSON", OFFERS, '{"resultats": [' + "[" * 900 + "]" * 900 + "]}", "JSON"),
    Bad("offers in Latin-1", OFFERS, GOOD_OFFERS.encode("latin-1", "replace"), "UTF-8"),
    Bad("empty people", PEOPLE, "", "vide"),
    Bad("only headings", PEOPLE, people_csv(), "en-têtes"),
    Bad("no identifier", PEOPLE, "Nom;Prénom\nLemoine;Zélie\n", "Identifiant"),
    Bad("no heading that is known", PEOPLE, "a;b;c\n1;2;3\n", "Identifiant"),
    Bad("a heading twice", PEOPLE, "Identifiant;Nom;Nom;Prénom\n1;a;b;c\n", "deux fois"),
    Bad("quote never closed", PEOPLE, GOOD_CSV + '"jamais fermé;\n', "coupé"),
    Bad("binary", PEOPLE, bytes(range(256)) * 40, "binaire"),
    Bad("neither UTF-8 nor 1252", PEOPLE, GOOD_CSV.encode() + b"\x81\x8d\xff", "lisible"),
    Bad("old workbook", PEOPLE, b"\xd0\xcf\x11\xe0" + b"\0" * 600, "XLS"),
    Bad("a plain zip", PEOPLE, zip_of("a.csv", GOOD_CSV.encode()), "archive ZIP"),
    Bad("too many columns", PEOPLE, ";".join(f"c{n}" for n in range(300)) + "\n", "colonnes"),
    Bad("workbook cut", PEOPLE, workbook()[:-400], "il faut"),
    Bad("part that does not inflate", PEOPLE, damaged(workbook()), "abîmé"),
    Bad("sheet cut", PEOPLE, repacked(cut_sheet), "lisible"),
    Bad("sheet missing", PEOPLE, repacked(no_sheet), "lisible"),
    Bad("sheet with a bomb", PEOPLE, repacked(with_dtd), "DTD"),
    Bad("sheet in UTF-16", PEOPLE, repacked(wide_dtd), "sécurité"),
    Bad("workbook bomb", PEOPLE, repacked(bomb_entry), "volume anormal"),
]

NAMES = {CATALOGUE: "catalogue.xml", OFFERS: "offres.json", PEOPLE: "personnes.csv"}


@pytest.fixture
def owner(database: Database) -> int:
    """A Département, in a database with a small reference."""
    build_reference(database)
    with database.transaction() as session:
        identity: int = Factory(session).organisation(OrganisationKind.DEPARTEMENT).id
    return identity


def attempt(database: Database, kind: ImportKind, owner: int, path: Path) -> None:
    import_with(database, kind, path, organisation_id=owner)


@pytest.mark.parametrize("bad", BAD, ids=[bad.what for bad in BAD])
def test_a_bad_file_is_refused_whole_in_plain_words(
    database: Database, owner: int, tmp_path: Path, bad: Bad
) -> None:
    path = tmp_path / NAMES[bad.kind]
    path.write_bytes(bad.data.encode() if isinstance(bad.data, str) else bad.data)
    before = row_counts(database)
    with pytest.raises(RefusedFileError) as caught:
        attempt(database, bad.kind, owner, path)
    assert bad.words in caught.value.message
    assert row_counts(database) == before


def test_a_file_with_too_many_rows_is_refused(
    database: Database, owner: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_files, "MOST_ROWS", 1)
    path = tmp_path / "personnes.csv"
    path.write_text(GOOD_CSV)
    with pytest.raises(RefusedFileError, match="plus de 1 lignes"):
        attempt(database, PEOPLE, owner, path)


GOOD: dict[ImportKind, bytes] = {
    CATALOGUE: GOOD_XML.encode(),
    OFFERS: GOOD_OFFERS.encode(),
    PEOPLE: GOOD_CSV.encode(),
}


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """Good bytes with a piece removed, repeated, replaced or added."""
    broken = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(broken)))
        end = min(len(broken), start + draw(st.integers(0, 40)))
        filling = draw(
            st.one_of(
                st.binary(max_size=20),
                st.sampled_from([b"", b"<", b"&x;", b"\0", b"\xe9", b'"', b"{", b";", b"9" * 30]),
                st.just(bytes(broken[start:end]) * 2),
            )
        )
        broken[start:end] = filling
    return bytes(broken)


@pytest.mark.parametrize("kind", list(GOOD), ids=lambda kind: kind.value)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_broken_file_is_read_or_refused_never_half_written(
    database: Database, owner: int, tmp_path: Path, kind: ImportKind, data: st.DataObject
) -> None:
    path = tmp_path / NAMES[kind]
    path.write_bytes(data.draw(mutated(GOOD[kind])))
    before = row_counts(database)
    try:
        run = import_with(database, kind, path, organisation_id=owner)
    except RefusedFileError:
        assert row_counts(database) == before
    else:
        assert run.id
        again = import_with(database, kind, path, organisation_id=owner)
        assert (again.created, again.changed) == (0, 0)
        assert again.rejected == run.rejected


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_broken_workbook_is_read_or_refused(
    database: Database, owner: int, tmp_path: Path, data: st.DataObject
) -> None:
    part = data.draw(st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", ""]))
    if part:

        def change(name: str, content: bytes) -> bytes:
            return data.draw(mutated(content)) if name == part else content

        content = repacked(change)
    else:
        content = data.draw(mutated(workbook()))
    path = tmp_path / "personnes.xlsx"
    path.write_bytes(content)
    before = row_counts(database)
    try:
        attempt(database, PEOPLE, owner, path)
    except RefusedFileError:
        assert row_counts(database) == before
