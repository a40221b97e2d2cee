"""Rank the labels of a nomenclature for what someone typed.

Five pieces of evidence, each from 0 to 1: the cosine of character n-grams (near spellings),
the cosine of word stems (every word counts, long or short), the order-free edit similarity
of whole labels (fine ranking of the best candidates), the same first word (in French it
names the trade), and the stems of the query among all the labels of the id, for an
occupation is more than its nearest title. An exact label is
always first; an exact everyday word comes next, before anything that only looks alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from matching.labels.ngrams import NgramMatrix
from matching.labels.normalise import canonical, fold, without_words
from matching.labels.queries import Readings, query_readings
from matching.labels.stems import StemVectors

Unit = Literal["id", "label"]

CANDIDATES = 300
NGRAM_WEIGHT, STEM_WEIGHT, EDIT_WEIGHT, HEAD_WEIGHT, ID_WEIGHT = 0.36, 0.16, 0.20, 0.06, 0.22
EXACT_LABEL, EXACT_WORD, BEST_INEXACT = 1.0, 0.99, 0.96
OTHER_READING = 0.97  # without the noise, corrected or renumbered: counts a little less
SEGMENT, WHOLE_SEGMENT = 0.72, 0.92  # one segment of a title, by what it covers of the known words
EVERYDAY_WORD = 0.97  # and so does an everyday word that only looks like the query
WEAK = 0.5  # below it, the id's most typical label is shown rather than its nearest
CLOSE_ENOUGH = 0.75  # to the closest: then the shorter label is the more typical
RANK_STEP = 0.002  # between the ids of one everyday word, the likeliest first
FLOOR = 0.15  # below it nothing is shared but chance
LONGEST_QUERY = 500
_SHORTEST_CORRECTED, _LONG_WORD = 4, 7


class Label(NamedTuple):
    """One label of an id; an id may have several."""

    id: str
    text: str


class Match(NamedTuple):
    """A label found for a query, with a score from 0 to 100 (100: the very label)."""

    id: str
    label: str
    score: float


class EverydayWord(NamedTuple):
    """An everyday phrase and the ids it means, the likeliest first."""

    phrase: str
    ids: tuple[str, ...]


class _Printed(NamedTuple):
    """A label as given, and folded to compare it with what was typed."""

    text: str
    folded: str


class LabelIndex:
    """An index of labels, immutable once built; the order of what is given is irrelevant.

    Rows of the searched matrix: first one per (id, canonical text), sorted, so that the
    rows of an id are contiguous; then one per (everyday phrase, id).
    """

    def __init__(
        self, labels: Sequence[Label], lexicon: Sequence[EverydayWord], light: Collection[str] = ()
    ) -> None:
        self._light = frozenset(light)
        printed: dict[tuple[str, str], list[_Printed]] = {}
        for label in sorted(set(labels)):
            if text := without_words(canonical(label.text), self._light):
                spelling = _Printed(label.text, fold(label.text).strip())
                printed.setdefault((label.id, text), []).append(spelling)
        keys = sorted(printed)
        self._printed = [printed[key] for key in keys]
        self._ids = sorted({id_ for id_, _ in keys})
        position = {id_: i for i, id_ in enumerate(self._ids)}
        everyday = _everyday_rows(lexicon, position)
        self._texts = [text for _, text in keys] + [text for text, _, _ in everyday]
        owners = [position[id_] for id_, _ in keys] + [owner for _, owner, _ in everyday]
        self._owner = np.array(owners, dtype=np.int64)
        self._lag = np.array([0.0] * len(keys) + [RANK_STEP * rank for _, _, rank in everyday])
        self._starts = np.searchsorted(self._owner[: len(keys)], np.arange(len(self._ids) + 1))
        self._prepare_search()

    def _prepare_search(self) -> None:
        self._exact: dict[str, list[int]] = {}
        for row, text in enumerate(self._texts):
            self._exact.setdefault(text, []).append(row)
        if not self._texts:
            return
        self._grams = NgramMatrix(self._texts)
        each = np.arange(len(self._texts))
        self._stems = StemVectors(self._texts, each, len(each))
        self._id_stems = StemVectors(self._texts, self._owner, len(self._ids))
        self._typical = self._typical_rows()
        self._in_order = [_in_order(text) for text in self._texts]
        self._by_initial: dict[str, list[str]] = {}
        for word in sorted(self._grams.vocabulary):
            self._by_initial.setdefault(word[0], []).append(word)
        heads = [self._grams.vocabulary[text.split(" ", 1)[0]] for text in self._texts]
        self._heads = np.array(heads, dtype=np.int64)

    def _typical_rows(self) -> list[int]:
        """For each id, the row of a short label close to all its labels together."""
        rows = len(self._printed)
        own, together = self._stems.vectors[:rows], self._id_stems.vectors[self._owner[:rows]]
        closeness = np.asarray(own.multiply(together).sum(axis=1)).ravel()
        chosen = []
        for start, end in zip(self._starts[:-1], self._starts[1:], strict=True):
            close = closeness[start:end] >= CLOSE_ENOUGH * closeness[start:end].max()
            candidates = start + np.flatnonzero(close)
            chosen.append(min(candidates.tolist(), key=lambda row: (len(self._texts[row]), row)))
        return chosen

    @classmethod
    def build(
        cls,
        labels: Iterable[Label],
        lexicon: Iterable[EverydayWord] | None = None,
        light: Collection[str] = (),
    ) -> LabelIndex:
        """Index ``labels``; what ``lexicon`` says of ids without a label is left out.

        ``light``: canonical words that say nothing beside another, in labels and in queries.
        """
        return cls(list(labels), list(lexicon or ()), light)

    def __len__(self) -> int:
        """The number of different ids."""
        return len(self._ids)

    def resolve(self, query: str, top: int = 10, unit: Unit = "id") -> tuple[Match, ...]:
        """The ``top`` best ids (each with its best label) or labels, best first.

        Ties are broken by the raw spelling, then by id and label. Empty when the query
        shares nothing with any label. Raises ValueError on an unknown unit or top < 1.
        """
        if unit not in ("id", "label"):
            raise ValueError(f"unit {unit!r} is neither 'id' nor 'label'")
        if top < 1:
            raise ValueError(f"top {top!r} is less than 1")
        readings = self._without_light(query_readings(query[:LONGEST_QUERY]))
        if not readings.literal or not self._texts:
            return ()
        scores = self._row_scores(readings)
        ranked = self._ranked(scores, fold(query).strip(), unit)
        return tuple(Match(id_, label, round(100 * score, 2)) for score, id_, label in ranked[:top])

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
        for form in readings.segments:
            share = min(self._stems.weight(form) / known, 1.0)
            factors.setdefault(form, SEGMENT + (WHOLE_SEGMENT - SEGMENT) * share)
        scores = np.zeros(len(self._texts))
        for form, factor in factors.items():
            rows, found = self._score_form(form)
            np.maximum.at(scores, rows, factor * found)
            for row in self._exact.get(form, ()):
                exact = EXACT_LABEL if row < len(self._printed) else EXACT_WORD
                scores[row] = max(scores[row], factor * exact - self._lag[row])
        return self._lifted(scores)

    def _score_form(self, form: str) -> tuple[np.ndarray, np.ndarray]:
        """Candidate rows of one reading and their scores, shape (candidates,) each."""
        head = self._grams.vocabulary.get(form.split(" ", 1)[0], -1)
        rough = NGRAM_WEIGHT * self._grams.cosines(form)
        rough += STEM_WEIGHT * self._stems.cosines(form)
        rough += ID_WEIGHT * self._id_stems.cosines(form)[self._owner]
        rough += HEAD_WEIGHT * (self._heads == head)
        rows = _largest(rough, CANDIDATES)
        candidates = [self._in_order[row] for row in rows]
        edits = process.cdist([_in_order(form)], candidates, scorer=fuzz.ratio)[0]
        scores = np.minimum(rough[rows] + EDIT_WEIGHT * edits / 100, BEST_INEXACT)
        everyday = rows >= len(self._printed)
        scores[everyday] = scores[everyday] * EVERYDAY_WORD - self._lag[rows[everyday]]
        return rows, scores

    def _lifted(self, scores: np.ndarray) -> np.ndarray:
        """The scores of the labels; an everyday word lends its own to the id's best label."""
        labels = scores[: len(self._printed)].copy()
        for row in np.flatnonzero(scores[len(self._printed) :]) + len(self._printed):
            start, end = self._starts[self._owner[row] : self._owner[row] + 2]
            best = start + int(np.argmax(scores[start:end]))
            if scores[best] < WEAK:
                best = self._typical[self._owner[row]]
            labels[best] = max(labels[best], scores[row])
        return labels

    def _ranked(self, scores: np.ndarray, raw: str, unit: Unit) -> list[tuple[float, str, str]]:
        """(score, id, label) of the rows above the floor, best first."""
        entries = []
        for row in np.flatnonzero(scores >= FLOOR):
            id_, score = self._ids[self._owner[row]], float(scores[row])
            for label, folded in self._printed[row]:
                entries.append((-score, folded != raw, id_, label))
        entries.sort()
        seen: set[str] = set()
        kept = []
        for negative, _, id_, label in entries:
            if unit == "label" or id_ not in seen:
                seen.add(id_)
                kept.append((-negative, id_, label))
        return kept

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


def _everyday_rows(
    lexicon: Sequence[EverydayWord], position: dict[str, int]
) -> list[tuple[str, int, int]]:
    """(canonical phrase, position of the id, rank of the id), sorted, best rank kept."""
    ranks: dict[tuple[str, int], int] = {}
    for phrase, ids in lexicon:
        known = [position[id_] for id_ in ids if id_ in position]
        text = canonical(phrase)
        for rank, owner in enumerate(known if text else ()):
            key = (text, owner)
            ranks[key] = min(rank, ranks.get(key, rank))
    return sorted((text, owner, rank) for (text, owner), rank in ranks.items())


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
