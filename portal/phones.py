"""Telephone numbers: how they are kept, sent to, dialled and read."""

from __future__ import annotations

import re

_FRENCH = re.compile(r"(?:\+330?|33|0)([1-9][0-9]{8})")
_ABROAD = re.compile(r"\+(?!33)[1-9][0-9]{8,14}")
_NOT_OF_A_NUMBER = re.compile(r"[^0-9+\s.\-/()]")


def e164(phone: str | None) -> str | None:
    """The number in the international form (ITU-T E.164), a French one by default; None if none.

    « 06 12 34 56 78 » → ``+33612345678``; what stands around the number is left out.
    """
    text = re.sub(r"^00(?!0)", "+", _dialled(phone or ""))
    if french := _FRENCH.fullmatch(text):
        return f"+33{french[1]}"
    return text if _ABROAD.fullmatch(text) else None


def normalise_phone(text: str) -> str | None:
    """« 06 12 34 56 78 », « +33 6 12… » → « 0612345678 »; a foreign number keeps its « + ».

    None when it is not a telephone number, or not only one.
    """
    number = None if _NOT_OF_A_NUMBER.search(text) else e164(text)
    return national(number) if number else None


def is_mobile(phone: str | None) -> bool:
    """Whether a French number receives SMS (06, 07); a foreign one is taken to."""
    number = e164(phone)
    if number is None:
        return False
    return not number.startswith("+33") or number.startswith(("+336", "+337"))


def national(number: str) -> str:
    """A French E.164 number as people write it: ``+33612345678`` → ``0612345678``."""
    return "0" + number[3:] if number.startswith("+33") else number


def phone_text(phone: str | None) -> str:
    """« 06 12 34 56 78 », two by two with no-break spaces."""
    if not phone or not re.fullmatch(r"0[0-9]{9}", phone):
        return phone or ""
    return "\u00a0".join(phone[start : start + 2] for start in range(0, 10, 2))


def tel_href(number: str) -> str:
    """« tel:+33321000000 » from a number as one reads it (RFC 3966)."""
    return f"tel:{_dialled(number)}"


def _dialled(number: str) -> str:
    """What is dialled of a number as one writes it: the zero of « +33 (0)6 » is not."""
    return re.sub(r"[^0-9+]", "", number.replace("(0)", ""))
