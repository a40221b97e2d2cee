"""How much of a query the labels of an id speak of, all of them taken together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from sklearn.preprocessing import normalize

from matching.labels.ngrams import idf, word_counts
from matching.labels.normalise import stem


class StemEvidence:
    """Stems of all the labels of each id, as unit TF-IDF vectors."""

    def __init__(self, texts: Sequence[str], owner: np.ndarray, ids: int) -> None:
        self._stems: dict[str, int] = {}
        counts = word_counts([_stemmed(text) for text in texts], self._stems)
        member = csr_array(
            (np.ones(len(texts), dtype=np.float32), (owner, np.arange(len(texts)))),
            shape=(ids, len(texts)),
        )
        by_id = csr_array(member @ counts)
        self._idf = idf(by_id)
        by_id.data = (1 + np.log(by_id.data)) * self._idf[by_id.indices]
        self._by_stem = csr_array(csr_array(normalize(by_id)).T)
        self._unknown_idf = float(self._idf.max(initial=1.0))

    def cosines(self, text: str) -> np.ndarray:
        """The cosine of a canonical text with every id, shape (ids,).

        A stem no label holds weighs like the rarest one: an id cannot look certain
        because the rest of the query is unknown here.
        """
        scores = np.zeros(self._by_stem.shape[1], dtype=np.float32)
        weights = {
            known: float(self._idf[i]) if (i := self._stems.get(known)) is not None else None
            for known in set(_stemmed(text).split())
        }
        norm = sum((w or self._unknown_idf) ** 2 for w in weights.values()) ** 0.5
        for known in sorted(name for name, weight in weights.items() if weight):
            start, end = self._by_stem.indptr[self._stems[known] : self._stems[known] + 2]
            share = (weights[known] or 0.0) / norm
            scores[self._by_stem.indices[start:end]] += self._by_stem.data[start:end] * share
        return scores


def _stemmed(text: str) -> str:
    return " ".join(stem(word) for word in text.split())
