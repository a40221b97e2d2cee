"""People as arrays: what is known of each, listed by skill, credential and occupation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching import rows
from matching.bulk.reach import Limits, limits_of, travel_minutes
from matching.ordering import NEVER_PROPOSED, Interest
from matching.records import Commune, Mode, Person, Taxonomy
from matching.requirements import (
    ABSENT,
    FOREVER,
    UNHEARD,
    GroupOf,
    Key,
    Subject,
    SubjectKind,
    best_by_group,
    facts_of,
)
from matching.travel import Bools, Floats, Ints, Places, minutes_by, usable_modes

# What some people hold: their numbers (rows of the table), and a value for each.
Holders = tuple[Ints, Ints]
_NOBODY: Holders = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """People, with days as ordinals and what is known of them listed by subject.

    ``number`` is that of each id. ``modes`` has one line per ``Mode``, one column per person.
    ``limits`` are the kilometres each person goes (see ``bulk.reach``).
    """

    people: Sequence[Person]
    number: Mapping[str, int]
    places: Places
    place: Ints
    modes: Bools
    max_minutes: Ints
    limits: Limits
    available_from: Ints
    last_proposed: Ints
    facts: Mapping[Subject, Holders]
    groups: Mapping[str, Holders]
    interests: Mapping[str, Holders]

    @classmethod
    def build(
        cls, people: Sequence[Person], communes: Mapping[str, Commune], group_of: GroupOf
    ) -> PeopleTable:
        """Index the people once."""
        places, place = Places.build((person.commune for person in people), communes)
        modes = _modes(people)
        max_minutes = np.array([person.max_minutes for person in people], dtype=np.int64)
        last = [person.last_proposed for person in people]
        skills = _by_key([person.skills for person in people])
        credentials = _by_key([_credential_facts(person) for person in people])
        facts = {Subject(SubjectKind.SKILL, key): held for key, held in skills.items()}
        facts |= {Subject(SubjectKind.CREDENTIAL, key): held for key, held in credentials.items()}
        return cls(
            tuple(people),
            {person.id: number for number, person in enumerate(people)},
            places,
            place,
            modes,
            max_minutes,
            limits_of(modes, max_minutes),
            np.array([person.available_from.toordinal() for person in people], dtype=np.int64),
            np.array([d.toordinal() if d else NEVER_PROPOSED for d in last], dtype=np.int64),
            facts,
            _best_by_group(skills, group_of),
            _by_key([person.interests for person in people]),
        )

    def with_person(
        self, person: Person, communes: Mapping[str, Commune], group_of: GroupOf
    ) -> PeopleTable:
        """The table where this person replaces the one of the same id, or comes last.

        Nothing is worked out again but this person; the columns are copied.
        """
        number, known = self.number.get(person.id, len(self.people)), person.id in self.number
        gone = self.people[number] if known else None
        places = self.places.with_place(person.commune, communes)
        last = person.last_proposed
        travel = travel_of(person.modes, person.max_minutes)
        return PeopleTable(
            rows.with_record(self.people, number, person),
            self.number if known else {**self.number, person.id: number},
            places,
            _put(self.place, number, places.number[person.commune]),
            _put(self.modes, number, travel.modes),
            _put(self.max_minutes, number, person.max_minutes),
            Limits(*map(_put, self.limits, repeat(number), travel.limits)),
            _put(self.available_from, number, person.available_from.toordinal()),
            _put(self.last_proposed, number, last.toordinal() if last else NEVER_PROPOSED),
            _held(self.facts, number, facts_of(gone) if gone else {}, facts_of(person)),
            _held(
                self.groups,
                number,
                best_by_group(gone, group_of) if gone else {},
                best_by_group(person, group_of),
            ),
            _held(self.interests, number, gone.interests if gone else {}, person.interests),
        )

    def available_from_day(self, numbers: Ints, day: date) -> PeopleTable:
        """The table where these people, by their numbers, are available from a day on."""
        some = np.zeros(len(self.people), dtype=np.bool_)
        some[numbers] = True
        return replace(
            self,
            people=rows.Seen(self.people, some, lambda one: replace(one, available_from=day)),
            available_from=np.where(some, day.toordinal(), self.available_from),
        )

    def ids_of(self, numbers: Ints) -> list[str]:
        """The ids of these people, by their numbers; no record is read."""
        ids = list(self.number)
        return [ids[number] for number in numbers.tolist()]

    def taking(self, numbers: Ints) -> PeopleTable:
        """These people alone, by their numbers given in order; no record is read."""
        ids, new = list(self.number), np.full(len(self.people), -1, dtype=np.int64)
        new[numbers] = np.arange(len(numbers))
        return PeopleTable(
            rows.taking(self.people, numbers),
            {ids[old]: number for number, old in enumerate(numbers.tolist())},
            self.places,
            self.place[numbers],
            self.modes[:, numbers],
            self.max_minutes[numbers],
            Limits(*(limit[..., numbers] for limit in self.limits)),
            self.available_from[numbers],
            self.last_proposed[numbers],
            _renumbered(self.facts, new),
            _renumbered(self.groups, new),
            _renumbered(self.interests, new),
        )

    def then(self, others: PeopleTable) -> PeopleTable:
        """These people and others after them, who are not in the table."""
        places, place = self.places.then(others.places)
        limits = zip(self.limits, others.limits, strict=True)
        start = len(self.people)
        return PeopleTable(
            rows.then(self.people, others.people),
            {**self.number, **{name: start + n for name, n in others.number.items()}},
            places,
            np.append(self.place, place[others.place]),
            np.concatenate((self.modes, others.modes), axis=-1),
            np.append(self.max_minutes, others.max_minutes),
            Limits(*(np.concatenate(pair, axis=-1) for pair in limits)),
            np.append(self.available_from, others.available_from),
            np.append(self.last_proposed, others.last_proposed),
            _then(self.facts, others.facts, start),
            _then(self.groups, others.groups, start),
            _then(self.interests, others.interests, start),
        )

    def known(self, subject: Subject) -> Ints:
        """What each person is known to hold of a subject, ``UNHEARD`` where nothing is."""
        return self._column(self.facts.get(subject))

    def best(self, group: str) -> Ints:
        """The best level of each person in a group of skills."""
        return self._column(self.groups.get(group))

    def _column(self, holders: Holders | None) -> Ints:
        column = np.full(len(self.people), UNHEARD, dtype=np.int64)
        if holders is not None:
            column[holders[0]] = holders[1]
        return column

    def minutes(
        self, code: str, communes: Mapping[str, Commune], people: Ints
    ) -> tuple[Floats, Floats]:
        """Minutes from these people to a commune, by the person's modes and by car."""
        km = self.places.km_from(code, communes)[self.place[people]]
        return travel_minutes(self.modes[:, people], km), minutes_by(Mode.CAR, km)

    def around(self, code: str, communes: Mapping[str, Commune]) -> tuple[Ints, int]:
        """Who is in reach of a commune, and how many others would be with a car."""
        km = self.places.km_from(code, communes)[self.place]
        near = km <= self.limits.reach
        by_car = ~near & (km <= self.limits.by_car)
        return np.flatnonzero(near), int(np.count_nonzero(by_car))

    def interest(self, occupation: str, taxonomy: Taxonomy) -> Ints:
        """What each person thinks of an occupation (values of ``Interest``)."""
        found = np.full(len(self.people), Interest.NEUTRAL, dtype=np.int64)
        for other, (numbers, values) in self.interests.items():
            known = taxonomy.occupations.get(other)
            if known is not None and occupation in known.neighbours:
                found[numbers[values > 0]] = Interest.NEIGHBOUR
        if occupation in self.interests:
            numbers, values = self.interests[occupation]
            found[numbers] = np.where(values > 0, Interest.LIKED, Interest.DISLIKED)
        return found


