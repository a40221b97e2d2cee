"""Which trades a person could do, from the skills they hold and the sheets of the trades.

``trades`` is what a nomenclature says, ``facets`` its trades as vectors, ``recipe`` the weights
and ``index`` the answers: trades close to a trade, trades within reach of a person. ``reading``
says where a person stands on each gesture of one. Figures and limits: ``docs/transfer.md``.
"""

from matching.transfer.index import Near, Reach, TransferIndex
from matching.transfer.reading import Reading, read_trade
from matching.transfer.recipe import RECIPE, Recipe
from matching.transfer.trades import Nomenclature, Trade

__all__ = [
    "RECIPE",
    "Near",
    "Nomenclature",
    "Reach",
    "Reading",
    "Recipe",
    "Trade",
    "TransferIndex",
    "read_trade",
]
