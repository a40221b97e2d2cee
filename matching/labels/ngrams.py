"""TF-IDF on character n-grams inside words, built and asked word by word.

The n-grams of a label are those of its words (``char_wb``), so they are counted once per
different word and summed with a sparse product: the same matrix as vectorising every
label, in a fraction of the time. A query is read the same way: what a word shares with every
row is computed once, whatever the number of readings it appears in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from matching.labels.storage import Part, Parts, array, inside, positions, under, words

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import CountVectorizer

NGRAM_SIZES = (3, 4)
Memo = dict[str, np.ndarray]


class Postings:
    """Weighted vectors by column: a query reads only the columns of its own terms."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._starts, self._rows = array(parts, "starts"), array(parts, "rows")
        self._weights = array(parts, "weights")
        self.size = int(array(parts, "size")[0])

    def products(self, columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Σ weight × column, shape (rows,), for a query of a few different columns."""
        starts, ends = self._starts[columns], self._starts[columns + 1]
        spans = [slice(start, end) for start, end in zip(starts, ends, strict=True)]
        if not spans:
            return np.zeros(self.size)
        rows = np.concatenate([self._rows[span] for span in spans])
        data = np.concatenate([self._weights[span] for span in spans])
        data = data * np.repeat(weights, ends - starts)
        return np.bincount(rows, weights=data, minlength=self.size)


def postings(vectors: csr_array) -> Parts:
    """The parts of the postings of a matrix of one vector a row."""
    columns = csr_array(vectors.T)
    columns.sort_indices()
    return {
        "starts": columns.indptr.astype(np.int32),
        "rows": columns.indices.astype(np.int32),
        "weights": columns.data.astype(np.float32),
        "size": np.array([vectors.shape[0]], dtype=np.int64),
    }


class NgramMatrix:
    """Rows of canonical text as unit vectors of character n-grams (sublinear TF-IDF)."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self.vocabulary = positions(words(parts, "vocabulary"))
        self._columns = positions(words(parts, "grams"))
        self._idf = array(parts, "idf")
        self._postings = Postings(inside("postings", parts))
        self._analyse: Callable[[str], list[str]] = _vectoriser().build_analyzer()

    def cosines(self, text: str, memo: Memo) -> np.ndarray:
        """The cosine of one canonical text with every row, shape (rows,).

        N-grams that no row holds are left out of the query's norm. ``memo`` keeps what each
        word shares with the rows, for the other readings of the query.
        """
        total = np.zeros(self._postings.size)
        weights: dict[int, float] = {}
        for word in text.split():
            columns, values = self._word(word)
            if word not in memo:
                memo[word] = self._postings.products(columns, values)
            total += memo[word]
            for column, value in zip(columns.tolist(), values.tolist(), strict=True):
                weights[column] = weights.get(column, 0.0) + value
        norm = float(np.linalg.norm(list(weights.values()))) if weights else 0.0
        return total / (norm or 1.0)

    def _word(self, word: str) -> tuple[np.ndarray, np.ndarray]:
        """The columns of a word's n-grams and their weights."""
        found = Counter(gram for gram in self._analyse(word) if gram in self._columns)
        columns = np.array([self._columns[gram] for gram in found], dtype=np.int64)
        counts = np.array(list(found.values()), dtype=np.float64)
        return columns, counts * self._idf[columns]


def ngram_parts(texts: Sequence[str]) -> Parts:
    """The parts of the :class:`NgramMatrix` of canonical texts, one row each."""
    from sklearn.preprocessing import normalize

    vectoriser = _vectoriser()
    vocabulary: dict[str, int] = {}
    occurrences = word_counts(texts, vocabulary)
    counts = csr_array(occurrences @ csr_array(vectoriser.fit_transform(vocabulary)))
    weights = idf(counts)
    counts.data = (1 + np.log(counts.data)) * weights[counts.indices]
    grams = vectoriser.get_feature_names_out().tolist()
    parts: Parts = {"vocabulary": list(vocabulary), "grams": grams, "idf": weights}
    return parts | under("postings", postings(csr_array(normalize(counts))))


def _vectoriser() -> CountVectorizer:
    # Imported where an index is made or read: a command that resolves nothing starts sooner.
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(
        analyzer="char_wb", ngram_range=NGRAM_SIZES, lowercase=False, dtype=np.float32
    )


def word_counts(texts: Sequence[str], vocabulary: dict[str, int]) -> csr_array:
    """Counts of words, shape (texts, words); ``vocabulary`` gains the words it meets."""
    indices: list[int] = []
    starts = [0]
    for text in texts:
        indices.extend(vocabulary.setdefault(word, len(vocabulary)) for word in text.split())
        starts.append(len(indices))
    data = np.ones(len(indices), dtype=np.float32)
    parts = (data, np.array(indices, dtype=np.int32), np.array(starts, dtype=np.int32))
    counts = csr_array(parts, shape=(len(texts), len(vocabulary)))
    counts.sum_duplicates()
    return counts


def idf(counts: csr_array) -> np.ndarray:
    """Smoothed inverse document frequency of each column, shape (columns,)."""
    rows, columns = counts.shape
    present = np.bincount(counts.indices, minlength=columns)
    return (np.log((1 + rows) / (1 + present)) + 1).astype(np.float32)
