"""What lists need of offers and sessions, made once for an index and its copies."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from matching.bulk.layout import Layout, lay_out
from matching.bulk.reach import Territory, territory_of
from matching.bulk.vectors import Columns, columns_of
from matching.travel import Ints

if TYPE_CHECKING:
    from datetime import date

    from matching.offers import OfferTable
    from matching.sessions import SessionTable


class Stage:
    """The offers and sessions of a day as lists read them, each part made when first asked for.

    ``hidden`` offers (board positions) are in no list and in no count. Two threads that ask at once
    make the same thing twice, and nothing worse.
    """

    def __init__(self, offers: OfferTable, sessions: SessionTable, today: date) -> None:
        self._offers, self._sessions, self._today = offers, sessions, today
        self.hidden: Ints = np.zeros(0, dtype=np.int64)

    @cached_property
    def layout(self) -> Layout:
        """Offers and sessions as integers."""
        return lay_out(self._offers, self._sessions, self._today.toordinal())

    @cached_property
    def columns(self) -> Columns:
        """The rows of the offers, padded."""
        return columns_of(self.layout.board)

    @cached_property
    def territory(self) -> Territory:
        """Where offers and sessions are."""
        return territory_of(self._offers.places, self.layout.place_first, self._sessions)

    @cached_property
    def names(self) -> list[str]:
        """The id of each offer, by its number in the index."""
        return list(self._offers.number)

    def hiding(self, ids: Collection[str]) -> Stage:
        """The same stage without these offers: what is already made serves again."""
        known = self._offers.number
        numbers = [known[name] for name in ids if name in known]
        if not numbers:
            return self
        layout, other = self.layout, copy(self)
        other.hidden = layout.position[numbers]
        occupation = layout.board.occupation.copy()
        occupation[other.hidden] = layout.board.occupations
        other.layout = layout._replace(board=layout.board._replace(occupation=occupation))
        return other

    def hidden_places(self) -> Ints:
        """The place of each hidden offer, in the territory."""
        after = np.searchsorted(self.layout.place_first, self.hidden, side="right")
        return np.asarray(self.territory.offer_place[after - 1], dtype=np.int64)
