"""People as arrays: what is known of each, listed by skill, credential and occupation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.ordering import NEVER_PROPOSED, Interest
from matching.records import Commune, Mode, Person, Taxonomy
from matching.requirements import (
    UNHEARD,
    GroupOf,
    Key,
    Subject,
    best_by_group,
    facts_of,
)
from matching.sessions import SessionTable
from matching.travel import Bools, Floats, Ints, Places, minutes_by, usable_modes

# What some people hold: their numbers (rows of the table), and a value for each.
Holders = tuple[Ints, Ints]
_NOBODY: Holders = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """People, with days as ordinals and what is known of them listed by subject.

    ``modes`` has one line per ``Mode``, one column per person. ``reach`` says whether each
    person (column) can go to each place of the sessions (line); its extra last line, all
    true, is the one that ``REMOTE`` reads.
    """

    people: tuple[Person, ...]
    places: Places
    place: Ints
    modes: Bools
    max_minutes: Ints
    available_from: Ints
    last_proposed: Ints
    facts: Mapping[Subject, Holders]
    groups: Mapping[str, Holders]
    interests: Mapping[str, Holders]
    reach: Bools

    @classmethod
    def build(
        cls,
        people: Sequence[Person],
        sessions: SessionTable,
        communes: Mapping[str, Commune],
        group_of: GroupOf,
    ) -> PeopleTable:
        """Index the people once."""
        places, place = Places.build((person.commune for person in people), communes)
        has = [[mode in usable_modes(person.modes) for person in people] for mode in Mode]
        modes = np.array(has, dtype=np.bool_)
        max_minutes = np.array([person.max_minutes for person in people], dtype=np.int64)
        reach = np.ones((len(sessions.places.codes) + 1, len(people)), dtype=np.bool_)
        for line, code in enumerate(sessions.places.codes):
            reach[line] = _minutes(places.km_from(code, communes)[place], modes) <= max_minutes
        last = [person.last_proposed for person in people]
        return cls(
            tuple(people),
            places,
            place,
            modes,
            max_minutes,
            np.array([person.available_from.toordinal() for person in people], dtype=np.int64),
            np.array([d.toordinal() if d else NEVER_PROPOSED for d in last], dtype=np.int64),
            _by_key(facts_of(person) for person in people),
            _by_key(best_by_group(person, group_of) for person in people),
            _by_key(person.interests for person in people),
            reach,
        )

    def with_person(
        self,
        person: Person,
        sessions: SessionTable,
        communes: Mapping[str, Commune],
        group_of: GroupOf,
    ) -> PeopleTable:
        """The table where this person replaces the one of the same id, or comes last.

        Costs what one person weighs, not what the table does.
        """
        numbers = {known.id: number for number, known in enumerate(self.people)}
        number = numbers.get(person.id, len(self.people))
        gone = PeopleTable.build(self.people[number : number + 1], sessions, communes, group_of)
        new = PeopleTable.build([person], sessions, communes, group_of)
        people = (*self.people[:number], person, *self.people[number + 1 :])
        places, place = Places.build((one.commune for one in people), communes)
        return PeopleTable(
            people,
            places,
            place,
            _put(self.modes, number, new.modes),
            _put(self.max_minutes, number, new.max_minutes),
            _put(self.available_from, number, new.available_from),
            _put(self.last_proposed, number, new.last_proposed),
            _held(self.facts, number, gone.facts, new.facts),
            _held(self.groups, number, gone.groups, new.groups),
            _held(self.interests, number, gone.interests, new.interests),
            _put(self.reach, number, new.reach),
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

    def minutes(self, code: str, communes: Mapping[str, Commune]) -> tuple[Floats, Floats]:
        """Minutes from each person to a commune, by the person's modes and by car."""
        km = self.places.km_from(code, communes)[self.place]
        return _minutes(km, self.modes), minutes_by(Mode.CAR, km)

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


def modes_of(person: Person) -> Bools:
    """The modes that count for a person: a line per ``Mode``, one column."""
    usable = usable_modes(person.modes)
    return np.array([[mode in usable] for mode in Mode], dtype=np.bool_)


def _minutes(km: Floats, modes: Bools) -> Floats:
    times = [
        np.where(has, minutes_by(mode, km), np.inf) for mode, has in zip(Mode, modes, strict=True)
    ]
    return np.asarray(np.minimum.reduce(times), dtype=np.float64)


def _by_key(maps: Iterable[Mapping[Key, int]]) -> dict[Key, Holders]:
    found: dict[Key, tuple[list[int], list[int]]] = {}
    for number, held in enumerate(maps):
        for key, value in held.items():
            numbers, values = found.setdefault(key, ([], []))
            numbers.append(number)
            values.append(value)
    return {
        key: (np.array(numbers, dtype=np.int64), np.array(values, dtype=np.int64))
        for key, (numbers, values) in found.items()
    }


def _put(columns: NDArray[Scalar], number: int, column: NDArray[Scalar]) -> NDArray[Scalar]:
    """The array with one column (last axis) replaced, or added at the end."""
    return np.concatenate((columns[..., :number], column, columns[..., number + 1 :]), axis=-1)


def _held(
    held: Mapping[Key, Holders],
    number: int,
    gone: Mapping[Key, Holders],
    new: Mapping[Key, Holders],
) -> dict[Key, Holders]:
    """The holders once the person of this number holds ``new`` instead of ``gone``."""
    found = dict(held)
    for key in {*gone, *new}:
        numbers, values = held.get(key, _NOBODY)
        others = numbers != number
        _, mine = new.get(key, _NOBODY)
        found[key] = (
            np.append(numbers[others], np.full(len(mine), number)),
            np.append(values[others], mine),
        )
    return found
