"""What lists need of offers and sessions, made once for an index and its copies."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from matching.bulk.layout import Layout, lay_out
from matching.bulk.reach import Territory, territory_of
from matching.bulk.vectors import Columns, columns_of

if TYPE_CHECKING:
    from datetime import date

    from matching.offers import OfferTable
    from matching.sessions import SessionTable


class Stage:
    """The offers and sessions of a day as lists read them, each part made when first asked for.

    Two threads that ask at once make the same thing twice, and nothing worse.
    """

    def __init__(self, offers: OfferTable, sessions: SessionTable, today: date) -> None:
        self._offers, self._sessions, self._today = offers, sessions, today

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
        return [offer.id for offer in self._offers.offers]
