"""What an answer by SMS means: 1, 2, 3, and the words that people write instead."""

from __future__ import annotations

import re

from portal.models import SmsMeaning
from portal.text import fold

_M = SmsMeaning
_MEANINGS: dict[str, SmsMeaning] = {
    **dict.fromkeys(("1", "oui", "ok", "d accord", "daccord", "yes"), _M.YES),
    **dict.fromkeys(("2", "non", "no"), _M.NO),
    **dict.fromkeys(
        ("3", "rappelez moi", "rappelez-moi", "rappeler moi", "rappel", "rappelez", "rappelle moi"),
        _M.CALL_ME,
    ),
    **dict.fromkeys(("stop", "arret", "arreter", "arretez"), _M.STOP),
    **dict.fromkeys(("start", "reprendre", "reprise"), _M.START),
}
# Said beside an answer, and change nothing to it.
_POLITE = re.compile(
    r"\b(merci( beaucoup)?|bonjour|bonsoir|bjr|svp|s il vous plait|s il te plait|stp|bien sur"
    r"|cordialement|madame|monsieur|messages?|sms)\b"
)
_LONGEST = 160


def understand(text: str) -> SmsMeaning:
    """The meaning of a received SMS; anything that could mean two things is left to a human.

    « Oui, merci ! », « OUI OUI », « 1 OUI » say yes; « oui mais pas jeudi » is to be read.
    """
    words = re.sub(r"[^a-z0-9]+", " ", fold(text[:_LONGEST])).strip()
    kept = " ".join(_POLITE.sub(" ", words).split())
    if len(text) > _LONGEST or not kept:
        return _M.UNCLEAR
    found = _MEANINGS.get(kept)
    return found or _agreed(kept)


def _agreed(words: str) -> SmsMeaning:
    """The meaning that every word says, if there is one: « 1 oui », « oui oui », « 3 rappel »."""
    said = set()
    for part in words.replace("rappelez moi", "rappelez").split():
        said.add(_MEANINGS.get(part, _M.UNCLEAR))
    return said.pop() if len(said) == 1 else _M.UNCLEAR
