"""What pairs may be at best, in loops made to be compiled.

Most pairs in reach are never looked at: a few words of bits (see ``families``) say for each what
it is at best, its *level*, and pairs are taken level by level until none that is left can enter
the list.
"""

from __future__ import annotations

from collections.abc import Callable

from matching.bulk import keys
from matching.bulk.jit import compiled_inside
from matching.bulk.keys import MOST_ROWS, NOT_BACKED, ONE_DESIRED, ONE_UNKNOWN
from matching.bulk.layout import Board, Crowd
from matching.bulk.reach import Party
from matching.bulk.scratch import DISLIKED, LIKED, NEUTRAL, Scratch, Seeker, Silence
from matching.groups import TO_CHECK

# The better the lower: maybe ready (or by a day that is past), or else of an occupation that is
# liked, or else with so many doubts. Beyond the last, pairs are not told apart; those never looked
# at have no level.
MAY_BE_READY, FAVOURITE, UNDOUBTED = range(3)
LEVELS, NO_LEVEL = 16, 16

key_of: Callable[[int, int, int, int, int], int] = compiled_inside(keys.key_of)


@compiled_inside
def bits_of(word: int) -> int:
    """How many bits of a word are set (the sign is not)."""
    word -= word >> 1 & 0x5555555555555555
    word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333)
    word = word + (word >> 4) & 0x0F0F0F0F0F0F0F0F
    return word * 0x0101010101010101 >> 56 & 0x7F


@compiled_inside
def weigh(within: int, silence: Silence, work: Scratch) -> None:
    """Put in ``level`` what pairs may be at best, for somebody silent about all this.

    Nothing but words and bytes in a row: the processor takes several at a time.
    """
    once, several, first, second = work.asks[0], work.asks[1], work.asks[2], work.asks[3]
    for at in range(within):
        unknown = first[at] & silence.first | second[at] & silence.second
        doubts = bits_of(int(once[at] & silence.family))
        doubts += bits_of(int(several[at] & silence.family))
        level = min(UNDOUBTED + doubts, LEVELS - 1)
        work.level[at] = MAY_BE_READY if unknown | doubts == 0 else level


@compiled_inside
def recall(board: Board, party: Party, who: Seeker, within: int, work: Scratch) -> None:
    """Let offers wanted before a person was free come first, when both days are past.

    Such a pair is ready by that past day (see ``groups.judge``), before what ``best_at`` tells.
    """
    if who.available >= board.today:
        return
    n = 0
    while work.late[n] < within:
        at = work.late[n]
        if board.wanted[party.offer[at]] < who.available:
            work.level[at] = MAY_BE_READY
        n += 1


@compiled_inside
def prefer(board: Board, crowd: Crowd, person: int, within: int, work: Scratch) -> None:
    """Let offers that a person likes come before those with fewer doubts, and no disliked one."""
    for taste in range(crowd.taste_first[person], crowd.taste_first[person + 1]):
        trade = crowd.taste_occupation[taste]
        favour(trade, within, work)
    favour(board.occupations, within, work)


@compiled_inside
def favour(trade: int, within: int, work: Scratch) -> None:
    """Set the level of the offers of a trade that is not neutral."""
    disliked = work.interest[trade] == DISLIKED
    for n in range(work.trade_first[trade], work.trade_first[trade + 1]):
        at = work.of_trade[n]
        if at < within:
            if disliked:
                work.level[at] = NO_LEVEL
            elif work.level[at] != MAY_BE_READY:
                work.level[at] = FAVOURITE


@compiled_inside
def fewest_at(level: int) -> int:
    """The best packed counts of a pair of a level that is not ready."""
    doubts = max(0, level - UNDOUBTED)
    return max(ONE_UNKNOWN, doubts * NOT_BACKED) + MOST_ROWS * ONE_DESIRED


@compiled_inside
def best_at(level: int, soonest: int) -> int:
    """A key that no pair of a level beats."""
    if level == MAY_BE_READY:
        return 0
    interest = LIKED if level == FAVOURITE else NEUTRAL
    return key_of(TO_CHECK, interest, soonest, fewest_at(level), 0)


@compiled_inside
def pick(level: int, within: int, work: Scratch) -> int:
    """Put in ``order`` the positions of a level; how many.

    Written whether it is one or not: a branch that cannot be foreseen costs more.
    """
    found = 0
    for at in range(within):
        work.order[found] = at
        found += work.level[at] == level
    return found
