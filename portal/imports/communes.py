"""Communes: a CSV with the headings in use, or the JSON list of the official « geo » API.

Headings are compared without case, accents or punctuation (« Code INSEE » = « code_insee »);
``COLUMNS`` lists those that are understood. A column that is absent, and a cell that is empty,
leave what is known as it is: a file of postal codes does not erase coordinates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from portal.imports.base import Context, Importer, Item, RefusedFileError, Rejection, Verdict
from portal.imports.readers import CsvRow, csv_header, read_csv, read_json_array
from portal.imports.safety import FileKind, require
from portal.imports.source import Source
from portal.imports.tables import TableRows
from portal.models import Commune, CoordinatePrecision, ImportKind
from portal.text import fold

EXPECTED = (
    "un CSV des communes (au moins le code INSEE et le nom), ou le JSON de l’API Découpage "
    "administratif (une liste de communes)"
)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("code_insee", "code_commune_insee", "codgeo", "insee", "code_commune", "com", "code"),
    "name": ("nom", "nom_commune", "nom_de_la_commune", "nom_standard", "libgeo", "libelle"),
    "postal_codes": ("codes_postaux", "code_postal", "codespostaux", "postal_codes"),
    "population": ("population", "population_municipale", "pmun"),
    "latitude": ("latitude", "lat", "latitude_centre", "latitude_mairie"),
    "longitude": ("longitude", "lon", "lng", "longitude_centre", "longitude_mairie"),
    "region_code": ("code_region", "reg_code", "region", "reg"),
    "epci_code": ("code_epci", "epci_code", "epci", "siren_epci"),
    "epci_name": ("nom_epci", "epci_nom", "libelle_epci"),
}

_ROWS = TableRows(Commune, ("code",))
_CODE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_POSTAL = re.compile(r"[0-9]{5}")
_EPCI = re.compile(r"[0-9]{9}")
_REGION = re.compile(r"[0-9]{2,3}")
_SEPARATORS = re.compile(r"[|;,/\s]+")
_LONGEST_NAME = 255
_LARGEST_POPULATION = 20_000_000


class InvalidFieldError(ValueError):
    """A cell that cannot be used: its field, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


class CommunesImporter(Importer):
    """Adds and updates communes; those that a file does not have are left as they are."""

    kind = ImportKind.COMMUNES

    def read(self, source: Source, context: Context) -> Iterator[Item | Rejection]:  # noqa: ARG002
        """One item per commune."""
        kind = require(source, FileKind.TEXT, FileKind.JSON, expected=EXPECTED)
        return _from_json(source) if kind is FileKind.JSON else _from_csv(source)

    def compare(
        self,
        session: Session,
        items: Sequence[Item],
        context: Context,  # noqa: ARG002
    ) -> Iterable[Verdict | Rejection]:
        """Column by column."""
        return _ROWS.compare(session, items)

    def apply(self, session: Session, items: Sequence[Item], context: Context) -> None:  # noqa: ARG002
        """Upsert a batch."""
        _ROWS.apply(session, items)


def _from_csv(source: Source) -> Iterator[Item | Rejection]:
    with source.open() as stream:
        header = csv_header(stream, source.name)
    columns = _columns(header, source.name)
    source.bytes_read = 0
    with source.open() as stream:
        for row in read_csv(stream, source.name):
            yield row if isinstance(row, Rejection) else _item_of_row(row, columns)


def _columns(header: Sequence[str], name: str) -> dict[str, str]:
    """Our field → the heading of the file."""
    plain = {re.sub(r"[^a-z0-9]+", "_", fold(heading)).strip("_"): heading for heading in header}
    found = {
        field: plain[alias]
        for field, aliases in COLUMNS.items()
        for alias in reversed(aliases)
        if alias in plain
    }
    for field, words in (("code", "le code INSEE (code_insee)"), ("name", "le nom (nom)")):
        if field not in found:
            raise RefusedFileError(
                f"« {name} » n’a pas les colonnes attendues : il manque {words}. "
                f"Il faut {EXPECTED}."
            )
    return found


def _item_of_row(row: CsvRow, columns: Mapping[str, str]) -> Item | Rejection:
    values = {field: row.get(heading) for field, heading in columns.items()}
    return _item(values, row.line, columns)


def _from_json(source: Source) -> Iterator[Item | Rejection]:
    number = 0
    with source.open() as stream:
        for number, value in enumerate(read_json_array(stream, source.name), 1):
            if isinstance(value, dict):
                yield _item(_flat(value), number, _JSON_FIELDS)
            else:
                yield Rejection(number, None, "Cet élément de la liste n’est pas une commune.")
    if not number:
        raise RefusedFileError(
            f"« {source.name} » ne contient aucune commune : il faut {EXPECTED}."
        )


