"""A world cut by geography into shards that need nothing from one another.

A shard answers for some *owners* (people, or offers): all those of a few neighbouring communes.
With them come all the records that may be in reach of one of them: the *halo* of a commune is as
wide as the longest reach of its people, by their own means or by car (some counts say what a car
would bring). What is left out is in reach of nobody in the shard, so the answers are those of the
whole world, bit for bit; only « how many are out of reach » needs ``beyond`` added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from math import cos, inf, radians
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from matching.bulk.reach import farthest
from matching.index import Index
from matching.records import Commune, Mode, Offer, Person, Session, Taxonomy
from matching.travel import EARTH_RADIUS_KM, Places, usable_modes

# A hair wider than the arithmetic of distances: the exact rule then decides, inside the shard.
_HAIR = 1.000001
# A shard much narrower than its halo is mostly halo. A pathway costs so much more than a pair that
# its halo is nothing to it: there, small shards share the work better and lose less with a worker.
PEOPLE_PER_SHARD = 50_000
OFFERS_PER_SHARD = 25_000
TRAVELLERS_PER_SHARD = 5_000


class _Placed(Protocol):
    @property
    def commune(self) -> str | None: ...


Row = TypeVar("Row", bound=_Placed)


class Ground(NamedTuple):
    """What every shard shares."""

    communes: tuple[Commune, ...]
    taxonomy: Taxonomy
    today: date


class Records(NamedTuple):
    """A whole world, in the order of its files."""

    people: Sequence[Person]
    offers: Sequence[Offer]
    sessions: Sequence[Session]
    ground: Ground

    @classmethod
    def of(cls, index: Index) -> Records:
        """The records an index was built from."""
        ground = Ground(tuple(index.communes.values()), index.taxonomy, index.today)
        return cls(index.people.people, index.offers.offers, index.sessions.sessions, ground)

    @property
    def unlocated(self) -> tuple[str, ...]:
        """The communes in use whose centre is not known, in reach of nothing but themselves."""
        rows: Iterable[_Placed] = chain(self.people, self.offers, self.sessions)
        used = {row.commune for row in rows if row.commune is not None}
        return tuple(sorted(used - {commune.code for commune in self.ground.communes}))


class Shard(NamedTuple):
    """Some owners and all that is in reach of them.

    ``owners`` are their numbers in the records, rising: the people of a shard of people, the
    offers of a shard of offers, in the same order as in that tuple. ``beyond`` counts the records
    of the other kind (offers, or people) that were left out.
    """

    owners: tuple[int, ...]
    people: tuple[Person, ...]
    offers: tuple[Offer, ...]
    sessions: tuple[Session, ...]
    beyond: int

    @property
    def weight(self) -> int:
        """Pairs at most: what the time of a shard grows with."""
        return len(self.people) * len(self.offers)

    def indexed(self, ground: Ground) -> Index:
        """The engine's index of the shard."""
        return Index.build(self.people, self.offers, self.sessions, *ground)


def shards_of_people(records: Records, most: int = PEOPLE_PER_SHARD) -> list[Shard]:
    """The people in shards of ``most`` at most, those with most pairs first."""
    land = _Land(records)
    offers = _Spread(records.offers, land.centres)
    found = []
    for owners in _pieces(land.people.held, land.centres, most):
        homes = {records.people[n].commune for n in owners}
        jobs = offers.near(homes, land.reach)
        found.append(
            Shard(
                owners,
                tuple(records.people[n] for n in owners),
                tuple(records.offers[n] for n in jobs),
                land.sessions_from(homes),
                len(records.offers) - len(jobs),
            )
        )
    return sorted(found, key=_longest_first)


def shards_of_offers(records: Records, most: int = OFFERS_PER_SHARD) -> list[Shard]:
    """The offers in shards of ``most`` at most, those with most pairs first."""
    land = _Land(records)
    held = _Spread(records.offers, land.centres).held
    found = []
    for owners in _pieces(held, land.centres, most):
        places = {records.offers[n].commune for n in owners}
        homes = {home for place in places for home in land.homes_around(place)}
        people = sorted(chain.from_iterable(land.people.held[home] for home in homes))
        found.append(
            Shard(
                owners,
                tuple(records.people[n] for n in people),
                tuple(records.offers[n] for n in owners),
                land.sessions_from(homes),
                len(records.people) - len(people),
            )
        )
    return sorted(found, key=_longest_first)


def _longest_first(shard: Shard) -> tuple[int, int]:
    return (-shard.weight, shard.owners[0])


