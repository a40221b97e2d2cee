"""What is known of each pair: travel, groups from the engine, wishes and refusals of both sides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from matching.cohorts.records import Bar, Job, Link, Pairing, Place
from matching.groups import GROUPS, Group
from matching.index import Index
from matching.records import Commune, Person
from matching.travel import Places, shortest_minutes

SECONDS = 60


@dataclass(frozen=True, slots=True)
class Wishes:
    """What both sides said. Keys pair a person with a place, or with a whole company.

    Wishes run from -1 (rather not) to 1 (yes, please); what is said of a place wins over what
    is said of its company. A refusal of either rules the pair out.
    """

    of_people: Mapping[Pairing, int] = field(default_factory=dict)
    of_companies: Mapping[Pairing, int] = field(default_factory=dict)
    refused_by_people: Collection[Pairing] = frozenset()
    refused_by_companies: Collection[Pairing] = frozenset()

    def __post_init__(self) -> None:
        for wish in (*self.of_people.values(), *self.of_companies.values()):
            if wish not in (-1, 0, 1):
                raise ValueError(f"a wish is -1, 0 or 1, not {wish!r}")

    def of(self, person: str, place: Place) -> int:
        """The wishes of both sides, added."""
        return sum(_said(said, person, place) for said in (self.of_people, self.of_companies))

    def refusal(self, person: str, place: Place) -> Bar | None:
        """Who refuses, the person first; None when nobody does."""
        pairs = {Pairing(person, place.id), Pairing(person, place.company)}
        if any(pair in self.refused_by_people for pair in pairs):
            return Bar.REFUSED_BY_PERSON
        if any(pair in self.refused_by_companies for pair in pairs):
            return Bar.REFUSED_BY_COMPANY
        return None


NOTHING_SAID = Wishes()


def immersion_links(
    people: Iterable[Person],
    places: Sequence[Place],
    communes: Mapping[str, Commune],
    wishes: Wishes = NOTHING_SAID,
) -> Iterator[Link]:
    """A link for every person and place, with the travel rules of ``matching.travel``.

    An immersion asks nothing beforehand: no link has a group.
    """
    where, numbers = Places.build((place.commune for place in places), communes)
    for person in people:
        km = where.km_from(person.commune, communes)
        minutes = shortest_minutes(person.modes, km)[numbers]
        for place, taken in zip(places, minutes.tolist(), strict=True):
            bar = wishes.refusal(person.id, place) or _travel_bar(taken, person.max_minutes)
            wish = wishes.of(person.id, place)
            yield Link(person.id, place.id, _seconds(taken), None, wish, bar)


def job_links(
    index: Index,
    people: Collection[str],
    jobs: Iterable[Job],
    wishes: Wishes = NOTHING_SAID,
) -> Iterator[Link]:
    """A link for every person (an id of the index) and job, with the engine's group.

    The group is judged on the offer's own dates, so what the cohort's session brings counts
    when that session is in the index and open to the person. Group ``GAP`` rules a pair out; a
    coordinator may pin it.
    """
    table = index.among(people)
    for job in jobs:
        judged = table.judge_offer(job.offer)
        rows = zip(
            table.people.people,
            judged.minutes.tolist(),
            judged.verdicts.group.tolist(),
            strict=True,
        )
        for person, minutes, number in rows:
            group = GROUPS[number]
            bar = wishes.refusal(person.id, job.place) or _job_bar(
                group, minutes, person.max_minutes
            )
            wish = wishes.of(person.id, job.place)
            yield Link(person.id, job.place.id, _seconds(minutes), group, wish, bar)


def _said(said: Mapping[Pairing, int], person: str, place: Place) -> int:
    by_company = said.get(Pairing(person, place.company), 0)
    return said.get(Pairing(person, place.id), by_company)


def _seconds(minutes: float) -> int | None:
    return round(SECONDS * minutes) if np.isfinite(minutes) else None


def _travel_bar(minutes: float, limit: int) -> Bar | None:
    if not np.isfinite(minutes):
        return Bar.UNKNOWN_TRAVEL
    return Bar.OUT_OF_REACH if minutes > limit else None


def _job_bar(group: Group, minutes: float, limit: int) -> Bar | None:
    return Bar.GAP if group is Group.GAP else _travel_bar(minutes, limit)
