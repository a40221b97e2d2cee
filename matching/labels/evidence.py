"""What an id is about, as a whole: its labels, its skills, its definition, its family.

BM25 (Robertson and Walker, 1994) on stems: a word that comes often in few ids says much. It
answers for the queries that no label resembles (« tri des déchets », « agent logistique »).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array

from matching.labels.model import About
from matching.labels.ngrams import Postings, postings, word_counts
from matching.labels.normalise import plain_words, stem
from matching.labels.stems import stemmed
from matching.labels.storage import Part, Parts, array, inside, positions, under, words

SATURATION, LENGTH = 1.2, 0.5  # BM25's k1 and b
LABEL_WEIGHT = 3  # a word of a label counts as many times
# A word that comes as often as in a single label, in a text of mean length, counts fully.
_FULL = LABEL_WEIGHT * (SATURATION + 1) / (LABEL_WEIGHT + SATURATION)


class WholeEvidence:
    """How much of a query is among the words of each group of texts."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._stems = positions(words(parts, "stems"))
        self._idf = array(parts, "idf")
        self._postings = Postings(inside("postings", parts))
        self._rarest = float(self._idf.max(initial=1.0))

    def shares(self, text: str) -> np.ndarray:
        """From 0 to 1, what the group holds of a canonical text, shape (groups,)."""
        stems = sorted(set(stemmed(text).split()))
        known = [self._stems[name] for name in stems if name in self._stems]
        columns = np.array(known, dtype=np.int64)
        total = float(self._idf[columns].sum()) + (len(stems) - len(known)) * self._rarest
        weights = np.full(len(columns), 1 / (_FULL * total or 1.0))
        shares: np.ndarray = np.minimum(self._postings.products(columns, weights), 1.0)
        return shares


def evidence_parts(counts: csr_array, stems: Sequence[str]) -> Parts:
    """The parts of the :class:`WholeEvidence` of counts of stems, shape (groups, stems)."""
    counts = counts.copy()
    counts.sum_duplicates()
    groups, columns = counts.shape
    present = np.bincount(counts.indices, minlength=columns)
    weights = np.log(1 + (groups - present + 0.5) / (present + 0.5))
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    relative = 1 - LENGTH + LENGTH * lengths / (lengths.mean() or 1.0)
    own = np.repeat(relative, np.diff(counts.indptr))
    counts.data = counts.data * (SATURATION + 1) / (counts.data + SATURATION * own)
    counts.data = counts.data * weights[counts.indices]
    parts: Parts = {"stems": list(stems), "idf": weights.astype(np.float32)}
    return parts | under("postings", postings(counts))


def label_counts(
    texts: Sequence[str], owners: np.ndarray, count: int, stems: dict[str, int]
) -> csr_array:
    """Counts of the stems of canonical texts by owner, each text weighing as a label."""
    per_text = word_counts([stemmed(text) for text in texts], stems)
    weights = np.full(len(texts), LABEL_WEIGHT, dtype=np.float32)
    by_owner = csr_array((weights, (owners, np.arange(len(texts)))), shape=(count, len(texts)))
    return csr_array(by_owner @ per_text)


def about_counts(
    about: Iterable[About], position: Mapping[str, int], stems: dict[str, int]
) -> csr_array:
    """Counts of the stems of what is said of each id; ids without a position are left out.

    A sentence said of many ids is read once.
    """
    sentences: dict[str, int] = {}
    kept = sorted(item for item in about if item.id in position)
    columns = [sentences.setdefault(item.text, len(sentences)) for item in kept]
    rows = [position[item.id] for item in kept]
    read = [" ".join(map(stem, plain_words(text))) for text in sentences]
    per_sentence = word_counts(read, stems)
    weights = np.array([item.weight for item in kept], dtype=np.float32)
    shape = (len(position), len(sentences))
    return csr_array(csr_array((weights, (rows, columns)), shape=shape) @ per_sentence)


def widened(counts: csr_array, columns: int) -> csr_array:
    """The same counts with room for the stems met since."""
    return csr_array((counts.data, counts.indices, counts.indptr), shape=(counts.shape[0], columns))
