"""Offers as arrays: days, places, requirements, and the sessions that bring what they ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matching.records import Commune, Mode, Offer, Taxonomy
from matching.requirements import RequirementTable, SubjectKind
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
        requirements = RequirementTable.build(owned, taxonomy.group_of)
        need, cover = _needs(requirements, sessions)
        return cls(
            tuple(offers),
            places,
            place,
            np.array(wanted, dtype=np.int64),
            np.array([offer.start_latest.toordinal() for offer in offers], dtype=np.int64),
            tuple(occupations),
            np.array(occupation, dtype=np.int64),
            requirements,
            need,
            cover,
        )

    def minutes(
        self, commune: str, modes: frozenset[Mode], communes: Mapping[str, Commune]
    ) -> tuple[Floats, Floats]:
        """Minutes to each offer by the person's modes, and by car."""
        km = self.places.km_from(commune, communes)
        return shortest_minutes(modes, km)[self.place], minutes_by(Mode.CAR, km)[self.place]


def _needs(rows: RequirementTable, sessions: SessionTable) -> tuple[Ints, Words]:
    """The line of each row, and the sessions of each line."""
    subjects = list(rows.subjects)
    is_skill = np.array([about.kind is SubjectKind.SKILL for about in subjects], dtype=np.bool_)
    level = np.where(is_skill[rows.subject], rows.threshold, 0)
    asked, need = np.unique(rows.subject << 3 | level, return_inverse=True)
    cover = np.zeros((len(asked), len(sessions.sessions)), dtype=np.bool_)
    for line, number in enumerate(asked.tolist()):
        if subjects[number >> 3] in sessions.grants:
            numbers, levels = sessions.grants[subjects[number >> 3]]
            cover[line, numbers[levels >= number & 7]] = True
    return need, sessions.pack(cover)
