"""The offers of an index, where one changes at the cost of one.

Most of them are in a table laid out for lists; the few that changed since are in a small table of
their own, and hidden in the first. A person's list is read from both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np

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
        return self.with_offers([offer])

    def with_offers(self, offers: Sequence[Offer]) -> OfferBook:
        """The book where these offers replace those of the same ids, or are added."""
        late = {**self._late, **{offer.id: offer for offer in offers}}
        book = OfferBook(self.ground, self._base, self._base_stage, late)
        return OfferBook(self.ground, book.table) if len(book._late) > MOST_LATE else book

    @property
    def names(self) -> Set[str]:
        """The ids of the offers."""
        return self._base.number.keys() | self._late.keys()

    def __len__(self) -> int:
        """How many offers."""
        known = self._base.number
        return len(known) + sum(name not in known for name in self._late)

    def __contains__(self, name: object) -> bool:
        """Whether there is an offer of this id."""
        return name in self._late or name in self._base.number

    def offer(self, name: str) -> Offer:
        """The offer of this id. ``KeyError`` when there is none."""
        if name in self._late:
            return self._late[name]
        return self._base.offers[self._base.number[name]]

    def among(self, names: Collection[str]) -> OfferBook:
        """The book with these offers alone (ids that are not in it are passed over)."""
        kept = [n for name, n in self._base.number.items() if name in names]
        late = {name: offer for name, offer in self._late.items() if name in names}
        if len(kept) == len(self._base.number) and len(late) == len(self._late):
            return self
        base = self._base.taking(np.array(kept, dtype=np.int64))
        return OfferBook(self.ground, base, late=late)

    def against(self, sessions: SessionTable) -> OfferBook:
        """The book where other sessions train for its offers."""
        return OfferBook(self.ground._replace(sessions=sessions), self.table.against(sessions))

    def on(self, day: date) -> OfferBook:
        """The same offers on another day."""
        return OfferBook(self.ground._replace(today=day), self._base, late=self._late)

    def under(self, taxonomy: Taxonomy) -> OfferBook:
        """The book where offers to come are read under another taxonomy."""
        return self._over(self.ground._replace(taxonomy=taxonomy))

    def among_communes(self, communes: Mapping[str, Commune]) -> OfferBook:
        """The book where offers to come are in these communes."""
        return self._over(self.ground._replace(communes=communes))

    def _over(self, ground: Ground) -> OfferBook:
        return OfferBook(ground, self._base, self._base_stage, self._late)

    @cached_property
    def table(self) -> OfferTable:
        """All the offers as one table."""
        if not self._late:
            return self._base
        others = [n for name, n in self._base.number.items() if name not in self._late]
        late = self.ground.table(list(self._late.values()))
        return self._base.taking(np.array(others, dtype=np.int64)).then(late)

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
