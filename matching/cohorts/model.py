"""The assignment as a linear problem over whole numbers, and its objectives in order.

Columns: one per usable link (0 or 1), then one per person who asked for several places, which
counts those beyond the first. Rows: per person, links minus the places beyond the first at most
1; for those who asked for several, at most one per wave; per place, at most its capacity. The
sets of links of the rows about people are nested, those about places are disjoint: two laminar
families, the matrix of a network, and a column with a single entry changes nothing to that. It
is totally unimodular (Schrijver, *Combinatorial Optimization*, ch. 13 and 41), as ``exact`` asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array

from matching.cohorts.exact import Face, Matrix, lexicographic, spread
from matching.cohorts.records import Candidate, Link, Pairing, Place
from matching.groups import GROUPS
from matching.ordering import digests
from matching.travel import Ints

# The first 31 bits of two words of 64: small enough for exact doubles, and ties do not last.
_DROPPED, _WORDS = np.uint64(33), 2


@dataclass(frozen=True, slots=True)
class Model:
    """``links`` are the first columns, in order; ``several`` the people of the last ones."""

    people: Mapping[str, Candidate]
    links: Sequence[Link]
    several: Sequence[str]
    face: Face

    @classmethod
    def build(
        cls,
        people: Mapping[str, Candidate],
        places: Mapping[str, Place],
        links: Sequence[Link],
        pins: Sequence[Pairing],
    ) -> Model:
        """The problem of these links; a pinned link is one that must be used."""
        several = [person.id for person in people.values() if person.limit > 1]
        rows, limits = _rows(people, places, links, several)
        held = set(pins)
        pinned = [link.pairing in held for link in links] if held else [False] * len(links)
        lowest = np.array([*pinned, *(0 for _ in several)], dtype=np.int64)
        beyond = [people[person].limit - 1 for person in several]
        highest = np.array([*(1 for _ in links), *beyond], dtype=np.int64)
        return cls(people, links, several, Face.build(rows, limits, lowest, highest))

    def solve(self) -> list[Link]:
        """The links of the one optimum that is proposed, in the order of the columns."""
        point, _ = lexicographic(self.face, self._objectives())
        return [link for link, used in zip(self.links, point, strict=False) if used]

    def _objectives(self) -> Iterator[Ints]:
        """What to minimise, in turn; one whole number per column."""
        yield self._costs(-1 for _ in self.links) + self._beyond(1 for _ in self.several)
        yield self._costs(-1 for _ in self.links)
        ranks = [GROUPS.index(link.group) if link.group else 0 for link in self.links]
        for reached in spread(np.array(ranks, dtype=np.int64)):
            yield self._costs(reached)
        yield self._costs(-link.wish for link in self.links)
        yield self._costs(link.seconds or 0 for link in self.links)
        wait = {person.id: person.waiting_days for person in self.people.values()}
        placed = self._costs(-wait[link.candidate] for link in self.links)
        yield placed + self._beyond(wait[person] for person in self.several)
        words = digests([f"{link.candidate}|{link.place}" for link in self.links])
        for word in words.T[:_WORDS]:
            yield self._costs((word >> _DROPPED).astype(np.int64))

    def _costs(self, numbers: Iterator[int] | Ints) -> Ints:
        return np.array([*numbers, *(0 for _ in self.several)], dtype=np.int64)

    def _beyond(self, numbers: Iterator[int]) -> Ints:
        return np.array([*(0 for _ in self.links), *numbers], dtype=np.int64)


def _rows(
    people: Mapping[str, Candidate],
    places: Mapping[str, Place],
    links: Sequence[Link],
    several: Sequence[str],
) -> tuple[Matrix, Ints]:
    """The matrix (rows × columns) and what each row may reach."""
    numbers: dict[tuple[str, ...], int] = {}
    limits: list[int] = []
    entries: list[tuple[int, int, int]] = []

    def enter(key: tuple[str, ...], column: int, limit: int, value: int = 1) -> None:
        if key not in numbers:
            numbers[key] = len(limits)
            limits.append(limit)
        entries.append((numbers[key], column, value))

    for column, link in enumerate(links):
        place = places[link.place]
        enter(("person", link.candidate), column, 1)
        enter(("place", link.place), column, place.capacity)
        if people[link.candidate].limit > 1:
            enter(("wave", link.candidate, place.wave), column, 1)
    for column, person in enumerate(several, start=len(links)):
        enter(("person", person), column, 1, -1)
    row, column_of, value = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    shape = (len(limits), len(links) + len(several))
    return coo_array((value, (row, column_of)), shape).tocsr(), np.array(limits, dtype=np.int64)