class _Spread:
    """Records by commune, with the communes by latitude so that only a band is measured."""

    def __init__(self, rows: Sequence[Row], centres: Mapping[str, Commune]) -> None:
        self.centres = centres
        self.held: dict[str, list[int]] = defaultdict(list)
        self.nowhere: list[int] = []
        for number, row in enumerate(rows):
            (self.nowhere if row.commune is None else self.held[row.commune]).append(number)
        self.places, _ = Places.build(self.held, centres)
        latitude = np.where(np.isnan(self.places.latitude), inf, self.places.latitude)
        self._order = np.argsort(latitude, kind="stable")
        self._latitude = latitude[self._order]

    def around(self, code: str, km: float) -> Iterator[tuple[str, float]]:
        """The communes within so many kilometres of one (itself too), with their distance."""
        own, centre = self.places.number.get(code), self.centres.get(code)
        if own is not None:
            yield code, 0.0
        if centre is None or km < 0:
            return
        arc = km * _HAIR / EARTH_RADIUS_KM + 1e-9
        middle = radians(centre.latitude)
        first, last = np.searchsorted(self._latitude, (middle - arc, middle + arc))
        band = self._order[first:last]
        far = self.places.km_from(code, self.centres, band)
        for n in np.flatnonzero(far <= km * _HAIR).tolist():
            if band[n] != own:
                yield self.places.codes[band[n]], float(far[n])

    def near(self, codes: Iterable[str], km: Mapping[str, float]) -> list[int]:
        """The numbers, rising, of the records within these kilometres of one of these communes."""
        places = {place for code in codes for place, _ in self.around(code, km[code])}
        return sorted(chain.from_iterable(self.held[place] for place in places))


class _Land:
    """Where people and sessions are, and how far the people of each commune may go."""

    def __init__(self, records: Records) -> None:
        self.centres = {commune.code: commune for commune in records.ground.communes}
        self.people = _Spread(records.people, self.centres)
        self._records = records
        self._sessions = _Spread(records.sessions, self.centres)
        self.reach = {
            home: max(_reach_km(records.people[n]) for n in numbers)
            for home, numbers in self.people.held.items()
        }
        self._longest = max(self.reach.values(), default=0.0)

    def homes_around(self, place: str) -> Iterator[str]:
        """The communes of which somebody may reach a place."""
        for home, km in self.people.around(place, self._longest):
            if km <= self.reach[home] * _HAIR:
                yield home

    def sessions_from(self, homes: Collection[str]) -> tuple[Session, ...]:
        """The sessions that somebody in these communes may attend, remote ones included."""
        numbers = [*self._sessions.nowhere, *self._sessions.near(homes, self.reach)]
        return tuple(self._records.sessions[n] for n in sorted(numbers))


def _reach_km(person: Person) -> float:
    """Kilometres within the person's minutes by their own means, or by car if that is more."""
    modes = {*usable_modes(person.modes), Mode.CAR}
    return max(farthest(mode, float(person.max_minutes)) for mode in modes)


def _pieces(
    held: Mapping[str, list[int]], centres: Mapping[str, Commune], most: int
) -> list[tuple[int, ...]]:
    """The records in pieces of neighbouring communes; a commune is cut only if it is too big."""
    located = sorted(code for code in held if code in centres)
    lost = sorted(code for code in held if code not in centres)
    groups = [*_halves(located, held, centres, most), *([code] for code in lost)]
    pieces = []
    for group in groups:
        numbers = sorted(chain.from_iterable(held[code] for code in group))
        size = -(-len(numbers) // -(-len(numbers) // most))
        pieces += [tuple(numbers[n : n + size]) for n in range(0, len(numbers), size)]
    return pieces


def _halves(
    codes: list[str], held: Mapping[str, list[int]], centres: Mapping[str, Commune], most: int
) -> list[list[str]]:
    """Communes cut in two across their longer side, again until each part is small enough."""
    total = sum(len(held[code]) for code in codes)
    if total <= most or len(codes) < 2:
        return [codes] if codes else []
    latitudes = [centres[code].latitude for code in codes]
    longitudes = [centres[code].longitude for code in codes]
    height = max(latitudes) - min(latitudes)
    width = (max(longitudes) - min(longitudes)) * cos(radians(latitudes[0]))
    along = latitudes if height > width else longitudes
    ordered = [code for _, code in sorted(zip(along, codes, strict=True))]
    counts = np.cumsum([len(held[code]) for code in ordered])
    cut = int(np.clip(np.searchsorted(counts, total / 2) + 1, 1, len(codes) - 1))
    return [
        *_halves(ordered[:cut], held, centres, most),
        *_halves(ordered[cut:], held, centres, most),
    ]
