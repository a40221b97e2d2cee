"""Decisions about sessions that need no database: seats, distances, what can be corrected."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt

from portal import clock
from portal.models import Account, RecruitmentState, TrainingSession

# Somebody who never said « vu » is shown a month of novelties rather than the whole catalogue.
FIRST_VISIT = timedelta(days=30)
RADII = (10, 20, 30, 50, 100)
DEFAULT_RADIUS = 30
_EARTH_KM = 6371.0088
_KM_PER_DEGREE = 111.0


class Taken(StrEnum):
    """Where a corrected item stands in a session."""

    TAUGHT = "taught"
    DELIVERED = "delivered"
    REQUIRED = "required"


def new_since(account: Account) -> datetime:
    """From when a session is new to this account (S3-08)."""
    return account.catalogue_seen_at or clock.now() - FIRST_VISIT


def light(session: TrainingSession) -> tuple[int | None, int | None]:
    """(seats left, seats in all) as the seats light shows them; left is None when unknown.

    The state of recruitment stands over a count that may be older: full is full.
    """
    if session.recruitment is RecruitmentState.FULL:
        return 0, session.seats
    return session.seats_left, session.seats


def is_over(session: TrainingSession) -> bool:
    """Nobody can join any more, whatever the seats: cancelled or closed."""
    return session.recruitment in (RecruitmentState.CANCELLED, RecruitmentState.CLOSED)


def can_hold(taken: Taken, kind: str) -> bool:
    """A skill is taught or required; a credential is delivered or required."""
    refused = {("skill", Taken.DELIVERED), ("credential", Taken.TAUGHT)}
    return kind in ("skill", "credential") and (kind, taken) not in refused


def distance_km(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Great-circle distance between two (latitude, longitude), in kilometres."""
    lat_1, lon_1, lat_2, lon_2 = map(radians, (*start, *end))
    half = sin((lat_2 - lat_1) / 2) ** 2
    half += cos(lat_1) * cos(lat_2) * sin((lon_2 - lon_1) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(half))


def box_around(centre: tuple[float, float], km: float) -> tuple[float, float, float, float]:
    """(south, north, west, east) of a square that holds the circle of ``km``."""
    latitude, longitude = centre
    up = km / _KM_PER_DEGREE + 0.01
    across = km / (_KM_PER_DEGREE * max(0.1, cos(radians(latitude)))) + 0.01
    return latitude - up, latitude + up, longitude - across, longitude + across
