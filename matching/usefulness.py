"""The sessions worth telling a person about."""

from __future__ import annotations

import numpy as np

from matching.groups import LONGER_PATH, ONE_STEP
from matching.index import Index
from matching.ordering import Interest
from matching.ranking import interests_of
from matching.records import Person
from matching.requirements import GAP


def useful_sessions(index: Index, person: Person) -> tuple[str, ...]:
    """The sessions open to a person that cover a gap between them and a job of their own list.

    Only jobs in the groups « one step » and « longer path » count: elsewhere no gap is to be
    closed, or none can be. Ids, in the order (end, id).
    """
    judged = index.judge_person(person)
    table, rows = index.offers, index.offers.requirements
    interest = interests_of(person, table.occupations, index.taxonomy)[table.occupation]
    groups = judged.verdicts.group
    within = (groups == ONE_STEP) | (groups == LONGER_PATH)
    listed = judged.in_reach & (interest != Interest.DISLIKED) & within
    gaps = rows.decides & (judged.outcomes == GAP) & listed[rows.owner]
    words = np.bitwise_or.reduce(table.cover[np.unique(table.need[gaps])], axis=0)
    useful = words & index.sessions.pack(judged.sessions.open)
    bits = np.unpackbits(useful.astype("<u8").view(np.uint8), bitorder="little")
    return tuple(index.sessions.sessions[n].id for n in np.flatnonzero(bits))
