"""What fits in an SMS: the GSM 7-bit alphabet and its 160 characters (3GPP TS 23.038 §6.2.1).

Arabic or Ukrainian is not in it: such a text goes in UCS-2, of which an SMS has 70 signs, and two
parts that the telephone puts together have 67 each (3GPP TS 23.040 §9.2.3.24.1).
"""

from __future__ import annotations

import re
import unicodedata

from portal.message_settings import LINK_LENGTH
from portal.text import fold

#: The longest SMS that is one SMS.
LONGEST = 160
#: The longest one in another alphabet: two parts.
LONGEST_UCS2 = 2 * 67

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Behind an escape character: each takes two places.
_EXTENSION = frozenset("\f^{}\\[~]|€")
_REPLACED = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "«": '"',
        "»": '"',
        "“": '"',
        "”": '"',
        "…": "...",
        "–": "-",
        "—": "-",
        "‑": "-",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "œ": "oe",
        "Œ": "OE",
        "•": "-",
    }
)
# Those of the languages of the person's space.
_OTHER_WRITINGS = ("ARABIC", "CYRILLIC")
_QUOTED = re.compile(r'"\s+(.*?)\s+"')
# What a message read over somebody's shoulder must not tell (domain reference §4.9).
_FORBIDDEN = re.compile(
    r"\b(rsa|brsa|sante|medical\w*|medecin|malad\w*|sanction\w*|handicap\w*|rqth|allocation\w*"
    r"|allocataire\w*|chomage|chomeu\w*|dette\w*|surendett\w*|addiction\w*|prison|justice"
    r"|insertion|caf|minima sociaux|aide sociale|radiation|suspension)\b"
)


def to_gsm7(text: str) -> str:
    """The text in the GSM 7-bit alphabet: « ça va ? » → ``"ca va ?"``; what is unknown is ``?``."""
    plain = _QUOTED.sub(r'"\1"', text.translate(_REPLACED))
    return "".join(_fold_character(char) for char in plain)


def to_sms(text: str) -> str:
    """The text as it is sent: as it is in another writing than ours, else in GSM 7-bit."""
    return unicodedata.normalize("NFC", text) if is_other_writing(text) else to_gsm7(text)


def is_other_writing(text: str) -> bool:
    """Whether letters are of a writing that GSM 7-bit has not: « Ваш код », not « Łódź »."""
    letters = (unicodedata.name(char, "") for char in text if char.isalpha())
    return any(name.startswith(_OTHER_WRITINGS) for name in letters)


def length(text: str) -> int:
    """How many places a GSM 7-bit text takes; those of the extension table take two."""
    return sum(2 if char in _EXTENSION else 1 for char in text)


def is_gsm7(text: str) -> bool:
    """Whether every character can be sent as it is."""
    return all(char in _BASIC or char in _EXTENSION for char in text)


def shorten(text: str, most: int) -> str:
    """The first words of a name, that take at most ``most`` places: for what comes from data."""
    plain = " ".join(to_gsm7(text).split())
    if length(plain) <= most:
        return plain
    while length(plain) > most - 3:
        plain = plain[:-1]
    return plain.rstrip(" ,;:-(") + "..."


def forbidden_words(text: str) -> list[str]:
    """The words that no SMS may say."""
    return _FORBIDDEN.findall(fold(text))


def check(text: str, link_length: int = LINK_LENGTH) -> list[str]:
    """What keeps a text from being one SMS, in English; ``{link}`` counts ``link_length``."""
    plain = to_sms(text.replace("{link}", "L" * link_length))
    problems = [f"the word « {word} » is not written in an SMS" for word in forbidden_words(text)]
    if is_other_writing(plain):
        places, most = len(plain.encode("utf-16-be")) // 2, LONGEST_UCS2
    else:
        places, most = length(plain), LONGEST
    if places > most:
        problems.append(f"{places} places, at most {most}")
    return problems


def _fold_character(char: str) -> str:
    if char in _BASIC or char in _EXTENSION:
        return char
    folded = "".join(
        part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)
    )
    return folded if folded and is_gsm7(folded) else "?"
