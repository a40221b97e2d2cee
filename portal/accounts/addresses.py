"""Addresses of accounts: one of a person, never of a service (INV-21, T-SEC-05)."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from portal.errors import InputError
from portal.text import fold

_WORDS = Path(__file__).with_name("data") / "generic_words.csv"


def checked_address(text: str) -> str:
    """The address in lower case, or :class:`InputError` when it is wrong or generic.

    No DNS: the portal sends nothing, and a server without network must work.
    """
    try:
        address = validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True
        ).normalized.lower()
    except EmailNotValidError as error:
        raise InputError(_("Cette adresse électronique n’est pas valable.")) from error
    if is_generic(address):
        raise InputError(
            _(
                "Un compte est celui d’une personne : une adresse de service, comme accueil@ ou"
                " contact@, n’est pas acceptée. Écrivez l’adresse à son nom."
            )
        )
    return address


def is_generic(address: str) -> bool:
    """Whether the part before the @ names a service rather than a person.

    ``arras.accueil@`` and ``contact62@`` are generic. A word that is also a family name
    (Bureau) counts only when it stands alone.
    """
    local = fold(address.partition("@")[0].partition("+")[0])
    words = [word for word in re.split(r"[^a-z]+", local) if word]
    whole, anywhere = generic_words()
    return not words or "".join(words) in whole or any(word in anywhere for word in words)


@cache
def generic_words() -> tuple[frozenset[str], frozenset[str]]:
    """Words refused as the whole local part, and words refused as one of its words."""
    with _WORDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    anywhere = frozenset(row["word"] for row in rows if row["where"] == "anywhere")
    return frozenset(row["word"] for row in rows), anywhere
