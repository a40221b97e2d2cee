"""From the JSON of « Offres d'emploi v2 » (France Travail) to values: what an offer says here.

Contacts, texts on the firm, qualities and diplomas are left: the engine does not use them, and a
name that is not stored cannot leak.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from portal import matchmaking as mm
from portal.imports.base import Item, Rejection
from portal.models import ContractKind
from portal.offers.siret import SiretError, checked_siret
from portal.text import N_, fold

OFFER = N_("offres")

# typeContrat; None: not an employment contract.
_CONTRACTS: Mapping[str, ContractKind | None] = {
    "CDI": ContractKind.CDI,
    "DIN": ContractKind.CDI,
    "CDD": ContractKind.CDD,
    "CDS": ContractKind.CDD,
    "MIS": ContractKind.CTT,
    "TTI": ContractKind.CTT,
    "SAI": ContractKind.SEASONAL,
    "DDI": ContractKind.CDDI,
    "CCE": None,
    "FRA": None,
    "LIB": None,
    "REP": None,
}
_APPRENTICE = ("apprentissage", "professionnalisation")
_DURATION = re.compile(r"(\d{1,3})\s*(mois|jour|an|semaine)", re.IGNORECASE)
_DAYS = {"jour": 1, "semaine": 7}
_WEEK = re.compile(r"\b(\d{1,2})\s*h\s*([0-5]\d)?", re.IGNORECASE)
_DEPARTEMENT = re.compile(r"\s*(\d{2,3}|2[AB])\s*-\s*(.*)", re.DOTALL)
_ROME = re.compile(r"[A-N]\d{4}")
_MOST_POSTS = 999
_MOST_REQUIREMENTS = 60
_LONGEST_DESCRIPTION = 20_000


class InvalidOfferError(ValueError):
    """The field that makes an offer unusable, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class OfferPlace:
    """``libelle`` is « 62 - ARRAS », or « 62 - Pas-de-Calais » when no commune is said."""

    insee: str
    postal: str
    departement: str
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement: a code of ROME or a credential, required (E) or wished for (S)."""

    code: str
    label: str
    required: bool


@dataclass(frozen=True, slots=True)
class OfferValue:
    """An offer of the file."""

    ref: str
    rome_code: str
    job_titles: tuple[str, ...]
    place: OfferPlace
    employer: str | None
    siret: str | None
    columns: dict[str, Any]
    skills: tuple[Asked, ...]
    credentials: tuple[Asked, ...]


def read_offer(line: int, value: Any) -> Item | Rejection:
    """One element of the file. ``line`` is its line, or its rank in a list."""
    if not isinstance(value, dict):
        return Rejection(line, None, "Cet élément n’est pas une offre.", OFFER)
    try:
        offer = _offer(value)
    except InvalidOfferError as error:
        return Rejection(line, error.field, error.reason, OFFER)
    return Item(offer.ref, offer, line, OFFER)


def _offer(value: Mapping[str, Any]) -> OfferValue:
    ref, title = _text(value, "id", 64), _text(value, "intitule", 255)
    rome = _text(value, "romeCode", 10).upper()
    if not ref:
        raise InvalidOfferError("id", "L’offre n’a pas d’identifiant.")
    if not title:
        raise InvalidOfferError("intitule", "L’offre n’a pas d’intitulé.")
    if not rome:
        raise InvalidOfferError("romeCode", "L’offre n’a pas de code ROME.")
    if not _ROME.fullmatch(rome):
        raise InvalidOfferError("romeCode", f"« {rome} » n’est pas un code ROME.")
    employer = _part(value, "entreprise")
    return OfferValue(
        ref=ref,
        rome_code=rome,
        job_titles=tuple(t for t in (_text(value, "appellationlibelle", 255), title) if t),
        place=_place(_part(value, "lieuTravail")),
        employer=_text(employer, "nom", 255) or None,
        siret=_siret(_text(employer, "siret", 20)),
        columns={
            "title": title,
            "contract": _contract(value),
            "duration_months": _months(_text(value, "typeContratLibelle", 255)),
            "weekly_hours": _weekly_hours(_text(value, "dureeTravailLibelle", 255)),
            "pay_text": _pay(_part(value, "salaire")),
            "posts": _posts(value.get("nombrePostes")),
            "description": _text(value, "description", _LONGEST_DESCRIPTION) or None,
        },
        skills=tuple(_skills(value)),
        credentials=tuple(_credentials(value)),
    )


def _text(value: Mapping[str, Any], name: str, limit: int) -> str:
    """A text of one piece; numbers are taken for what they read, anything else for nothing."""
    found = value.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    return str(found).replace("\0", "").strip()[:limit]


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _list(value: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    found = value.get(name)
    for part in found[:_MOST_REQUIREMENTS] if isinstance(found, list) else ():
        if isinstance(part, dict):
            yield part


def _place(value: Mapping[str, Any]) -> OfferPlace:
    label = _text(value, "libelle", 100)
    match = _DEPARTEMENT.fullmatch(label)
    return OfferPlace(
        _text(value, "commune", 5),
        _text(value, "codePostal", 5),
        match[1] if match else "",
        match[2] if match else label,
        label,
    )


def _siret(text: str) -> str | None:
    digits = "".join(text.split())
    try:
        return checked_siret(digits) if digits.isdigit() else None
    except SiretError:
        return None


def _contract(value: Mapping[str, Any]) -> ContractKind | None:
    nature = fold(_text(value, "natureContrat", 255))
    if value.get("alternance") is True or any(word in nature for word in _APPRENTICE):
        return ContractKind.ALTERNANCE
    code = _text(value, "typeContrat", 10).upper()
    if "insertion" in nature and code == "CDD":
        return ContractKind.CDDI
    kind = _CONTRACTS.get(code)
    if code in _CONTRACTS and kind is None:
        raise InvalidOfferError("typeContrat", "Cette annonce n’est pas un contrat de travail.")
    return kind


def _months(label: str) -> int | None:
    """« CDD - 12 Mois » → 12, « 19 Jour(s) » → 1: whole months, rounded up."""
    match = _DURATION.search(label)
    if not match:
        return None
    number, unit = int(match[1]), match[2].lower()
    if unit in _DAYS:
        number = ceil(number * _DAYS[unit] / 30)
    return (number * 12 if unit == "an" else number) or None


def _weekly_hours(label: str) -> float | None:
    """« 37H30 Horaires normaux » → 37.5; a full time without a number stays unknown."""
    match = _WEEK.search(label)
    if not match:
        return None
    hours = round(int(match[1]) + int(match[2] or 0) / 60, 2)
    return hours if 0 < hours <= 60 else None


def _pay(value: Mapping[str, Any]) -> str | None:
    said = (_text(value, "libelle", 255), _text(value, "commentaire", 255))
    return " · ".join(text for text in said if text)[:255] or None


def _posts(value: Any) -> int:
    return value if type(value) is int and 1 <= value <= _MOST_POSTS else 1


def _skills(value: Mapping[str, Any]) -> Iterator[Asked]:
    """Competences with their ROME code (``code_ogr``), the required mention standing."""
    found: dict[str, Asked] = {}
    for part in _list(value, "competences"):
        code = _text(part, "code", 80)
        asked = Asked(code, _text(part, "libelle", 255), part.get("exigence") == "E")
        if code and (code not in found or asked.required):
            found[code] = asked
    return iter(found.values())


def _credentials(value: Mapping[str, Any]) -> Iterator[Asked]:
    """Driving licences: « B - Véhicule léger », exigence E or S."""
    found: dict[str, Asked] = {}
    for part in _list(value, "permis"):
        label = _text(part, "libelle", 255)
        for code in mm.recognise_credentials(f"Permis {label}"):
            asked = Asked(code, label, part.get("exigence") == "E")
            if code not in found or asked.required:
                found[code] = asked
    return iter(found.values())
