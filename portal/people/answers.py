"""The answers of the interview, as a form posts them: « level-<code> », « credential-<code> ».

Of a credential that ends, « obtained-<code> » says since when; « language-<code> », how well a
language is spoken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from portal.models import LanguageLevel, SkillLevel
from portal.text import N_

_SKILL, _CREDENTIAL, _LANGUAGE = "level-", "credential-", "language-"
NOT_SAID = "?"
MOST_ANSWERS = 60

#: The four answers, and « peut montrer » beside « sans aide »; words for the person.
LEVEL_ANSWERS = (
    (SkillLevel.ALONE.value, N_("Sans aide")),
    (SkillLevel.WITH_HELP.value, N_("Avec aide")),
    (SkillLevel.CANNOT.value, N_("Non")),
    ("?", N_("Ne sait pas")),
    (SkillLevel.CAN_SHOW.value, N_("Peut montrer")),
)
CREDENTIAL_ANSWERS = (("yes", N_("Oui")), ("no", N_("Non")), ("?", N_("Ne sait pas")))
_LEVELS: dict[str, int | None] = {"0": 0, "1": 1, "2": 2, "3": 3, "?": None}


def level_of(answer: str | None) -> int | None:
    """The level of an answer, None for « ne sait pas »; ``KeyError`` for anything else."""
    return _LEVELS[answer or ""]


def posted_levels(
    posted: Iterable[tuple[str, str]], known: Mapping[str, object]
) -> Iterator[tuple[str, int | None]]:
    """(skill, level) for each answer on a known skill; what was left blank is not an answer."""
    for name, answer in posted:
        code = name.removeprefix(_SKILL)
        if name.startswith(_SKILL) and code in known and answer in _LEVELS:
            yield code, _LEVELS[answer]


def posted_codes(names: Iterable[str]) -> list[str]:
    """The skills that a form answers."""
    codes = [name.removeprefix(_SKILL) for name in names if name.startswith(_SKILL)]
    return codes[:MOST_ANSWERS]


def posted_credentials(
    posted: Iterable[tuple[str, str]], known: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """(credential type, « yes », « no » or « ? ») for each answer on a known type."""
    answers, types = {value for value, _ in CREDENTIAL_ANSWERS}, set(known)
    for name, answer in posted:
        code = name.removeprefix(_CREDENTIAL)
        if name.startswith(_CREDENTIAL) and code in types and answer in answers:
            yield code, answer


def posted_day(text: str | None, today: date) -> date | None:
    """Since when something is held; None for what is no such day, which stays to be asked."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if date(1920, 1, 1) <= day <= today else None


def posted_languages(
    posted: Iterable[tuple[str, str]], known: Iterable[str]
) -> Iterator[tuple[str, LanguageLevel | None]]:
    """(language, level) for each answer on a known language; None: spoken, level to be asked."""
    codes, levels = set(known), {level.value: level for level in LanguageLevel}
    for name, answer in posted:
        code = name.removeprefix(_LANGUAGE)
        if (
            name.startswith(_LANGUAGE)
            and code in codes
            and (answer in levels or answer == NOT_SAID)
        ):
            yield code, levels.get(answer)


def split_words(text: str) -> list[str]:
    """The things said, one a line or between commas; at most twelve."""
    pieces = text.replace(";", "\n").replace(",", "\n").splitlines()
    return [piece.strip() for piece in pieces if piece.strip()][:12]
