"""Rank the labels of a nomenclature for what someone typed.

Seven pieces of evidence, each from 0 to 1. Of a label: the cosine of character n-grams (near
spellings), how much of its stems the query says (a place or an option added to them changes
nothing), the order-free edit similarity (fine ranking of the best candidates), the same first
word (in French it names the trade). Of an id, for an occupation is more than its nearest
title: the stems of the query among all its labels together, among its labels, skills and
definition, and among the labels of its family. An exact label is always first; an exact
everyday word comes next, before anything that only looks alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from matching.labels.building import ALSO, FIRM_STEP, index_parts
from matching.labels.confidence import OF_NAMES, OF_SENTENCES, confidences
from matching.labels.evidence import WholeEvidence
from matching.labels.model import About, EverydayWord, Label, Match, Unit
from matching.labels.ngrams import Memo, NgramMatrix
from matching.labels.normalise import fold, without_words
from matching.labels.queries import Readings, query_readings
from matching.labels.stems import StemCoverage, StemVectors
from matching.labels.storage import Part, array, inside, read, words, write

__all__ = ["About", "EverydayWord", "Label", "LabelIndex", "Match", "Unit"]

CANDIDATES = 300
EXACT_LABEL, EXACT_WORD, BEST_INEXACT = 1.0, 0.99, 0.96
OTHER_READING = 0.97  # without the noise, corrected or renumbered: counts a little less
# One segment of a title, by what it covers of the words known here; the trade comes first, then
# the place, the employer or the option.
SEGMENT, WHOLE_SEGMENT, LATER_SEGMENT = 0.60, 0.90, 0.85
# An everyday word that only looks like the query counts less too, its second meaning much less, and
# all that it may also stand for no less than its fourth.
EVERYDAY_WORD, RANK_AGAIN, FARTHEST = 0.97, 15, 0.09
# How much nearer its labels must be, a rank being 0.002, for a later meaning to come first: 0.12.
CLEARLY_NEARER = 60
# Of an id found by an everyday word, its most typical label is shown when its nearest one is weak,
# or no nearer to speak of: « vendeuse » is no more one of lingerie than of ready-to-wear.
WEAK, AS_GOOD = 0.5, 0.9
FLOOR = 0.15  # below it nothing is shared but chance
LONGEST_QUERY = 500
_SHORTEST_CORRECTED, _LONG_WORD = 4, 7


class Weights(NamedTuple):
    """What each piece of evidence counts; they sum to one."""

    ngrams: float
    coverage: float
    edits: float
    head: float
    together: float
    whole: float
    family: float


# Learned, then looked at on other tasks (docs/resolver.md says which).
NAMES = Weights(0.32, 0.06, 0.12, 0.07, 0.13, 0.17, 0.13)
# A skill is a sentence: it opens with a verb that says little, and no short one is a name.
SENTENCES = Weights(0.40, 0.0, 0.12, 0.0, 0.15, 0.20, 0.13)


class LabelIndex:
    """An index of labels, immutable once built; the order of what is given is irrelevant."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._parts = parts
        self._light = frozenset(words(parts, "light"))
        self._weights = SENTENCES if self._light else NAMES
        self._curve = OF_SENTENCES if self._light else OF_NAMES
        self._ids, self._texts = words(parts, "ids"), words(parts, "texts")
        self._labels, self._folded = words(parts, "printed"), words(parts, "folded")
        self._spellings = array(parts, "spellings")
        self._owner, self._lag = array(parts, "owner"), array(parts, "lag")
        self._rows = len(self._spellings) - 1  # of labels; those of everyday words follow
        places = np.arange(len(self._ids) + 1)
        self._starts = np.searchsorted(self._owner[: self._rows], places)
        self._exact: dict[str, list[int]] = {}
        for row, text in enumerate(self._texts):
            self._exact.setdefault(text, []).append(row)
        if self._texts:
            self._prepare_search(parts)

    def _prepare_search(self, parts: Mapping[str, Part]) -> None:
        self._sorted = words(parts, "sorted")
        self._typical, self._heads = array(parts, "typical"), array(parts, "heads")
        self._family_of = array(parts, "family_of")
        self._grams = NgramMatrix(inside("grams", parts))
        self._stems = StemCoverage(inside("rows", parts))
        self._together = StemVectors(inside("together", parts))
        self._whole = WholeEvidence(inside("whole", parts))
        self._family = WholeEvidence(inside("family", parts))
        self._by_initial: dict[str, list[str]] = {}
        for word in sorted(self._grams.vocabulary):
            self._by_initial.setdefault(word[0], []).append(word)

    @classmethod
    def build(
        cls,
        labels: Iterable[Label],
        lexicon: Iterable[EverydayWord] | None = None,
        light: Collection[str] = (),
        about: Iterable[About] = (),
        families: Mapping[str, str] | None = None,
    ) -> LabelIndex:
        """Index ``labels``; what ``lexicon`` says of ids without a label is left out.

        ``light``: canonical words that say nothing beside another, in labels and in queries;
        labels that have some are sentences rather than names, and weighed as such.
        ``about``: what the ids are about, beside their labels. ``families``: the family of an
        id; an id that has none is a family of its own.
        """
        return cls(index_parts(labels, lexicon or (), light, about, families or {}))

    def save(self, folder: Path) -> None:
        """Write the built index in a folder, for :meth:`load`."""
        write(folder, self._parts)

    @classmethod
    def load(cls, folder: Path) -> LabelIndex:
        """The index that :meth:`save` wrote; its arrays stay on the disk, shared.

        Raises ``StoredIndexError`` when the folder holds none, another format, or is damaged.
        """
        return cls(read(folder))

    def __len__(self) -> int:
        """The number of different ids."""
        return len(self._ids)

    def resolve(self, query: str, top: int = 10, unit: Unit = "id") -> tuple[Match, ...]:
        """The ``top`` best ids (each with its best label) or labels, best first.

        Ties are broken by the spelling, the id as a whole, then id and label. Empty when the query
        shares nothing with any label. Raises ValueError on an unknown unit or top < 1.
        """
        check_asked(unit, top)
        readings = self._without_light(query_readings(query[:LONGEST_QUERY]))
        if not readings.literal or not self._texts:
            return ()
        scores = self._row_scores(readings)
        # One more than asked: how sure the first is depends on the second.
        ranked = self._ranked(scores, query, readings.literal, unit, top + 1)
        sure = self._confidences(ranked)
        found = zip(ranked[:top], sure, strict=False)
        return tuple(Match(i, text, round(100 * s, 2), c) for (s, i, text), c in found)

    def _confidences(self, ranked: list[tuple[float, str, str]]) -> list[float]:
        """The confidence in the id of each answer; the labels of one id do not compete."""
        best: dict[str, float] = {}
        for score, id_, _ in ranked:
            best.setdefault(id_, 100 * score)
        sure = dict(zip(best, confidences(list(best.values()), self._curve), strict=True))
        return [sure[id_] for _, id_, _ in ranked]

    def _without_light(self, readings: Readings) -> Readings:
        """The same readings without the light words."""
        if not self._light:
            return readings
        literal = without_words(readings.literal, self._light)
        others = (without_words(text, self._light) for text in readings.others)
        segments = (without_words(text, self._light) for text in readings.segments)
        return Readings(literal, tuple(others), tuple(segments))

    def _row_scores(self, readings: Readings) -> np.ndarray:
        """The score of each row, the best over the readings of the query; 0 if no candidate."""
        factors = {readings.literal: 1.0}
        for form in (*readings.others, self._corrected(readings.literal)):
            factors.setdefault(form, OTHER_READING)
        known = self._stems.weight(readings.literal) or 1.0
        for place, form in enumerate(readings.segments):
            share = min(self._stems.weight(form) / known, 1.0)
            factor = SEGMENT + (WHOLE_SEGMENT - SEGMENT) * share
            factors.setdefault(form, factor * (LATER_SEGMENT if place else 1.0))
        scores = np.zeros(len(self._texts))
        memo: Memo = {}
        for form, factor in factors.items():
            rows, found = self._score_form(form, memo)
            np.maximum.at(scores, rows, factor * found)
            for row in self._exact.get(form, ()):
                if row < self._rows:
                    scores[row] = max(scores[row], factor * EXACT_LABEL)
        self._score_words(factors, scores)
        return self._lifted(scores)

    def _score_words(self, factors: Mapping[str, float], scores: np.ndarray) -> None:
        """Raise the scores of the everyday words that are the very readings of the query.

        The meanings of a word come in its order, unless the labels of a later one are nearer to
        the query, clearly: by less, labels are as often wrong as right. What is weakly near is
        near by chance. A word may be firm on its order.
        """
        exact = {
            form: meant
            for form in factors
            if (meant := [row for row in self._exact.get(form, ()) if row >= self._rows])
        }
        if not exact:
            return
        told = np.full(len(self._ids), WEAK)
        np.maximum.at(told, self._owner[: self._rows], scores[: self._rows])
        for form, found in exact.items():
            rows = np.array(found, dtype=np.int64)
            lags = self._lag[rows]
            loose = lags < FIRM_STEP
            nearer = np.where(loose, CLEARLY_NEARER * lags - told[self._owner[rows]], lags)
            order = np.lexsort((nearer, lags >= ALSO))
            rows = rows[order]
            scores[rows] = np.maximum(scores[rows], factors[form] * EXACT_WORD - np.sort(lags))

    def _score_form(self, form: str, memo: Memo) -> tuple[np.ndarray, np.ndarray]:
        """Candidate rows of one reading and their scores, shape (candidates,) each."""
        weights = self._weights
        of_id = weights.together * self._together.cosines(form)
        of_id += weights.whole * self._whole.shares(form)
        of_id += weights.family * self._family.shares(form)[self._family_of]
        rough = of_id[self._owner]
        rough += weights.ngrams * self._grams.cosines(form, memo)
        if weights.coverage:
            rough += weights.coverage * self._stems.shares(form)
        if weights.head:
            head = self._grams.vocabulary.get(form.split(" ", 1)[0], -1)
            rough += weights.head * (self._heads == head)
        rows = _largest(rough, CANDIDATES)
        candidates = [self._sorted[row] for row in rows.tolist()]
        edits = process.cdist([_in_order(form)], candidates, scorer=fuzz.ratio)[0]
        scores = np.minimum(rough[rows] + weights.edits * edits / 100, BEST_INEXACT)
        everyday = rows >= self._rows
        lag = np.minimum(RANK_AGAIN * self._lag[rows[everyday]], FARTHEST)
        scores[everyday] = np.maximum(scores[everyday] * EVERYDAY_WORD - lag, 0)
        return rows, scores

    def _lifted(self, scores: np.ndarray) -> np.ndarray:
        """The scores of the labels; an everyday word lends its own to the id's best label."""
        labels = scores[: self._rows].copy()
        lent = np.zeros(len(self._ids))
        np.maximum.at(lent, self._owner[self._rows :], scores[self._rows :])
        for owner in np.flatnonzero(lent).tolist():
            start, end = self._starts[owner : owner + 2]
            best = start + int(scores[start:end].argmax())
            typical = self._typical[owner]
            if scores[best] < WEAK or scores[typical] >= AS_GOOD * scores[best]:
                best = typical
            labels[best] = max(labels[best], lent[owner])
        return labels

    def _ranked(
        self, scores: np.ndarray, query: str, literal: str, unit: Unit, top: int
    ) -> list[tuple[float, str, str]]:
        """(score, id, label) of the ``top`` best above the floor, best first.

        Equal scores: the nearest spelling, then the id whose labels resemble the query most.
        """
        raw, together = spelling(fold(query)), self._together.cosines(literal)
        entries = []
        for row in self._best_rows(scores, unit, top).tolist():
            owner, score = self._owner[row], float(scores[row])
            for at in range(self._spellings[row], self._spellings[row + 1]):
                apart = 100 - fuzz.ratio(raw, spelling(self._folded[at]))
                tie = (apart, -float(together[owner]), self._ids[owner], self._labels[at])
                entries.append((-score, *tie))
        entries.sort()
        seen: set[str] = set()
        kept = []
        for negative, _, _, id_, label in entries:
            if unit == "label" or id_ not in seen:
                seen.add(id_)
                kept.append((-negative, id_, label))
        return kept[:top]

    def _best_rows(self, scores: np.ndarray, unit: Unit, top: int) -> np.ndarray:
        """Every row that may be among the ``top`` best: those as good as the last of them."""
        rows = np.flatnonzero(scores >= FLOOR)
        rows = rows[np.argsort(-scores[rows], kind="stable")]
        if unit == "id":
            _, first = np.unique(self._owner[rows], return_index=True)
            places = np.sort(first)
        else:
            places = np.arange(len(rows))
        if len(places) <= top:
            return rows
        return np.asarray(rows[scores[rows] >= scores[rows[places[top - 1]]]])

    def _corrected(self, form: str) -> str:
        """The reading with each word unknown here replaced by its nearest known one."""
        return " ".join(self._nearest_word(word) for word in form.split())

    def _nearest_word(self, word: str) -> str:
        if word in self._grams.vocabulary or len(word) < _SHORTEST_CORRECTED or not word.isalpha():
            return word
        allowed = 1 if len(word) < _LONG_WORD else 2
        # People slip inside a word, not on its first letter: « pain » is no « main ».
        words = self._by_initial.get(word[0], ())
        found = process.extractOne(word, words, scorer=OSA.distance, score_cutoff=allowed)
        return str(found[0]) if found else word


def check_asked(unit: str, top: int) -> None:
    """Raise ValueError on a unit that is not one, or when less than one answer is asked for."""
    if unit not in ("id", "label"):
        raise ValueError(f"unit {unit!r} is neither 'id' nor 'label'")
    if top < 1:
        raise ValueError(f"top {top!r} is less than 1")


def spelling(folded: str) -> str:
    """How a folded text is written, but for the spaces around what parts two genders."""
    return folded.strip().replace(" / ", "/")


def _in_order(text: str) -> str:
    """The words sorted, so that the edit similarity does not see their order."""
    return " ".join(sorted(text.split()))


def _largest(values: np.ndarray, count: int) -> np.ndarray:
    """Positions of the ``count`` largest positive values; ties at the edge by position."""
    if len(values) > count:
        edge = np.partition(values, -count)[-count]
        above = np.flatnonzero(values > edge)
        at_edge = np.flatnonzero(values == edge)[: count - len(above)]
        rows = np.sort(np.concatenate([above, at_edge]))
    else:
        rows = np.arange(len(values))
    return np.asarray(rows[values[rows] > 0])
