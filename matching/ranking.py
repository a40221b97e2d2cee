"""The list of a person (offers) and the list of an offer (people): same groups, same keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from matching.bulk import vectors
from matching.bulk.keys import desired_of, doubt_of, gap_of, group_and_interest, unknown_of
from matching.bulk.layout import crowd_of_one, tastes_of
from matching.bulk.reach import Limits, parties_of, party_at, travel_minutes
from matching.bulk.settle import Found, Names, settle, together
from matching.bulk.stage import Stage
from matching.by_offer import judge_offer
from matching.groups import GROUPS, NO_DAY, Group
from matching.index import Index
from matching.ordering import INTERESTS, Candidates, Interest, order
from matching.people import travel_of
from matching.records import Offer, Person, Taxonomy
from matching.travel import Bools, Floats, Ints

# More than any number of offers.
_EVERY = 2**31
_UNIX_EPOCH = date(1970, 1, 1).toordinal()


class Pair(NamedTuple):
    """A person and an offer in reach of each other (by id), and what their rank comes from.

    ``unknown``, ``doubt`` and ``gap`` count the requirements that decide, ``desired_met`` the
    desired ones that are met; ``minutes`` is one way, exact.
    """

    person: str
    offer: str
    group: Group
    ready_by: date | None
    unknown: int
    doubt: int
    gap: int
    desired_met: int
    minutes: float
    interest: Interest

    @property
    def disliked(self) -> bool:
        """Whether the person said no to this occupation: the adviser is told."""
        return self.interest is Interest.DISLIKED


class PersonRanking(NamedTuple):
    """The offers of a person, best first, and how many are out of reach, with or without a car."""

    person: str
    offers: tuple[Pair, ...]
    out_of_reach: int
    with_car: int


class OfferRanking(NamedTuple):
    """The people of an offer, best first, and how many are out of reach, with or without a car."""

    offer: str
    people: tuple[Pair, ...]
    out_of_reach: int
    with_car: int


class PersonList(NamedTuple):
    """The offers in reach of a person, best first but for ties: lines are made when asked for.

    A whole list is thousands of lines, each with a digest, of which a page shows few. ``found``
    holds all of them by key, ``offer`` their numbers in ``names`` and ``km`` how far they are.
    """

    person: str
    modes: Bools
    found: Found
    offer: Ints
    km: Floats
    names: Sequence[str]
    out_of_reach: int
    with_car: int

    def sizes(self) -> dict[Group, int]:
        """How many lines there are in each group."""
        return dict(zip(GROUPS, np.diff(self._group_first()).tolist(), strict=True))

    def of_group(self, group: Group, some: slice) -> tuple[Pair, ...]:
        """Some lines of a group, by their rank in it."""
        first, after = self._group_first()[GROUPS.index(group) :][:2].tolist()
        start, stop, _ = some.indices(after - first)
        return self.pairs(slice(first + start, first + stop))

    def pairs(self, some: slice) -> tuple[Pair, ...]:
        """Some lines, by their rank: only ties that one of them is in are settled."""
        key = self.found.key
        start, stop, _ = some.indices(len(key))
        if start >= stop:
            return ()
        # All that ties with the first line or with the last.
        low = int(np.searchsorted(key, key[start], side="left"))
        high = int(np.searchsorted(key, key[stop - 1], side="right"))
        near = Found(np.array([high - low]), *(column[low:high] for column in self.found[1:]))
        mine, names = np.zeros(high - low, dtype=np.int64), Names([self.person], self.names)
        best = low + settle(near, mine, self.offer[low:high], names, stop - low)[start - low :]
        group, interest = group_and_interest(key[best])
        columns = columns_of_pairs(
            group,
            self.found.day[best],
            self.found.packed[best],
            travel_minutes(self.modes, self.km[best]),
            interest,
        )
        ids = [self.names[n] for n in self.offer[best].tolist()]
        return pairs_of(repeat(self.person), ids, *columns)

    def _group_first(self) -> Ints:
        """Where the lines of each group begin, and their number."""
        group, _ = group_and_interest(self.found.key)
        return np.searchsorted(group, np.arange(len(GROUPS) + 1))


def list_offers(index: Index, person: Person, top: int | None = None) -> PersonList:
    """Every offer in reach of a person (in the index or not), to be read by parts.

    Occupations the person dislikes are left out. With ``top``, ``pairs`` knows the first ones only.
    """
    travel = travel_of(person.modes, person.max_minutes)
    most = _EVERY if top is None else max(1, top)
    sides = [_side(index, stage, person, travel.limits, most) for stage in index.book.stages]
    return PersonList(
        person.id,
        travel.modes,
        *_merged(sides),
        sum(side.out_of_reach for side in sides),
        sum(side.with_car for side in sides),
    )


def rank_offers(index: Index, person: Person, top: int | None = None) -> PersonRanking:
    """Every offer in reach of a person (in the index or not), best first.

    Occupations the person dislikes are left out. ``top`` builds only the first pairs.
    """
    listed = list_offers(index, person, top)
    pairs = listed.pairs(slice(0, top))
    return PersonRanking(person.id, pairs, listed.out_of_reach, listed.with_car)


class _Side(NamedTuple):
    """One stage before one person: candidates with their numbers and km, the ids, and counts."""

    found: Found
    offer: Ints
    km: Floats
    names: list[str]
    out_of_reach: int
    with_car: int


def _side(index: Index, stage: Stage, person: Person, limits: Limits, top: int) -> _Side:
    layout, alone = stage.layout, np.zeros(1, dtype=np.int64)
    here = [(person.commune, alone)]
    parties = parties_of(stage.territory, index.communes, here, limits)
    party = party_at(stage.territory, parties, 0)
    crowd = crowd_of_one(person, layout, index.taxonomy)
    found = vectors.best_of_party(layout.board, stage.columns, crowd, party, top)
    out_of_reach = len(layout.number) - int(parties.ends[0, 0])
    with_car = int(parties.with_car[0])
    if len(stage.hidden):
        far = stage.territory.places.km_from(person.commune, index.communes, stage.hidden_places())
        beyond = far > limits.reach[0]
        out_of_reach -= int(beyond.sum())
        with_car -= int((beyond & (far <= limits.by_car[0])).sum())
    offer, km = layout.number[found.offer], parties.km[found.near]
    return _Side(found, offer, km, stage.names, out_of_reach, with_car)


def _merged(sides: Sequence[_Side]) -> tuple[Found, Ints, Floats, list[str]]:
    """The candidates of all stages by key, with their numbers and km, and the ids of all."""
    if len(sides) == 1:
        return sides[0].found, sides[0].offer, sides[0].km, sides[0].names
    found = together([side.found for side in sides])
    order = np.argsort(found.key, kind="stable")
    whole = Found(np.array([len(order)]), *(column[order] for column in found[1:]))
    km = np.concatenate([side.km for side in sides])[order]
    return whole, order, km, [side.names[n] for side in sides for n in side.offer.tolist()]


def pairs_of(*columns: Iterable[Any]) -> tuple[Pair, ...]:
    """Pairs from the columns of ``Pair``, without a call of Python for each: lists are long."""
    return tuple(map(partial(tuple.__new__, Pair), zip(*columns, strict=False)))


def columns_of_pairs(
    group: Ints, day: Ints, packed: Ints, minutes: Floats, interest: Ints
) -> tuple[Iterable[Any], ...]:
    """The columns of ``Pair`` after its ids, from numbers (``packed``: see ``bulk.keys``)."""
    return (
        [GROUPS[number] for number in group.tolist()],
        dates_of(day),
        unknown_of(packed).tolist(),
        doubt_of(packed).tolist(),
        gap_of(packed).tolist(),
        desired_of(packed).tolist(),
        minutes.tolist(),
        [INTERESTS[number] for number in interest.tolist()],
    )


def rank_people(index: Index, offer: Offer, top: int | None = None) -> OfferRanking:
    """Every person in reach of an offer (in the index or not), best first."""
    table = index.people
    listed, with_car = table.around(offer.commune, index.communes)
    judged = judge_offer(
        offer,
        table,
        index.sessions,
        index.communes,
        index.taxonomy,
        index.today.toordinal(),
        among=listed,
    )
    pairs = Candidates(
        judged.verdicts,
        judged.terms,
        table.interest(offer.occupation, index.taxonomy)[listed],
        judged.minutes,
        table.last_proposed[listed],
    )
    ids = table.ids_of(listed)
    best = order(pairs, [f"{offer.id}|{person}" for person in ids], top)[:top]
    found = _pairs(pairs, best, [ids[n] for n in best.tolist()], repeat(offer.id))
    return OfferRanking(offer.id, found, len(table.people) - len(listed), with_car)


def interests_of(person: Person, occupations: Sequence[str], taxonomy: Taxonomy) -> Ints:
    """What a person thinks of each occupation (values of ``Interest``)."""
    thoughts = tastes_of(person, taxonomy)
    return np.array([thoughts.get(code, Interest.NEUTRAL) for code in occupations], dtype=np.int64)


def _pairs(
    pairs: Candidates, chosen: Ints, people: Iterable[str], offers: Iterable[str]
) -> tuple[Pair, ...]:
    terms, verdicts = pairs.terms, pairs.verdicts
    return pairs_of(
        people,
        offers,
        [GROUPS[number] for number in verdicts.group[chosen].tolist()],
        dates_of(verdicts.ready_by[chosen]),
        terms.unknown[chosen].tolist(),
        terms.doubt[chosen].tolist(),
        terms.gap[chosen].tolist(),
        terms.desired_met[chosen].tolist(),
        pairs.minutes[chosen].tolist(),
        [INTERESTS[number] for number in pairs.interest[chosen].tolist()],
    )


def dates_of(days: Ints) -> list[date | None]:
    """Ordinals as dates, ``NO_DAY`` as None."""
    stamps = (days - _UNIX_EPOCH).astype("datetime64[D]")
    stamps[days == NO_DAY] = np.datetime64("NaT")
    return list(stamps.tolist())
