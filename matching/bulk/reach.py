"""Who is near: offers nearest first from a commune, and how far down that list each person goes.

Minutes grow with kilometres for every mode, so « within so many minutes » is « within so many
kilometres ». The limit is the largest number of kilometres whose minutes, computed as the rule
says, hold: no pair changes side by rounding.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from matching.records import Commune, Mode
from matching.sessions import REMOTE, SessionTable
from matching.travel import (
    BUCKETS_MIN,
    EARTH_RADIUS_KM,
    MIN_KM,
    UNKNOWN_PLACE,
    Bools,
    Floats,
    Ints,
    Places,
    km_apart,
    minutes_by,
)

NOWHERE = -1.0
REMOTE_KM = -math.inf


class Limits(NamedTuple):
    """Kilometres each person goes: within their minutes, within each bucket, and by car."""

    reach: Floats
    buckets: Floats
    by_car: Floats


class Parties(NamedTuple):
    """The people of some communes, a party each, and the places around them.

    The people of party ``n`` are from ``first[n]`` to ``first[n + 1]``: each goes to sessions up to
    ``limit`` km. Their places, nearest first with their ``km``, are from ``begins[n]`` to
    ``begins[n + 1]``, as far as anybody goes, even by car. A line of ``within`` counts, of those,
    the places in reach of a person, within each travel bucket, and in reach by car; one of ``ends``
    the offers that are there.
    """

    people: Ints
    first: Ints
    limit: Floats
    within: Ints
    ends: Ints
    place: Ints
    km: Floats
    begins: Ints

    @property
    def with_car(self) -> Ints:
        """How many offers out of reach of each person a car would bring."""
        return np.asarray(np.maximum(self.ends[:, -1] - self.ends[:, 0], 0), dtype=np.int64)


class Party(NamedTuple):
    """The people of one commune, and what they have around them.

    ``offer`` has the offers (of the board) nearest first, as far as any of the party goes, ``near``
    where the place of each is in ``Parties``, and ``session_km`` one number per session,
    ``REMOTE_KM`` for a remote one. Each person goes to sessions up to ``limit`` km; a line of
    ``ends`` has the positions after the last offer in reach, after the last one of each travel
    bucket, and after the last that a car would bring.
    """

    people: Ints
    limit: Floats
    ends: Ints
    offer: Ints
    near: Ints
    session_km: Floats


class Land(NamedTuple):
    """What loops read of a ``Territory``."""

    first: Ints
    after: Ints
    session_place: Ints


@lru_cache(maxsize=4096)
def farthest(mode: Mode, minutes: float) -> float:
    """The most kilometres this mode makes within these minutes; ``NOWHERE`` if none."""

    def within(km: float) -> bool:
        return float(minutes_by(mode, np.float64(km))) <= minutes  # type: ignore[arg-type]

    if not within(0.0):
        return NOWHERE
    low, high = 0.0, 1.0
    while within(high):
        low, high = high, 2 * high
    while math.nextafter(low, high) < high:
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle) else (low, middle)
    return low


def limits_of(modes: Bools, max_minutes: Ints) -> Limits:
    """The limits of people: ``modes`` has one line per ``Mode``, one column per person."""
    reach = np.full(len(max_minutes), NOWHERE)
    buckets = np.full((len(BUCKETS_MIN), len(max_minutes)), NOWHERE)
    asked, which = np.unique(max_minutes, return_inverse=True)
    for mode, has in zip(Mode, modes, strict=True):
        most = np.array([farthest(mode, float(m)) for m in asked])[which]
        reach = np.where(has, np.maximum(reach, most), reach)
        for line, minutes in enumerate(BUCKETS_MIN):
            most_here = np.maximum(buckets[line], farthest(mode, minutes))
            buckets[line] = np.where(has, most_here, buckets[line])
    by_car = np.array([farthest(Mode.CAR, float(m)) for m in asked])[which]
    return Limits(reach, buckets, by_car)


class Territory(NamedTuple):
    """Places of sessions, then those of offers alone, and their order from south to north, so that
    only a part of the land is measured.

    The offers of a place are on the board from ``first`` to ``after``. ``offer_place`` is the place
    here of each place of the offers; ``session_place`` that of each session, the last number
    standing for « remote ».
    """

    places: Places
    first: Ints
    after: Ints
    offer_place: Ints
    session_place: Ints
    by_latitude: Ints
    latitude: Floats
    longitude: Floats

    @property
    def land(self) -> Land:
        """What loops read of it."""
        return Land(self.first, self.after, self.session_place)


def territory_of(places: Places, place_first: Ints, sessions: SessionTable) -> Territory:
    """The territory of offers that are in these places, and of sessions."""
    # Those of sessions first: offers alone change, and a few of them come after at little cost.
    whole, offer_place = sessions.places.then(places)
    first, after = np.zeros((2, len(whole.codes)), dtype=np.int64)
    first[offer_place], after[offer_place] = place_first[:-1], place_first[1:]
    session_place = np.where(sessions.place == REMOTE, len(whole.codes), sessions.place)
    return Territory(whole, first, after, offer_place, session_place, *_by_latitude(whole))


def _by_latitude(places: Places) -> tuple[Ints, Floats, Floats]:
    """The numbers of places from south to north, and their centres in that order."""
    latitude = np.where(np.isnan(places.latitude), np.inf, places.latitude)
    order = np.argsort(latitude, kind="stable")
    return order, latitude[order], places.longitude[order]


def parties_of(
    territory: Territory,
    communes: Mapping[str, Commune],
    some: Sequence[tuple[str, Ints]],
    limits: Limits,
) -> Parties:
    """The people (one at least, by number) of each of some communes: their places are measured
    together. ``limits`` has one of each person."""
    people = np.concatenate([numbers for _, numbers in some])
    first = np.cumsum([0] + [len(numbers) for _, numbers in some])
    goes = np.vstack((limits.reach[people], limits.buckets[:, people], limits.by_car[people]))
    most = np.maximum.reduceat(np.maximum(goes[0], goes[-1]), first[:-1])
    place, km, begins = _within(territory, _homes(territory, communes, some), most)
    goes = goes.T.copy()
    order, within = np.empty(len(km), dtype=np.int64), np.empty(goes.shape, dtype=np.int64)
    for n in range(len(some)):
        own, its = slice(first[n], first[n + 1]), slice(begins[n], begins[n + 1])
        order[its] = begins[n] + km[its].argsort()
        within[own] = km[order[its]].searchsorted(goes[own], side="right")
    place, start = place[order], np.repeat(begins[:-1], np.diff(first))[:, None]
    upto = np.cumsum(np.append(0, territory.after[place] - territory.first[place]))
    ends = upto[start + within] - upto[start]
    return Parties(people, first, goes[:, 0].copy(), within, ends, place, km[order], begins)


def party_at(territory: Territory, parties: Parties, n: int) -> Party:
    """One of the parties, with the offers and the sessions around it."""
    own, its = slice(*parties.first[n : n + 2]), slice(*parties.begins[n : n + 2])
    place, km = parties.place[its], parties.km[its]
    near = parties.within[own, 0].max()
    offer, which = spread(territory.first[place[:near]], territory.after[place[:near]])
    by_place = np.full(len(territory.places.codes) + 1, np.inf)
    by_place[place], by_place[-1] = km, REMOTE_KM
    return Party(
        parties.people[own],
        parties.limit[own],
        parties.ends[own],
        offer,
        parties.begins[n] + which,
        by_place[territory.session_place],
    )


def every_party(territory: Territory, parties: Parties) -> Iterator[Party]:
    """The parties in turn."""
    return (party_at(territory, parties, n) for n in range(len(parties.first) - 1))


class _Homes(NamedTuple):
    """Centres of communes in radians (NaN unknown), and the place that each is
    (``UNKNOWN_PLACE`` for none)."""

    latitude: Floats
    longitude: Floats
    place: Ints


def _homes(
    territory: Territory, communes: Mapping[str, Commune], some: Sequence[tuple[str, Ints]]
) -> _Homes:
    centres, number = Places.build((code for code, _ in some), communes)
    place = [territory.places.number.get(code, UNKNOWN_PLACE) for code, _ in some]
    latitude, longitude = centres.latitude[number], centres.longitude[number]
    return _Homes(latitude, longitude, np.array(place, dtype=np.int64))


def _within(territory: Territory, homes: _Homes, most_km: Floats) -> tuple[Ints, Floats, Ints]:
    """Places within so many kilometres of each home, how far each is, and where those of each
    home begin."""
    place, home = _around(territory, homes, most_km)
    places, own = territory.places, homes.place[home] == place
    # A commune is at the least distance of itself, even where its centre is not known.
    alone = np.setdiff1d(np.flatnonzero(homes.place >= 0), home[own])
    place, home = np.append(place, homes.place[alone]), np.append(home, alone)
    km = km_apart(
        homes.latitude[home],
        homes.longitude[home],
        places.latitude[place],
        places.longitude[place],
    )
    km[homes.place[home] == place] = MIN_KM
    kept = np.flatnonzero(km <= most_km[home])
    if len(alone):
        kept = kept[np.argsort(home[kept], kind="stable")]
    begins = np.searchsorted(home[kept], np.arange(len(most_km) + 1))
    return place[kept], km[kept], begins


def _around(territory: Territory, homes: _Homes, most_km: Floats) -> tuple[Ints, Ints]:
    """Every place within so many kilometres of each home, and some beyond; homes in turn."""
    # A hair more than the arc: the exact distance then decides.
    arc = np.maximum(most_km, 0.0) / EARTH_RADIUS_KM * 1.000001 + 1e-9
    bands = np.searchsorted(territory.latitude, (homes.latitude - arc, homes.latitude + arc)).T
    # So near a pole, every longitude is.
    polar = ~(np.abs(homes.latitude) + arc < math.pi / 2)
    width = np.arcsin(np.clip(np.sin(arc) / np.cos(homes.latitude), -1.0, 1.0)) + 1e-9
    width[polar] = math.pi
    near = [
        first + _near_east_or_west(territory.longitude[first:after], along, most)
        for (first, after), along, most in zip(
            bands.tolist(), homes.longitude.tolist(), width.tolist(), strict=True
        )
    ]
    home = np.repeat(np.arange(len(near)), [len(some) for some in near])
    return territory.by_latitude[np.concatenate(near)], home


def _near_east_or_west(longitude: Floats, along: float, most: float) -> Ints:
    """The numbers of the longitudes that are within an arc of another, none if it is unknown."""
    away = np.abs(longitude - along)
    return np.flatnonzero(np.minimum(away, 2 * math.pi - away) <= most)


def spread(first: Ints, after: Ints) -> tuple[Ints, Ints]:
    """Every number from each ``first`` to before ``after``, and which range it is of."""
    size = after - first
    which = np.repeat(np.arange(len(size)), size)
    return np.arange(len(which)) + (first - (np.cumsum(size) - size))[which], which


def travel_minutes(modes: Bools, km: Floats) -> Floats:
    """Minutes over ``km`` by the best of some modes (a line per ``Mode``, a column per ``km``)."""
    least = np.full(km.shape, np.inf)
    for mode, has in zip(Mode, modes, strict=True):
        least = np.where(has, np.minimum(least, minutes_by(mode, km)), least)
    return least
