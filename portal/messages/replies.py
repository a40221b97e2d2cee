"""What an answer by SMS means: 1, 2, 3, and the words that people write instead.

In the languages in which people are written to: who reads « 1 ТАК » may answer « так ».
"""

from __future__ import annotations

import re
from unicodedata import digit

from portal.models import SmsMeaning
from portal.text import fold

_M = SmsMeaning
_WORDS: dict[SmsMeaning, tuple[str, ...]] = {
    _M.YES: ("1", "oui", "ok", "d accord", "daccord", "yes", "так", "نعم"),
    _M.NO: ("2", "non", "no", "ні", "لا"),
    _M.CALL_ME: (
        "3", "rappelez moi", "rappeler moi", "rappel", "rappelez", "rappelle moi",
        "call me", "call me back", "передзвоніть", "передзвоніть мені", "اتصلوا بي", "اتصل بي",
    ),
    _M.STOP: ("stop", "arret", "arreter", "arretez", "стоп", "قف", "توقف"),
    _M.START: ("start", "reprendre", "reprise"),
}  # fmt: skip
# Said beside an answer, and change nothing to it.
_POLITE = re.compile(
    r"\b(merci( beaucoup)?|bonjour|bonsoir|bjr|svp|s il vous plait|s il te plait|stp|bien sur"
    r"|cordialement|madame|monsieur|messages?|sms|hello|please|thanks|thank you"
    r"|дякую|добрии день|будь ласка|شكرا|مرحبا|من فضلك)\b"
)
_LONGEST = 160


def understand(text: str) -> SmsMeaning:
    """The meaning of a received SMS; anything that could mean two things is left to a human.

    « Oui, merci ! », « OUI OUI », « 1 OUI » say yes; « oui mais pas jeudi » is to be read.
    """
    words = _words(text[:_LONGEST])
    kept = " ".join(_POLITE.sub(" ", words).split())
    if len(text) > _LONGEST or not kept:
        return _M.UNCLEAR
    found = _MEANINGS.get(kept)
    return found or _agreed(kept)


def _words(text: str) -> str:
    """Letters and digits alone, without accents; digits as we write them: « ١ » is « 1 »."""
    plain = "".join(str(digit(char, char)) for char in fold(text))
    return re.sub(r"[\W_]+", " ", plain).strip()


def _agreed(words: str) -> SmsMeaning:
    """The meaning that every word says, if there is one: « 1 oui », « oui oui », « 3 rappel »."""
    for phrase in _PHRASES:
        words = words.replace(phrase, "3")
    said = {_MEANINGS.get(part, _M.UNCLEAR) for part in words.split()}
    return said.pop() if len(said) == 1 else _M.UNCLEAR


_MEANINGS = {_words(word): meaning for meaning, words in _WORDS.items() for word in words}
# « Rappelez-moi » in several words, the longest first.
_PHRASES = sorted((_words(w) for w in _WORDS[_M.CALL_ME] if " " in w), key=len, reverse=True)
