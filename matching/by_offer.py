"""One offer judged against every person at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from matching.groups import Calendar, Terms, Verdicts, judge
from matching.people import PeopleTable
from matching.records import Commune, Offer, Requirement, RequirementKind, Taxonomy
from matching.requirements import (
    GAP,
    MET,
    UNHEARD,
    UNKNOWN,
    GroupOf,
    classify,
    level_of,
    subject_of,
    threshold_of,
)
from matching.sessions import HORIZON_DAYS, NEVER, REMOTE, SessionTable
from matching.travel import Bools, Floats, Ints


class OfferJudgement(NamedTuple):
    """One offer against some people of a table; every array has one element per person."""

    minutes: Floats
    car_minutes: Floats
    in_reach: Bools
    terms: Terms
    verdicts: Verdicts


def judge_offer(
    offer: Offer,
    table: PeopleTable,
    sessions: SessionTable,
    communes: Mapping[str, Commune],
    taxonomy: Taxonomy,
    today: int,
    among: Ints | None = None,
) -> OfferJudgement:
    """Terms and groups of the pairs of one offer: all people, or those of these numbers."""
    people = np.arange(len(table.people)) if among is None else among
    minutes, by_car = table.minutes(offer.commune, communes, people)
    in_reach = minutes <= table.max_minutes[people]
    wanted, latest = offer.start_wanted.toordinal(), offer.start_latest.toordinal()
    deciding = [need for need in offer.requirements if need.decides]
    desired = [n for n in offer.requirements if n.kind is RequirementKind.DESIRED]
    unknown, gap, backed, _ = _classes(deciding, wanted, table, people, taxonomy.group_of)
    met = _classes(desired, wanted, table, people, taxonomy.group_of)[3]
    useful = _useful(deciding, sessions, today, latest)
    around = _Around(table, people, sessions)
    step_end, path_end = _training_ends(gap & in_reach, useful, around, today)
    terms = Terms(
        unknown=unknown.sum(axis=0),
        doubt=(unknown & ~backed).sum(axis=0),
        gap=gap.sum(axis=0),
        desired_met=met.sum(axis=0),
        step_end=step_end,
        path_end=path_end,
    )
    days = Calendar(today, table.available_from[people], np.asarray(wanted), np.asarray(latest))
    return OfferJudgement(minutes, by_car, in_reach, terms, judge(terms, days))


def _classes(
    needs: Sequence[Requirement], on: int, table: PeopleTable, people: Ints, group_of: GroupOf
) -> tuple[Bools, Bools, Bools, Bools]:
    """Unknown, gap, backed and met: one line per requirement, one column per person."""
    shape = (len(needs), len(people))
    outcome = np.full(shape, MET, dtype=np.int8)
    backed = np.zeros(shape, dtype=np.bool_)
    for line, need in enumerate(needs):
        threshold = np.int64(threshold_of(need, on))
        outcome[line] = classify(table.known(subject_of(need))[people], np.asarray(threshold))
        group = group_of(need.skill) if need.skill is not None else None
        if group is not None:
            backed[line] = (outcome[line] == UNKNOWN) & (table.best(group)[people] >= threshold)
    return outcome == UNKNOWN, outcome == GAP, backed, outcome == MET


class _Around(NamedTuple):
    """The people judged, and the sessions around them."""

    table: PeopleTable
    people: Ints
    sessions: SessionTable

    def in_reach(self, sessions: Ints, people: Ints) -> Bools:
        """Whether each session (line) is remote or in reach of each person (column)."""
        table = self.table
        homes, home = np.unique(table.place[people], return_inverse=True)
        where, line = np.unique(self.sessions.place[sessions], return_inverse=True)
        found = np.ones((len(where), len(people)), dtype=np.bool_)
        on_site = where != REMOTE
        km = table.places.km_between(self.sessions.places, where[on_site], homes)
        found[on_site] = km[:, home] <= table.limits.reach[people]
        return found[line]


def _useful(needs: Sequence[Requirement], sessions: SessionTable, today: int, latest: int) -> Bools:
    """The sessions that may count (column) for each need (line)."""
    cover = [sessions.covering(subject_of(n), level_of(n)) for n in needs]
    possible = sessions.has_seats & (sessions.start >= today)
    possible &= sessions.end <= max(latest, today + HORIZON_DAYS)
    return np.array(cover, dtype=np.bool_).reshape(len(needs), len(possible)) & possible


def _training_ends(gap: Bools, cover: Bools, around: _Around, today: int) -> tuple[Ints, Ints]:
    """``step_end`` and ``path_end`` of each person (see ``Terms``).

    ``gap`` has one line per need, one column per person; ``cover`` one column per session.
    """
    table, sessions = around.table, around.sessions
    step_end = np.full(len(around.people), NEVER, dtype=np.int64)
    path_end = np.full(len(around.people), NEVER, dtype=np.int64)
    lacking = np.flatnonzero(gap.any(axis=0))
    if len(lacking) == 0:
        return step_end, path_end
    gap, people = gap[:, lacking], around.people[lacking]
    useful = np.flatnonzero(cover.any(axis=0))
    cover, end = cover[:, useful], sessions.end[useful]
    reachable = around.in_reach(useful, people)
    reachable &= sessions.start[useful, None] >= table.available_from[people]
    path_end[lacking] = _path_end(cover & (end <= today + HORIZON_DAYS), gap, reachable, end)
    unblocked = reachable & _unblocked(useful, people, table, sessions)
    step_end[lacking] = _earliest(unblocked & _covers_all(cover, gap), end)
    return step_end, path_end


def _earliest(suits: Bools, end: Ints) -> Ints:
    """For each column, the earliest end among the lines that suit, or ``NEVER``."""
    ends: Ints = np.where(suits, end[:, None], NEVER)
    return np.asarray(ends.min(axis=0, initial=NEVER), dtype=np.int64)


def _path_end(cover: Bools, gap: Bools, reachable: Bools, end: Ints) -> Ints:
    """The latest, over each person's gaps, of the earliest end that covers the gap."""
    latest = np.zeros(gap.shape[1], dtype=np.int64)
    for covers, missing in zip(cover, gap, strict=True):
        lines = np.flatnonzero(covers)
        earliest = _earliest(reachable[lines], end[lines])
        latest = np.where(missing, np.maximum(latest, earliest), latest)
    return latest


def _covers_all(cover: Bools, gap: Bools) -> Bools:
    """Whether each session (line) covers every gap of each person (column)."""
    patterns, which = np.unique(cover, axis=1, return_inverse=True)
    whole = np.array([~gap[~pattern].any(axis=0) for pattern in patterns.T], dtype=np.bool_)
    return whole.reshape(-1, gap.shape[1])[which]


def _unblocked(useful: Ints, people: Ints, table: PeopleTable, sessions: SessionTable) -> Bools:
    """Whether no prerequisite of each useful session (line) is a gap for each person."""
    free = np.ones((len(useful), len(people)), dtype=np.bool_)
    needs = sessions.prerequisites
    line_of = np.full(len(sessions.sessions), UNHEARD, dtype=np.int64)
    line_of[useful] = np.arange(len(useful))
    subjects = list(needs.subjects)
    judged: dict[tuple[int, int], Bools] = {}
    for row in np.flatnonzero(line_of[needs.owner] >= 0):
        key = (int(needs.subject[row]), int(needs.threshold[row]))
        if key not in judged:
            known = table.known(subjects[key[0]])[people]
            judged[key] = classify(known, np.asarray(key[1])) != GAP
        free[line_of[needs.owner[row]]] &= judged[key]
    return free
