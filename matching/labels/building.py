"""From labels to the arrays and word lists of an index (:mod:`matching.labels.storage`).

Rows of the searched matrix: first one per (id, canonical text), sorted, so that the rows of
an id are contiguous; then one per (everyday phrase, id). The order of what is given is
irrelevant, and the same labels give the same bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from matching.labels.evidence import about_counts, evidence_parts, label_counts, widened
from matching.labels.model import About, EverydayWord, Label
from matching.labels.ngrams import ngram_parts
from matching.labels.normalise import canonical, fold, without_words
from matching.labels.stems import stem_parts
from matching.labels.storage import Parts, positions, under, words

# Between the ids of one everyday word, the likeliest first; and of one whose order is firm.
RANK_STEP, FIRM_STEP = 0.002, 0.02
ALSO = 0.1  # how far behind come the trades that an everyday word may also stand for
CLOSE_ENOUGH = 0.75  # to the closest: then the shorter label is the more typical


class _Rows(NamedTuple):
    """Canonical texts and the position of the id of each; labels first, then everyday words."""

    texts: list[str]
    owners: np.ndarray
    labels: int
    ids: list[str]


def index_parts(
    labels: Iterable[Label],
    lexicon: Iterable[EverydayWord],
    light: Collection[str],
    about: Iterable[About],
    families: Mapping[str, str],
) -> Parts:
    """Everything an index needs; see :meth:`LabelIndex.build` for the arguments."""
    printed = _printed(labels, frozenset(light))
    keys = sorted(printed)
    ids = sorted({id_ for id_, _ in keys})
    position = positions(ids)
    everyday = _everyday_rows(lexicon, position)
    texts = [text for _, text in keys] + [text for text, _, _ in everyday]
    owners = [position[id_] for id_, _ in keys] + [owner for _, owner, _ in everyday]
    lags = [0.0] * len(keys) + [lag for _, _, lag in everyday]
    spellings = [len(printed[key]) for key in keys]
    parts: Parts = {
        "light": sorted(light),
        "ids": ids,
        "texts": texts,
        "printed": [text for key in keys for text, _ in printed[key]],
        "folded": [text for key in keys for _, text in printed[key]],
        "spellings": np.concatenate([[0], np.cumsum(spellings, dtype=np.int64)]),
        "owner": np.array(owners, dtype=np.int64),
        "lag": np.array(lags, dtype=np.float64),
    }
    if texts:
        rows = _Rows(texts, np.array(owners, dtype=np.int64), len(keys), ids)
        parts |= _search_parts(rows, about, families)
    return parts


def _printed(
    labels: Iterable[Label], light: frozenset[str]
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """The spellings (as printed, folded) of each (id, canonical text)."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for label in sorted(set(labels)):
        if text := without_words(canonical(label.text), light):
            spelling = (label.text, fold(label.text).strip())
            found.setdefault((label.id, text), []).append(spelling)
    return found


def _everyday_rows(
    lexicon: Iterable[EverydayWord], position: Mapping[str, int]
) -> list[tuple[str, int, float]]:
    """(canonical phrase, position of the id, how far behind it comes), sorted, least lag kept."""
    lags: dict[tuple[str, int], float] = {}
    for phrase, ids, also, firm in lexicon:
        known = [(position[id_], 0.0) for id_ in ids if id_ in position]
        known += [(position[id_], ALSO) for id_ in also if id_ in position]
        text, step = canonical(phrase), FIRM_STEP if firm else RANK_STEP
        for rank, (owner, behind) in enumerate(known if text else ()):
            lag = behind + step * rank
            lags[text, owner] = min(lag, lags.get((text, owner), lag))
    return sorted((text, owner, lag) for (text, owner), lag in lags.items())


def _search_parts(rows: _Rows, about: Iterable[About], families: Mapping[str, str]) -> Parts:
    each = np.arange(len(rows.texts))
    by_row, own = stem_parts(rows.texts, each, len(each), norm="l1")
    by_id, together = stem_parts(rows.texts, rows.owners, len(rows.ids))
    names = positions(sorted({families.get(id_, id_) for id_ in rows.ids}))
    family = np.array([names[families.get(id_, id_)] for id_ in rows.ids], dtype=np.int64)
    parts: Parts = {
        "sorted": [" ".join(sorted(text.split())) for text in rows.texts],
        "typical": _typical_rows(rows, own, together),
        "family_of": family,
    }
    parts |= under("grams", ngram_parts(rows.texts))
    parts["heads"] = _heads(rows.texts, words(parts, "grams.vocabulary"))
    parts |= under("rows", by_row) | under("together", by_id)
    return parts | _evidence(rows, about, family, len(names))


def _heads(texts: Sequence[str], vocabulary: Sequence[str]) -> np.ndarray:
    """The first word of each text, by its place in the vocabulary."""
    place = positions(vocabulary)
    return np.array([place[text.split(" ", 1)[0]] for text in texts], dtype=np.int64)


def _evidence(rows: _Rows, about: Iterable[About], family: np.ndarray, families: int) -> Parts:
    """The words of each family by its labels; of each id by its labels and what it is about."""
    stems: dict[str, int] = {}
    labels = label_counts(rows.texts, rows.owners, len(rows.ids), stems)
    ones = np.ones(len(rows.ids), dtype=np.float32)
    shape = (families, len(rows.ids))
    by_family = csr_array((ones, (family, np.arange(len(rows.ids)))), shape=shape)
    parts = under("family", evidence_parts(csr_array(by_family @ labels), list(stems)))
    told = about_counts(about, positions(rows.ids), stems)
    whole = csr_array(widened(labels, len(stems)) + widened(told, len(stems)))
    return parts | under("whole", evidence_parts(whole, list(stems)))


def _typical_rows(rows: _Rows, own: csr_array, together: csr_array) -> np.ndarray:
    """For each id, the row of a short label close to all its labels together."""
    from sklearn.preprocessing import normalize

    owners = rows.owners[: rows.labels]
    unit = csr_array(normalize(own[: rows.labels]))
    closeness = np.asarray(unit.multiply(together[owners]).sum(axis=1)).ravel()
    starts = np.searchsorted(owners, np.arange(len(rows.ids) + 1))
    chosen = []
    for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        close = closeness[start:end] >= CLOSE_ENOUGH * closeness[start:end].max()
        candidates = (start + np.flatnonzero(close)).tolist()
        chosen.append(min(candidates, key=lambda row: (len(rows.texts[row]), row)))
    return np.array(chosen, dtype=np.int64)
