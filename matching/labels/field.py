"""One field for everything someone can do: skill, knowledge, licence, language… or a trade.

People answer « what can you do? » with anything: « permis B, anglais courant, coffrage,
cariste ». Each kind is recognised by its own rules, and what is a trade is said to be one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple

from matching.labels.credentials import Mention, credential_types, recognise
from matching.labels.languages import Spoken, recognise_languages, without_languages
from matching.labels.model import Match
from matching.labels.normalise import fold, words
from matching.labels.resolver import LabelIndex
from matching.labels.vocabulary import LIGHT_WORDS

Kind = Literal["licence", "certificate", "language", "occupation", "skill", "knowledge"]

LICENCE_FAMILY = "permis"
# The very name of a trade or an everyday word for it. A word corrected would not do: « poser » is
# one letter from « poseur ».
NAMED_TRADE = 98.0
LEAST_SKILL, LEAST_BESIDE_TRADE = 42.0, 85.0
_CERTAIN, _GUESSED = 100.0, 60.0
_SHORTEST_WORD = 3
# The rules look around each word they know: beyond this, what is pasted would cost seconds.
LONGEST_TEXT = 2000


class Reading(NamedTuple):
    """One thing that the words may mean.

    ``score`` is from 0 to 100 and ``confidence`` from 0 to 1, as in :class:`Match`; a credential
    or a language that the words name for certain has 100 and 1. ``level`` is the CEFR level of a
    language, when said. ``negated``: the text says that the person does without.
    """

    kind: Kind
    code: str
    label: str
    score: float
    confidence: float
    level: str | None = None
    negated: bool = False


class SkillField:
    """Reads the field with the indexes of a nomenclature."""

    def __init__(
        self, skills: LabelIndex, occupations: LabelIndex, knowledge: Collection[str] = ()
    ) -> None:
        """``knowledge``: the ids, among those of ``skills``, of the knowledge items."""
        self._skills, self._occupations = skills, occupations
        self._knowledge = frozenset(knowledge)

    def read(self, text: str, top: int = 8) -> tuple[Reading, ...]:
        """What the words may mean: what they name first, then what they resemble.

        What names a language or a credential is no trade (« caces 3 »), and when it leaves no
        doubt no skill that looks like it: the rest is looked for in what the text says beside
        (« permis C et souder »). Nothing is read beyond ``LONGEST_TEXT`` characters.
        """
        text = text[:LONGEST_TEXT]
        named = [*credentials_named(text), *languages_named(text)]
        beside = _said_beside(text) if named else text
        matches = self._occupations.resolve(beside, top=2)
        trades = [_trade(match) for match in matches if match.score >= NAMED_TRADE]
        certain = any(reading.score >= _CERTAIN for reading in named)
        found = self._skills.resolve(beside if certain else text, top=top)
        least = LEAST_BESIDE_TRADE if trades else LEAST_SKILL
        skills = [self._skill(match) for match in found if match.score >= least]
        return tuple((named + trades + skills)[:top])

    def _skill(self, match: Match) -> Reading:
        kind: Kind = "knowledge" if match.id in self._knowledge else "skill"
        return Reading(kind, match.id, match.label, match.score, match.confidence)


def _said_beside(text: str) -> str:
    """What a text says beside the credentials and the languages it names; empty for nothing."""
    rest = fold(text)
    for mention in recognise(text):
        rest = rest.replace(mention.words, " ")
    rest = without_languages(rest) if recognise_languages(text) else rest
    said = (word for word in words(rest) if len(word) >= _SHORTEST_WORD)
    return " ".join(word for word in said if word not in LIGHT_WORDS)


def credentials_named(text: str) -> list[Reading]:
    """The licences and certificates that the words name, by the closed list."""
    return [_credential(mention) for mention in recognise(text)]


def languages_named(text: str) -> list[Reading]:
    """The languages that the words say are spoken, or are not."""
    return [_language(spoken) for spoken in recognise_languages(text)]


def credential_kind(type_: str) -> Kind:
    """Whether a credential of the closed list is a licence or a certificate."""
    return "licence" if credential_types()[type_].family == LICENCE_FAMILY else "certificate"


def _credential(mention: Mention) -> Reading:
    score = _CERTAIN if mention.certain else _GUESSED
    kind, label = credential_kind(mention.type), credential_types()[mention.type].label
    return Reading(kind, mention.type, label, score, score / 100, negated=mention.negated)


def _language(spoken: Spoken) -> Reading:
    label = spoken.label
    return Reading("language", spoken.code, label, _CERTAIN, 1.0, spoken.level, spoken.negated)


def _trade(match: Match) -> Reading:
    return Reading("occupation", match.id, match.label, match.score, match.confidence)
