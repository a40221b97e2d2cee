"""How often such an answer was right: from the score and the lead over the next answer.

The curve is measured, not chosen: ``benchmarks/resolve_confidence.py`` asks held-out titles of
ROME and half of Formacode's trade names, fits an isotonic curve and prints these points; its
reliability on other queries is in docs/resolver.md. On another nomenclature than ROME it ranks
the answers by certainty, and its figures are only indicative.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LEAD_WEIGHT, WIDEST_LEAD = 2.5, 10.0
# (strength of the evidence, share of right answers), both increasing.
CURVE = (
    (-10.0, 0.049),
    (40.5, 0.249),
    (69.2, 0.395),
    (78.5, 0.48),
    (86.0, 0.559),
    (92.5, 0.639),
    (97.5, 0.677),
    (101.5, 0.767),
    (106.6, 0.81),
    (113.5, 0.862),
)


def confidences(scores: Sequence[float]) -> list[float]:
    """The confidence of each answer, from their scores (0 to 100, best first).

    An answer that another equals has no lead, one that another beats has a negative one.
    """
    found = [strength(score, lead) for score, lead in zip(scores, leads(scores), strict=True)]
    xs, ys = zip(*CURVE, strict=True)
    return [round(float(value), 3) for value in np.interp(found, xs, ys)]


def strength(score: float, lead: float) -> float:
    """One number for the evidence; wide leads say no more than ``WIDEST_LEAD``."""
    return score + LEAD_WEIGHT * max(-WIDEST_LEAD, min(WIDEST_LEAD, lead))


def leads(scores: Sequence[float]) -> list[float]:
    """By how much each score beats the best of the others (0 when there is none)."""
    if not scores:
        return []
    best, second = scores[0], scores[1] if len(scores) > 1 else 0.0
    return [best - second, *(score - best for score in scores[1:])]
