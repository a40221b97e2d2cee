"""Offers as arrays: days, places, requirements, and the sessions that bring what they ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching import rows
from matching.records import Commune, Mode, Offer, Taxonomy
from matching.requirements import RequirementTable, SubjectKind
from matching.sessions import SessionTable, Words
from matching.travel import Floats, Ints, Places, minutes_by, shortest_minutes


@dataclass(frozen=True, slots=True)
class OfferTable:
    """Offers, with days as ordinals. ``number`` is that of each id.

    ``need`` gives, for each requirement row, the line of ``cover`` that holds the sessions
    bringing what it asks: offers that ask the same share it.
    """

    offers: Sequence[Offer]
    number: Mapping[str, int]
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
            {offer.id: number for number, offer in enumerate(offers)},
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

    def taking(self, numbers: Ints) -> OfferTable:
        """These offers alone, by their numbers given in order; no record is read."""
        ids = list(self.number)
        return OfferTable(
            rows.taking(self.offers, numbers),
            {ids[old]: number for number, old in enumerate(numbers.tolist())},
            self.places,
            self.place[numbers],
            self.start_wanted[numbers],
            self.start_latest[numbers],
            self.occupations,
            self.occupation[numbers],
            self.requirements.taking(numbers),
            self.need[self.requirements.rows_of(numbers)],
            self.cover,
        )

    def then(self, others: OfferTable) -> OfferTable:
        """These offers and others after them, which are not in the table; sessions are the same."""
        places, place = self.places.then(others.places)
        occupations = {code: number for number, code in enumerate(self.occupations)}
        found = [occupations.setdefault(code, len(occupations)) for code in others.occupations]
        start = len(self.offers)
        return OfferTable(
            rows.then(self.offers, others.offers),
            {**self.number, **{name: start + n for name, n in others.number.items()}},
            places,
            np.append(self.place, place[others.place]),
            np.append(self.start_wanted, others.start_wanted),
            np.append(self.start_latest, others.start_latest),
            tuple(occupations),
            np.append(self.occupation, np.array(found, dtype=np.int64)[others.occupation]),
            self.requirements.then(others.requirements),
            np.append(self.need, others.need + len(self.cover)),
            np.concatenate((self.cover, others.cover)),
        )

    def against(self, sessions: SessionTable) -> OfferTable:
        """The same offers, covered by other sessions."""
        need, cover = _needs(self.requirements, sessions)
        return replace(self, need=need, cover=cover)

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
