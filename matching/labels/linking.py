"""Link the titles of one nomenclature to another, through a third where the titles are at home.

Two nomenclatures name one trade in two ways (« agent de propreté urbaine », « balayeur »), and no
spelling tells. The bridge does: the other names that the trade bears there are looked for in the
target too. Words that often stand for one another (``kin.txt``: agent, opérateur, ouvrier…) count
as one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from rapidfuzz import fuzz

from matching.labels.model import Label, Match, Unit
from matching.labels.normalise import canonical, fold, stem
from matching.labels.resolver import BEST_INEXACT, FLOOR, LabelIndex, check_asked, spelling
from matching.labels.stems import stemmed

Vector = dict[str, float]


class Weights(NamedTuple):
    """What each piece of evidence counts; they sum to one."""

    resolver: float
    words: float
    spelling: float
    bridge: float


# Chosen on half of a public set of French titles (docs/resolver.md says which).
LINK = Weights(0.05, 0.35, 0.20, 0.40)
CANDIDATES, FROM_BRIDGE, OF_A_NAME = 80, 10, 10
_EXACT = 100.0


class Linker:
    """Answers like :class:`LabelIndex`; a very label is first, the rest weighs the bridge too."""

    def __init__(self, labels: Iterable[Label], bridge: LabelIndex, names: Iterable[Label]) -> None:
        """``labels``: of the target. ``bridge``: an index of the third, whose are ``names``."""
        kept = sorted(set(labels))
        self._target, self._bridge = LabelIndex.build(kept), bridge
        self._names: dict[str, set[str]] = {}
        for id_, text in names:
            self._names.setdefault(id_, set()).add(canonical(text))
        self._first: dict[str, str] = {}
        for label in kept:
            self._first.setdefault(label.id, label.text)
        present = Counter(word for label in kept for word in set(_kin_words(label.text)))
        self._rarity = {word: 1 + math.log(len(kept) / count) for word, count in present.items()}
        self._rarest = max(self._rarity.values(), default=1.0)
        self._links: dict[str, dict[str, float]] = {}

    def resolve(self, query: str, top: int = 10, unit: Unit = "id") -> tuple[Match, ...]:
        """The ``top`` best ids or labels, best first, as :meth:`LabelIndex.resolve`.

        No confidence is given: it was never measured for links. Raises ValueError likewise.
        """
        check_asked(unit, top)
        found = self._target.resolve(query, max(top, CANDIDATES), "label")
        told = self._told(query)
        near = {match.id for match in found}
        others = sorted(told, key=lambda id_: (-told[id_], id_))[:FROM_BRIDGE]
        added = [Match(id_, self._first[id_], 0.0) for id_ in others if id_ not in near]
        scored = self._scored(query, [*found, *added], told)
        seen: dict[str, Match] = {}
        for number, match in enumerate(scored):
            seen.setdefault(match.id if unit == "id" else str(number), match)
        return tuple(seen.values())[:top]

    def _scored(self, query: str, found: list[Match], told: dict[str, float]) -> list[Match]:
        """The candidates with their score from 0 to 100, best first."""
        spelt, words = spelling(fold(query)), self._vector(query)
        ranked = []
        for match in found:
            evidence = Weights(
                match.score / 100,
                _cosine(words, self._vector(match.label)),
                fuzz.ratio(spelt, spelling(fold(match.label))) / 100,
                told.get(match.id, 0.0),
            )
            score = sum(weight * value for weight, value in zip(LINK, evidence, strict=True))
            best = _EXACT if match.score == _EXACT else 100 * min(score, BEST_INEXACT)
            if score >= FLOOR:
                ranked.append((-best, -score, match.id, match.label))
        return [Match(id_, label, round(-best, 2)) for best, _, id_, label in sorted(ranked)]

    def _told(self, query: str) -> dict[str, float]:
        """From 0 to 1, how near the trade that the bridge reads is to ids of the target."""
        told: dict[str, float] = {}
        for match in self._bridge.resolve(query, 1):
            for id_, near in self._links_of(match.id).items():
                told[id_] = near * match.score / 100
        return told

    def _links_of(self, trade: str) -> dict[str, float]:
        """How near each id of the target is to one of the names of a trade of the bridge."""
        if trade not in self._links:
            near: dict[str, float] = {}
            for name in sorted(self._names.get(trade, ())):
                for match in self._target.resolve(name, OF_A_NAME):
                    near[match.id] = max(near.get(match.id, 0.0), match.score / 100)
            self._links[trade] = near
        return self._links[trade]

    def _vector(self, text: str) -> Vector:
        """The unit vector of the kins of a text's words; an unknown word weighs as the rarest."""
        counts = Counter(_kin_words(text))
        weights = {
            word: (1 + math.log(count)) * self._rarity.get(word, self._rarest)
            for word, count in counts.items()
        }
        norm = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {word: weight / norm for word, weight in weights.items()}


def _cosine(one: Vector, other: Vector) -> float:
    return sum(weight * other[word] for word, weight in one.items() if word in other)


def _kin_words(text: str) -> list[str]:
    """The stems of a text, those of one kin as one."""
    kin = _kin()
    return [kin.get(name, name) for name in stemmed(canonical(text)).split()]


@cache
def _kin() -> dict[str, str]:
    """The kin of each stem, named after its first word; a stem is of the first line it is in."""
    lines = files(__package__).joinpath("kin.txt").read_text(encoding="utf-8").splitlines()
    found: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith("#"):
            first, *_ = line.split()
            for word in line.split():
                found.setdefault(stem(canonical(word)), f"={first}")
    return found
