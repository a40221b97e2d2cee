"""Who is left without a place, and the smallest set of constraints that explains it.

At an optimum, follow from somebody unplaced the places they could have, from each place the
people it is given to, and so on. Every place met is full (a free seat would let everybody shift
and the person in), so the people met are one more than the seats met: they break Hall's condition
(P. Hall 1935). The set is irreducible: whoever leaves it, shifting along the path that met them
places all the others. It is the circuit of the transversal matroid that the person closes over
those who are placed (Edmonds and Fulkerson 1965).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matching.cohorts.records import (
    Assignment,
    Bar,
    Conflict,
    Link,
    Pairing,
    Place,
    Reason,
    Unplaced,
)


@dataclass(frozen=True, slots=True)
class _Board:
    """Where people could go, and who is where."""

    places: Mapping[str, Place]
    reasons: Mapping[str, Sequence[tuple[Bar, str]]]
    possible: Mapping[str, Sequence[str]]
    occupants: Mapping[str, Sequence[Assignment]]

    def conflict(self, person: str) -> Conflict:
        """The irreducible conflict that this unplaced person is part of."""
        people, places, pins = [person], dict.fromkeys(self.possible[person]), []
        queue = list(places)
        for place in queue:
            for occupant in self.occupants[place]:
                if occupant.pinned:
                    pins.append(Pairing(occupant.candidate, place))
                    continue
                people.append(occupant.candidate)
                fresh = [p for p in self.possible[occupant.candidate] if p not in places]
                places.update(dict.fromkeys(fresh))
                queue += fresh
        seats = sum(self.places[place].capacity for place in places)
        return Conflict(tuple(sorted(people)), tuple(sorted(pins)), tuple(sorted(places)), seats)

    def unplaced(self, person: str) -> Unplaced:
        """Why this person has no place."""
        found: dict[Bar, list[str]] = defaultdict(list)
        for bar, place in self.reasons[person]:
            found[bar].append(place)
        reasons = tuple(Reason(bar, tuple(sorted(found[bar]))) for bar in Bar if bar in found)
        conflict = self.conflict(person) if self.possible[person] else None
        return Unplaced(person, reasons, conflict)


def explain_unplaced(
    people: Iterable[str],
    places: Mapping[str, Place],
    links: Mapping[Pairing, Link],
    assigned: Iterable[Assignment],
) -> tuple[Unplaced, ...]:
    """Everybody who has no place at all, in the order of ``people``."""
    reasons, possible, occupants = defaultdict(list), defaultdict(list), defaultdict(list)
    for pair, link in links.items():
        reasons[pair.candidate].append((link.bar or Bar.FULL, pair.place))
        if link.bar is None:
            possible[pair.candidate].append(pair.place)
    for assignment in assigned:
        occupants[assignment.place].append(assignment)
    board = _Board(places, reasons, possible, occupants)
    placed = {a.candidate for held in occupants.values() for a in held}
    return tuple(board.unplaced(person) for person in people if person not in placed)
