"""Counts of a pair in one number, and what orders a person's list in another.

Both are written with operators alone: they take one pair in the compiled loops, and columns of
pairs with NumPy.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from matching.travel import Ints

Number = TypeVar("Number", int, Ints)

BITS = 12
MOST_ROWS = (1 << BITS) - 1
ONE_UNKNOWN, ONE_DOUBT, ONE_GAP, ONE_DESIRED = (1 << n * BITS for n in range(4))
NOT_BACKED = ONE_UNKNOWN + ONE_DOUBT
WEEK_BITS = 20
_INTEREST_AT = WEEK_BITS + 3 * BITS + 2
LAST_KEY = (1 << 63) - 1


def unknown_of(packed: Number) -> Number:
    """|U|, from the packed counts."""
    return packed & MOST_ROWS


def doubt_of(packed: Number) -> Number:
    """Unknown and not backed."""
    return packed >> BITS & MOST_ROWS


def gap_of(packed: Number) -> Number:
    """|G|."""
    return packed >> 2 * BITS & MOST_ROWS


def desired_of(packed: Number) -> Number:
    """Desired requirements met."""
    return packed >> 3 * BITS


def key_of(group: Number, interest: Number, day: Number, packed: Number, bucket: Number) -> Number:
    """Group, then documented keys 1 to 6, most significant first: the smallest is the best.

    ``day`` is an ordinal or ``NO_DAY``; weeks run from Monday to Sunday, as ISO ones do.
    """
    doubt = packed >> BITS & MOST_ROWS
    both = (packed & MOST_ROWS) + (packed >> 2 * BITS & MOST_ROWS)
    last = (MOST_ROWS - (packed >> 3 * BITS)) << 2 | bucket
    return (
        group << _INTEREST_AT + 2
        | interest << _INTEREST_AT
        | (day + 6) // 7 << 3 * BITS + 2
        | doubt << 2 * BITS + 2
        | both << BITS + 2
        | last
    )


def group_and_interest(key: Ints) -> tuple[Ints, Ints]:
    """What a key begins with."""
    return key >> np.int64(_INTEREST_AT + 2), key >> np.int64(_INTEREST_AT) & np.int64(3)
