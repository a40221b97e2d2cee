"""Digests of many pairs at once are those of hashlib, and ties are settled by all their bits."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from matching.bulk.settle import Found, Names, settle

PEOPLE = tuple("é" * n + "p" for n in range(70))
OFFERS = ("", "o", "offre-62041", "a" * 55, "b" * 64, "c" * 130)


def first_words(people: list[str], offers: list[str]) -> list[int]:
    pairs = zip(people, offers, strict=True)
    digests = [hashlib.sha256(f"{offer}|{person}".encode()).digest() for person, offer in pairs]
    return [int.from_bytes(digest[:8], "big") for digest in digests]


def test_many_digests_at_once_begin_as_those_of_hashlib() -> None:
    pytest.importorskip("numba", reason="hashlib alone makes the digests without numba")
    from matching.bulk.hashing import quick_words

    person = np.repeat(np.arange(len(PEOPLE)), len(OFFERS))
    offer = np.tile(np.arange(len(OFFERS)), len(PEOPLE))
    found = quick_words(PEOPLE, OFFERS)(person, offer)
    wanted = first_words([PEOPLE[n] for n in person], [OFFERS[n] for n in offer])
    assert found.tolist() == wanted


@pytest.mark.parametrize("word", [0, 7, 2**64 - 1])
def test_equal_first_words_are_settled_by_the_rest(word: int) -> None:
    def always(person: np.ndarray, offer: np.ndarray) -> np.ndarray:
        return np.full(len(person), word, dtype=np.uint64)

    offers = [f"o{n}" for n in range(12)]
    key = np.array([1, 4, 4, 4, 4, 4, 9, 9, 2, 2, 2, 2], dtype=np.int64)
    found = Found(np.array([8, 4]), *(key,) * 5)
    owner = np.repeat([0, 1], [8, 4])
    names = Names(["ada", "bob"], offers)
    wanted = settle(found, owner, np.arange(12), names, 4)
    assert settle(found, owner, np.arange(12), names._replace(quick=always), 4).tolist() == (
        wanted.tolist()
    )
    told = first_words(["ada"] * 5, offers[1:6])
    assert wanted.tolist()[1:4] == (1 + np.argsort(told)[:3]).tolist()
