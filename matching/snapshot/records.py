"""Records as columns: numbers, and the words that they number. A record is made when asked for.

A hundred thousand records weigh a few megabytes so, and processes share them; as objects each
process would hold ten times more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from matching.bulk.layout import Codes
from matching.records import (
    Commune,
    Mode,
    Occupation,
    Offer,
    Person,
    Requirement,
    Session,
    Skill,
    Taxonomy,
)
from matching.snapshot.columns import KINDS, NONE, Lazy, Names, Needs, Ragged, codes
from matching.travel import Floats, Ints

_MODES = tuple(Mode)


@dataclass(frozen=True, slots=True)
class PersonColumns:
    """People. Days are ordinals, ``NONE`` for none; ``modes`` has a bit per ``Mode``."""

    ids: tuple[str, ...]
    words: tuple[str, ...]
    commune: Codes
    available_from: Codes
    modes: Codes
    max_minutes: Ints
    last_proposed: Codes
    skills: Ragged
    credentials: Ragged
    absent: Ragged
    interests: Ragged

    @classmethod
    def of(cls, people: Sequence[Person]) -> PersonColumns:
        """The columns of these people."""
        names = Names()

        everyone = tuple(people)
        held = (
            Ragged.of(names.numbered(person.skills) for person in everyone),
            Ragged.of(names.numbered(_expiries(person)) for person in everyone),
            Ragged.of(names.zeros(person.no_credentials) for person in everyone),
            Ragged.of(names.numbered(person.interests) for person in everyone),
        )
        communes = codes(names.of(person.commune) for person in everyone)
        return cls(
            tuple(person.id for person in everyone),
            names.all(),
            communes,
            codes(person.available_from.toordinal() for person in everyone),
            codes(sum(1 << _MODES.index(mode) for mode in p.modes) for p in everyone),
            np.array([person.max_minutes for person in everyone], dtype=np.int64),
            codes(_ordinal(person.last_proposed) for person in everyone),
            *held,
        )

    def records(self) -> Lazy[Person]:
        """The people, each made when asked for."""
        return Lazy(len(self.ids), self.record)

    def record(self, row: int) -> Person:
        """The person of a row."""
        words, modes = self.words, int(self.modes[row])
        return Person(
            self.ids[row],
            words[self.commune[row]],
            date.fromordinal(int(self.available_from[row])),
            {words[word]: level for word, level in self.skills.pairs(row)},
            {words[word]: _day(until) for word, until in self.credentials.pairs(row)},
            frozenset(words[word] for word, _ in self.absent.pairs(row)),
            frozenset(mode for bit, mode in enumerate(_MODES) if modes >> bit & 1),
            int(self.max_minutes[row]),
            {words[word]: liking for word, liking in self.interests.pairs(row)},
            _day(int(self.last_proposed[row])),
        )


@dataclass(frozen=True, slots=True)
class OfferColumns:
    """Offers. Days are ordinals."""

    ids: tuple[str, ...]
    words: tuple[str, ...]
    occupation: Codes
    commune: Codes
    start_wanted: Codes
    start_latest: Codes
    posts: Ints
    needs: Needs

    @classmethod
    def of(cls, offers: Sequence[Offer]) -> OfferColumns:
        """The columns of these offers."""
        names, every = Names(), tuple(offers)
        columns = (
            codes(names.of(offer.occupation) for offer in every),
            codes(names.of(offer.commune) for offer in every),
            codes(offer.start_wanted.toordinal() for offer in every),
            codes(offer.start_latest.toordinal() for offer in every),
            np.array([offer.posts for offer in every], dtype=np.int64),
            Needs.of((offer.requirements for offer in every), names),
        )
        return cls(tuple(offer.id for offer in every), names.all(), *columns)

    def records(self) -> Lazy[Offer]:
        """The offers, each made when asked for."""
        return Lazy(len(self.ids), self.record)

    def record(self, row: int) -> Offer:
        """The offer of a row."""
        needs = self.needs.rows(row, self.words)
        return Offer(
            self.ids[row],
            self.words[self.occupation[row]],
            self.words[self.commune[row]],
            date.fromordinal(int(self.start_wanted[row])),
            date.fromordinal(int(self.start_latest[row])),
            int(self.posts[row]),
            tuple(Requirement(n.skill, n.level, n.credential, KINDS[kind]) for n, kind in needs),
        )


@dataclass(frozen=True, slots=True)
class SessionColumns:
    """Sessions; ``NONE`` as the commune of a remote one."""

    ids: tuple[str, ...]
    words: tuple[str, ...]
    start: Codes
    end: Codes
    seats_left: Ints
    commune: Codes
    remote: Codes
    prerequisites: Needs
    teaches: Ragged
    delivers: Ragged

    @classmethod
    def of(cls, sessions: Sequence[Session]) -> SessionColumns:
        """The columns of these sessions."""
        names = Names()
        columns = (
            codes(session.start.toordinal() for session in sessions),
            codes(session.end.toordinal() for session in sessions),
            np.array([session.seats_left for session in sessions], dtype=np.int64),
            codes(names.of(session.commune) for session in sessions),
            codes(int(session.remote) for session in sessions),
            Needs.of((session.prerequisites for session in sessions), names),
            Ragged.of(names.numbered(session.teaches) for session in sessions),
            Ragged.of(names.zeros(session.delivers) for session in sessions),
        )
        return cls(tuple(session.id for session in sessions), names.all(), *columns)

    def records(self) -> tuple[Session, ...]:
        """The sessions: there are few, and many questions go through all of them."""
        return tuple(map(self.record, range(len(self.ids))))

    def record(self, row: int) -> Session:
        """The session of a row."""
        words, commune = self.words, int(self.commune[row])
        return Session(
            self.ids[row],
            date.fromordinal(int(self.start[row])),
            date.fromordinal(int(self.end[row])),
            int(self.seats_left[row]),
            None if commune == NONE else words[commune],
            bool(self.remote[row]),
            tuple(need for need, _ in self.prerequisites.rows(row, words)),
            {words[word]: level for word, level in self.teaches.pairs(row)},
            frozenset(words[word] for word, _ in self.delivers.pairs(row)),
        )


@dataclass(frozen=True, slots=True)
class CommuneColumns:
    """Communes and their centres."""

    codes: tuple[str, ...]
    latitude: Floats
    longitude: Floats

    @classmethod
    def of(cls, communes: Mapping[str, Commune]) -> CommuneColumns:
        """The columns of these communes."""
        latitude = np.array([one.latitude for one in communes.values()], dtype=np.float64)
        longitude = np.array([one.longitude for one in communes.values()], dtype=np.float64)
        return cls(tuple(communes), latitude, longitude)

    def records(self) -> dict[str, Commune]:
        """The communes by code."""
        centres = zip(self.codes, self.latitude.tolist(), self.longitude.tolist(), strict=True)
        return {code: Commune(code, latitude, longitude) for code, latitude, longitude in centres}


@dataclass(frozen=True, slots=True)
class TaxonomyColumns:
    """Skills with their groups (``NONE``: none), occupations with their core and neighbours."""

    skills: tuple[str, ...]
    skill_labels: tuple[str, ...]
    group: Codes
    groups: tuple[str, ...]
    occupations: tuple[str, ...]
    occupation_labels: tuple[str, ...]
    words: tuple[str, ...]
    core: Ragged
    neighbours: Ragged

    @classmethod
    def of(cls, taxonomy: Taxonomy) -> TaxonomyColumns:
        """The columns of a taxonomy."""
        groups, names = Names(), Names()
        skills, trades = taxonomy.skills.values(), taxonomy.occupations.values()
        group = codes(groups.of(skill.group) for skill in skills)
        core = Ragged.of(names.zeros(trade.core_skills) for trade in trades)
        near = Ragged.of(names.zeros(trade.neighbours) for trade in trades)
        return cls(
            tuple(taxonomy.skills),
            tuple(skill.label for skill in skills),
            group,
            groups.all(),
            tuple(taxonomy.occupations),
            tuple(trade.label for trade in trades),
            names.all(),
            core,
            near,
        )

    def records(self) -> Taxonomy:
        """The taxonomy."""
        families = [None if n == NONE else self.groups[n] for n in self.group.tolist()]
        rows = zip(self.skills, self.skill_labels, families, strict=True)
        trades = enumerate(zip(self.occupations, self.occupation_labels, strict=True))
        return Taxonomy(
            {code: Skill(code, label, group) for code, label, group in rows},
            {
                code: Occupation(
                    code, label, self._words(self.core, n), self._words(self.neighbours, n)
                )
                for n, (code, label) in trades
            },
        )

    def _words(self, held: Ragged, row: int) -> tuple[str, ...]:
        return tuple(self.words[word] for word, _ in held.pairs(row))


def _expiries(person: Person) -> dict[str, int]:
    return {name: _ordinal(until) for name, until in person.credentials.items()}


def _ordinal(day: date | None) -> int:
    return NONE if day is None else day.toordinal()


def _day(ordinal: int) -> date | None:
    return None if ordinal == NONE else date.fromordinal(ordinal)
