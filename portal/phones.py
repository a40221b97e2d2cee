"""Telephone numbers: how they are kept, sent to, dialled and read."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
    is_possible_number_with_reason,
)

_FRENCH = re.compile(r"(?:\+330?|33|0)([1-9][0-9]{8})")
_NOT_OF_A_NUMBER = re.compile(r"[^0-9+\s.\-/()]")

#: How the numbers of each country code begin, after the zero that is dialled in France (numbering
#: plan of ARCEP, decision 2018-0881 and what amended it): the first that suits, else +33. In the
#: 639 of Mayotte, 639 98 is kept for works of fiction in mainland France.
_PLAN = {
    "33": ("63998",),
    "262": ("262", "263", "269", "639", "692", "693", "7092", "70935", "70936", "70937"),
    "508": ("7084", "7085"),
    "590": ("590", "690", "691", "7090"),
    "594": ("594", "694", "70930", "70931", "70932", "70933"),
    "596": ("596", "696", "697", "7091"),
}
_OF_THE_PLAN = re.compile(rf"\+(?:{'|'.join(_PLAN)})([1-9][0-9]{{8}})")
_FIXED = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.VOIP,
    }
)


def e164(phone: str | None) -> str | None:
    """The number in the international form (ITU-T E.164), a French one by default; None if none.

    « 06 12 34 56 78 » → ``+33612345678``, « 0692 12 34 56 » → ``+262692123456``; what stands
    around the number is left out.
    """
    text = re.sub(r"^00(?!0)", "+", _dialled(phone or ""))
    if french := _FRENCH.fullmatch(text):
        return f"+{_country_code(french[1])}{french[1]}"
    number = _parsed(text)
    # Without its area code a number is « possible » only for who stands in that area.
    if number is None or is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _country_code(digits: str) -> str:
    """The country code of the nine digits of a French number."""
    return next((code for code, starts in _PLAN.items() if digits.startswith(starts)), "33")


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    """A number that begins with « + », read by the plan of its country."""
    try:
        return phonenumbers.parse(number)
    except NumberParseException:
        return None


def normalise_phone(text: str) -> str | None:
    """« 06 12 34 56 78 », « +33 6 12… » → « 0612345678 »; a foreign number keeps its « + ».

    None when it is not a telephone number, or not only one.
    """
    number = None if _NOT_OF_A_NUMBER.search(text) else e164(text)
    return national(number) if number else None


def is_mobile(phone: str | None) -> bool:
    """Whether a number receives SMS: 06 or 07; a foreign one unless its plan says it is fixed."""
    number = e164(phone)
    if number is None:
        return False
    if french := _OF_THE_PLAN.fullmatch(number):
        return french[1].startswith(("6", "7"))
    abroad = _parsed(number)
    return abroad is not None and phonenumbers.number_type(abroad) not in _FIXED


def national(number: str) -> str:
    """A French E.164 number as people write it: ``+33612345678`` → ``0612345678``.

    Those of the overseas are dialled so from everywhere in France: ``+262692123456`` →
    ``0692123456``. A foreign number is left as it is.
    """
    french = _OF_THE_PLAN.fullmatch(number)
    return f"0{french[1]}" if french else number


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
