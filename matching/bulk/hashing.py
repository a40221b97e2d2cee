"""SHA-256 of many short texts at once, for the ties of everyone: 32 at a time, compiled.

``hashlib`` takes one text a call, and millions of pairs tie. Only the first eight bytes are kept:
who finds two equal asks ``hashlib`` for the rest. Constants are those of FIPS 180-4: the first bits
of the fractional parts of the roots of the first primes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.bulk.jit import compiled, compiled_inside
from matching.travel import Ints

Word = np.uint32
Words = NDArray[np.uint32]
Bytes = NDArray[np.uint8]

# Each step of a digest waits for the one before: two registers of texts keep the processor busy.
_LANES = 32
_BLOCK = 64
# Where the parts of the room begin, of 8, 64, 68 and 68 lines. As they are one row of numbers, not
# tables, the compiler knows how far apart all that it reads is, and takes the lanes at once.
_WORDS, _FIRST, _SECOND, _ROOM = (lines * _LANES for lines in (8, 72, 140, 208))
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


@compiled_inside
def turn(word: Word, by: int) -> Word:
    """The word with its bits turned to the right."""
    return word >> Word(by) | word << Word(32 - by)


@compiled_inside
def put_byte(message: Words, lane: int, at: int, byte: int) -> None:
    """Write one byte of a message, the most significant of a word first."""
    message[(at >> 2) * _LANES + lane] |= Word(byte << 8 * (3 - (at & 3)))


@compiled_inside
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
    message[(blocks * 16 - 1) * _LANES + lane] = Word(8 * size)
    return blocks


@compiled_inside
def schedule(room: Words) -> None:
    """Draw the 48 other words of a block from its 16."""
    for t in range(16, 64):
        for lane in range(_LANES):
            at = _WORDS + t * _LANES + lane
            a, b = room[at - 15 * _LANES], room[at - 2 * _LANES]
            old = turn(a, 7) ^ turn(a, 18) ^ a >> Word(3)
            new = turn(b, 17) ^ turn(b, 19) ^ b >> Word(10)
            room[at] = room[at - 16 * _LANES] + old + room[at - 7 * _LANES] + new


@compiled_inside
def digest_block(room: Words) -> None:
    """Take one block of each lane, in the first 16 words, into its state.

    The third part of the room holds what the standard calls a to d, the fourth e to h, the newest
    last.
    """
    schedule(room)
    for n in range(4):
        for lane in range(_LANES):
            room[_FIRST + (3 - n) * _LANES + lane] = room[n * _LANES + lane]
            room[_SECOND + (3 - n) * _LANES + lane] = room[(4 + n) * _LANES + lane]
    for t in range(64):
        for lane in range(_LANES):
            at = t * _LANES + lane
            one, two = _FIRST + at, _SECOND + at
            e, f, g = room[two + 3 * _LANES], room[two + 2 * _LANES], room[two + _LANES]
            a, b, c = room[one + 3 * _LANES], room[one + 2 * _LANES], room[one + _LANES]
            mixed = (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (e & f ^ ~e & g)
            mixed += room[two] + _ROUND[t] + room[_WORDS + at]
            room[two + 4 * _LANES] = room[one] + mixed
            majority = a & b ^ a & c ^ b & c
            room[one + 4 * _LANES] = mixed + (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority
    for n in range(4):
        for lane in range(_LANES):
            room[n * _LANES + lane] += room[_FIRST + (67 - n) * _LANES + lane]
            room[(4 + n) * _LANES + lane] += room[_SECOND + (67 - n) * _LANES + lane]


@compiled
def first_words(lefts: Texts, left: Ints, rights: Texts, right: Ints) -> NDArray[np.uint64]:
    """The first eight bytes of the SHA-256 of « left|right », for each pair of text numbers."""
    found = np.zeros(len(left), dtype=np.uint64)
    if len(left) == 0:
        return found
    longest = np.max(np.diff(lefts.first)) + 1 + np.max(np.diff(rights.first))
    block_size = 16 * _LANES
    message = np.zeros(block_size * ((longest + 8) // _BLOCK + 1), dtype=Word)
    room = np.zeros(_ROOM, dtype=Word)
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
            room[n * _LANES : (n + 1) * _LANES] = _START[n]
        for block in range(np.max(blocks[:lanes])):
            room[_WORDS : _WORDS + block_size] = message[block * block_size :][:block_size]
            digest_block(room)
            for lane in range(lanes):
                if blocks[lane] == block + 1:
                    high, low = np.uint64(room[lane]), np.uint64(room[_LANES + lane])
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
