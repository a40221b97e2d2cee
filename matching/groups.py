"""The five groups: what a pair is, and the day the person is ready by.

One rule for both directions and for the explanation: arrays of any one shape in, arrays of
that shape out. Days are ordinals.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.sessions import HORIZON_DAYS, NEVER
from matching.travel import Bools, Ints

NO_DAY = -1


class Group(StrEnum):
    """Where a pair stands, best first."""

    READY = "ready"
    ONE_STEP = "one_step"
    TO_CHECK = "to_check"
    LONGER_PATH = "longer_path"
    GAP = "gap"


GROUPS = tuple(Group)
READY, ONE_STEP, TO_CHECK, LONGER_PATH, OUT = range(5)


class Terms(NamedTuple):
    """What the group and the order of each pair are computed from.

    ``unknown``, ``doubt`` (unknown and not backed) and ``gap`` count deciding requirements;
    ``desired_met`` counts the desired ones that are met. ``step_end`` is the earliest end of
    one open session that covers every gap, ``path_end`` the latest, over the gaps, of the
    earliest end of a session that covers it within the year; both ``NEVER`` when there is
    none (``step_end`` is then not compared with the offer yet), and mean nothing without gap.
    """

    unknown: Ints
    doubt: Ints
    gap: Ints
    desired_met: Ints
    step_end: Ints
    path_end: Ints


class Calendar(NamedTuple):
    """The days a pair depends on, each an array or a single day."""

    today: int
    available_from: Ints
    start_wanted: Ints
    start_latest: Ints


class Verdicts(NamedTuple):
    """The group (0 to 4, in the order of ``GROUPS``) and the ready day (or ``NO_DAY``)."""

    group: NDArray[np.int8]
    ready_by: Ints


def judge(terms: Terms, days: Calendar) -> Verdicts:
    """The group and ``ready_by`` of each pair in reach."""
    no_gap = terms.gap == 0
    soonest = np.maximum(days.today, days.available_from)
    ready = no_gap & (days.available_from <= days.start_wanted)
    comes_later = no_gap & ~ready & (days.available_from <= days.start_latest)
    one_session = ~no_gap & (terms.step_end <= days.start_latest)
    checked = terms.unknown == 0
    within_a_year = days.available_from <= days.today + HORIZON_DAYS
    path = within_a_year & (no_gap | (terms.path_end != NEVER))
    hireable = ready | comes_later | one_session
    group = _first(
        (ready & checked, READY),
        (hireable & checked, ONE_STEP),
        (hireable, TO_CHECK),
        (path, LONGER_PATH),
        otherwise=OUT,
    )
    ready_by = _first(
        (ready, soonest),
        (comes_later, days.available_from),
        (one_session, terms.step_end),
        (path & no_gap, soonest),
        (path, terms.path_end),
        otherwise=NO_DAY,
    )
    return Verdicts(group.astype(np.int8), ready_by)


def _first(*cases: tuple[Bools, Ints | int], otherwise: int) -> Ints:
    """The value of the first case that holds, for each pair."""
    chosen = np.full(cases[0][0].shape, otherwise, dtype=np.int64)
    for holds, value in reversed(cases):
        np.copyto(chosen, value, where=holds)
    return chosen
