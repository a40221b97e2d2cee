"""What the lists of everyone need of people, made once for an index."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from matching.bulk.hashing import quick_words
from matching.bulk.jit import COMPILED
from matching.bulk.layout import Crowd, crowd_of
from matching.bulk.reach import Limits
from matching.bulk.settle import Names
from matching.travel import Ints

if TYPE_CHECKING:
    from matching.bulk.stage import Stage
    from matching.people import PeopleTable
    from matching.records import Taxonomy


class Cast:
    """People before a stage, in the order of their communes: neighbours are read together.

    ``number`` is that of each in the table; everything else goes by their place in that order.
    Parts are made when first asked for, as those of a ``Stage``.
    """

    def __init__(self, people: PeopleTable, stage: Stage, taxonomy: Taxonomy) -> None:
        self._people, self._stage, self._taxonomy = people, stage, taxonomy
        self.number: Ints = np.argsort(people.place, kind="stable")

    @cached_property
    def crowd(self) -> Crowd:
        """What is known of them, as the board reads it."""
        return crowd_of(self._people, self.number, self._stage.layout, self._taxonomy)

    @cached_property
    def limits(self) -> Limits:
        """How far they go."""
        return Limits(*(limit[..., self.number] for limit in self._people.limits))

    @cached_property
    def communes(self) -> list[tuple[str, Ints]]:
        """The communes where they live, each with its people."""
        places = self._people.places.codes
        size = np.bincount(self._people.place, minlength=len(places))
        after = np.cumsum(size).tolist()
        return [
            (code, np.arange(end - some, end))
            for code, some, end in zip(places, size.tolist(), after, strict=True)
            if some
        ]

    @cached_property
    def names(self) -> Names:
        """Their ids and those of the offers, ready for digests."""
        people, offers = self._people.ids_of(self.number), self._stage.names
        return Names(people, offers, quick_words(people, offers) if COMPILED else None)
