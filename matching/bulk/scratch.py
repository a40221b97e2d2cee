"""What one person fills and the next one empties, in the compiled loops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.bulk.families import EVERY_BIT
from matching.bulk.jit import compiled_inside
from matching.bulk.keys import MOST_ROWS, NOT_BACKED, ONE_DESIRED, ONE_GAP, ONE_UNKNOWN
from matching.bulk.layout import Board, Crowd
from matching.bulk.reach import Land
from matching.ordering import Interest
from matching.travel import Floats, Ints

LIKED, NEUTRAL, DISLIKED = int(Interest.LIKED), int(Interest.NEUTRAL), int(Interest.DISLIKED)
# An answer to a code, in one byte: thousands of them stay at hand. ``WORTH`` is what each adds to
# the counts of a pair; nothing for what is met, nor for what is desired and not.
MET, BACKED, UNHEARD, LACKED, HELD = range(5)
WORTH = np.array([0, ONE_UNKNOWN, NOT_BACKED, ONE_GAP, ONE_DESIRED], dtype=np.int64)


class Seeker(NamedTuple):
    """One person: their number, the day they are free from, the kilometres they go."""

    person: int
    available: int
    limit: float


class Silence(NamedTuple):
    """The families and the marks (see ``families``) that nothing is known of about one person."""

    family: int
    first: int
    second: int


class Scratch(NamedTuple):
    """What one person fills and the next one empties.

    ``answer`` by code (twice, see ``layout``), ``interest`` by occupation; ``end`` by line and
    ``opened`` by session remember what was computed for the person in ``end_of`` and ``open_of``;
    ``gaps`` the lines of one pair; ``best`` the smallest keys so far; ``at``, ``key``, ``day`` and
    ``packed`` are pairs found. ``offer``, ``near`` and ``session_km`` are those of the party (see
    ``reach``), ``by_place`` how far places are, the last one standing for « remote »; ``asks``
    (four lines) and ``trade`` are what the offers of the party ask and their occupations;
    ``of_trade`` are their positions by occupation, from ``trade_first``; ``late`` are those of
    offers wanted before today, ended by the number of offers; ``level`` is what each may be at best
    (``weigh``). ``order`` orders some of those, or pairs found.
    """

    answer: NDArray[np.int8]
    interest: Ints
    end: Ints
    end_of: Ints
    opened: NDArray[np.bool_]
    open_of: Ints
    gaps: Ints
    best: Ints
    offer: Ints
    near: Ints
    session_km: Floats
    by_place: Floats
    asks: Ints
    trade: Ints
    trade_first: Ints
    of_trade: Ints
    late: Ints
    level: NDArray[np.int8]
    at: Ints
    key: Ints
    day: Ints
    packed: Ints
    order: Ints


def scratch_for(board: Board, land: Land, top: int) -> Scratch:
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
        np.zeros(offers, dtype=np.int64),
        np.zeros(offers, dtype=np.int64),
        np.zeros(sessions),
        np.zeros(len(land.first) + 1),
        np.zeros((4, offers), dtype=np.int64),
        np.zeros(offers, dtype=np.int64),
        np.zeros(board.occupations + 2, dtype=np.int64),
        np.zeros(offers, dtype=np.int64),
        np.zeros(offers + 1, dtype=np.int64),
        np.zeros(offers, dtype=np.int8),
        np.zeros(2 * offers, dtype=np.int64),
        np.zeros(2 * offers, dtype=np.int64),
        np.zeros(2 * offers, dtype=np.int64),
        np.zeros(2 * offers, dtype=np.int64),
        np.zeros(2 * offers, dtype=np.int64),
    )


@compiled_inside
def tell(board: Board, crowd: Crowd, person: int, work: Scratch) -> Silence:
    """Write what is known of a person over « nothing is », and say what nothing is known of."""
    family, first, second = 0, 0, 0
    for best in range(crowd.best_first[person], crowd.best_first[person + 1]):
        group, level = crowd.best_group[best], crowd.best_level[best]
        family |= board.group_bit[group]
        compare(board, board.group_first[group], board.group_first[group + 1], level, work)
    for fact in range(crowd.fact_first[person], crowd.fact_first[person + 1]):
        subject, value = crowd.fact_subject[fact], crowd.fact_value[fact]
        bits = board.subject_bits[subject]
        family, first, second = family | bits[0], first | bits[1], second | bits[2]
        know(board, board.subject_first[subject], board.subject_after[subject], value, work)
    for taste in range(crowd.taste_first[person], crowd.taste_first[person + 1]):
        work.interest[crowd.taste_occupation[taste]] = crowd.taste_value[taste]
    return Silence(EVERY_BIT & ~family, EVERY_BIT & ~first, EVERY_BIT & ~second)


@compiled_inside
def compare(board: Board, first: int, after: int, level: int, work: Scratch) -> None:
    """Write that codes of a group are backed up to a level."""
    threshold, answer = board.threshold[first:after], work.answer[first:after]
    for n in range(len(answer)):
        answer[n] = BACKED if threshold[n] <= level else UNHEARD


@compiled_inside
def know(board: Board, first: int, after: int, value: int, work: Scratch) -> None:
    """Write that codes of a subject are met up to a value."""
    threshold, answer = board.threshold[first:after], work.answer[first:after]
    desired = work.answer[board.codes + first : board.codes + after]
    for n in range(len(answer)):
        answer[n] = MET if threshold[n] <= value else LACKED
    for n in range(len(desired)):
        desired[n] = HELD if threshold[n] <= value else MET


@compiled_inside
def forget(board: Board, crowd: Crowd, person: int, work: Scratch) -> None:
    """Undo ``tell``."""
    for best in range(crowd.best_first[person], crowd.best_first[person + 1]):
        group = crowd.best_group[best]
        work.answer[board.group_first[group] : board.group_first[group + 1]] = UNHEARD
    for fact in range(crowd.fact_first[person], crowd.fact_first[person + 1]):
        subject = crowd.fact_subject[fact]
        first, after = board.subject_first[subject], board.subject_after[subject]
        work.answer[first:after] = UNHEARD
        work.answer[board.codes + first : board.codes + after] = MET
    for taste in range(crowd.taste_first[person], crowd.taste_first[person + 1]):
        work.interest[crowd.taste_occupation[taste]] = NEUTRAL
