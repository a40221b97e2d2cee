"""The sessions that close the gaps of a pair, in loops made to be compiled."""

from __future__ import annotations

from matching.bulk.jit import compiled_inside
from matching.bulk.layout import Board
from matching.bulk.reach import Party
from matching.bulk.scratch import LACKED, Scratch, Seeker
from matching.sessions import NEVER


@compiled_inside
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


@compiled_inside
def lacks(board: Board, offer: int, work: Scratch) -> tuple[int, int]:
    """Put the lines of a pair's gaps in ``gaps``; how many, and the latest of their first ends.

    No session that covers all of them ends before that day, wherever it is.
    """
    gaps, end = 0, 0
    for at in range(board.row_first[offer], board.row_first[offer + 1]):
        code = board.row[at]
        if code < board.codes and work.answer[code] == LACKED:
            line = board.line[code]
            first = board.cover_first[line]
            covered = first < board.cover_first[line + 1]
            end = max(end, board.end[board.cover[first]] if covered else NEVER)
            work.gaps[gaps] = line
            gaps += 1
    return gaps, end


@compiled_inside
def soonest_of_all(board: Board, party: Party, gaps: int, who: Seeker, work: Scratch) -> int:
    """The latest, over the gaps of a pair, of the earliest end for one person."""
    end = 0
    for n in range(gaps):
        end = max(end, soonest_end(board, party, work.gaps[n], who, work))
    return end


@compiled_inside
def is_open(board: Board, party: Party, session: int, who: Seeker, work: Scratch) -> bool:
    """Whether a session with seats, not started today, is open to the person."""
    if work.open_of[session] == who.person:
        return bool(work.opened[session])
    is_so = board.start[session] >= who.available and party.session_km[session] <= who.limit
    if is_so:
        for at in range(board.before_first[session], board.before_first[session + 1]):
            if work.answer[board.before[at]] == LACKED:
                is_so = False
    work.opened[session], work.open_of[session] = is_so, who.person
    return bool(is_so)


@compiled_inside
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


@compiled_inside
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
        # Few sessions are in reach: that is asked first.
        whole = is_open(board, party, session, who, work)
        for n in range(gaps):
            whole = whole and covers(board, work.gaps[n], session)
        if whole:
            return int(board.end[session])
    return NEVER
