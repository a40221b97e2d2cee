"""SIRET numbers: fourteen digits, checked as INSEE makes them."""

from __future__ import annotations

import re

from flask_babel import gettext as _

# INSEE gave La Poste more establishments than the Luhn key allows: the sum of the digits is a
# multiple of five instead.
_LA_POSTE = "356000000"
_DIGITS = re.compile(r"\d[\d\s\u00a0\u202f.]*\d")
_SHORTEST_TRY = 9


class SiretError(ValueError):
    """A number that cannot be a SIRET; the message is for the reader."""


def split_siret(text: str) -> tuple[str, str | None]:
    """(name, SIRET or None) from « Travaux Dubois 732 829 320 00074 », in either order.

    Raises :class:`SiretError` when a long run of digits is not a valid SIRET.
    """
    for match in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if len(digits) >= _SHORTEST_TRY:
            rest = f"{text[: match.start()]} {text[match.end() :]}"
            return " ".join(rest.split()).strip(" ,;-–()"), checked_siret(digits)
    return " ".join(text.split()), None


def checked_siret(digits: str) -> str:
    """The SIRET itself, or :class:`SiretError` saying what is wrong."""
    if len(digits) != 14:
        raise SiretError(_("Un SIRET a 14 chiffres ; il y en a ici %(count)s.", count=len(digits)))
    if not _key_holds(digits):
        raise SiretError(_("Ce SIRET n’existe pas : un chiffre est faux. Relisez-le."))
    return digits


def _key_holds(digits: str) -> bool:
    if digits.startswith(_LA_POSTE) and digits != f"{_LA_POSTE}00048":
        return sum(map(int, digits)) % 5 == 0
    return _luhn(digits) and _luhn(digits[:9])


def _luhn(digits: str) -> bool:
    total = 0
    for rank, char in enumerate(reversed(digits)):
        value = int(char) * (2 if rank % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
