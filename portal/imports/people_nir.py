"""The social security number (NIR) never enters: files that carry it are refused whole.

A NIR is 13 digits (sex, year, month, département, commune, order) and a key of two: 97 minus the
remainder by 97, Corsica's 2A and 2B counting as 19 and 18 (INSEE, « Numéro d'inscription au
répertoire »). Fifteen digits with the right key are a NIR; thirteen of the right shape are one
when several rows have them, since an internal number may look so by chance.
"""

from __future__ import annotations

import re

from portal.imports.base import RefusedFileError
from portal.text import fold

_MOST_DOUBTFUL = 3
_HEADING = re.compile(
    r"\bnir(?:pp)?\b|\bsecu\b|\bsecurite sociale\b|\bnumero ss\b|\bn ss\b|\bnss\b|\bninsee\b"
    r"|\b(?:numero|n) insee\b(?! (?:de la )?commune)"
    r"|\bimmatriculation (?:secu|sociale)"
)
_SEPARATORS = r"[\s.\-_/\u00a0\u202f]?"
_DIGITS = _SEPARATORS.join(
    (
        r"([1-478])",
        r"(\d)(\d)",
        r"(0[1-9]|1[0-2]|[2-4]\d|[5-9]\d)",
        r"(\d[\dAB])",
        r"(\d{3})",
        r"(\d{3})",
    )
)
_NIR = re.compile(rf"(?<![\dA-Za-z]){_DIGITS}(?:{_SEPARATORS}(\d{{2}}))?(?!\d)", re.IGNORECASE)


def is_nir_heading(heading: str) -> bool:
    """Whether a heading announces social security numbers."""
    return bool(_HEADING.search(" ".join(re.sub(r"[^a-z0-9]+", " ", fold(heading)).split())))


def nir_in(text: str) -> str | None:
    """« sure » when the text holds a NIR with its key, « doubtful » without it, else None."""
    if len(text) < 13:
        return None
    doubtful = None
    for match in _NIR.finditer(text):
        *parts, key = match.groups()
        body = "".join(parts)
        if key is None:
            doubtful = doubtful or _doubt(body)
        elif _key_of(body) == int(key):
            return "sure"
    return doubtful


def _doubt(body: str) -> str | None:
    departement = body[5:7].upper()
    known = departement in {"2A", "2B"} or (departement.isdigit() and 1 <= int(departement) <= 99)
    return "doubtful" if known else None


def _key_of(body: str) -> int | None:
    digits = body.upper().replace("2A", "19", 1) if body[5:7].upper() == "2A" else body.upper()
    if body[5:7].upper() == "2B":
        digits = body.upper().replace("2B", "18", 1)
    return 97 - int(digits) % 97 if digits.isdigit() else None


class NirGuard:
    """Watches the cells of a file, column by column; raises as soon as one carries NIRs."""

    def __init__(self, name: str, headings: list[str]) -> None:
        self._name = name
        self._rows = 0
        self._doubtful: dict[str, int] = {}
        for heading in headings:
            if is_nir_heading(heading):
                raise refusal(name, heading)

    def watch(self, cells: dict[str, str]) -> None:
        """Look at a row."""
        self._rows += 1
        for heading, text in cells.items():
            found = nir_in(text)
            if found == "sure":
                raise refusal(self._name, heading)
            if found:
                self._doubtful[heading] = self._doubtful.get(heading, 0) + 1
                if self._doubtful[heading] >= _MOST_DOUBTFUL:
                    raise refusal(self._name, heading)

    def close(self) -> None:
        """A short file is refused when every row of a column has one."""
        for heading, count in self._doubtful.items():
            if count == self._rows:
                raise refusal(self._name, heading)


def refusal(name: str, heading: str) -> RefusedFileError:
    """What to do; the message holds no value of the file."""
    return RefusedFileError(
        f"« {name} » contient des numéros de sécurité sociale (colonne « {heading[:60]} »). "
        "Écluse n’a pas le droit de les recevoir : le fichier a été effacé, rien n’a été écrit. "
        "Retirez cette colonne, puis déposez le fichier de nouveau."
    )
