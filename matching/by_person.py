"""One person judged against every offer at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from matching.groups import Calendar, Terms, Verdicts, judge
from matching.offers import OfferTable
from matching.records import Commune, Person, Taxonomy
from matching.requirements import GAP, MET, UNKNOWN, Outcomes, best_by_group, facts_of
from matching.sessions import HORIZON_DAYS, NEVER, Availability, SessionTable
from matching.travel import Bools, Floats, Ints


class Judgement(NamedTuple):
    """One person against a table of offers: what the list and the explanation both read.

    ``outcomes`` and ``backed`` have one element per requirement row, ``sessions`` one per
    session, the rest one per offer.
    """

    outcomes: Outcomes
    backed: Bools
    sessions: Availability
    minutes: Floats
    car_minutes: Floats
    in_reach: Bools
    terms: Terms
    verdicts: Verdicts


def judge_person(
    person: Person,
    table: OfferTable,
    sessions: SessionTable,
    communes: Mapping[str, Commune],
    taxonomy: Taxonomy,
    today: int,
) -> Judgement:
    """Classes, terms and groups of every pair of one person."""
    available = sessions.availability(person, today, communes)
    minutes, by_car = table.minutes(person.commune, person.modes, communes)
    rows = table.requirements
    outcomes = rows.outcomes(facts_of(person))
    backed = rows.backed(outcomes, best_by_group(person, taxonomy.group_of))
    unknown = rows.decides & (outcomes == UNKNOWN)
    gap = rows.decides & (outcomes == GAP)
    step_end, path_end = _training_ends(table, sessions, available, gap, today)
    terms = Terms(
        unknown=rows.count(unknown),
        doubt=rows.count(unknown & ~backed),
        gap=rows.count(gap),
        desired_met=rows.count(rows.desired & (outcomes == MET)),
        step_end=step_end,
        path_end=path_end,
    )
    available_from = np.int64(person.available_from.toordinal())
    days = Calendar(today, np.asarray(available_from), table.start_wanted, table.start_latest)
    return Judgement(
        outcomes,
        backed,
        available,
        minutes,
        by_car,
        minutes <= person.max_minutes,
        terms,
        judge(terms, days),
    )


def _training_ends(
    table: OfferTable, sessions: SessionTable, available: Availability, gap: Bools, today: int
) -> tuple[Ints, Ints]:
    """``step_end`` and ``path_end`` of each offer (see ``Terms``), from its rows in gap."""
    step_end = np.full(len(table.offers), NEVER, dtype=np.int64)
    path_end = np.full(len(table.offers), NEVER, dtype=np.int64)
    rows = np.flatnonzero(gap)
    if len(rows) == 0:
        return step_end, path_end
    # Rows are in the order of their owners: each owner's rows are one slice.
    owners, first = np.unique(table.requirements.owner[rows], return_index=True)
    need = table.need[rows]
    within_year = available.reachable & (sessions.end <= today + HORIZON_DAYS)
    each = sessions.earliest_end(table.cover & sessions.pack(within_year))
    path_end[owners] = np.maximum.reduceat(each[need], first)
    every_gap = np.bitwise_and.reduceat(table.cover[need], first, axis=0)
    step_end[owners] = sessions.earliest_end(every_gap & sessions.pack(available.open))
    return step_end, path_end
