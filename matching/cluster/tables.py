"""The answers of a shard as an Arrow table: one row per owner, columns typed, days as days.

``number`` is the place of the owner in the whole world; nothing is rounded, so reading every table
by ``number`` gives the answers of one machine. Lists go from the arrays of the engine to columns
and back without an object for each pair: there are millions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from matching.bulk.keys import desired_of, doubt_of, gap_of, unknown_of
from matching.bulk.lists import Lists as FirstOffers
from matching.bulk.lists import best_offers
from matching.bulk.offer_lists import OfferLists as FirstPeople
from matching.bulk.offer_lists import best_people, first_people
from matching.bulk.scene import MOST_COMPILED
from matching.everyone import Answer, OfferLists, PersonLists, PersonPathways, Work
from matching.groups import GROUPS, NO_DAY, Group
from matching.index import Index
from matching.ordering import INTERESTS, Interest
from matching.pathways.everyone import pathways_of_everyone
from matching.pathways.record import pathways_record
from matching.ranking import OfferRanking, PersonRanking, pairs_of
from matching.sessions import SessionTable
from matching.shards import Shard
from matching.travel import Ints

TEXT, DAY, COUNT, MINUTES = pa.string(), pa.date32(), pa.int32(), pa.float64()
_UNIX_EPOCH = date(1970, 1, 1).toordinal()


def _structs(**fields: pa.DataType) -> pa.DataType:
    return pa.list_(pa.struct(fields))


# ``Pair`` after its ids.
_JUDGED = {
    "group": TEXT,
    "ready_by": DAY,
    "unknown": COUNT,
    "doubt": COUNT,
    "gap": COUNT,
    "desired_met": COUNT,
    "minutes": MINUTES,
    "interest": TEXT,
}
_AS_IT_IS = tuple(_JUDGED)[:-1]
_COUNTS: tuple[Callable[[Ints], Ints], ...] = (unknown_of, doubt_of, gap_of, desired_of)
_BEYOND = {"out_of_reach": COUNT, "with_car": COUNT}
_NEED = {"skill": TEXT, "level": COUNT, "credential": TEXT}
_STEPS = _structs(
    kind=TEXT,
    start=DAY,
    end=DAY,
    session=TEXT,
    offer=TEXT,
    commune=TEXT,
    minutes=MINUTES,
    asks=_structs(**_NEED, outcome=TEXT, observed=pa.bool_()),
    covers=_structs(**_NEED),
    delivers=pa.list_(TEXT),
)
_SCENARIOS = _structs(
    names=pa.list_(TEXT), hire=DAY, certifications=pa.list_(TEXT), unknowns=COUNT, steps=_STEPS
)
_BLOCKERS = _structs(
    need=pa.struct(_NEED),
    reason=TEXT,
    nearest=_structs(session=TEXT, start=DAY, end=DAY, reason=TEXT, minutes=MINUTES),
    nearest_date=DAY,
)
_TOWARDS = _structs(
    offer=TEXT,
    occupation=TEXT,
    scenarios=_SCENARIOS,
    unmet=pa.struct({"latest": DAY, "blockers": _BLOCKERS}),
)
_NUMBER = {"number": pa.int64()}
SCHEMAS: dict[type[Work], pa.Schema] = {
    PersonLists: pa.schema(
        {**_NUMBER, "person": TEXT, "offers": _structs(offer=TEXT, **_JUDGED), **_BEYOND}
    ),
    OfferLists: pa.schema(
        {**_NUMBER, "offer": TEXT, "people": _structs(person=TEXT, **_JUDGED), **_BEYOND}
    ),
    PersonPathways: pa.schema({**_NUMBER, "person": TEXT, "pathways": _TOWARDS}),
}


class _Lists(NamedTuple):
    """Lists as columns: the pairs of owner ``n`` go from ``first[n]`` to ``first[n + 1]``.

    ``pairs`` are the columns of ``Pair`` but for the id of the owner.
    """

    first: Ints
    pairs: list[pa.Array]
    out_of_reach: Ints
    with_car: Ints


def table_of(shard: Shard, index: Index, work: Work, register: SessionTable | None) -> pa.Table:
    """The answers for the owners of a shard; ``register`` as in ``answers``."""
    schema = SCHEMAS[type(work)]
    if isinstance(work, PersonPathways):
        found = pathways_of_everyone(index, work.goals, range(len(shard.people)), register)
        rows = zip(shard.owners, map(pathways_record, found), strict=True)
        return pa.Table.from_pylist([{"number": n, **row} for n, row in rows], schema=schema)
    owners = shard.people if isinstance(work, PersonLists) else shard.offers
    lists = _lists(index, work)
    pairs = pa.StructArray.from_arrays(lists.pairs, fields=list(schema.field(2).type.value_type))
    columns = [
        pa.array(shard.owners, schema.field(0).type),
        pa.array([owner.id for owner in owners], TEXT),
        pa.ListArray.from_arrays(pa.array(lists.first, pa.int32()), pairs),
        pa.array(lists.out_of_reach + shard.beyond, COUNT),
        pa.array(lists.with_car, COUNT),
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _lists(index: Index, work: PersonLists | OfferLists) -> _Lists:
    if isinstance(work, PersonLists):
        offers = best_offers(index, work.top)
        return _columns(offers, _named(offers.offer, index.stage.names))
    if work.top > MOST_COMPILED:
        return _long_lists(list(first_people(index, work.top)))
    people = best_people(index, work.top)
    return _columns(people, _named(people.person, list(index.people.number)))


def _columns(lists: FirstOffers | FirstPeople, others: pa.Array) -> _Lists:
    day, never = lists.ready_by, lists.ready_by == NO_DAY
    days = pa.array(np.where(never, 0, day - _UNIX_EPOCH), COUNT, mask=never)
    pairs = [
        others,
        _named(lists.group, [group.value for group in GROUPS]),
        days.view(DAY),
        *(pa.array(count(lists.packed), COUNT) for count in _COUNTS),
        pa.array(lists.minutes, MINUTES),
        _named(lists.interest, [interest.name.lower() for interest in INTERESTS]),
    ]
    return _Lists(lists.first, pairs, lists.out_of_reach, lists.with_car)


def _named(numbers: Ints, names: Sequence[str]) -> pa.Array:
    coded = pa.DictionaryArray.from_arrays(pa.array(numbers, COUNT), pa.array(names, TEXT))
    return coded.dictionary_decode()


def _long_lists(lists: list[OfferRanking]) -> _Lists:
    """Lists too long to be made all at once."""
    pairs = [pair for one in lists for pair in one.people]
    columns = [
        pa.array([pair.person for pair in pairs], TEXT),
        *(pa.array([getattr(pair, name) for pair in pairs], _JUDGED[name]) for name in _AS_IT_IS),
        pa.array([pair.interest.name.lower() for pair in pairs], TEXT),
    ]
    counts = np.array([one[2:] for one in lists], dtype=np.int64).reshape(-1, 2)
    first = np.cumsum([0, *(len(one.people) for one in lists)])
    return _Lists(first, columns, counts[:, 0], counts[:, 1])


def answers_in(batch: pa.RecordBatch) -> Iterator[tuple[int, Answer]]:
    """The answers of some rows, each with its ``number``."""
    if "pathways" in batch.schema.names:
        for row in batch.to_pylist():
            yield row.pop("number"), row
        return
    mine = "offers" in batch.schema.names
    number, owner, lists, out_of_reach, with_car = batch.columns
    pairs = _plain(lists.flatten())
    ends = np.cumsum(lists.value_lengths().to_numpy()).tolist()
    some = zip(*map(_values, (number, owner, out_of_reach, with_car)), strict=True)
    start = 0
    for (n, name, beyond, car), end in zip(some, ends, strict=True):
        others, *judged = (column[start:end] for column in pairs)
        start = end
        if mine:
            found = pairs_of(repeat(name), others, *judged)
            yield n, PersonRanking(name, found, beyond, car)
        else:
            yield n, OfferRanking(name, pairs_of(others, repeat(name), *judged), beyond, car)


def _plain(pairs: pa.StructArray) -> list[list[Any]]:
    """The columns of ``Pair`` but for the id of the owner."""
    others, group, *counts, interest = map(_values, pairs.flatten())
    groups = {kind.value: kind for kind in Group}
    interests = {kind.name.lower(): kind for kind in Interest}
    return [others, [groups[g] for g in group], *counts, [interests[i] for i in interest]]


def _values(column: pa.Array) -> list[Any]:
    found: list[Any] = column.to_numpy(zero_copy_only=False).tolist()
    return found
