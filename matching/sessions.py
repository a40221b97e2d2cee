"""Training sessions: which one covers a gap, and which one is open to a person.

Sessions are kept in the order (end, id), so among those that suit, the first is always the
one that ends earliest. Sets of sessions are bits packed in 64-bit words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.records import Commune, Person, Session
from matching.requirements import (
    GAP,
    GroupOf,
    RequirementTable,
    Subject,
    SubjectKind,
    facts_of,
)
from matching.travel import Bools, Floats, Ints, Places, shortest_minutes

HORIZON_DAYS = 365
NEVER = 2**31 - 1
REMOTE = -1
_WORD = 64

Words = NDArray[np.uint64]


class Availability(NamedTuple):
    """One person before every session (each an array with one element per session).

    ``minutes`` is 0 for a remote session. ``reachable`` leaves prerequisites aside;
    ``open`` is the full rule.
    """

    minutes: Floats
    in_reach: Bools
    late_enough: Bools
    blocked: Bools
    reachable: Bools
    open: Bools


@dataclass(frozen=True, slots=True)
class SessionTable:
    """Every session, in the order (end, id). Days are ordinals.

    ``place`` numbers the commune in ``places`` (``REMOTE`` for none). ``grants`` gives, for a
    skill or a credential, the sessions that bring it and the level they bring it to.
    """

    sessions: tuple[Session, ...]
    start: Ints
    end: Ints
    has_seats: Bools
    places: Places
    place: Ints
    prerequisites: RequirementTable
    grants: Mapping[Subject, tuple[Ints, Ints]]

    @classmethod
    def build(
        cls,
        sessions: Iterable[Session],
        communes: Mapping[str, Commune],
        group_of: GroupOf,
        asked: Set[Subject] | None = None,
    ) -> SessionTable:
        """Index the sessions once; with ``asked``, what grants these subjects alone is told."""
        rows = tuple(sorted(sessions, key=lambda session: (session.end, session.id)))
        on_site = np.array([not row.remote for row in rows], dtype=np.bool_)
        places, numbers = Places.build(
            (row.commune or "" for row in rows if not row.remote), communes
        )
        place = np.full(len(rows), REMOTE, dtype=np.int64)
        place[on_site] = numbers
        starts = [row.start.toordinal() for row in rows]
        owned = [(row.prerequisites, on) for row, on in zip(rows, starts, strict=True)]
        return cls(
            rows,
            np.array(starts, dtype=np.int64),
            np.array([row.end.toordinal() for row in rows], dtype=np.int64),
            np.array([row.seats_left > 0 for row in rows], dtype=np.bool_),
            places,
            place,
            RequirementTable.build(owned, group_of),
            _grants(rows, asked),
        )

    def covering(self, subject: Subject, level: int) -> Bools:
        """The sessions that bring this subject to this level or above."""
        mask = np.zeros(len(self.sessions), dtype=np.bool_)
        if subject in self.grants:
            numbers, levels = self.grants[subject]
            mask[numbers[levels >= level]] = True
        return mask

    def availability(
        self, person: Person, today: int, communes: Mapping[str, Commune]
    ) -> Availability:
        """What stands between a person and each session."""
        km = self.places.km_from(person.commune, communes)
        # The extra last cell is what ``REMOTE`` reads: nothing to travel.
        by_place = np.append(shortest_minutes(person.modes, km), 0.0)
        minutes = by_place[self.place]
        in_reach = (self.place == REMOTE) | (minutes <= person.max_minutes)
        late_enough = self.start >= max(today, person.available_from.toordinal())
        needs = self.prerequisites
        blocked = needs.count(needs.outcomes(facts_of(person)) == GAP) > 0
        reachable = self.has_seats & late_enough & in_reach
        return Availability(
            minutes, in_reach, late_enough, blocked, reachable, reachable & ~blocked
        )

    def pack(self, mask: Bools) -> Words:
        """Bits of a set of sessions; the last axis of ``mask`` is the session."""
        width = max(1, -(-len(self.sessions) // _WORD)) * _WORD
        padded = np.zeros((*mask.shape[:-1], width), dtype=np.bool_)
        padded[..., : mask.shape[-1]] = mask
        return np.packbits(padded, axis=-1, bitorder="little").view("<u8").astype(np.uint64)

    def earliest_end(self, words: Words) -> Ints:
        """For each set (last axis: words), the earliest end in it, or ``NEVER``."""
        filled = words != 0
        first = np.argmax(filled, axis=-1)[..., None]
        word = np.take_along_axis(words, first, axis=-1)
        below = (word & (~word + np.uint64(1))) - np.uint64(1)
        number = first * _WORD + np.bitwise_count(below)
        ends = np.append(self.end, NEVER)
        number[~np.any(filled, axis=-1)] = len(self.sessions)
        return np.asarray(ends[number[..., 0]], dtype=np.int64)


def _grants(
    sessions: tuple[Session, ...], asked: Set[Subject] | None
) -> dict[Subject, tuple[Ints, Ints]]:
    found: dict[Subject, tuple[list[int], list[int]]] = {}
    for number, session in enumerate(sessions):
        brought = {Subject(SubjectKind.SKILL, s): level for s, level in session.teaches.items()}
        brought |= {Subject(SubjectKind.CREDENTIAL, c): 0 for c in session.delivers}
        for subject in brought if asked is None else brought.keys() & asked:
            level = brought[subject]
            numbers, levels = found.setdefault(subject, ([], []))
            numbers.append(number)
            levels.append(level)
    return {
        subject: (np.array(numbers, dtype=np.int64), np.array(levels, dtype=np.int64))
        for subject, (numbers, levels) in found.items()
    }