_JSON_FIELDS = {
    "code": "code",
    "name": "nom",
    "postal_codes": "codesPostaux",
    "population": "population",
    "latitude": "centre",
    "longitude": "centre",
    "region_code": "codeRegion",
    "epci_code": "codeEpci",
    "epci_name": "epci",
}


def _flat(commune: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the API as texts, as if they came from a CSV."""
    postal = commune.get("codesPostaux")
    centre = commune.get("centre")
    epci = commune.get("epci")
    point = centre.get("coordinates") if isinstance(centre, dict) else None
    longitude, latitude = point if isinstance(point, list) and len(point) == 2 else ("", "")
    if centre is not None and longitude == "":
        latitude = longitude = "?"
    return {
        "code": _text(commune.get("code")),
        "name": _text(commune.get("nom")),
        "postal_codes": "|".join(map(_text, postal)) if isinstance(postal, list) else _text(postal),
        "population": _text(commune.get("population")),
        "latitude": _text(latitude),
        "longitude": _text(longitude),
        "region_code": _text(commune.get("codeRegion")),
        "epci_code": _text(commune.get("codeEpci")),
        "epci_name": _text(epci.get("nom")) if isinstance(epci, dict) else "",
    }


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _item(values: Mapping[str, str], line: int, names: Mapping[str, str]) -> Item | Rejection:
    try:
        return Item(values["code"], _commune(values), line)
    except InvalidFieldError as error:
        return Rejection(line, names.get(error.field), error.reason)


def _commune(values: Mapping[str, str]) -> dict[str, Any]:
    """The columns to write: those that the file speaks of."""
    code, name = values["code"], " ".join(values["name"].split())
    if not _CODE.fullmatch(code):
        raise InvalidFieldError("code", f"« {code[:20]} » n’est pas un code INSEE de commune.")
    if not name or len(name) > _LONGEST_NAME or "\0" in name:
        raise InvalidFieldError("name", "Le nom est vide ou trop long.")
    known = {
        "postal_codes": _postal_codes(values.get("postal_codes", "")),
        "population": _population(values.get("population", "")),
        "region_code": _matching(values.get("region_code", ""), _REGION),
        "epci_code": _matching(values.get("epci_code", ""), _EPCI),
        "epci_name": values.get("epci_name", "")[:_LONGEST_NAME],
        **_coordinates(values.get("latitude", ""), values.get("longitude", "")),
    }
    return {
        "code": code,
        "name": name,
        "search_name": fold(name)[:_LONGEST_NAME],
        "departement_code": code[:3] if code.startswith(("97", "98")) else code[:2],
        **{field: value for field, value in known.items() if value not in ("", None)},
    }


def _postal_codes(text: str) -> str:
    codes = sorted({code for code in _SEPARATORS.split(text) if code})
    for code in codes:
        if not _POSTAL.fullmatch(code):
            raise InvalidFieldError("postal_codes", f"« {code[:20]} » n’est pas un code postal.")
    joined = "|".join(codes)
    if len(joined) > _LONGEST_NAME:
        raise InvalidFieldError("postal_codes", "La commune a trop de codes postaux.")
    return joined


def _population(text: str) -> int | None:
    digits = re.sub(r"[\s\u00a0\u202f]", "", text).removesuffix(".0")
    if not digits:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", digits) or int(digits) > _LARGEST_POPULATION:
        raise InvalidFieldError("population", f"« {text[:20]} » n’est pas un nombre d’habitants.")
    return int(digits)


def _coordinates(latitude: str, longitude: str) -> dict[str, Any]:
    if not latitude and not longitude:
        return {}
    north = _degrees("latitude", latitude, 90)
    east = _degrees("longitude", longitude, 180)
    if north == 0 and east == 0:
        raise InvalidFieldError("latitude", "Les coordonnées 0, 0 sont en pleine mer.")
    return {"latitude": north, "longitude": east, "precision": CoordinatePrecision.EXACT}


def _degrees(field: str, text: str, limit: int) -> float:
    number = text.replace(",", ".")
    if re.fullmatch(r"[+-]?[0-9]{1,3}(?:\.[0-9]{0,20})?", number) and abs(float(number)) <= limit:
        return float(number)
    raise InvalidFieldError(field, f"« {text[:20]} » n’est pas un nombre de degrés.")


def _matching(text: str, pattern: re.Pattern[str]) -> str:
    """The text, or nothing when it is a filler (« ZZZZZZZZZ » for no EPCI)."""
    return text if pattern.fullmatch(text) else ""
