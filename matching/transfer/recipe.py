"""How much each kind of evidence weighs. Where the numbers come from: ``docs/transfer.md``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: The kinds of evidence, each a matrix of unit rows, one row a trade (see ``facets``).
FACETS = (
    "skills",
    "knowledge",
    "groups",
    "skill_words",
    "knowledge_words",
    "title_words",
    "text_words",
    "domain",
    "family",
)

#: The facets that only the filing of the nomenclature gives, not what a trade consists of.
FILING = ("domain", "family")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Weights of the evidence between two trades, and between a person and a trade.

    ``between`` weighs the cosines of two trades; ``person`` those of what a person holds and a
    trade. ``breadth`` and ``names`` raise the broad trades, which many others lead to:
    the heads of a family by the number of trades filed under them, and those with many names.
    ``sharpness`` is how fast a less resembling trade loses its say in what a person is near to;
    ``direct`` is the say of what is held itself, beside that of the trades it resembles.
    """

    between: Mapping[str, float] = field(default_factory=dict)
    person: Mapping[str, float] = field(default_factory=dict)
    breadth: float = 0.0
    names: float = 0.0
    sharpness: float = 30.0
    direct: float = 1.0


RECIPE = Recipe(
    between={
        "skills": 0.6,
        "knowledge": 0.9,
        "groups": 0.5,
        "skill_words": 0.6,
        "knowledge_words": 0.6,
        "title_words": 0.9,
        "text_words": 1.0,
        "domain": 0.1,
        "family": 0.2,
    },
    person={"skills": 1.0, "knowledge": 1.0, "groups": 0.3, "skill_words": 0.5},
    breadth=0.6,
    names=0.2,
)
