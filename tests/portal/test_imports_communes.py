"""Communes, from the headings and lists in use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from portal.db import Database
from portal.imports.base import RefusedFileError
from portal.models import Commune, CoordinatePrecision, ImportKind, ImportRejection, ImportRun
from portal.reference.load import load_starter
from tests.support.imports import figures, import_file

ARRAS = {
    "nom": "Arras",
    "code": "62041",
    "codesPostaux": ["62000"],
    "population": 42600,
    "centre": {"type": "Point", "coordinates": [2.7704, 50.2879]},
    "codeDepartement": "62",
    "codeRegion": "32",
    "codeEpci": "200033579",
}


def import_text(database: Database, folder: Path, text: str) -> ImportRun:
    path = folder / "communes.csv"
    path.write_text(text, encoding="utf-8")
    return import_file(database, ImportKind.COMMUNES, path)


def import_list(database: Database, folder: Path, communes: list[Any]) -> ImportRun:
    path = folder / "communes.json"
    path.write_text(json.dumps(communes), encoding="utf-8")
    return import_file(database, ImportKind.COMMUNES, path)


@pytest.mark.parametrize(
    "text",
    [
        "code_insee,nom,latitude,longitude\n62041,Arras,50.2879,2.7704\n",
        "Code INSEE;Nom commune;Latitude;Longitude\n62041;Arras;50,2879;2,7704\n",
        "\ufeffcode_commune_INSEE\tnom_de_la_commune\tlat\tlon\n62041\tArras\t50.2879\t2.7704\n",
        '"CODGEO","LIBGEO","LATITUDE","LONGITUDE"\r\n"62041","Arras","50.2879","2.7704"\r\n',
    ],
    ids=["official", "French spreadsheet", "tabs and byte order mark", "INSEE"],
)
def test_the_headings_in_use_are_understood(database: Database, tmp_path: Path, text: str) -> None:
    assert figures(import_text(database, tmp_path, text)) == (1, 0, 0, 0)
    with database.session() as session:
        arras = session.get_one(Commune, "62041")
    assert (arras.name, arras.latitude, arras.longitude) == ("Arras", 50.2879, 2.7704)
    assert (arras.departement_code, arras.precision) == ("62", CoordinatePrecision.EXACT)


def test_the_official_list_is_understood(any_database: Database, tmp_path: Path) -> None:
    assert figures(import_list(any_database, tmp_path, [ARRAS])) == (1, 0, 0, 0)
    assert figures(import_list(any_database, tmp_path, [ARRAS])) == (0, 0, 1, 0)
    with any_database.session() as session:
        arras = session.get_one(Commune, "62041")
    assert arras.postal_codes == "62000"
    assert (arras.latitude, arras.longitude) == (50.2879, 2.7704)
    assert (arras.region_code, arras.epci_code, arras.population) == ("32", "200033579", 42600)


def test_a_file_that_says_less_erases_nothing(database: Database, tmp_path: Path) -> None:
    import_list(database, tmp_path, [ARRAS])
    run = import_text(database, tmp_path, "code_insee,nom,population\n62041,Arras,\n")
    assert figures(run) == (0, 0, 1, 0)
    with database.session() as session:
        assert session.get_one(Commune, "62041").population == 42600


@pytest.mark.parametrize(
    ("code", "departement"), [("2A004", "2A"), ("97411", "974"), ("01001", "01")]
)
def test_the_departement_is_that_of_the_code(
    database: Database, tmp_path: Path, code: str, departement: str
) -> None:
    import_text(database, tmp_path, f"code,nom\n{code},Ici\n")
    with database.session() as session:
        assert session.get_one(Commune, code).departement_code == departement


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("6204,Arras,,,,", "code"),
        ("62041,,,,,", "nom"),
        ("62041,Arras,6200,,,", "code_postal"),
        ("62041,Arras,,-3,,", "population"),
        ("62041,Arras,,beaucoup,,", "population"),
        ("62041,Arras,,,95,2", "lat"),
        ("62041,Arras,,,50.2,", "lon"),
        ("62041,Arras,,,0,0", "lat"),
        ("62041,Arras,,,nan,2", "lat"),
        ("62041,Arras,,,١,2", "lat"),
        ("62041,Arras", None),
    ],
)
def test_a_bad_row_is_rejected_with_its_field(
    database: Database, tmp_path: Path, row: str, field: str | None
) -> None:
    text = f"code,nom,code_postal,population,lat,lon\n{row}\n59122,Cambrai,59400,32000,50.1,3.2\n"
    assert figures(import_text(database, tmp_path, text)) == (1, 0, 0, 1)
    with database.session() as session:
        rejection = session.scalars(select(ImportRejection)).one()
    assert (rejection.line, rejection.field) == (2, field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"centre": {"type": "Point", "coordinates": [2.77]}}, "centre"),
        ({"centre": "Arras"}, "centre"),
        ({"codesPostaux": [{"a": 1}]}, "codesPostaux"),
        ({"population": "beaucoup"}, "population"),
        ({"code": None}, "code"),
        ({"nom": ["Arras"] * 100}, "nom"),
    ],
)
def test_a_bad_element_is_rejected_with_its_field(
    database: Database, tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    good = {**ARRAS, "code": "59122", "nom": "Cambrai"}
    run = import_list(database, tmp_path, [{**ARRAS, **change}, good, "Lens"])
    assert figures(run) == (1, 0, 0, 2)
    with database.session() as session:
        rejections = session.scalars(select(ImportRejection).order_by(ImportRejection.line)).all()
    assert [(r.line, r.field) for r in rejections] == [(1, field), (3, None)]


def test_a_geojson_is_refused_with_what_is_expected(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "communes.json"
    path.write_text('{"type": "FeatureCollection", "features": [{"type": "Feature"}]}')
    with pytest.raises(RefusedFileError, match="une liste de communes"):
        import_file(database, ImportKind.COMMUNES, path)


@pytest.mark.shared_data
def test_the_communes_of_france_come_over_our_own(database: Database, shared_data: Path) -> None:
    with database.transaction() as session:
        load_starter(session)
        known = len(session.scalars(select(Commune.code)).all())
    path = shared_data / "geo" / "communes.csv"
    run = import_file(database, ImportKind.COMMUNES, path)
    assert (run.read, run.rejected) == (34_969, 0)
    assert run.changed + run.unchanged <= known
    with database.session() as session:
        assert session.get_one(Commune, "62041").latitude is not None
    assert figures(import_file(database, ImportKind.COMMUNES, path)) == (0, 0, 34_969, 0)
