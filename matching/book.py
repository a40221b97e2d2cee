"""The offers of an index, where one changes at the cost of one.

Most of them are in a table laid out for lists; the few that changed since are in a small table of
their own, and hidden in the first. A person's list is read from both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

from matching.bulk.stage import Stage
from matching.offers import OfferTable
from matching.records import Commune, Offer, Taxonomy
from matching.sessions import SessionTable

# Beyond, one table is made of all: each list would otherwise pay for the small one.
MOST_LATE = 64


class Ground(NamedTuple):
    """What offers are read against."""

    sessions: SessionTable
    communes: Mapping[str, Commune]
    taxonomy: Taxonomy
    today: date

    def table(self, offers: Sequence[Offer]) -> OfferTable:
        """These offers as arrays."""
        return OfferTable.build(offers, self.sessions, self.communes, self.taxonomy)


class OfferBook:
    """Offers, and what lists need of them. Never changed once made; parts are made when asked.

    ``late`` offers stand over those of the same id in ``base``.
    """

    def __init__(
        self,
        ground: Ground,
        base: OfferTable,
        stage: Stage | None = None,
        late: Mapping[str, Offer] | None = None,
    ) -> None:
        self.ground, self._base = ground, base
        self._base_stage = stage or Stage(base, ground.sessions, ground.today)
        self._late = late or {}

    def with_offer(self, offer: Offer) -> OfferBook:
        """The book where this offer replaces the one of the same id, or is added."""
        book = OfferBook(self.ground, self._base, self._base_stage, {**self._late, offer.id: offer})
        return OfferBook(self.ground, book.table) if len(book._late) > MOST_LATE else book

    @cached_property
    def table(self) -> OfferTable:
        """All the offers as one table."""
        if not self._late:
            return self._base
        others = [known for known in self._base.offers if known.id not in self._late]
        return self.ground.table([*others, *self._late.values()])

    @cached_property
    def stage(self) -> Stage:
        """All the offers, as the lists of everyone read them."""
        if not self._late:
            return self._base_stage
        return Stage(self.table, self.ground.sessions, self.ground.today)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """All the offers, as one list reads them: none is seen in two stages."""
        if not self._late:
            return (self._base_stage,)
        table = self.ground.table(list(self._late.values()))
        late = Stage(table, self.ground.sessions, self.ground.today)
        return self._base_stage.hiding(self._late), late
