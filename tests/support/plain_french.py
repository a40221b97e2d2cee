"""The rules of the person's pages, as a program: short sentences, no acronym, no « would ».

Issue 4 and screens.md: a sentence has twelve words at most, no acronym, no conditional, no word of
administration. A text is split into sentences at its final marks; a placeholder is one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_WORDS = 12

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\s\u00a0\u202f»]+|\n+")
_WORD = re.compile(r"[^\W_][\w’'-]*")
_ACRONYM = re.compile(r"\b[A-ZÀ-ÖØ-Þ](?:\.?[A-ZÀ-ÖØ-Þ0-9]){1,}\b")
_CONDITIONAL = re.compile(r"r(?:ais|ait|iez|aient)$")
#: Words that end like a conditional and are none.
_NOT_CONDITIONAL = frozenset(
    {"vrais", "frais", "trait", "portrait", "extrait", "retrait", "attrait", "parait", "paraît"}
)
#: The beginning of each forbidden word, in lower case.
_FORBIDDEN = re.compile(
    r"^(?:rsa|bénéficiaires?|usagers?|usagères?|dispositifs?|statuts?|veuillez|freins?|sanctions?"
    r"|sanctionn\w+|utilisateurs?|utilisatrices?|matching|scores?|demandeurs?|prescri\w+"
    r"|positionn\w+|employabilit\w+|candidatur\w+|dossiers? administratifs?)$"
)


def problems(text: str, most_words: int = MOST_WORDS) -> list[str]:
    """What breaks a rule in a text, in words; nothing when it is plain."""
    return [problem for sentence in sentences(text) for problem in _problems(sentence, most_words)]


def sentences(text: str) -> list[str]:
    """The sentences of a text, a placeholder being one word."""
    shown = _PLACEHOLDER.sub("mot", text)
    return [part.strip() for part in _SENTENCE_END.split(shown) if part.strip()]


def _problems(sentence: str, most_words: int) -> Iterator[str]:
    # « c’est » is read as one word.
    words = _WORD.findall(sentence)
    if len(words) > most_words:
        yield f"{len(words)} words: {sentence}"
    for found in _ACRONYM.findall(sentence):
        yield f"acronym {found}: {sentence}"
    for word in words:
        lower = word.lower().replace("'", "’").rpartition("’")[2]
        if _CONDITIONAL.search(lower) and lower not in _NOT_CONDITIONAL:
            yield f"conditional {word}: {sentence}"
        if _FORBIDDEN.match(lower):
            yield f"forbidden {word}: {sentence}"
