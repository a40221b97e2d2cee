"""Offers as arrays: days, places, requirements, and the sessions that bring what they ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matching.records import Commune, Mode, Offer, Taxonomy
from matching.requirements import RequirementTable, level_of, subject_of
from matching.sessions import SessionTable, Words
from matching.travel import Floats, Ints, Places, minutes_by, shortest_minutes


@dataclass(frozen=True, slots=True)
class OfferTable:
    """Offers, with days as ordinals.

    ``need`` gives, for each requirement row, the line of ``cover`` that holds the sessions
    bringing what it asks: offers that ask the same share it.
    """

    offers: tuple[Offer, ...]
    places: Places
    place: Ints
    start_wanted: Ints
    start_latest: Ints
    occupations: tuple[str, ...]
    occupation: Ints
    requirements: RequirementTable
    need: Ints
    cover: Words

    @classmethod
    def build(
        cls,
        offers: Sequence[Offer],
        sessions: SessionTable,
        communes: Mapping[str, Commune],
        taxonomy: Taxonomy,
    ) -> OfferTable:
        """Index the offers once, against the sessions that may cover what they ask."""
        places, place = Places.build((offer.commune for offer in offers), communes)
        wanted = [offer.start_wanted.toordinal() for offer in offers]
        occupations: dict[str, int] = {}
        occupation = [occupations.setdefault(o.occupation, len(occupations)) for o in offers]
        owned = [(offer.requirements, on) for offer, on in zip(offers, wanted, strict=True)]
        need, cover = _needs(offers, sessions)
        return cls(
            tuple(offers),
            places,
            place,
            np.array(wanted, dtype=np.int64),
            np.array([offer.start_latest.toordinal() for offer in offers], dtype=np.int64),
            tuple(occupations),
            np.array(occupation, dtype=np.int64),
            RequirementTable.build(owned, taxonomy.group_of),
            need,
            cover,
        )

    def minutes(
        self, commune: str, modes: frozenset[Mode], communes: Mapping[str, Commune]
    ) -> tuple[Floats, Floats]:
        """Minutes to each offer by the person's modes, and by car."""
        km = self.places.km_from(commune, communes)
        return shortest_minutes(modes, km)[self.place], minutes_by(Mode.CAR, km)[self.place]


def _needs(offers: Sequence[Offer], sessions: SessionTable) -> tuple[Ints, Words]:
    asked = [(subject_of(r), level_of(r)) for offer in offers for r in offer.requirements]
    numbers: dict[tuple[object, int], int] = {}
    need = np.array([numbers.setdefault(a, len(numbers)) for a in asked], dtype=np.int64)
    lines = [sessions.pack(sessions.covering(*a)) for a in dict.fromkeys(asked)]
    width = sessions.pack(np.zeros(0, dtype=np.bool_)).shape[-1]
    return need, np.array(lines, dtype=np.uint64).reshape(-1, width)
