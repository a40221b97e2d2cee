"""Pair by pair: the best offers of the people of some communes, in loops made to be compiled.

The same answer as ``vectors`` on the same layout, bit for bit. Pairs whose best possible key is
already beaten by ``top`` others are not looked at: they are taken level by level (see ``levels``),
and a session is searched for those that nothing else beats.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from matching.bulk import keys
from matching.bulk.gathering import gather, keep, room_for
from matching.bulk.jit import compiled, compiled_inside
from matching.bulk.keys import LAST_KEY
from matching.bulk.layout import Board, Crowd
from matching.bulk.levels import LEVELS, best_at, key_of, pick, prefer, recall, weigh
from matching.bulk.reach import Land, Parties, Party
from matching.bulk.scratch import WORTH, Scratch, Seeker, forget, tell
from matching.bulk.settle import Found
from matching.bulk.training import lacks, soonest_of_all, step_of
from matching.groups import LONGER_PATH, NO_DAY, ONE_STEP, OUT, READY, TO_CHECK
from matching.sessions import NEVER
from matching.travel import Ints

unknown_of: Callable[[int], int] = compiled_inside(keys.unknown_of)
gap_of: Callable[[int], int] = compiled_inside(keys.gap_of)


class Outline(NamedTuple):
    """What a pair with a gap would be if its training ended at once."""

    key: int
    packed: int


@compiled_inside
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


@compiled_inside
def longer(board: Board, end: int, available: int) -> tuple[int, int]:
    """Group and day of a pair whose gaps no single session closes in time."""
    if end <= board.horizon and available <= board.horizon:
        return LONGER_PATH, end
    return OUT, NO_DAY


@compiled_inside
def last_kept(best: Ints, key: int) -> int:
    """Put a key among the smallest ones, sorted; the last of them."""
    at = len(best) - 1
    while at > 0 and best[at - 1] > key:
        best[at] = best[at - 1]
        at -= 1
    best[at] = key
    return int(best[-1])


@compiled_inside
def glance(
    board: Board, party: Party, at: int, ends: Ints, who: Seeker, work: Scratch
) -> tuple[int, int, int]:
    """Key, day and packed counts of a pair; of one with a gap, as if a session ended at once."""
    offer = party.offer[at]
    packed = 0
    for row in range(board.row_first[offer], board.row_first[offer + 1]):
        packed += WORTH[work.answer[board.row[row]]]
    unknown = unknown_of(packed)
    if gap_of(packed) == 0:
        group, day = without_gap(board, offer, who.available, unknown)
    else:
        group, day = TO_CHECK if unknown else ONE_STEP, max(board.today, who.available)
    bucket = int(at >= ends[1]) + int(at >= ends[2]) + int(at >= ends[3])
    return key_of(group, work.interest[work.trade[at]], day, packed, bucket), day, packed


@compiled_inside
def outlook(
    board: Board, offer: int, end: int, interest: int, like: Outline, available: int
) -> int:
    """The key of a pair with a gap, if one session closes its gaps on ``end`` where it may."""
    group, day = longer(board, end, available)
    if end <= board.latest[offer]:
        group, day = TO_CHECK if unknown_of(like.packed) else ONE_STEP, end
    return key_of(group, interest, day, like.packed, like.key & 3)


@compiled_inside
def train(
    board: Board, party: Party, at: int, like: Outline, last: int, who: Seeker, work: Scratch
) -> tuple[int, int]:
    """Key and day of a pair with a gap, whose key is not better than that of its outline.

    ``LAST_KEY`` stands for all that is beyond ``last``: what any session could bring is compared
    first, then what those in reach could.
    """
    offer, available = party.offer[at], who.available
    interest = work.interest[board.occupation[offer]]
    gaps, end = lacks(board, offer, work)
    if outlook(board, offer, end, interest, like, available) > last:
        return LAST_KEY, NO_DAY
    end = soonest_of_all(board, party, gaps, who, work)
    if outlook(board, offer, end, interest, like, available) > last:
        return LAST_KEY, NO_DAY
    group, day = longer(board, end, available)
    if end <= board.latest[offer]:
        step = step_of(board, party, gaps, board.latest[offer], who, work)
        if step != NEVER:
            group, day = TO_CHECK if unknown_of(like.packed) else ONE_STEP, step
    key = key_of(group, interest, day, like.packed, like.key & 3)
    return (key if key <= last else LAST_KEY), day


@compiled_inside
def look(
    board: Board, party: Party, ends: Ints, who: Seeker, work: Scratch
) -> tuple[int, int, int]:
    """How many pairs without gap are kept, how many with one are aside, and the last key kept.

    Once the best that is left is worse than that key, nothing else is looked at.
    """
    found, lacking, last, aside = 0, 0, LAST_KEY - 1, len(work.trade)
    work.best[:] = LAST_KEY - 1
    soonest = max(board.today, who.available)
    for level in range(LEVELS):
        if best_at(level, soonest) > last:
            break
        for at in work.order[: pick(level, ends[0], work)]:
            key, day, packed = glance(board, party, at, ends, who, work)
            if key > last:
                continue
            if gap_of(packed):
                put(work, aside + lacking, at, key, day, packed)
                lacking += 1
            else:
                put(work, found, at, key, day, packed)
                found += 1
                last = last_kept(work.best, key)
    return found, lacking, last


@compiled_inside
def measure(board: Board, party: Party, ends: Ints, who: Seeker, work: Scratch) -> int:
    """Put in ``at``, ``key``, ``day`` and ``packed`` the pairs worth keeping; how many.

    Pairs with a gap are put aside, beyond those; their sessions are searched once the others are
    known, where nothing else beats them.
    """
    aside = len(work.trade)
    found, lacking, last = look(board, party, ends, who, work)
    for n in range(aside, aside + lacking):
        at, like = work.at[n], Outline(work.key[n], work.packed[n])
        if like.key > last:
            continue
        key, day = train(board, party, at, like, last, who, work)
        if key <= last:
            put(work, found, at, key, day, like.packed)
            found += 1
            last = last_kept(work.best, key)
    left = 0
    for n in range(found):
        if work.key[n] <= last:
            put(work, left, work.at[n], work.key[n], work.day[n], work.packed[n])
            left += 1
    return left


@compiled_inside
def rank(found: int, work: Scratch) -> None:
    """Put in ``order`` the numbers of the pairs found, best key first.

    By insertion: but for those that tie with the last one, there are fewer than ``top``.
    """
    order, key = work.order, work.key
    for n in range(found):
        at = n
        while at > 0 and key[order[at - 1]] > key[n]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = n


@compiled_inside
def put(work: Scratch, where: int, at: int, key: int, day: int, packed: int) -> None:
    """Write one pair found."""
    work.at[where], work.key[where], work.day[where], work.packed[where] = at, key, day, packed


@compiled
def best_of_parties(
    board: Board, crowd: Crowd, land: Land, parties: Parties, work: Scratch
) -> Found:
    """The candidates of the people of parties, in turn; ``work`` has room for ``top`` keys."""
    count = np.zeros(len(parties.people), dtype=np.int64)
    room = np.empty((5, len(count) * (len(work.best) + 8)), dtype=np.int64)
    filled, one = 0, 0
    for number in range(len(parties.first) - 1):
        party = gather(board, land, parties, number, work)
        for n, person in enumerate(party.people):
            who = Seeker(person, crowd.available[person], party.limit[n])
            weigh(party.ends[n, 0], tell(board, crowd, person, work), work)
            recall(board, party, who, party.ends[n, 0], work)
            prefer(board, crowd, person, party.ends[n, 0], work)
            found = measure(board, party, party.ends[n], who, work)
            forget(board, crowd, person, work)
            rank(found, work)
            room = room_for(room, filled, found)
            keep(room, filled, found, party, work)
            count[one] = found
            filled, one = filled + found, one + 1
    offer, near, key, day, packed = room[0], room[1], room[2], room[3], room[4]
    return Found(count, offer[:filled], near[:filled], key[:filled], day[:filled], packed[:filled])
