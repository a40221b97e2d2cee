"""The best people of every offer, person by person, in loops made to be compiled.

Each offer keeps the keys of its ``top`` best people so far (``best``, a line per offer, sorted);
a person is compared with the last of them, offer after offer, and what cannot beat it is passed.
"""

from __future__ import annotations

import numpy as np

from matching.bulk.gathering import gather, keep, room_for
from matching.bulk.jit import compiled, compiled_inside
from matching.bulk.keys import LAST_KEY
from matching.bulk.layout import Board, Crowd
from matching.bulk.levels import MAY_BE_READY, fewest_at, key_of, recall, weigh
from matching.bulk.loops import Outline, gap_of, glance, last_kept, put, train
from matching.bulk.reach import Land, Parties, Party
from matching.bulk.scratch import Scratch, Seeker, Silence, forget, tell
from matching.bulk.settle import Found
from matching.groups import TO_CHECK
from matching.travel import Ints


def nobody(offers: int, top: int) -> Ints:
    """The best keys of offers that nobody was compared with yet."""
    return np.full((offers, top), LAST_KEY - 1, dtype=np.int64)


@compiled_inside
def sift(
    board: Board, party: Party, ends: Ints, who: Seeker, silence: Silence, best: Ints, work: Scratch
) -> int:
    """Put in ``at``, ``key``, ``day`` and ``packed`` the offers that a person counts for.

    Pairs with a gap come last: their sessions are searched where their outline is good enough.
    How many there are is returned.
    """
    found, lacking, aside = 0, 0, len(work.trade)
    soonest = max(board.today, who.available)
    weigh(ends[0], silence, work)
    recall(board, party, who, ends[0], work)
    for at in range(ends[0]):
        offer = party.offer[at]
        last = best[offer, -1]
        if work.level[at] != MAY_BE_READY:
            fewest = fewest_at(int(work.level[at]))
            interest = work.interest[work.trade[at]]
            if key_of(TO_CHECK, interest, soonest, fewest, 0) > last:
                continue
        key, day, packed = glance(board, party, at, ends, who, work)
        if key > last:
            continue
        if gap_of(packed):
            put(work, aside + lacking, at, key, day, packed)
            lacking += 1
        else:
            put(work, found, at, key, day, packed)
            found += 1
            last_kept(best[offer], key)
    return sift_lacking(board, party, lacking, found, who, best, work)


@compiled_inside
def sift_lacking(
    board: Board, party: Party, lacking: int, found: int, who: Seeker, best: Ints, work: Scratch
) -> int:
    """Add to the pairs found those put aside whose training is soon enough; how many, then."""
    aside = len(work.trade)
    for n in range(aside, aside + lacking):
        at, like = work.at[n], Outline(work.key[n], work.packed[n])
        offer = party.offer[at]
        if like.key > best[offer, -1]:
            continue
        key, day = train(board, party, at, like, best[offer, -1], who, work)
        if key != LAST_KEY:
            put(work, found, at, key, day, like.packed)
            found += 1
            last_kept(best[offer], key)
    return found


@compiled
def sift_parties(
    board: Board, crowd: Crowd, land: Land, parties: Parties, best: Ints, work: Scratch
) -> Found:
    """The pairs of the people of parties that were among the best of their offer when met."""
    count = np.zeros(len(parties.people), dtype=np.int64)
    room = np.empty((5, 32 * len(count)), dtype=np.int64)
    filled, one = 0, 0
    for number in range(len(parties.first) - 1):
        party = gather(board, land, parties, number, work)
        for n, person in enumerate(party.people):
            who = Seeker(person, crowd.available[person], party.limit[n])
            silence = tell(board, crowd, person, work)
            found = sift(board, party, party.ends[n], who, silence, best, work)
            forget(board, crowd, person, work)
            work.order[:found] = np.arange(found)
            room = room_for(room, filled, found)
            keep(room, filled, found, party, work)
            count[one] = found
            filled, one = filled + found, one + 1
    offer, near, key, day, packed = room[0], room[1], room[2], room[3], room[4]
    return Found(count, offer[:filled], near[:filled], key[:filled], day[:filled], packed[:filled])
