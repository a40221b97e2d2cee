"""Telephone numbers as a provider of SMS takes them."""

from __future__ import annotations

import re

_LONGEST = 15
_SHORTEST = 8


def e164(phone: str | None) -> str | None:
    """The number in the international form (ITU-T E.164), a French one by default; None if none.

    « 06 12 34 56 78 » → ``+33612345678``.
    """
    text = re.sub(r"[^\d+]", "", (phone or "").replace("(0)", ""))
    if text.startswith("00"):
        text = "+" + text[2:]
    elif text.startswith("0") and len(text) == 10:
        text = "+33" + text[1:]
    elif not text.startswith("+"):
        text = "+" + text if text.startswith("33") and len(text) == 11 else ""
    digits = text[1:]
    if not digits.isdigit() or not _SHORTEST <= len(digits) <= _LONGEST:
        return None
    return "+" + digits


def is_mobile(phone: str | None) -> bool:
    """Whether a French number receives SMS (06, 07); a foreign one is taken to."""
    number = e164(phone)
    if number is None:
        return False
    return not number.startswith("+33") or number.startswith(("+336", "+337"))


def national(number: str) -> str:
    """A French E.164 number as people write it: ``+33612345678`` → ``0612345678``."""
    return "0" + number[3:] if number.startswith("+33") else number
