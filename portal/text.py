"""Small helpers on French text: folding for search, initials, markers for translation."""

from __future__ import annotations

import re
import unicodedata

_NO_BREAK = "\u00a0"
_BEFORE_MARKS = re.compile(r" ([»:;?!])")


def N_(message: str) -> str:  # noqa: N802 -- the name that extraction tools know
    """Mark a French string for extraction; it is translated where it is shown."""
    return message


def fold(text: str) -> str:
    """Lower case without accents nor ligatures, for searching: « Œuvre » → « oeuvre »."""
    expanded = text.replace("œ", "oe").replace("Œ", "Oe").replace("æ", "ae").replace("Æ", "Ae")
    decomposed = unicodedata.normalize("NFKD", expanded)
    kept = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(kept.replace("’", "'").lower().split())


def capital(text: str) -> str:
    """The text with a capital first: « votre conseiller » → « Votre conseiller »."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """The text with a small letter first, to follow other words."""
    return text[:1].lower() + text[1:]


def typeset(text: str) -> str:
    """No-break spaces where French puts them: inside « », before : ; ? !."""
    return _BEFORE_MARKS.sub(f"{_NO_BREAK}\\1", text.replace("« ", f"«{_NO_BREAK}"))


def like_pattern(text: str) -> str:
    """A LIKE pattern that finds ``text`` anywhere; ``%`` and ``_`` are escaped with ``\\``."""
    escaped = fold(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def prefix_pattern(text: str) -> str:
    """A LIKE pattern of what begins with ``text``, escaped likewise."""
    return like_pattern(text).removeprefix("%")
