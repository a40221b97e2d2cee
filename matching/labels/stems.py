"""Unit vectors of word stems, one per label or one per id (all its labels together)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array
from sklearn.preprocessing import normalize

from matching.labels.ngrams import Postings, idf, postings, word_counts
from matching.labels.normalise import stem
from matching.labels.storage import Part, Parts, array, inside, positions, under, words


class StemVectors:
    """TF-IDF of stems for groups of texts."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._stems = positions(words(parts, "stems"))
        self._idf = array(parts, "idf")
        self._postings = Postings(inside("postings", parts))
        self._rarest = float(self._idf.max(initial=1.0))

    def cosines(self, text: str) -> np.ndarray:
        """The cosine of a canonical text with every group, shape (groups,).

        A stem that no label holds weighs like the rarest one: what is known of the query
        cannot look certain when the rest of it is unknown here.
        """
        stems = sorted(set(stemmed(text).split()))
        known = [self._stems[name] for name in stems if name in self._stems]
        columns = np.array(known, dtype=np.int64)
        weights = self._idf[columns].astype(np.float64)
        unknown = (len(stems) - len(known)) * self._rarest**2
        norm = float(np.sqrt(weights @ weights + unknown)) or 1.0
        return self._postings.products(columns, weights / norm)

    def weight(self, text: str) -> float:
        """How much the known stems of a canonical text say: the sum of their IDF."""
        known = [self._stems[name] for name in set(stemmed(text).split()) if name in self._stems]
        return float(self._idf[known].sum()) if known else 0.0


def stem_parts(texts: Sequence[str], groups: np.ndarray, count: int) -> tuple[Parts, csr_array]:
    """The parts of a :class:`StemVectors`, and its vectors, shape (count, stems).

    ``groups[i]`` is the group of ``texts[i]``, less than ``count``.
    """
    stems: dict[str, int] = {}
    per_text = word_counts([stemmed(text) for text in texts], stems)
    membership = (np.ones(len(texts), dtype=np.float32), (groups, np.arange(len(texts))))
    counts = csr_array(csr_array(membership, shape=(count, len(texts))) @ per_text)
    weights = idf(counts)
    counts.data = (1 + np.log(counts.data)) * weights[counts.indices]
    vectors = csr_array(normalize(counts))
    parts: Parts = {"stems": list(stems), "idf": weights}
    return parts | under("postings", postings(vectors)), vectors


def stemmed(text: str) -> str:
    """The stems of a canonical text, joined by one space."""
    return " ".join(stem(word) for word in text.split())
