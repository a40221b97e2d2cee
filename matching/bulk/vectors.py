"""Column by column: the best offers of the people of one commune, with NumPy alone.

The reference of ``loops``, and what answers for one person. Groups come from ``groups.judge``, the
one place where they are decided.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matching.bulk.keys import (
    LAST_KEY,
    NOT_BACKED,
    ONE_DESIRED,
    ONE_GAP,
    ONE_UNKNOWN,
    desired_of,
    doubt_of,
    gap_of,
    key_of,
    unknown_of,
)
from matching.bulk.layout import Board, Codes, Crowd
from matching.bulk.reach import Party
from matching.bulk.settle import Found
from matching.groups import Calendar, Terms, judge
from matching.ordering import Interest
from matching.sessions import NEVER
from matching.travel import Bools, Ints


class Columns(NamedTuple):
    """The rows of all the offers as lines of equal length: line ``n`` has the code of the n-th
    thing that each offer asks, or twice ``codes``, at which every answer is 0."""

    row: Codes


def columns_of(board: Board) -> Columns:
    """The board's rows, padded."""
    size = np.diff(board.row_first)
    row = np.full((int(size.max(initial=0)), len(size)), 2 * board.codes, dtype=np.int32)
    offer = np.repeat(np.arange(len(size)), size)
    row[np.arange(len(board.row)) - board.row_first[offer], offer] = board.row
    return Columns(row)


class _Scene(NamedTuple):
    """One person before some offers: everything but the sessions."""

    board: Board
    answer: Ints
    offers: Ints
    rows: Codes
    packed: Ints
    available: int
    usable: Bools


