"""Trades as unit vectors, one matrix a kind of evidence.

A count becomes ``log(1 + count) × log((trades + 1) / (holders + ½))``: what distinguishes trades
weighs more than what many share, and a thing said ten times is not ten things.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matching.labels.normalise import fold, masculine, stem
from matching.records import Skill
from matching.transfer.trades import Nomenclature, Trade

_WORD = re.compile(r"[a-z0-9]{2,}")

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Facet:
    """One kind of evidence: a unit row per trade, and how skills count in the same columns.

    ``vectors`` has shape (trades, features), ``rarity`` (features,); ``of_items`` has shape
    (items, features), None where what a person holds says nothing of the kind.
    """

    vectors: csr_array
    rarity: Vector
    of_items: csr_array | None = None

    def cosines(self, holding: Vector) -> Vector:
        """The cosine of what is held, shape (items,), with every trade, shape (trades,)."""
        if self.of_items is None:
            return np.zeros(self.vectors.shape[0])
        counts = self.of_items.T @ holding
        weighted = np.sign(counts) * np.log1p(np.abs(counts)) * self.rarity
        norm = float(np.sqrt(weighted @ weighted))
        found: Vector = self.vectors @ (weighted / (norm or 1.0))
        return found

    def spread(self, weights: Vector) -> Vector:
        """The closeness of every trade to a mixture of trades; both of shape (trades,)."""
        found: Vector = self.vectors @ (self.vectors.T @ weights)
        return found


def build_facets(
    nomenclature: Nomenclature, items: Sequence[str], wanted: Collection[str]
) -> dict[str, Facet]:
    """The facets ``wanted`` (see ``recipe.FACETS``); ``items`` gives the columns of holdings."""
    trades = nomenclature.trades
    known = [nomenclature.skills.get(item, Skill(item, "")) for item in items]
    place = {item: position for position, item in enumerate(items)}
    skills = _table([(*trade.core, *trade.others) for trade in trades], place)
    knowledge = _table([trade.knowledge for trade in trades], place)
    words = _Words()
    item_words = words.table(skill.label for skill in known)
    groups = _named(_groups(known))
    counts: dict[str, tuple[csr_array, csr_array | None]] = {
        "skills": (skills, _table([(item,) for item in items], place)),
        "knowledge": (knowledge, _table([(item,) for item in items], place)),
        "groups": (csr_array(skills @ groups), groups),
        "skill_words": (csr_array(skills @ item_words), item_words),
        "knowledge_words": (csr_array(knowledge @ item_words), item_words),
        "title_words": (words.table(_names(trade) for trade in trades), None),
        "text_words": (words.table(trade.text for trade in trades), None),
        "domain": (_named([(trade.code[:1],) for trade in trades]), None),
        "family": (_named([(trade.parent or trade.code,) for trade in trades]), None),
    }
    return {name: _facet(*counts[name], plain=name in _PLAIN) for name in sorted(wanted)}


def _groups(skills: Sequence[Skill]) -> list[tuple[str, ...]]:
    """The group of each skill; a skill that names a group is of that group."""
    names = {skill.group for skill in skills if skill.group}
    own = (skill.group or (skill.id if skill.id in names else None) for skill in skills)
    return [(group,) if group else () for group in own]


# All that these say is « the same or not »: a rare domain is no closer than a common one.
_PLAIN = frozenset({"domain", "family"})


def _facet(counts: csr_array, of_items: csr_array | None, *, plain: bool) -> Facet:
    from sklearn.preprocessing import normalize

    rarity = np.ones(counts.shape[1]) if plain else _rarity(counts)
    vectors = csr_array(counts)
    vectors.data = np.log1p(counts.data) * rarity[vectors.indices]
    return Facet(csr_array(normalize(vectors)), rarity, of_items)


def _rarity(counts: csr_array) -> Vector:
    trades = counts.shape[0]
    holders = np.bincount(counts.indices, minlength=counts.shape[1])
    weights: Vector = np.log((trades + 1) / (holders + 0.5))
    # What no trade of the kind holds tells none of them apart.
    weights[holders == 0] = 0.0
    return weights


def rarity_among(trades: Sequence[Trade], place: Mapping[str, int]) -> Vector:
    """How much each skill tells trades apart, shape (items,): the fewer ask it, the more."""
    return _rarity(_table([(*trade.core, *trade.others) for trade in trades], place))


def _names(trade: Trade) -> str:
    return " . ".join((trade.label, *trade.titles))


def _table(rows: Sequence[Iterable[str]], place: Mapping[str, int]) -> csr_array:
    """1 where a row names a column: shape (rows, columns)."""
    return _counted([[place[name] for name in dict.fromkeys(row)] for row in rows], len(place))


def _named(rows: Sequence[tuple[str, ...]]) -> csr_array:
    names = sorted({name for row in rows for name in row})
    return _table(rows, {name: position for position, name in enumerate(names)})


def _counted(rows: Sequence[Sequence[int]], columns: int) -> csr_array:
    ends = np.cumsum([0, *(len(row) for row in rows)])
    flat = np.fromiter((column for row in rows for column in row), np.int64, int(ends[-1]))
    table = csr_array((np.ones(len(flat)), flat, ends), shape=(len(rows), columns))
    table.sum_duplicates()
    return table


class _Words:
    """Stems numbered as they are met, and texts counted in them."""

    def __init__(self) -> None:
        self._place: dict[str, int] = {}
        self._stem_of: dict[str, str] = {}

    def table(self, texts: Iterable[str]) -> csr_array:
        """How often each stem is in each text: shape (texts, stems met so far)."""
        rows = [self._stems(text) for text in texts]
        return _counted(rows, len(self._place))

    def _stems(self, text: str) -> list[int]:
        # Plain words are enough here, and thirty thousand labels are read at each start: the full
        # reading of what people type takes ten times longer, for the same figures.
        place, words = self._place, _WORD.findall(fold(text))
        return [place.setdefault(word, len(place)) for word in map(self._stem, words)]

    def _stem(self, word: str) -> str:
        if word not in self._stem_of:
            self._stem_of[word] = stem(masculine(word))
        return self._stem_of[word]
