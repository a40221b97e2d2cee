"""Which trades are close to a trade, and to what a person can do.

A person is near the trades that hold what they hold, and near what those trades are near to:
what is held says how much the person resembles each trade, and each trade speaks for its
neighbourhood as much as it is resembled. Nothing of this is a link between trades that somebody
wrote: two trades are close when their sheets are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from matching.records import LEVEL_ALONE, LEVEL_CANNOT, LEVEL_WITH_HELP
from matching.transfer.facets import Facet, Vector, build_facets, rarity_among
from matching.transfer.reading import Reading, read_trade
from matching.transfer.recipe import RECIPE, Recipe
from matching.transfer.trades import Nomenclature, Trade

#: Scores are whole millionths: equal on every machine, and equal where nothing tells apart.
UNIT = 1_000_000
# A skill known to be missing counts against the trades that hold it, one not asked does not.
_STRENGTH = {LEVEL_CANNOT: -0.5, LEVEL_WITH_HELP: 0.5}
_FULL = 1.0
# A trade under which ten are filed has a breadth of one.
_BROAD = np.log(11)
_SAME_DECIMALS = 12
_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Near:
    """A trade and its score, in millionths; scores compare inside one list only."""

    code: str
    score: int


@dataclass(frozen=True, slots=True)
class Reach:
    """A trade near to what a person can do, and where they stand on each of its gestures."""

    trade: Trade
    score: int
    reading: Reading


class TransferIndex:
    """The trades of a nomenclature, ready to be compared. Immutable."""

    def __init__(self, nomenclature: Nomenclature, recipe: Recipe = RECIPE) -> None:
        self.nomenclature = nomenclature
        self.recipe = recipe
        self.trades = nomenclature.trades
        self._place = {trade.code: position for position, trade in enumerate(self.trades)}
        items = sorted({item for trade in self.trades for item in _items(trade)})
        items = sorted({*items, *nomenclature.skills})
        self._items = {item: position for position, item in enumerate(items)}
        wanted = {*recipe.between, *recipe.person}
        self.facets: dict[str, Facet] = build_facets(nomenclature, items, wanted)
        self._rarity = rarity_among(self.trades, self._items)
        self._pull = 1 + breadth(self.trades) @ np.array([recipe.breadth, recipe.names])

    def near(self, code: str, limit: int = 10) -> list[Near]:
        """The trades closest to a trade, itself left out; equals in the order of their codes.

        Raises ``KeyError`` for a code that is not in the nomenclature.
        """
        place = self._place[code]
        alone = np.zeros(len(self.trades))
        alone[place] = 1.0
        scores = self._scores(self._spread(alone))
        return [near for near in self._ordered(scores) if near.code != code][:limit]

    def near_to_person(self, levels: Mapping[str, int]) -> list[Near]:
        """Every trade, the nearest to what is held first; none when nothing is held.

        ``levels`` maps skill ids to a level 0 to 3. What is not in it is unknown and counts for
        nothing, neither for nor against; ids that no trade knows are passed over.
        """
        alike = self.alike(levels)
        if not (alike > 0).any():
            return []
        said = np.exp(self.recipe.sharpness * (alike - alike.max()))
        closeness = self._spread(said / said.sum()) + self.recipe.direct * alike
        return self._ordered(self._scores(closeness))

    def reach(
        self, levels: Mapping[str, int], limit: int = 10, without: Collection[str] = ()
    ) -> list[Reach]:
        """The nearest trades of which something is held, or a sister skill of it, with the reading
        of their gestures; ``without`` are codes never proposed.

        Closeness chooses the trades. What is held orders them: the share of the gestures held,
        each weighing by how few trades ask it (half with help); then the share that a sister
        skill backs, then the smaller share of gaps, closeness, and the code.
        """
        found: list[Reach] = []
        for near in self.near_to_person(levels):
            if len(found) == limit:
                break
            trade = self.trades[self._place[near.code]]
            reading = read_trade(trade, levels, self.nomenclature.skills)
            if near.code not in without and reading.has_a_start:
                found.append(Reach(trade, near.score, reading))
        return sorted(found, key=self._order)

    def _order(self, reach: Reach) -> tuple[int, int, int, int, str]:
        stands = reach.reading
        held, helped, backed, gaps, total = (
            sum(self._rarity[self._items[item]] for item in part)
            for part in (stands.held, stands.helped, stands.backed, stands.gaps, stands.gestures)
        )
        shares = ((held + helped / 2) / total, backed / total, gaps / total)
        first, second, third = (round(share * _THOUSAND) for share in shares)
        return (-first, -second, third, -reach.score, reach.trade.code)

    def _holding(self, levels: Mapping[str, int]) -> Vector:
        holding = np.zeros(len(self._items))
        for item, level in levels.items():
            if item in self._items:
                holding[self._items[item]] = _FULL if level >= LEVEL_ALONE else _STRENGTH[level]
        return holding

    def alike(self, levels: Mapping[str, int]) -> Vector:
        """How much what is held looks like each trade, in the order of codes, shape (trades,)."""
        holding = self._holding(levels)
        held = np.maximum(holding, 0.0)
        total = np.zeros(len(self.trades))
        for name in sorted(self.recipe.person):
            # One missing gesture says nothing of its sisters: it only counts as itself.
            exact = name in ("skills", "knowledge")
            cosines = self.facets[name].cosines(holding if exact else held)
            total += self.recipe.person[name] * cosines
        return total

    def _spread(self, weights: Vector) -> Vector:
        between = self.recipe.between
        total = np.zeros(len(self.trades))
        for name in sorted(between):
            total += between[name] * self.facets[name].spread(weights)
        return total

    def _scores(self, closeness: Vector) -> Vector:
        raised: Vector = np.round(closeness * self._pull, _SAME_DECIMALS)
        return raised

    def _ordered(self, scores: Vector) -> list[Near]:
        whole = np.rint(scores * UNIT).astype(np.int64)
        # Stable: equals stay in the order of their codes.
        order = np.argsort(-whole, kind="stable")
        return [Near(self.trades[place].code, int(whole[place])) for place in order]


def breadth(trades: Collection[Trade]) -> Vector:
    """How broad each trade is, shape (trades, 2): by the trades filed under it, by its names.

    The first is 0 where nothing is filed under the trade and 1 for ten trades; the second
    is 1 for a trade with as many names (in logarithm) as the mean one.
    """
    under: dict[str, int] = {}
    for trade in trades:
        if trade.parent is not None:
            under[trade.parent] = under.get(trade.parent, 0) + 1
    filed = np.log1p([under.get(trade.code, 0) for trade in trades]) / _BROAD
    names = np.log1p([float(len(trade.titles)) for trade in trades])
    return np.column_stack([filed, names / (names.mean() or 1.0)])


def _items(trade: Trade) -> tuple[str, ...]:
    return (*trade.core, *trade.others, *trade.knowledge)
