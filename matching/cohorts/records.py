"""What an assignment is given and what it answers.

Two uses, one problem: people × immersion places (by company and wave), and people × promised
jobs. A result is a proposal: nothing here decides, and nobody is discarded by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from matching.groups import Group
from matching.records import Offer


class Pairing(NamedTuple):
    """A person and a place (or a job), by their ids."""

    candidate: str
    place: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person to place.

    ``waiting_days`` is how long they have waited without a proposal; ``limit`` the number of
    places they asked for over all waves (one, unless they asked for more), never two in a wave.
    """

    id: str
    waiting_days: int = 0
    limit: int = 1

    def __post_init__(self) -> None:
        if self.limit < 1 or self.waiting_days < 0:
            raise ValueError(f"candidate {self.id!r}: limit at least 1, waiting at least 0")


@dataclass(frozen=True, slots=True)
class Place:
    """Immersion places of one company, in one wave, in one commune."""

    id: str
    company: str
    capacity: int
    commune: str
    wave: str = ""

    def __post_init__(self) -> None:
        if self.capacity < 0:
            raise ValueError(f"place {self.id!r}: the capacity is not negative")


@dataclass(frozen=True, slots=True)
class Job:
    """A promised job: the company, and the offer with its requirements, commune and posts."""

    company: str
    offer: Offer

    @property
    def place(self) -> Place:
        """The job as somewhere to be placed: its posts are its capacity."""
        return Place(self.offer.id, self.company, self.offer.posts, self.offer.commune)


class Bar(StrEnum):
    """Why a person is not given a place, the strongest first."""

    REFUSED_BY_PERSON = "refused_by_person"
    REFUSED_BY_COMPANY = "refused_by_company"
    FORBIDDEN = "forbidden"
    NO_CAPACITY = "no_capacity"
    GAP = "gap"
    OUT_OF_REACH = "out_of_reach"
    UNKNOWN_TRAVEL = "unknown_travel"
    FULL = "full"


# A coordinator may pin over what was computed, which is then flagged: never over a refusal.
PINNABLE = frozenset({Bar.GAP, Bar.OUT_OF_REACH, Bar.UNKNOWN_TRAVEL})


@dataclass(frozen=True, slots=True)
class Link:
    """What is known of a pair.

    ``seconds`` is the travel one way, rounded (None when unknown); ``group`` comes from the
    engine (None when requirements do not count); ``wish`` adds the wishes of both sides, each
    from -1 to 1; ``bar`` is what rules the pair out, None when it is possible.

    Raises ``ValueError`` when a possible pair has no travel: it could not be compared.
    """

    candidate: str
    place: str
    seconds: int | None = None
    group: Group | None = None
    wish: int = 0
    bar: Bar | None = None

    def __post_init__(self) -> None:
        if self.bar is None and self.seconds is None:
            raise ValueError(f"{self.candidate!r}, {self.place!r}: possible, but no travel")

    @property
    def pairing(self) -> Pairing:
        """The two ids."""
        return Pairing(self.candidate, self.place)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One proposal. ``flag`` is the computed bar a pin set aside, None in every other case."""

    candidate: str
    place: str
    seconds: int | None
    group: Group | None
    wish: int
    pinned: bool
    flag: Bar | None


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, and the places it holds for (ids, sorted)."""

    bar: Bar
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A set that cannot be satisfied whole, and can as soon as any one element leaves it.

    « 5 personnes ne peuvent aller que dans 3 places »: ``people`` and ``pins`` together are one
    more than ``seats``, the capacity of ``places``, and none of these people can go elsewhere.
    Without one person or one pin of the set, all the others have a place.
    """

    people: tuple[str, ...]
    pins: tuple[Pairing, ...]
    places: tuple[str, ...]
    seats: int


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Somebody without a place: why, place by place, and the conflict they are part of.

    ``conflict`` is None when no place at all is possible for this person.
    """

    candidate: str
    reasons: tuple[Reason, ...]
    conflict: Conflict | None


@dataclass(frozen=True, slots=True)
class Shortage:
    """All the people who can only go to the same places: « 300 personnes pour 120 places ».

    ``people`` and ``pins`` together need ``missing`` more seats than the ``seats`` there are.
    """

    people: tuple[str, ...]
    pins: tuple[Pairing, ...]
    places: tuple[str, ...]
    seats: int

    @property
    def missing(self) -> int:
        """How many seats would place them all."""
        return len(self.people) + len(self.pins) - self.seats


class PinFault(StrEnum):
    """Why pins cannot hold."""

    UNKNOWN = "unknown"
    BARRED = "barred"
    TOO_MANY_FOR_PERSON = "too_many_for_person"
    TWICE_IN_WAVE = "twice_in_wave"
    TOO_MANY_FOR_PLACE = "too_many_for_place"


@dataclass(frozen=True, slots=True)
class BrokenPins:
    """Pins that cannot hold together; without any one of them, the others can.

    ``bar`` tells which refusal, forbid or rule a barred pin goes against.
    """

    fault: PinFault
    pins: tuple[Pairing, ...]
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """The objectives, in the order they were optimised.

    ``groups`` counts assignments in each group, worst first, over the groups present in the
    links; ``seconds`` is the sum of known travel one way; ``waiting_days`` the wait of those
    placed.
    """

    placed: int
    assignments: int
    groups: tuple[tuple[Group, int], ...]
    wish: int
    seconds: int
    waiting_days: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proven optimum, or the pins that make any proposal impossible.

    With ``broken`` pins nothing is assigned and nobody is listed as unplaced.
    """

    assignments: tuple[Assignment, ...]
    unplaced: tuple[Unplaced, ...]
    totals: Totals | None
    broken: tuple[BrokenPins, ...] = ()

    @property
    def shortages(self) -> tuple[Shortage, ...]:
        """The conflicts of the people left, those about the same places merged into one."""
        by_places: dict[tuple[str, ...], list[Conflict]] = {}
        for left in self.unplaced:
            if left.conflict:
                by_places.setdefault(left.conflict.places, []).append(left.conflict)
        return tuple(
            Shortage(
                tuple(sorted({person for found in merged for person in found.people})),
                merged[0].pins,
                places,
                merged[0].seats,
            )
            for places, merged in sorted(by_places.items())
        )
