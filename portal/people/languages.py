"""Languages by their ISO 639 code: which are known here, and what each is called."""

from __future__ import annotations

from functools import cache

from babel import Locale

from portal import matchmaking as mm


@cache
def language_name(code: str, reader: str = "fr") -> str:
    """« arabe » in French; elsewhere the name of the CLDR, or the French one where it has none."""
    french = mm.language_labels().get(code, code)
    if reader == "fr":
        return french
    return str(Locale(reader).languages.get(code, french))


def known_languages() -> dict[str, str]:
    """Every language one may say, by its French name."""
    labels = mm.language_labels()
    return dict(sorted(labels.items(), key=lambda pair: pair[1]))
