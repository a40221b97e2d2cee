"""Column by column: the best offers of the people of one commune, with NumPy alone.

The reference of ``loops``, and what answers for one person. Groups come from ``groups.judge``, the
one place where they are decided.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from matching.bulk.reach import Party, spread
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
    found = [
        _best_of(_outlines(board, columns, crowd, person, party, n, Interest.NEUTRAL), top)
        for n, person in enumerate(party.people.tolist())
    ]
    return _together(party, found)


def _together(party: Party, found: Sequence[tuple[Ints, Ints, Ints, Ints]]) -> Found:
    """The pairs of the people of a party, each given with its position before it."""
    count = np.array([len(one[0]) for one in found], dtype=np.int64)
    at, *columns = (np.concatenate(column) for column in zip(*found, strict=True))
    return Found(count, party.offer[at], party.near[at], *columns)


class _Outlines(NamedTuple):
    """One person before the offers at some positions: all that sessions do not change.

    ``key`` is exact without gap; with one (``lacking``), as if a session ended at once.
    """

    scene: _Scene
    at: Ints
    interest: Ints
    bucket: Ints
    key: Ints
    day: Ints
    lacking: Bools

    def trained(self, chosen: Ints) -> tuple[Ints, Ints]:
        """Keys and days of the chosen pairs, which have a gap."""
        group, day = _judged(self.scene, chosen, *_training_ends(self.scene, chosen))
        packed, interest = self.scene.packed[chosen], self.interest[chosen]
        return key_of(group, interest, day, packed, self.bucket[chosen]), day


def _outlines(
    board: Board, columns: Columns, crowd: Crowd, person: int, party: Party, nth: int, worst: int
) -> _Outlines:
    """The ``nth`` of a party, ``person``, before all in reach that interests up to ``worst``."""
    ends = party.ends[nth]
    offers = party.offer[: ends[0]]
    interest = _interest(board, crowd, person)[board.occupation[offers]]
    at = np.flatnonzero(interest <= worst)
    answer = answers_of(board, crowd, person)
    rows = columns.row[:, offers[at]]
    packed = answer[rows].sum(axis=0)
    available = int(crowd.available[person])
    usable = (party.session_km <= party.limit[nth]) & (board.start >= available)
    scene = _Scene(board, answer, offers[at], rows, packed, available, usable)
    bucket = np.searchsorted(ends[1:4], at, side="right")
    soonest = np.full(len(at), max(board.today, available))
    group, day = _judged(scene, np.arange(len(at)), soonest, soonest)
    key = key_of(group, interest[at], day, packed, bucket)
    return _Outlines(scene, at, interest[at], bucket, key, day, gap_of(packed) > 0)


def _best_of(one: _Outlines, top: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Positions, keys, days and packed counts of one person's candidates."""
    key, day, lacking = one.key, one.day, one.lacking
    doubtful = np.flatnonzero(lacking & (key <= _last(key[~lacking], top)))
    trained = one.trained(doubtful)
    key[lacking] = LAST_KEY
    key[doubtful], day[doubtful] = trained
    chosen = np.flatnonzero(key <= min(_last(key, top), LAST_KEY - 1))
    chosen = chosen[np.argsort(key[chosen], kind="stable")]
    return one.at[chosen], key[chosen], day[chosen], one.scene.packed[chosen]


def sift_party(board: Board, columns: Columns, crowd: Crowd, party: Party, best: Ints) -> Found:
    """The pairs of the people of a party that were among the best of their offer when met.

    ``best`` has a line per offer of the board, the smallest keys so far, sorted.
    """
    found = [
        _sift(_outlines(board, columns, crowd, person, party, n, Interest.DISLIKED), best)
        for n, person in enumerate(party.people.tolist())
    ]
    return _together(party, found)


def _sift(one: _Outlines, best: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    offers, last = one.scene.offers, best[one.scene.offers, -1]
    known = np.flatnonzero(~one.lacking & (one.key <= last))
    doubtful = np.flatnonzero(one.lacking & (one.key <= last))
    key, day = one.trained(doubtful)
    good = key <= last[doubtful]
    chosen = np.concatenate((known, doubtful[good]))
    keys, days = np.append(one.key[known], key[good]), np.append(one.day[known], day[good])
    lines = best[offers[chosen]]
    lines[:, -1] = keys
    best[offers[chosen]] = np.sort(lines, axis=1)
    return one.at[chosen], keys, days, one.scene.packed[chosen]


def _last(key: Ints, top: int) -> int:
    """The key of the ``top``-th best, or more than any key when there are not so many."""
    if len(key) < top:
        return LAST_KEY
    return int(np.partition(key, top - 1)[top - 1])


def answers_of(board: Board, crowd: Crowd, person: int) -> Ints:
    """What each code adds to the packed counts (see ``layout``), with a last cell for padding."""
    answer = np.zeros(2 * board.codes + 1, dtype=np.int64)
    answer[: board.codes] = NOT_BACKED
    best = slice(crowd.best_first[person], crowd.best_first[person + 1])
    groups, levels = crowd.best_group[best], crowd.best_level[best]
    code, which = spread(board.group_first[groups], board.group_first[groups + 1])
    answer[code[board.threshold[code] <= levels[which]]] = ONE_UNKNOWN
    known = slice(crowd.fact_first[person], crowd.fact_first[person + 1])
    subjects, values = crowd.fact_subject[known], crowd.fact_value[known]
    said, which = spread(board.subject_first[subjects], board.subject_after[subjects])
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
