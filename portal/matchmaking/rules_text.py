"""The engine's numbers, for the page that explains the rules: the engine's own, never a copy."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from matching.pathways import MAX_STEPS
from matching.records import Mode
from matching.sessions import HORIZON_DAYS
from matching.travel import BUCKETS_MIN, DETOUR, MIN_KM, PACES
from portal.text import N_

_MODES = {
    Mode.WALK: N_("À pied"),
    Mode.BIKE: N_("À vélo"),
    Mode.BUS: N_("En bus ou en car"),
    Mode.MOPED: N_("En deux-roues motorisé"),
    Mode.CAR: N_("En voiture"),
}


@dataclass(frozen=True, slots=True)
class PaceRow:
    """A way to travel: speed in km/h, minutes added to wait or get ready, minutes for 10 km."""

    label: str
    speed: float
    wait: float
    ten_km: int


@dataclass(frozen=True, slots=True)
class RuleNumbers:
    """Every number that a rule names."""

    paces: tuple[PaceRow, ...]
    minimum_km: float
    detour_percent: int
    buckets: tuple[int, ...]
    horizon_days: int
    most_steps: int


def rule_numbers() -> RuleNumbers:
    """The numbers of the rules now in force."""
    return RuleNumbers(
        paces=tuple(
            PaceRow(_(_MODES[mode]), pace.speed, pace.wait, _minutes(pace.speed, pace.wait))
            for mode, pace in PACES.items()
        ),
        minimum_km=MIN_KM,
        detour_percent=round((DETOUR - 1) * 100),
        buckets=tuple(round(limit) for limit in BUCKETS_MIN),
        horizon_days=HORIZON_DAYS,
        most_steps=MAX_STEPS,
    )


def _minutes(speed: float, wait: float) -> int:
    return round(wait + 60 * DETOUR * 10 / speed)