def best_of_party(board: Board, columns: Columns, crowd: Crowd, party: Party, top: int) -> Found:
    """The candidates of the people of a party, in turn."""
    people = zip(party.people.tolist(), party.ends, party.limit.tolist(), strict=True)
    found = [
        _best_of(board, columns, crowd, person, party.offer[: ends[0]], ends, reach, top)
        for person, ends, limit in people
        for reach in [party.session_km <= limit]
    ]
    count = np.array([len(one[0]) for one in found], dtype=np.int64)
    if not found:
        return Found(count, *(np.zeros(0, dtype=np.int64) for _ in range(4)))
    return Found(count, *(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _best_of(
    board: Board,
    columns: Columns,
    crowd: Crowd,
    person: int,
    offers: Ints,
    ends: Ints,
    in_reach: Bools,
    top: int,
) -> tuple[Ints, Ints, Ints, Ints]:
    """Positions, keys, days and packed counts of one person's candidates."""
    interest = _interest(board, crowd, person)[board.occupation[offers]]
    at = np.flatnonzero(interest != Interest.DISLIKED)
    interest = interest[at]
    answer = answers_of(board, crowd, person)
    rows = columns.row[:, offers[at]]
    packed = answer[rows].sum(axis=0)
    available = int(crowd.available[person])
    usable = in_reach & (board.start >= available)
    scene = _Scene(board, answer, offers[at], rows, packed, available, usable)
    bucket = np.searchsorted(ends[1:], at, side="right")
    soonest = np.full(len(at), max(board.today, available))
    # As if a session ended at once: exact without gap, and otherwise never worse than the truth.
    group, day = _judged(scene, np.arange(len(at)), soonest, soonest)
    key = key_of(group, interest, day, packed, bucket)
    lacking = gap_of(packed) > 0
    doubtful = np.flatnonzero(lacking & (key <= _last(key[~lacking], top)))
    group, day[doubtful] = _judged(scene, doubtful, *_training_ends(scene, doubtful))
    key[lacking] = LAST_KEY
    key[doubtful] = key_of(
        group, interest[doubtful], day[doubtful], packed[doubtful], bucket[doubtful]
    )
    chosen = np.flatnonzero(key <= min(_last(key, top), LAST_KEY - 1))
    chosen = chosen[np.argsort(key[chosen], kind="stable")]
    return at[chosen], key[chosen], day[chosen], packed[chosen]


def _last(key: Ints, top: int) -> int:
    """The key of the ``top``-th best, or more than any key when there are not so many."""
    if len(key) < top:
        return LAST_KEY
    return int(np.partition(key, top - 1)[top - 1])


def spread(first: Ints, after: Ints) -> tuple[Ints, Ints]:
    """Every number from each ``first`` to before ``after``, and which range it is of."""
    size = after - first
    which = np.repeat(np.arange(len(size)), size)
    return np.arange(len(which)) + (first - (np.cumsum(size) - size))[which], which


def answers_of(board: Board, crowd: Crowd, person: int) -> Ints:
    """What each code adds to the packed counts (see ``layout``), with a last cell for padding."""
    answer = np.zeros(2 * board.codes + 1, dtype=np.int64)
    answer[: board.codes] = NOT_BACKED
    best = slice(crowd.best_first[person], crowd.best_first[person + 1])
    groups, levels = crowd.best_group[best], crowd.best_level[best]
    at, which = spread(board.group_first[groups], board.group_first[groups + 1])
    code = board.group_codes[at]
    answer[code[board.threshold[code] <= levels[which]]] = ONE_UNKNOWN
    known = slice(crowd.fact_first[person], crowd.fact_first[person + 1])
    subjects, values = crowd.fact_subject[known], crowd.fact_value[known]
    said, which = spread(board.subject_first[subjects], board.subject_first[subjects + 1])
    met = board.threshold[said] <= values[which]
    answer[said] = np.where(met, 0, ONE_GAP)
    answer[board.codes + said[met]] = ONE_DESIRED
    return answer


def _interest(board: Board, crowd: Crowd, person: int) -> Ints:
    interest = np.full(board.occupations + 1, Interest.NEUTRAL, dtype=np.int64)
    interest[-1] = Interest.DISLIKED
    tastes = range(crowd.taste_first[person], crowd.taste_first[person + 1])
    for taste in tastes:
        interest[crowd.taste_occupation[taste]] = crowd.taste_value[taste]
    return interest


def _judged(scene: _Scene, chosen: Ints, step_end: Ints, path_end: Ints) -> tuple[Ints, Ints]:
    packed, offers = scene.packed[chosen], scene.offers[chosen]
    terms = Terms(
        unknown_of(packed), doubt_of(packed), gap_of(packed), desired_of(packed), step_end, path_end
    )
    board = scene.board
    days = Calendar(
        board.today, np.asarray(scene.available), board.wanted[offers], board.latest[offers]
    )
    group, ready_by = judge(terms, days)
    return group.astype(np.int64), ready_by


def _training_ends(scene: _Scene, chosen: Ints) -> tuple[Ints, Ints]:
    """``step_end`` and ``path_end`` (see ``groups.Terms``) of the chosen pairs, which lack some."""
    board, never = scene.board, np.full(len(chosen), NEVER, dtype=np.int64)
    if len(chosen) == 0:
        return never, never
    rows = scene.rows[:, chosen].T
    lacks = (rows < board.codes) & (scene.answer[rows] == ONE_GAP)
    pair, column = np.nonzero(lacks)
    line = board.line[rows[pair, column]]
    lines, which = np.unique(line, return_inverse=True)
    at, owner = spread(board.cover_first[lines], board.cover_first[lines + 1])
    session = board.cover[at]
    usable = scene.usable[session]
    session, owner = session[usable], owner[usable]
    path = np.full(len(lines), NEVER, dtype=np.int64)
    in_time = board.end[session] <= board.horizon
    np.minimum.at(path, owner[in_time], board.end[session[in_time]])
    path_end = np.zeros(len(chosen), dtype=np.int64)
    np.maximum.at(path_end, pair, path[which])
    brings = np.zeros((len(lines), len(board.start)), dtype=np.bool_)
    brings[owner, session] = True
    step_end = _step_end(scene, brings[:, np.unique(session)], which, pair, np.unique(session))
    return step_end, path_end


def _step_end(scene: _Scene, brings: Bools, which: Ints, pair: Ints, session: Ints) -> Ints:
    """The earliest end of an open session that brings all that a pair lacks.

    ``brings`` has a line per thing lacked, a column per ``session`` (in the order of their end);
    pairs, in turn, lack the things ``which``. Pairs that lack the same are judged once.
    """
    board = scene.board
    at, owner = spread(board.before_first[session], board.before_first[session + 1])
    blocked = np.bincount(owner[scene.answer[board.before[at]] == ONE_GAP], minlength=len(session))
    opened = brings & (blocked == 0)
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    ends = np.append(first[1:], len(pair))
    known: dict[bytes, int] = {}
    found = np.empty(len(first), dtype=np.int64)
    for n, (start, stop) in enumerate(zip(first.tolist(), ends.tolist(), strict=True)):
        wanted = which[start:stop]
        name = wanted.tobytes()
        if name not in known:
            suits = opened[wanted].all(axis=0)
            one = int(suits.argmax()) if len(suits) else 0
            known[name] = int(board.end[session[one]]) if suits.any() else NEVER
        found[n] = known[name]
    return found
