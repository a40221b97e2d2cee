"""What one person fills and the next one empties, in the compiled loops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.bulk.jit import compiled_inside
from matching.bulk.keys import MOST_ROWS, NOT_BACKED, ONE_DESIRED, ONE_GAP, ONE_UNKNOWN
from matching.bulk.layout import FAMILIES, Board, Crowd
from matching.ordering import Interest
from matching.travel import Ints

DISLIKED, NEUTRAL = int(Interest.DISLIKED), int(Interest.NEUTRAL)
# An answer to a code, in one byte: thousands of them stay at hand. ``WORTH`` is what each adds to
# the counts of a pair; nothing for what is met, nor for what is desired and not.
MET, BACKED, UNHEARD, LACKED, HELD = range(5)
WORTH = np.array([0, ONE_UNKNOWN, NOT_BACKED, ONE_GAP, ONE_DESIRED], dtype=np.int64)
EVERY_FAMILY = (1 << FAMILIES) - 1
# Beyond so many doubts less one, offers are not told apart by their fewest.
LEVELS = 16


class Seeker(NamedTuple):
    """One person: their number, the day they are free from, the kilometres they go."""

    person: int
    available: int
    limit: float


class Scratch(NamedTuple):
    """What one person fills and the next one empties.

    ``answer`` by code (twice, see ``layout``), ``interest`` by occupation; ``end`` by line and
    ``opened`` by session remember what was computed for the person in ``end_of`` and ``open_of``;
    ``gaps`` the lines of one pair; ``best`` the smallest keys so far; ``at``, ``key``, ``day`` and
    ``packed`` are pairs found. ``asks`` (two lines) and ``trade`` are what the offers of the party
    ask of families and their occupations, and ``least`` the fewest doubts about each (``weigh``).
    """

    answer: NDArray[np.int8]
    interest: Ints
    end: Ints
    end_of: Ints
    opened: NDArray[np.bool_]
    open_of: Ints
    gaps: Ints
    best: Ints
    asks: Ints
    trade: Ints
    least: NDArray[np.int8]
    at: Ints
    key: Ints
    day: Ints
    packed: Ints


def scratch_for(board: Board, top: int) -> Scratch:
    """Empty working arrays for one thread."""
    lines, sessions, offers = len(board.cover_first) - 1, len(board.start), len(board.wanted)
    answer = np.zeros(2 * board.codes, dtype=np.int8)
    answer[: board.codes] = UNHEARD
    interest = np.full(board.occupations + 1, NEUTRAL, dtype=np.int64)
    interest[-1] = DISLIKED
    return Scratch(
        answer,
        interest,
        np.zeros(lines, dtype=np.int64),
        np.full(lines, -1, dtype=np.int64),
        np.zeros(sessions, dtype=np.bool_),
        np.full(sessions, -1, dtype=np.int64),
        np.zeros(MOST_ROWS, dtype=np.int64),
        np.zeros(top, dtype=np.int64),
        np.zeros((2, offers), dtype=np.int64),
        np.zeros(offers, dtype=np.int64),
        np.zeros(offers, dtype=np.int8),
        np.zeros(2 * offers, dtype=np.int64),
        np.zeros(2 * offers, dtype=np.int64),
        np.zeros(2 * offers, dtype=np.int64),
        np.zeros(2 * offers, dtype=np.int64),
    )


@compiled_inside
def tell(board: Board, crowd: Crowd, person: int, work: Scratch) -> int:
    """Write what is known of a person over « nothing is »; the families that nothing is said of."""
    answer, threshold, spoken = work.answer, board.threshold, 0
    for fact in range(crowd.fact_first[person], crowd.fact_first[person + 1]):
        subject, value = crowd.fact_subject[fact], crowd.fact_value[fact]
        spoken |= 1 << board.subject_family[subject]
        for code in range(board.subject_first[subject], board.subject_first[subject + 1]):
            met = value >= threshold[code]
            answer[code] = MET if met else LACKED
            answer[board.codes + code] = HELD if met else MET
    for best in range(crowd.best_first[person], crowd.best_first[person + 1]):
        group, level = crowd.best_group[best], crowd.best_level[best]
        spoken |= 1 << board.group_family[group]
        for at in range(board.group_first[group], board.group_first[group + 1]):
            code = board.group_codes[at]
            if threshold[code] > level:
                break
            if answer[code] == UNHEARD:
                answer[code] = BACKED
    for taste in range(crowd.taste_first[person], crowd.taste_first[person + 1]):
        work.interest[crowd.taste_occupation[taste]] = crowd.taste_value[taste]
    return EVERY_FAMILY & ~spoken


@compiled_inside
def forget(board: Board, crowd: Crowd, person: int, work: Scratch) -> None:
    """Undo ``tell``."""
    for fact in range(crowd.fact_first[person], crowd.fact_first[person + 1]):
        subject = crowd.fact_subject[fact]
        for code in range(board.subject_first[subject], board.subject_first[subject + 1]):
            work.answer[code] = UNHEARD
            work.answer[board.codes + code] = MET
    for best in range(crowd.best_first[person], crowd.best_first[person + 1]):
        group = crowd.best_group[best]
        for at in range(board.group_first[group], board.group_first[group + 1]):
            work.answer[board.group_codes[at]] = UNHEARD
    for taste in range(crowd.taste_first[person], crowd.taste_first[person + 1]):
        work.interest[crowd.taste_occupation[taste]] = NEUTRAL
