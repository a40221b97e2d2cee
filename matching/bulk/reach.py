"""Who is near: offers nearest first from a commune, and how far down that list each person goes.

Minutes grow with kilometres for every mode, so « within so many minutes » is « within so many
kilometres ». The limit is the largest number of kilometres whose minutes, computed as the rule
says, hold: no pair changes side by rounding.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from matching.records import Commune, Mode
from matching.sessions import REMOTE, SessionTable
from matching.travel import BUCKETS_MIN, EARTH_RADIUS_KM, Bools, Floats, Ints, Places, minutes_by

NOWHERE = -1.0
REMOTE_KM = -math.inf


class Limits(NamedTuple):
    """Kilometres each person goes: within their minutes, within each bucket, and by car."""

    reach: Floats
    buckets: Floats
    by_car: Floats


class Party(NamedTuple):
    """Some people of one commune, and what they have around them.

    ``offer`` has the offers (of the board) nearest first with their ``km``, as far as any of the
    party goes, and ``session_km`` one number per session, ``REMOTE_KM`` for a remote one. Each
    person goes to sessions up to ``limit`` km; a line of ``ends`` has the positions after the last
    offer in reach, and after the last one of each travel bucket; ``with_car`` counts the offers
    out of reach that a car would bring. ``place`` has the places of the offers as far as anybody
    goes, even by car, nearest first, with their ``place_km``.
    """

    people: Ints
    ends: Ints
    with_car: Ints
    limit: Floats
    offer: Ints
    km: Floats
    session_km: Floats
    place: Ints
    place_km: Floats


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


def territory_of(places: Places, place_first: Ints, sessions: SessionTable) -> Territory:
    """The territory of offers that are in these places, and of sessions."""
    # Those of sessions first: offers alone change, and a few of them come after at little cost.
    whole, offer_place = sessions.places.then(places)
    first, after = np.zeros((2, len(whole.codes)), dtype=np.int64)
    first[offer_place], after[offer_place] = place_first[:-1], place_first[1:]
    session_place = np.where(sessions.place == REMOTE, len(whole.codes), sessions.place)
    return Territory(whole, first, after, offer_place, session_place, *_by_latitude(whole))


def _by_latitude(places: Places) -> tuple[Ints, Floats]:
    """The numbers of places from south to north, and their latitudes."""
    latitude = np.where(np.isnan(places.latitude), np.inf, places.latitude)
    order = np.argsort(latitude, kind="stable")
    return order, latitude[order]


def party_of(
    territory: Territory,
    communes: Mapping[str, Commune],
    commune: str,
    people: Ints,
    limits: Limits,
) -> Party:
    """The people of these numbers, who live in this commune; ``limits`` has one of each person."""
    limit, by_car = limits.reach[people], limits.by_car[people]
    farthest = float(limit.max(initial=NOWHERE))
    most = max(farthest, float(by_car.max(initial=NOWHERE)))
    place, km = _nearest(territory, communes, commune, most)
    first = territory.first[place]
    size = territory.after[place] - first
    upto = np.cumsum(np.append(0, size))
    goes = np.vstack((limit[None], limits.buckets[:, people], by_car[None]))
    ends = upto[np.searchsorted(km, goes, side="right")].T
    # Nobody goes beyond this place, even if a car would.
    near = np.searchsorted(km, farthest, side="right")
    size = size[:near]
    offer = np.arange(upto[near])
    offer += np.repeat(first[:near] - upto[:near], size)
    by_place = np.full(len(territory.places.codes) + 1, np.inf)
    by_place[place], by_place[-1] = km, REMOTE_KM
    return Party(
        people,
        np.ascontiguousarray(ends[:, :-1]),
        np.maximum(ends[:, -1] - ends[:, 0], 0),
        limit,
        offer,
        np.repeat(km[:near], size),
        by_place[territory.session_place],
        place,
        km,
    )


def _nearest(
    territory: Territory, communes: Mapping[str, Commune], commune: str, most_km: float
) -> tuple[Ints, Floats]:
    """Places within ``most_km``, nearest first, with their kilometres."""
    near = _around(territory, communes, commune, most_km)
    km = territory.places.km_from(commune, communes, near)
    order = np.argsort(km)
    order = order[: np.searchsorted(km[order], most_km, side="right")]
    return near[order], km[order]


def _around(
    territory: Territory, communes: Mapping[str, Commune], commune: str, most_km: float
) -> Ints:
    """Every place within ``most_km`` of a commune, and some beyond."""
    centre, own = communes.get(commune), territory.places.number.get(commune)
    near = territory.by_latitude[:0]
    if centre is not None:
        # A hair more than the arc: the exact distance then decides.
        arc = max(most_km, 0.0) / EARTH_RADIUS_KM * 1.000001 + 1e-9
        at, along = math.radians(centre.latitude), math.radians(centre.longitude)
        ends = np.searchsorted(territory.latitude, (at - arc, at + arc))
        near = territory.by_latitude[ends[0] : ends[1]]
        if abs(at) + arc < math.pi / 2:
            width = math.asin(math.sin(arc) / math.cos(at)) + 1e-9
            away = np.abs(territory.places.longitude[near] - along)
            near = near[np.minimum(away, 2 * math.pi - away) <= width]
    if own is not None and own not in near:
        near = np.append(near, own)
    return near


def travel_minutes(modes: Bools, km: Floats) -> Floats:
    """Minutes over ``km`` by the best of some modes (a line per ``Mode``, a column per ``km``)."""
    times = [
        np.where(has, minutes_by(mode, km), np.inf) for mode, has in zip(Mode, modes, strict=True)
    ]
    return np.asarray(np.minimum.reduce(times), dtype=np.float64)
