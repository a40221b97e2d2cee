"""Unit vectors of word stems, one per label or one per id (all its labels together)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from sklearn.preprocessing import normalize

from matching.labels.ngrams import idf, word_counts
from matching.labels.normalise import stem


class StemVectors:
    """TF-IDF of stems for each group of texts; ``groups[i]`` is the group of ``texts[i]``."""

    def __init__(self, texts: Sequence[str], groups: np.ndarray, count: int) -> None:
        self._stems: dict[str, int] = {}
        per_text = word_counts([_stemmed(text) for text in texts], self._stems)
        membership = (np.ones(len(texts), dtype=np.float32), (groups, np.arange(len(texts))))
        counts = csr_array(csr_array(membership, shape=(count, len(texts))) @ per_text)
        self._idf = idf(counts)
        counts.data = (1 + np.log(counts.data)) * self._idf[counts.indices]
        self.vectors = csr_array(normalize(counts))
        self._by_stem = csr_array(self.vectors.T)
        self._rarest = float(self._idf.max(initial=1.0))

    def cosines(self, text: str) -> np.ndarray:
        """The cosine of a canonical text with every group, shape (groups,), float32.

        A stem that no label holds weighs like the rarest one: what is known of the query
        cannot look certain when the rest of it is unknown here.
        """
        scores = np.zeros(self._by_stem.shape[1], dtype=np.float32)
        stems = sorted(set(_stemmed(text).split()))
        columns = [self._stems.get(name) for name in stems]
        weights = [self._rarest if c is None else float(self._idf[c]) for c in columns]
        norm = sum(weight**2 for weight in weights) ** 0.5
        for column, weight in zip(columns, weights, strict=True):
            if column is not None:
                start, end = self._by_stem.indptr[column : column + 2]
                shares = self._by_stem.data[start:end] * (weight / norm)
                scores[self._by_stem.indices[start:end]] += shares
        return scores


def _stemmed(text: str) -> str:
    return " ".join(stem(word) for word in text.split())
