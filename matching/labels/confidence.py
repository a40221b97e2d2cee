"""How often such an answer was right: from the score and the lead over the next answer.

The curves are measured, not chosen: ``benchmarks/resolve_confidence.py`` asks held-out titles of
ROME and half of Formacode's trade names (for skills: blocks of certifications, and skills with
typing errors), fits an isotonic curve and prints these points; their reliability on other queries
is in docs/resolver.md. On another nomenclature than ROME they rank the answers by certainty, and
their figures are only indicative.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LEAD_WEIGHT, WIDEST_LEAD = 2.5, 10.0
# (strength of the evidence, share of right answers), both increasing.
Curve = tuple[tuple[float, float], ...]
OF_NAMES: Curve = (
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
OF_SENTENCES: Curve = (
    (-8.4, 0.0),
    (38.2, 0.093),
    (55.9, 0.148),
    (62.9, 0.21),
    (71.2, 0.266),
    (80.4, 0.357),
    (88.8, 0.538),
    (96.5, 0.682),
    (103.6, 0.851),
    (112.7, 0.904),
    (120.1, 0.981),
    (123.5, 0.986),
)


def confidences(scores: Sequence[float], curve: Curve = OF_NAMES) -> list[float]:
    """The confidence of each answer, from their scores (0 to 100, best first).

    An answer that another equals has no lead, one that another beats has a negative one.
    """
    found = [strength(score, lead) for score, lead in zip(scores, leads(scores), strict=True)]
    xs, ys = zip(*curve, strict=True)
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
