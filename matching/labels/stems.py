"""Word stems: what a query says of each label, and how near it is to all the labels of an id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from matching.labels.ngrams import Postings, idf, postings, word_counts
from matching.labels.normalise import stem
from matching.labels.storage import Part, Parts, array, inside, positions, under, words

Norm = Literal["l1", "l2"]


class _Stems:
    """The known stems, with their IDF, and a weighted vector of them for each group of texts."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._stems = positions(words(parts, "stems"))
        self._idf = array(parts, "idf")
        self._postings = Postings(inside("postings", parts))

    def _known(self, stems: Iterable[str]) -> np.ndarray:
        """The columns of the stems that are known here."""
        return np.array([self._stems[s] for s in stems if s in self._stems], dtype=np.int64)


class StemVectors(_Stems):
    """TF-IDF of stems for groups of texts, as unit vectors."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        super().__init__(parts)
        self._rarest = float(self._idf.max(initial=1.0))

    def cosines(self, text: str) -> np.ndarray:
        """The cosine of a canonical text with every group, shape (groups,).

        A stem that no label holds weighs like the rarest one: what is known of the query
        cannot look certain when the rest of it is unknown here.
        """
        stems = sorted(set(stemmed(text).split()))
        columns = self._known(stems)
        weights = self._idf[columns].astype(np.float64)
        unknown = (len(stems) - len(columns)) * self._rarest**2
        norm = float(np.sqrt(weights @ weights + unknown)) or 1.0
        return self._postings.products(columns, weights / norm)


class StemCoverage(_Stems):
    """How much of each text is said: the weight of its stems that are there, over that of all.

    Unlike a cosine it does not fall with what the query says more (a place, an option).
    """

    def shares(self, text: str) -> np.ndarray:
        """From 0 to 1, what a canonical text says of each of ours, shape (texts,)."""
        columns = self._known(sorted(set(stemmed(text).split())))
        return self._postings.products(columns, np.ones(len(columns)))

    def weight(self, text: str) -> float:
        """How much the known stems of a canonical text say: the sum of their IDF."""
        columns = self._known(set(stemmed(text).split()))
        return float(self._idf[columns].sum()) if len(columns) else 0.0


def stem_parts(
    texts: Sequence[str], groups: np.ndarray, count: int, norm: Norm = "l2"
) -> tuple[Parts, csr_array]:
    """The parts of a :class:`StemVectors`, and its vectors, shape (count, stems).

    With the norm « l1 », those of a :class:`StemCoverage`.

    ``groups[i]`` is the group of ``texts[i]``, less than ``count``.
    """
    from sklearn.preprocessing import normalize

    stems: dict[str, int] = {}
    per_text = word_counts([stemmed(text) for text in texts], stems)
    membership = (np.ones(len(texts), dtype=np.float32), (groups, np.arange(len(texts))))
    counts = csr_array(csr_array(membership, shape=(count, len(texts))) @ per_text)
    weights = idf(counts)
    counts.data = (1 + np.log(counts.data)) * weights[counts.indices]
    vectors = csr_array(normalize(counts, norm=norm))
    parts: Parts = {"stems": list(stems), "idf": weights}
    return parts | under("postings", postings(vectors)), vectors


def stemmed(text: str) -> str:
    """The stems of a canonical text, joined by one space."""
    return " ".join(stem(word) for word in text.split())
