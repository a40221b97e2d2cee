"""The courses of a search in columns: all that come in time after a label are found at once."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from matching.pathways.labels import Kind
from matching.pathways.prospects import Days, Prospects, Sets
from matching.pathways.timetables import Programme


class Choices(NamedTuple):
    """The useful courses, one a row; days and sets are those of the prospects."""

    numbers: list[int]
    kinds: list[Kind]
    starts: Days
    ends: Days
    gives: Sets
    certified: NDArray[np.bool_]

    @classmethod
    def of(cls, programme: Programme, prospects: Prospects) -> Self:
        """The useful courses of a programme."""
        rows = [(n, kind) for kind, t in programme.kinds.items() for n in t.numbers]
        courses = [programme.courses[number] for number, _ in rows]
        return cls(
            [number for number, _ in rows],
            [kind for _, kind in rows],
            prospects.days(course.start for course in courses),
            prospects.days(course.end for course in courses),
            prospects.sets(course.gives for course in courses),
            np.array([course.certifications > 0 for course in courses], dtype=np.bool_),
        )

    def after(self, day: int, closed: int, plain: Days, certified: Days) -> list[tuple[Kind, int]]:
        """The courses, by kind and number, that start after a day and end by the last one.

        That is by the set closed once they end, given without (``plain``) and with a certificate.
        """
        sets = self.gives | closed
        last = np.where(self.certified, certified[sets], plain[sets])
        places = np.flatnonzero((self.starts > day) & (self.ends <= last)).tolist()
        return [(self.kinds[place], self.numbers[place]) for place in places]
