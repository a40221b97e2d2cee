"""Where a person stands on each gesture of a trade: « 6 gestes sur 9 », and which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matching.records import LEVEL_ALONE, LEVEL_CANNOT, LEVEL_WITH_HELP, Skill
from matching.transfer.trades import Trade


@dataclass(frozen=True, slots=True)
class Reading:
    """The gestures of a trade, each in exactly one list, in the order of the trade's sheet.

    ``held``: alone or better. ``helped``: with help. ``backed``: not asked, but a gesture of the
    same group is held alone. ``unknown``: not asked. ``gaps``: known not to be held. What was
    never asked is never a gap.
    """

    held: tuple[str, ...] = ()
    helped: tuple[str, ...] = ()
    backed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()

    @property
    def gestures(self) -> tuple[str, ...]:
        """Every gesture of the trade."""
        return (*self.held, *self.helped, *self.backed, *self.unknown, *self.gaps)

    @property
    def total(self) -> int:
        """How many gestures the trade counts."""
        return len(self.gestures)

    @property
    def has_a_start(self) -> bool:
        """Whether the person holds a gesture of the trade, even with help, or a sister of one."""
        return bool(self.held or self.helped or self.backed)


def read_trade(trade: Trade, levels: Mapping[str, int], skills: Mapping[str, Skill]) -> Reading:
    """The reading of a trade for what is known of a person (see :class:`Reading`)."""
    groups = {
        skills[item].group
        for item, level in levels.items()
        if level >= LEVEL_ALONE and item in skills
    } - {None}
    lists: dict[str, list[str]] = {
        "held": [],
        "helped": [],
        "backed": [],
        "unknown": [],
        "gaps": [],
    }
    for item in dict.fromkeys(trade.gestures):
        known = skills.get(item)
        lists[_standing(levels.get(item), known is not None and known.group in groups)].append(item)
    return Reading(**{name: tuple(found) for name, found in lists.items()})


def _standing(level: int | None, backed: bool) -> str:
    if level is None:
        return "backed" if backed else "unknown"
    if level == LEVEL_CANNOT:
        return "gaps"
    return "helped" if level == LEVEL_WITH_HELP else "held"
