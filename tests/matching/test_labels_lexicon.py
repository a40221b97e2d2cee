"""The everyday lexicon is well formed and its codes exist."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from matching.labels.lexicon import everyday_words
from matching.labels.normalise import canonical


def test_every_line_has_a_phrase_and_rome_codes() -> None:
    for phrase, codes, also, _ in everyday_words():
        assert canonical(phrase), phrase
        assert codes, phrase
        assert len({*codes, *also}) == len(codes) + len(also), phrase
        assert all(re.fullmatch(r"[A-N]\d{4}", code) for code in (*codes, *also)), phrase


def test_there_are_enough_words_for_a_hub() -> None:
    assert len(everyday_words()) >= 4000


def test_phrases_that_read_the_same_mean_the_same_first() -> None:
    first: dict[str, str] = {}
    for phrase, codes, *_ in everyday_words():
        assert first.setdefault(canonical(phrase), codes[0]) == codes[0], phrase


@pytest.mark.shared_data
def test_every_code_is_in_rome(shared_data: Path) -> None:
    path = shared_data / "rome" / "unix_referentiel_code_rome_v460_utf8.csv"
    with path.open(encoding="utf-8", newline="") as file:
        known = {row["code_rome"] for row in csv.DictReader(file)}
    written = {(w.phrase, code) for w in everyday_words() for code in (*w.ids, *w.also)}
    assert {pair for pair in written if pair[1] not in known} == set()
