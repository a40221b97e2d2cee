"""How far, and how long by the person's own means.

Distances are great-circle (haversine) kilometres between commune centres, at least
``MIN_KM``; minutes one way are ``wait + 60 * DETOUR * km / speed`` for each mode.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.records import Commune, Mode

EARTH_RADIUS_KM = 6371.0
MIN_KM = 2.0
DETOUR = 1.3
BUCKETS_MIN = (30.0, 45.0, 60.0)
#: The number of a commune that is none of the places.
UNKNOWN_PLACE = -1

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Pace(NamedTuple):
    """Speed in km/h, and minutes spent waiting or getting ready."""

    speed: float
    wait: float


PACES: Mapping[Mode, Pace] = {
    Mode.WALK: Pace(4.5, 0),
    Mode.BIKE: Pace(14, 2),
    Mode.BUS: Pace(20, 15),
    Mode.MOPED: Pace(35, 3),
    Mode.CAR: Pace(50, 5),
}


def usable_modes(modes: frozenset[Mode]) -> frozenset[Mode]:
    """The modes that count: a person who named none walks."""
    return modes or frozenset({Mode.WALK})


def minutes_by(mode: Mode, km: Floats) -> Floats:
    """Minutes one way over ``km`` (any shape); an unknown distance is infinite."""
    pace = PACES[mode]
    return pace.wait + 60 * DETOUR * km / pace.speed


def shortest_minutes(modes: frozenset[Mode], km: Floats) -> Floats:
    """The least minutes over the modes of one person."""
    times = [minutes_by(mode, km) for mode in usable_modes(modes)]
    return np.asarray(np.minimum.reduce(times), dtype=np.float64)


def bucket(minutes: Floats) -> Ints:
    """0 for at most 30 minutes, 1 for at most 45, 2 for at most 60, 3 beyond."""
    return np.searchsorted(BUCKETS_MIN, minutes, side="left").astype(np.int64)


@dataclass(frozen=True, slots=True)
class Places:
    """Distinct communes that some rows are in, with their centres in radians (NaN unknown)."""

    codes: tuple[str, ...]
    latitude: Floats
    longitude: Floats
    number: Mapping[str, int]

    @classmethod
    def build(cls, codes: Iterable[str], communes: Mapping[str, Commune]) -> tuple[Places, Ints]:
        """The distinct places of ``codes``, and for each code the number of its place."""
        number: dict[str, int] = {}
        rows = [number.setdefault(code, len(number)) for code in codes]
        known = [communes.get(code) for code in number]
        degrees = np.array(
            [(c.latitude, c.longitude) if c else (np.nan, np.nan) for c in known],
            dtype=np.float64,
        ).reshape(-1, 2)
        radians = np.radians(degrees)
        places = cls(tuple(number), radians[:, 0].copy(), radians[:, 1].copy(), number)
        return places, np.array(rows, dtype=np.int64)

    def with_place(self, code: str, communes: Mapping[str, Commune]) -> Places:
        """The same places, and this one after them if it is new."""
        if code in self.number:
            return self
        one, _ = Places.build([code], communes)
        return Places(
            (*self.codes, code),
            np.append(self.latitude, one.latitude),
            np.append(self.longitude, one.longitude),
            {**self.number, code: len(self.codes)},
        )

    def then(self, others: Places) -> tuple[Places, Ints]:
        """The same places and the others after them, and the number of each of the others."""
        number = dict(self.number)
        found = [number.setdefault(code, len(number)) for code in others.codes]
        new = np.array(found, dtype=np.int64) >= len(self.codes)
        places = Places(
            tuple(number),
            np.append(self.latitude, others.latitude[new]),
            np.append(self.longitude, others.longitude[new]),
            number,
        )
        return places, np.array(found, dtype=np.int64)

    def km_from(
        self, code: str, communes: Mapping[str, Commune], places: Ints | None = None
    ) -> Floats:
        """Kilometres from a commune to each place, or to these places (by number).

        Infinite where a centre is unknown. A commune is always ``MIN_KM`` from itself.
        """
        latitude, longitude = self.latitude, self.longitude
        if places is not None:
            latitude, longitude = latitude[places], longitude[places]
        origin = communes.get(code)
        if origin is None:
            km = np.full(len(latitude), np.inf)
        else:
            start = np.radians((origin.latitude, origin.longitude))
            km = km_apart(start[0], start[1], latitude, longitude)
        own = self.number.get(code)
        if own is not None:
            km[own if places is None else places == own] = MIN_KM
        return km

    def km_between(self, starts: Places, lines: Ints, places: Ints) -> Floats:
        """The same from several other places at once (``lines``, their numbers in ``starts``).

        One line for each of them, one column for each of ``places``: what :meth:`km_from` gives.
        """
        km = km_apart(
            starts.latitude[lines, None],
            starts.longitude[lines, None],
            self.latitude[places],
            self.longitude[places],
        )
        own = [self.number.get(starts.codes[line], UNKNOWN_PLACE) for line in lines.tolist()]
        km[np.array(own, dtype=np.int64)[:, None] == places] = MIN_KM
        return km


def km_apart(latitude: Floats, longitude: Floats, latitudes: Floats, longitudes: Floats) -> Floats:
    """Kilometres between centres in radians (shapes that broadcast): ``MIN_KM`` or more, infinite
    where one is unknown."""
    km = np.maximum(MIN_KM, _haversine(latitude, longitude, latitudes, longitudes))
    km[np.isnan(km)] = np.inf
    return km


def _haversine(
    latitude: Floats, longitude: Floats, latitudes: Floats, longitudes: Floats
) -> Floats:
    half_chord = (
        np.sin((latitudes - latitude) / 2) ** 2
        + np.cos(latitude) * np.cos(latitudes) * np.sin((longitudes - longitude) / 2) ** 2
    )
    # Rounding can push antipodes a hair above 1.
    angle: Floats = 2 * np.arcsin(np.sqrt(np.minimum(1.0, half_chord)))
    return EARTH_RADIUS_KM * angle
