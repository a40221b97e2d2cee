"""What LHEO does not carry, deduced by plain rules and marked as deduced, to be corrected by hand.

- Skills taught: the core skills of the occupations a course prepares for, at level 2 (« sans
  aide »), except attitudes (« Être ponctuel »): no course says that it teaches them.
  Only when the course is long enough to learn a trade, or leads to an RNCP certification: three
  days of CACES do not make a driver.
- Credentials delivered: those that the title or the objective names without doubt.
- Credentials required: those that the prerequisites name without doubt, unless they are only
  wished for.
"""

from __future__ import annotations

import re
from datetime import date

from portal import matchmaking as mm
from portal.text import fold

#: Our assumption: a course below that teaches gestures, not an occupation (ten days of 7 hours).
SHORTEST_TRADE_HOURS = 70
_SHORTEST_TRADE_DAYS = 14
_SENTENCES = re.compile(r"[.;!?\n•]+|\s-\s")
_WISHED = re.compile(
    r"\b(?:souhait|appreci|recommand|conseill|prefer|un plus\b|atout|ideal|non obligatoire"
    r"|pas obligatoire|si possible|facultati)"
)


def teaches_a_trade(certifying: bool, hours: int | None, start: date, end: date) -> bool:
    """Whether the core skills of the occupation can be deduced for a session."""
    if certifying:
        return True
    if hours is not None:
        return hours >= SHORTEST_TRADE_HOURS
    return (end - start).days + 1 >= _SHORTEST_TRADE_DAYS


def named_prerequisites(text: str) -> tuple[str, ...]:
    """The credentials required on the first day, from the words of the prerequisites."""
    found = [
        code
        for sentence in _SENTENCES.split(text)
        if not _WISHED.search(fold(sentence))
        for code in mm.recognise_credentials(sentence)
    ]
    return tuple(dict.fromkeys(found))