def _modes(people: Sequence[Person]) -> Bools:
    kinds: dict[frozenset[Mode], int] = {}
    which = [kinds.setdefault(person.modes, len(kinds)) for person in people]
    has = [[mode in usable_modes(kind) for kind in kinds] for mode in Mode]
    return np.array(has, dtype=np.bool_).reshape(len(Mode), -1)[:, which]


def _credential_facts(person: Person) -> dict[str, int]:
    """What is known of each credential. One held wins over one said absent."""
    facts = dict.fromkeys(person.no_credentials, ABSENT)
    for credential, expiry in person.credentials.items():
        facts[credential] = FOREVER if expiry is None else expiry.toordinal()
    return facts


def _by_key(held: Sequence[Mapping[str, int]]) -> dict[str, Holders]:
    """Who holds each key, in the order of people, from what each person holds."""
    keys: list[str] = []
    values: list[int] = []
    for one in held:
        keys += one
        values += one.values()
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    which = np.array([numbers[key] for key in keys], dtype=np.int64)
    person = np.repeat(np.arange(len(held)), [len(one) for one in held])
    return _split(list(numbers), which, person, np.array(values, dtype=np.int64))


def _split(keys: Sequence[str], which: Ints, person: Ints, value: Ints) -> dict[str, Holders]:
    order = np.argsort(which, kind="stable")
    cuts = np.cumsum(np.bincount(which, minlength=len(keys)))[:-1]
    people, values = np.split(person[order], cuts), np.split(value[order], cuts)
    return dict(zip(keys, zip(people, values, strict=True), strict=True)) if keys else {}


