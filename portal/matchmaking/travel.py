"""How long it takes to go from a commune to another: an estimate, straight line and paces."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

import matching as engine
from matching.travel import Places, minutes_by, usable_modes
from portal.models import Commune


def fastest(
    modes: Iterable[str], origin: Commune | None, target: Commune | None
) -> tuple[str, int] | None:
    """The mode that takes the least time, and its minutes; None when a place is unknown."""
    if origin is None or target is None:
        return None
    known = {
        row.code: engine.Commune(row.code, row.latitude, row.longitude)
        for row in (origin, target)
        if row.latitude is not None and row.longitude is not None
    }
    if len(known) < len({origin.code, target.code}):
        return None
    place, _numbers = Places.build([target.code], known)
    km = place.km_from(origin.code, known)
    usable = usable_modes(frozenset(engine.Mode(code) for code in modes))
    minutes, mode = min((float(minutes_by(mode, km)[0]), mode.value) for mode in usable)
    return (mode, round(minutes)) if isfinite(minutes) else None
