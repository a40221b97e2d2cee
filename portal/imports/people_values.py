"""Texts of a people file read as values; what cannot be read is said without being repeated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from portal.imports.people_nir import nir_in
from portal.models import ContactPreference, StatusCode, StatusSource
from portal.people.rules import MODE_LABELS, is_plausible_birth
from portal.phones import normalise_phone
from portal.text import N_, fold

PERSON = N_("personnes")
QUESTION = N_("ressemblances à décider")
NAME = "noms"  # only staged, to see look-alikes within the file

LONGEST_REF = 64
_LONGEST_NAME = 100
_MOST_VALUES = 30
_LISTS = re.compile(r"\s*[;|\n,]+\s*")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,185}\.[a-zA-Z]{2,}")
_DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d", "%d/%m/%y")
_EARLIEST = date(1900, 1, 1)
_NUMBERS = re.compile(r"\d[\d\s.\-]{8,}\d")

_STATUS_WORDS = {
    "rsa": StatusCode.BRSA,
    "brsa": StatusCode.BRSA,
    "beneficiaire rsa": StatusCode.BRSA,
    "beneficiaire du rsa": StatusCode.BRSA,
    "rqth": StatusCode.RQTH_BOE,
    "boe": StatusCode.RQTH_BOE,
    "deld": StatusCode.DELD,
    "ass": StatusCode.ASS,
    "aah": StatusCode.AAH,
    "are": StatusCode.ARE,
    **{fold(code.value.replace("_", " ")): code for code in StatusCode},
    **{fold(code.french): code for code in StatusCode},
}
_SOURCE_WORDS = {
    "caf": StatusSource.IMPORT_CAF,
    "france travail": StatusSource.IMPORT_FT,
    "pole emploi": StatusSource.IMPORT_FT,
    "departement": StatusSource.IMPORT_CD,
    "cd": StatusSource.IMPORT_CD,
    "atteste": StatusSource.ATTESTED,
    "attestation": StatusSource.ATTESTED,
    "declare": StatusSource.DECLARED,
    "declaratif": StatusSource.DECLARED,
    **{fold(source.french): source for source in StatusSource},
}
_PREFERENCES = {
    "tel": ContactPreference.PHONE,
    "appel": ContactPreference.PHONE,
    "mail": ContactPreference.EMAIL,
    "email": ContactPreference.EMAIL,
    "lettre": ContactPreference.POST,
    "referent": ContactPreference.VIA_REFERENT,
    **{fold(preference.french): preference for preference in ContactPreference},
    **{preference.value: preference for preference in ContactPreference},
}
_MODE_WORDS = {
    "vehicule": "car",
    "voiture": "car",
    "auto": "car",
    "bus": "bus",
    "transports en commun": "bus",
    "transport en commun": "bus",
    "velo": "bike",
    "marche": "walk",
    "a pied": "walk",
    "pied": "walk",
    **{fold(label): code for code, label in MODE_LABELS.items()},
    **{code: code for code in MODE_LABELS},
}

T = TypeVar("T")


class FieldError(ValueError):
    """A cell that cannot be used; the message is for the report."""


@dataclass(frozen=True, slots=True)
class StatusValue:
    """A status with its dates and source."""

    code: StatusCode
    start: date
    end: date | None
    source: StatusSource


@dataclass(frozen=True, slots=True)
class PersonValue:
    """A row of the file, read; texts of trades and skills are resolved later."""

    external_ref: str
    first_name: str
    last_name: str
    birth_date: date | None = None
    phone: str | None = None
    email: str | None = None
    insee: str = ""
    postal: str = ""
    city: str = ""
    contact_preference: ContactPreference | None = None
    modes: tuple[str, ...] = ()
    available_from: date | None = None
    statuses: tuple[StatusValue, ...] = ()
    trades: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    referent: str | None = None
    twin: bool = False
    """Another row of the file, with another identifier, has the same name and birth or phone."""

    @property
    def search_name(self) -> str:
        """The folded name, as people are searched."""
        return fold(f"{self.first_name} {self.last_name}")


def shown(text: str) -> str:
    """A value as the report may repeat it: short, and without long numbers."""
    return _NUMBERS.sub("…", " ".join(text.split()))[:40]


def read_ref(text: str) -> str:
    """The identifier: any text that is not a NIR."""
    ref = " ".join(text.split())
    if not ref:
        raise FieldError("L’identifiant manque.")
    if len(ref) > LONGEST_REF:
        raise FieldError(f"L’identifiant dépasse {LONGEST_REF} caractères.")
    if nir_in(ref):
        raise FieldError("L’identifiant ressemble à un numéro de sécurité sociale : refusé.")
    return ref


def read_name(text: str) -> str:
    """A first or last name: letters, not numbers."""
    name = " ".join(text.split())
    if not name:
        raise FieldError("Le nom ou le prénom manque.")
    if len(name) > _LONGEST_NAME or sum(char.isdigit() for char in name) > 2:
        raise FieldError("Ce n’est pas un nom.")
    return name


def read_day(text: str) -> date:
    """A date in one of the usual French or ISO ways."""
    words = text.strip().split(" ")[0].split("T")[0]
    for form in _DATE_FORMATS:
        try:
            found = datetime.strptime(words, form).date()  # noqa: DTZ007 -- a day has no zone
        except ValueError:
            continue
        if found >= _EARLIEST:
            return found
    raise FieldError(f"« {shown(text)} » n’est pas une date (attendu : 31/12/2026).")


def read_birth(text: str, today: date) -> date:
    """A birth date of somebody who can be accompanied."""
    found = read_day(text)
    if found.year > today.year - 16 and len(text.strip()) <= 8:
        found = found.replace(year=found.year - 100)  # « 12/03/68 »
    if not is_plausible_birth(found, today):
        raise FieldError("Cette date de naissance n’est pas possible : vérifiez l’année.")
    return found


def read_phone(text: str) -> str:
    """A telephone number; a leading zero eaten by a spreadsheet is put back."""
    digits = re.sub(r"[\s.\-/()]", "", text)
    found = normalise_phone(f"0{digits}" if re.fullmatch(r"[1-9]\d{8}", digits) else text)
    if found is None:
        raise FieldError("Ce numéro de téléphone n’est pas complet.")
    return found


def read_email(text: str) -> str:
    """An e-mail address."""
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise FieldError("Cette adresse de courriel n’est pas complète.")
    return email


def read_preference(text: str) -> ContactPreference:
    """How the person wants to be reached."""
    return _word(_PREFERENCES, text, "un moyen de contact")


def read_modes(text: str) -> tuple[str, ...]:
    """Travel modes, in the order of the closed list."""
    found = {_word(_MODE_WORDS, part, "un moyen de déplacement") for part in split(text)}
    return tuple(code for code in MODE_LABELS if code in found)


def read_status(text: str) -> StatusCode:
    """A status by its code, its label, or the word people use."""
    return _word(_STATUS_WORDS, text.replace("_", " "), "un statut connu")


def read_source(text: str) -> StatusSource:
    """How the status is known; the file's own word."""
    return _word(_SOURCE_WORDS, text, "une source connue")


def _word(words: dict[str, T], text: str, what: str) -> T:
    found = words.get(fold(text).strip(" ."))
    if found is None:
        raise FieldError(f"« {shown(text)} » n’est pas {what} : laissé de côté.")
    return found


def split(text: str) -> Iterator[str]:
    """The values of a cell that holds several."""
    parts = [part.strip() for part in _LISTS.split(text)]
    yield from dict.fromkeys(part for part in parts[:_MOST_VALUES] if part)


def attempt(read: Callable[[str], T], text: str, fail: Callable[[str], None]) -> T | None:
    """The value, None when the cell is empty or cannot be read (``fail`` gets the reason)."""
    if not text.strip():
        return None
    if nir_in(text):
        fail("Cette cellule ressemble à un numéro de sécurité sociale : laissée de côté.")
        return None
    try:
        return read(text)
    except FieldError as error:
        fail(str(error))
        return None
