"""The order inside a group, on the documented keys, one sort for a whole list."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from matching.groups import Terms, Verdicts
from matching.travel import Floats, Ints, bucket

NEVER_PROPOSED = 0


class Interest(IntEnum):
    """What the person thinks of the occupation, best first."""

    LIKED = 0
    NEIGHBOUR = 1
    NEUTRAL = 2
    DISLIKED = 3


INTERESTS = tuple(Interest)


class Candidates(NamedTuple):
    """The pairs of one list. Arrays have one element per pair; ``proposed`` is the day
    (ordinal) the person was last proposed, ``NEVER_PROPOSED``, or a single 0 to skip equity.
    """

    verdicts: Verdicts
    terms: Terms
    interest: Ints
    minutes: Floats
    proposed: Ints


def week_of(day: Ints) -> Ints:
    """A number that grows with the ISO (year, week): day 1, 1 January of year 1, is a Monday."""
    return (day - 1) // 7


def documented_keys(pairs: Candidates) -> list[Ints]:
    """Group, then keys 1 to 7, most significant first, every one ascending."""
    verdicts, terms = pairs.verdicts, pairs.terms
    return [
        verdicts.group.astype(np.int64),
        pairs.interest,
        # Only the last group has no day, and there every pair has none.
        week_of(verdicts.ready_by),
        terms.doubt,
        terms.unknown + terms.gap,
        -terms.desired_met,
        bucket(pairs.minutes),
        np.broadcast_to(pairs.proposed, pairs.minutes.shape),
    ]


def order(pairs: Candidates, ids: Sequence[str], top: int | None = None) -> Ints:
    """Positions of the pairs, best first; ``ids`` are the ``offer id|person id`` of each.

    With ``top``, at least the first ones: those that cannot be among them are left out.
    """
    keys = documented_keys(pairs)
    ranked = np.lexsort(keys[::-1])
    tie = _tie_numbers(keys, ranked)
    if top is not None and 0 < top < len(tie):
        kept = int(np.searchsorted(tie, tie[top - 1], side="right"))
        ranked, tie = ranked[:kept], tie[:kept]
    tied = np.flatnonzero(np.bincount(tie)[tie] > 1) if len(tie) else ranked
    words = digests([ids[n] for n in ranked[tied]])
    again = np.lexsort([*words.T[::-1], tie[tied]])
    ranked[tied] = ranked[tied][again]
    return ranked


def _tie_numbers(keys: list[Ints], ranked: Ints) -> Ints:
    """For pairs in order, a number shared by those that every documented key leaves equal."""
    differs = np.zeros(len(ranked), dtype=np.bool_)
    for key in keys:
        in_order = key[ranked]
        differs[1:] |= in_order[1:] != in_order[:-1]
    return np.cumsum(differs)


def digests(ids: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
    """SHA-256 of each id as four big-endian words: the order of the hexadecimal digests."""
    raw = b"".join([sha256(text.encode()).digest() for text in ids])
    return np.frombuffer(raw, dtype=">u8").reshape(-1, 4).astype(np.uint64)
