"""The sessions worth telling a person about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.by_person import judge_person
from matching.groups import LONGER_PATH, ONE_STEP
from matching.index import Index
from matching.offers import OfferTable
from matching.ordering import Interest
from matching.ranking import interests_of
from matching.records import Person
from matching.requirements import GAP, facts_of
from matching.travel import shortest_minutes


def useful_sessions(index: Index, person: Person) -> tuple[str, ...]:
    """The sessions open to a person that cover a gap between them and a job of their own list.

    Only jobs in the groups « one step » and « longer path » count: elsewhere no gap is to be
    closed, or none can be. Ids, in the order (end, id).
    """
    return useful_sessions_of(index, [person])[0]


def useful_sessions_of(index: Index, people: Sequence[Person]) -> list[tuple[str, ...]]:
    """:func:`useful_sessions` of several people: the offers beyond reach of all are left first."""
    table = index.offers
    places = np.zeros(len(table.places.codes), dtype=np.bool_)
    for commune, modes, most in {(p.commune, p.modes, p.max_minutes) for p in people}:
        km = table.places.km_from(commune, index.communes)
        places |= shortest_minutes(modes, km) <= most
    around = table.taking(np.flatnonzero(places[table.place]))
    return [_useful(index, around, person) for person in people]


def _useful(index: Index, around: OfferTable, person: Person) -> tuple[str, ...]:
    """Among the offers around, those with a gap are judged: the others ask for no training."""
    rows = around.requirements
    minutes, _ = around.minutes(person.commune, person.modes, index.communes)
    gaps = np.flatnonzero(rows.decides & (rows.outcomes(facts_of(person)) == GAP))
    owners = rows.owner[gaps]
    table = around.taking(np.unique(owners[minutes[owners] <= person.max_minutes]))
    return _of_table(index, table, person)


def _of_table(index: Index, table: OfferTable, person: Person) -> tuple[str, ...]:
    today = index.today.toordinal()
    judged = judge_person(person, table, index.sessions, index.communes, index.taxonomy, today)
    rows = table.requirements
    interest = interests_of(person, table.occupations, index.taxonomy)[table.occupation]
    groups = judged.verdicts.group
    within = (groups == ONE_STEP) | (groups == LONGER_PATH)
    listed = judged.in_reach & (interest != Interest.DISLIKED) & within
    gaps = rows.decides & (judged.outcomes == GAP) & listed[rows.owner]
    words = np.bitwise_or.reduce(table.cover[np.unique(table.need[gaps])], axis=0)
    useful = words & index.sessions.pack(judged.sessions.open)
    bits = np.unpackbits(useful.astype("<u8").view(np.uint8), bitorder="little")
    return tuple(index.sessions.sessions[n].id for n in np.flatnonzero(bits))
