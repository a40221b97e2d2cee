"""Pair by pair: the best offers of the people of one commune, in loops made to be compiled.

The same answer as ``vectors`` on the same layout, bit for bit. Pairs whose best possible key is
already beaten by ``top`` others are not looked at further: no session is then searched for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.bulk import keys
from matching.bulk.jit import compiled
from matching.bulk.keys import (
    LAST_KEY,
    MOST_ROWS,
    NOT_BACKED,
    ONE_DESIRED,
    ONE_GAP,
    ONE_UNKNOWN,
)
from matching.bulk.layout import Board, Crowd
from matching.bulk.reach import Party
from matching.bulk.settle import Found
from matching.groups import LONGER_PATH, NO_DAY, ONE_STEP, OUT, READY, TO_CHECK
from matching.ordering import Interest
from matching.sessions import NEVER
from matching.travel import Ints

key_of: Callable[[int, int, int, int, int], int] = compiled(keys.key_of)
unknown_of: Callable[[int], int] = compiled(keys.unknown_of)
gap_of: Callable[[int], int] = compiled(keys.gap_of)
DISLIKED, NEUTRAL = int(Interest.DISLIKED), int(Interest.NEUTRAL)


class Seeker(NamedTuple):
    """One person: their number, the day they are free from, the kilometres they go."""

    person: int
    available: int
    limit: float


class Scratch(NamedTuple):
    """What one person fills and the next one empties.

    ``answer`` by code (twice, see ``layout``), ``interest`` by occupation; ``end`` by line and
    ``opened`` by session remember what was computed for the person in ``end_of`` and ``open_of``;
    ``gaps`` the lines of one pair; ``best`` the smallest keys so far; ``key`` and ``day`` by offer.
    """

    answer: Ints
    interest: Ints
    end: Ints
    end_of: Ints
    opened: NDArray[np.bool_]
    open_of: Ints
    gaps: Ints
    best: Ints
    key: Ints
    day: Ints
    packed: Ints


def scratch_for(board: Board, top: int) -> Scratch:
    """Empty working arrays for one thread."""
    lines, sessions, offers = len(board.cover_first) - 1, len(board.start), len(board.wanted)
    answer = np.zeros(2 * board.codes, dtype=np.int64)
    answer[: board.codes] = NOT_BACKED
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
        np.zeros(offers, dtype=np.int64),
    )


@compiled
def tell(board: Board, crowd: Crowd, person: int, work: Scratch) -> None:
    """Write what is known of a person over « nothing is »."""
    answer, threshold = work.answer, board.threshold
    for fact in range(crowd.fact_first[person], crowd.fact_first[person + 1]):
        subject, value = crowd.fact_subject[fact], crowd.fact_value[fact]
        for code in range(board.subject_first[subject], board.subject_first[subject + 1]):
            met = value >= threshold[code]
            answer[code] = 0 if met else ONE_GAP
            answer[board.codes + code] = ONE_DESIRED if met else 0
    for best in range(crowd.best_first[person], crowd.best_first[person + 1]):
        group, level = crowd.best_group[best], crowd.best_level[best]
        for at in range(board.group_first[group], board.group_first[group + 1]):
            code = board.group_codes[at]
            if threshold[code] > level:
                break
            if answer[code] == NOT_BACKED:
                answer[code] = ONE_UNKNOWN
    for taste in range(crowd.taste_first[person], crowd.taste_first[person + 1]):
        work.interest[crowd.taste_occupation[taste]] = crowd.taste_value[taste]


@compiled
def forget(board: Board, crowd: Crowd, person: int, work: Scratch) -> None:
    """Undo ``tell``."""
    for fact in range(crowd.fact_first[person], crowd.fact_first[person + 1]):
        subject = crowd.fact_subject[fact]
        for code in range(board.subject_first[subject], board.subject_first[subject + 1]):
            work.answer[code] = NOT_BACKED
            work.answer[board.codes + code] = 0
    for best in range(crowd.best_first[person], crowd.best_first[person + 1]):
        group = crowd.best_group[best]
        for at in range(board.group_first[group], board.group_first[group + 1]):
            work.answer[board.group_codes[at]] = NOT_BACKED
    for taste in range(crowd.taste_first[person], crowd.taste_first[person + 1]):
        work.interest[crowd.taste_occupation[taste]] = NEUTRAL


@compiled
def soonest_end(board: Board, party: Party, line: int, who: Seeker, work: Scratch) -> int:
    """The earliest end of a session that covers a gap and that one person can go to."""
    if work.end_of[line] == who.person:
        return int(work.end[line])
    found = NEVER
    for at in range(board.cover_first[line], board.cover_first[line + 1]):
        session = board.cover[at]
        if board.start[session] >= who.available and party.session_km[session] <= who.limit:
            found = board.end[session]
            break
    work.end[line], work.end_of[line] = found, who.person
    return int(found)


@compiled
def lacks(board: Board, party: Party, offer: int, who: Seeker, work: Scratch) -> tuple[int, int]:
    """Put the lines of a pair's gaps in ``gaps``; how many, and the latest of their soonest ends.

    No session that covers all of them ends before that day.
    """
    gaps, end = 0, 0
    for at in range(board.row_first[offer], board.row_first[offer + 1]):
        code = board.row[at]
        if code < board.codes and work.answer[code] == ONE_GAP:
            work.gaps[gaps] = board.line[code]
            end = max(end, soonest_end(board, party, work.gaps[gaps], who, work))
            gaps += 1
    return gaps, end


@compiled
def is_open(board: Board, party: Party, session: int, who: Seeker, work: Scratch) -> bool:
    """Whether a session with seats, not started today, is open to the person."""
    if work.open_of[session] == who.person:
        return bool(work.opened[session])
    is_so = board.start[session] >= who.available and party.session_km[session] <= who.limit
    if is_so:
        for at in range(board.before_first[session], board.before_first[session + 1]):
            if work.answer[board.before[at]] == ONE_GAP:
                is_so = False
    work.opened[session], work.open_of[session] = is_so, who.person
    return bool(is_so)


@compiled
def covers(board: Board, line: int, session: int) -> bool:
    """Whether a session is on a line of ``cover``, which is sorted."""
    low, high = board.cover_first[line], board.cover_first[line + 1]
    while low < high:
        middle = (low + high) // 2
        if board.cover[middle] < session:
            low = middle + 1
        else:
            high = middle
    return bool(low < board.cover_first[line + 1] and board.cover[low] == session)


@compiled
def step_of(board: Board, party: Party, gaps: int, latest: int, who: Seeker, work: Scratch) -> int:
    """The earliest end, by ``latest``, of an open session that covers every gap of a pair."""
    line = work.gaps[0]
    for n in range(1, gaps):
        other = work.gaps[n]
        size = board.cover_first[other + 1] - board.cover_first[other]
        if size < board.cover_first[line + 1] - board.cover_first[line]:
            line = other
    for at in range(board.cover_first[line], board.cover_first[line + 1]):
        session = board.cover[at]
        if board.end[session] > latest:
            break
        whole = True
        for n in range(gaps):
            whole = whole and covers(board, work.gaps[n], session)
        if whole and is_open(board, party, session, who, work):
            return int(board.end[session])
    return NEVER


@compiled
def without_gap(board: Board, offer: int, available: int, unknown: int) -> tuple[int, int]:
    """Group and day of a pair that no session has to help."""
    near = TO_CHECK if unknown else READY
    if available <= board.wanted[offer]:
        return near, max(board.today, available)
    if available <= board.latest[offer]:
        return max(near, ONE_STEP), available
    if available <= board.horizon:
        return LONGER_PATH, max(board.today, available)
    return OUT, NO_DAY


@compiled
def longer(board: Board, end: int, available: int) -> tuple[int, int]:
    """Group and day of a pair whose gaps no single session closes in time."""
    if end <= board.horizon and available <= board.horizon:
        return LONGER_PATH, end
    return OUT, NO_DAY


@compiled
def keep(best: Ints, kept: int, key: int) -> int:
    """Put a key among the smallest ones, sorted; how many there are now."""
    if kept < len(best):
        kept += 1
    elif key >= best[kept - 1]:
        return kept
    at = kept - 1
    while at > 0 and best[at - 1] > key:
        best[at] = best[at - 1]
        at -= 1
    best[at] = key
    return kept


@compiled
def measure(board: Board, party: Party, ends: Ints, who: Seeker, work: Scratch) -> int:
    """Fill ``key``, ``day`` and ``packed`` of the offers in reach; the last key worth keeping."""
    kept, last = 0, LAST_KEY
    soonest = max(board.today, who.available)
    for at in range(ends[0]):
        offer = party.offer[at]
        interest = work.interest[board.occupation[offer]]
        work.key[at] = LAST_KEY
        if interest == DISLIKED:
            continue
        packed = 0
        for row in range(board.row_first[offer], board.row_first[offer + 1]):
            packed += work.answer[board.row[row]]
        bucket = int(at >= ends[1]) + int(at >= ends[2]) + int(at >= ends[3])
        unknown = unknown_of(packed)
        if gap_of(packed) == 0:
            group, day = without_gap(board, offer, who.available, unknown)
        else:
            near = TO_CHECK if unknown else ONE_STEP
            if key_of(near, interest, soonest, packed, bucket) > last:
                continue
            gaps, end = lacks(board, party, offer, who, work)
            group, day = longer(board, end, who.available)
            if end <= board.latest[offer] and key_of(near, interest, end, packed, bucket) <= last:
                step = step_of(board, party, gaps, board.latest[offer], who, work)
                if step != NEVER:
                    group, day = near, step
        key = key_of(group, interest, day, packed, bucket)
        if key <= last:
            work.key[at], work.day[at], work.packed[at] = key, day, packed
            kept = keep(work.best, kept, key)
            if kept == len(work.best):
                last = work.best[kept - 1]
    return last


@compiled
def best_of_party(board: Board, crowd: Crowd, party: Party, work: Scratch) -> Found:
    """The candidates of the people of a party, in turn; ``work`` has room for ``top`` keys."""
    count = np.zeros(len(party.people), dtype=np.int64)
    room = np.empty((4, len(party.people) * (len(work.best) + 8)), dtype=np.int64)
    filled = 0
    for n, person in enumerate(party.people):
        who = Seeker(person, crowd.available[person], party.limit[n])
        tell(board, crowd, person, work)
        last = measure(board, party, party.ends[n], who, work)
        forget(board, crowd, person, work)
        chosen = np.flatnonzero(work.key[: party.ends[n, 0]] <= min(last, LAST_KEY - 1))
        chosen = chosen[np.argsort(work.key[chosen], kind="mergesort")]
        count[n] = len(chosen)
        if filled + len(chosen) > room.shape[1]:
            more = np.empty((4, 2 * room.shape[1] + len(chosen)), dtype=np.int64)
            more[:, :filled] = room[:, :filled]
            room = more
        for at in chosen:
            room[0, filled], room[1, filled] = at, work.key[at]
            room[2, filled], room[3, filled] = work.day[at], work.packed[at]
            filled += 1
    return Found(count, room[0, :filled], room[1, :filled], room[2, :filled], room[3, :filled])
