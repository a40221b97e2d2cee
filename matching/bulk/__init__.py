"""The lists of everyone at once: see ``layout`` for how the data lie, ``lists`` for the answer."""

from matching.bulk.jit import COMPILED
from matching.bulk.lists import Lists, best_offers, rankings

__all__ = ["COMPILED", "Lists", "best_offers", "rankings"]
