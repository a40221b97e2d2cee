"""What an index of labels is made of, and what it answers."""

from __future__ import annotations

from typing import Literal, NamedTuple

Unit = Literal["id", "label"]


class Label(NamedTuple):
    """One label of an id; an id may have several."""

    id: str
    text: str


class EverydayWord(NamedTuple):
    """An everyday phrase, the ids it means, and those it may also stand for; likeliest first.

    ``also``: trades that are filed under such words too, shown after the others and never sure.
    ``firm``: the ids come in that order whatever their labels look like.
    """

    phrase: str
    ids: tuple[str, ...]
    also: tuple[str, ...] = ()
    firm: bool = False


class About(NamedTuple):
    """A sentence that tells what an id is about (a skill, a definition); never shown.

    ``weight``: how many times its words count.
    """

    id: str
    text: str
    weight: int = 1


class Match(NamedTuple):
    """A label found for a query, with a score from 0 to 100 (100: the very label).

    ``confidence``, from 0 to 1, is the share of such answers that were right when measured
    (docs/resolver.md): unlike the score, it also looks at the next answer.
    """

    id: str
    label: str
    score: float
    confidence: float = 0.0
