"""SHA-256 of many short texts at once, for the ties of everyone: sixteen at a time, compiled.

``hashlib`` takes one text a call, and millions of pairs tie. Only the first eight bytes are kept:
who finds two equal asks ``hashlib`` for the rest. Constants are those of FIPS 180-4: the first bits
of the fractional parts of the roots of the first primes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.bulk.jit import compiled
from matching.travel import Ints

Word = np.uint32
Words = NDArray[np.uint32]
Bytes = NDArray[np.uint8]

_LANES = 16
_BLOCK = 64
_PRIMES = [n for n in range(2, 312) if all(n % known for known in range(2, int(n**0.5) + 1))]
_ROUND = np.array([n ** (1 / 3) % 1 * 2**32 for n in _PRIMES]).astype(Word)
_START = np.array([n ** (1 / 2) % 1 * 2**32 for n in _PRIMES[:8]]).astype(Word)


class Texts(NamedTuple):
    """Texts in UTF-8 end to end: text ``n`` is from ``first[n]`` to ``first[n + 1]``."""

    data: Bytes
    first: Ints


def texts_of(names: Sequence[str]) -> Texts:
    """Names as the loops read them."""
    encoded = [name.encode() for name in names]
    first = np.concatenate(([0], np.cumsum([len(one) for one in encoded]))).astype(np.int64)
    return Texts(np.frombuffer(b"".join(encoded), dtype=np.uint8), first)


@compiled
def turn(word: Word, by: int) -> Word:
    """The word with its bits turned to the right."""
    return word >> Word(by) | word << Word(32 - by)


@compiled
def put_byte(message: Words, lane: int, at: int, byte: int) -> None:
    """Write one byte of a message, the most significant of a word first."""
    message[at // 4, lane] |= Word(byte << 8 * (3 - at % 4))


@compiled
def write(message: Words, lane: int, left: Bytes, right: Bytes) -> int:
    """Write « left|right » and its padding over zeros; how many blocks it takes."""
    size = len(left) + 1 + len(right)
    for n in range(len(left)):
        put_byte(message, lane, n, left[n])
    put_byte(message, lane, len(left), 0x7C)
    for n in range(len(right)):
        put_byte(message, lane, len(left) + 1 + n, right[n])
    put_byte(message, lane, size, 0x80)
    blocks = (size + 8) // _BLOCK + 1
    message[blocks * 16 - 1, lane] = Word(8 * size)
    return blocks


@compiled
def digest_block(block: Words, state: Words, words: Words, first: Words, second: Words) -> None:
    """Take one block of each lane into its state; the last three are working room.

    ``first`` and ``second`` hold what the standard calls a to d and e to h, the newest last.
    """
    words[:16] = block
    for t in range(16, 64):
        for lane in range(_LANES):
            a, b = words[t - 15, lane], words[t - 2, lane]
            old = turn(a, 7) ^ turn(a, 18) ^ a >> Word(3)
            new = turn(b, 17) ^ turn(b, 19) ^ b >> Word(10)
            words[t, lane] = words[t - 16, lane] + old + words[t - 7, lane] + new
    for n in range(4):
        first[3 - n], second[3 - n] = state[n], state[4 + n]
    for t in range(64):
        for lane in range(_LANES):
            e, f, g = second[t + 3, lane], second[t + 2, lane], second[t + 1, lane]
            a, b, c = first[t + 3, lane], first[t + 2, lane], first[t + 1, lane]
            mixed = (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (e & f ^ ~e & g)
            mixed += second[t, lane] + _ROUND[t] + words[t, lane]
            second[t + 4, lane] = first[t, lane] + mixed
            majority = a & b ^ a & c ^ b & c
            first[t + 4, lane] = mixed + (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority
    for n in range(4):
        state[n] += first[67 - n]
        state[4 + n] += second[67 - n]


@compiled
def first_words(lefts: Texts, left: Ints, rights: Texts, right: Ints) -> NDArray[np.uint64]:
    """The first eight bytes of the SHA-256 of « left|right », for each pair of text numbers."""
    found = np.zeros(len(left), dtype=np.uint64)
    if len(left) == 0:
        return found
    longest = np.max(np.diff(lefts.first)) + 1 + np.max(np.diff(rights.first))
    message = np.zeros((16 * ((longest + 8) // _BLOCK + 1), _LANES), dtype=Word)
    state = np.zeros((8, _LANES), dtype=Word)
    words = np.zeros((64, _LANES), dtype=Word)
    first, second = np.zeros((68, _LANES), dtype=Word), np.zeros((68, _LANES), dtype=Word)
    blocks = np.zeros(_LANES, dtype=np.int64)
    for start in range(0, len(left), _LANES):
        message[:] = 0
        lanes = min(_LANES, len(left) - start)
        for lane in range(lanes):
            a, b = left[start + lane], right[start + lane]
            one = lefts.data[lefts.first[a] : lefts.first[a + 1]]
            other = rights.data[rights.first[b] : rights.first[b + 1]]
            blocks[lane] = write(message, lane, one, other)
        for n in range(8):
            state[n] = _START[n]
        for block in range(np.max(blocks[:lanes])):
            digest_block(message[16 * block : 16 * block + 16], state, words, first, second)
            for lane in range(lanes):
                if blocks[lane] == block + 1:
                    high, low = np.uint64(state[0, lane]), np.uint64(state[1, lane])
                    found[start + lane] = high << np.uint64(32) | low
    return found


def quick_words(
    people: Sequence[str], offers: Sequence[str]
) -> Callable[[Ints, Ints], NDArray[np.uint64]]:
    """What gives the first words of « offer|person » from their numbers, person first."""
    persons, jobs = texts_of(people), texts_of(offers)

    def words(person: Ints, offer: Ints) -> NDArray[np.uint64]:
        return first_words(jobs, offer, persons, person)

    return words