def _best_by_group(skills: Mapping[str, Holders], group_of: GroupOf) -> dict[str, Holders]:
    """The best level of those who hold a skill of each group."""
    members: dict[str, list[Holders]] = {}
    for skill, holders in skills.items():
        group = group_of(skill)
        if group is not None:
            members.setdefault(group, []).append(holders)
    best: dict[str, Holders] = {}
    for group, held in members.items():
        numbers, levels = (np.concatenate(column) for column in zip(*held, strict=True))
        order = np.lexsort((levels, numbers))
        last = np.append(np.diff(numbers[order]) != 0, True)
        best[group] = numbers[order][last], levels[order][last]
    return best


class Travel(NamedTuple):
    """How one person gets about: tables of one column."""

    modes: Bools
    limits: Limits


@lru_cache(maxsize=4096)
def travel_of(modes: frozenset[Mode], max_minutes: int) -> Travel:
    """How one person gets about, remembered: the tables are for reading alone."""
    has = np.array([[mode in usable_modes(modes)] for mode in Mode], dtype=np.bool_)
    return Travel(has, limits_of(has, np.array([max_minutes])))


def _put(columns: NDArray[Scalar], number: int, column: NDArray[Scalar] | int) -> NDArray[Scalar]:
    """The array with one column (last axis) replaced, or added at the end."""
    size = columns.shape[-1]
    changed = np.empty((*columns.shape[:-1], max(size, number + 1)), dtype=columns.dtype)
    changed[..., :size] = columns
    changed[..., number : number + 1] = column
    return changed


def _renumbered(held: Mapping[Key, Holders], new: Ints) -> dict[Key, Holders]:
    """The holders by their new numbers; those of -1 leave."""
    found: dict[Key, Holders] = {}
    for key, (numbers, values) in held.items():
        now = new[numbers]
        stays = now >= 0
        if stays.any():
            found[key] = now[stays], values[stays]
    return found


def _then(
    held: Mapping[Key, Holders], others: Mapping[Key, Holders], start: int
) -> dict[Key, Holders]:
    """The holders, with others whose numbers begin at ``start``."""
    found = dict(held)
    for key, (numbers, values) in others.items():
        before = held.get(key, _NOBODY)
        found[key] = np.append(before[0], numbers + start), np.append(before[1], values)
    return found


def _held(
    held: Mapping[Key, Holders], number: int, gone: Mapping[Key, int], new: Mapping[Key, int]
) -> dict[Key, Holders]:
    """The holders once the person of this number holds ``new`` instead of ``gone``."""
    found = dict(held)
    for key in gone.keys() | new.keys():
        if key in gone and key in new and gone[key] == new[key]:
            continue
        numbers, values = held.get(key, _NOBODY)
        others, now = numbers != number, [new[key]] if key in new else []
        found[key] = (
            np.append(numbers[others], np.full(len(now), number)),
            np.append(values[others], np.array(now, dtype=np.int64)),
        )
    return found
