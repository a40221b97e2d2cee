"""How many people to invite, who invites how many, and how many there will be at this pace.

Sources: ``domain.md`` §3.5 and T-HUB-02. Rates are exact fractions, so that a number of people
never changes by one because of a rounding. Nothing uses a normal approximation:

* *the interval of one observed rate* is the exact one of Clopper and Pearson (1934);
* *the interval of the number to invite* comes from the intervals of the observed rates, each
  widened (Bonferroni) so that all hold together with the confidence asked; a rate taken from
  parameters has no interval, it is a hypothesis;
* *the interval of the number admitted*, for a given number invited, holds the counts of the
  binomial law (of the product of the rates) that leave at most half of the risk on each side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil, prod

import numpy as np
from scipy.stats import binom, binomtest

from matching.travel import Floats

ENOUGH = 20
CONFIDENCE = 0.95


class RateSource(StrEnum):
    """Where a rate comes from."""

    HISTORY = "history"
    PARAMETER = "parameter"


@dataclass(frozen=True, slots=True)
class StepParameter:
    """The rate of a step until the hub has its own history: dated, with its source."""

    step: str
    rate: Fraction
    valid_from: date
    source: str

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 1:
            raise ValueError(f"the rate of {self.step!r} is above 0, and 1 at most")


@dataclass(frozen=True, slots=True)
class Tally:
    """What a hub saw of a step: how many went through, out of how many whose step is over."""

    passed: int
    seen: int

    def __post_init__(self) -> None:
        if not 0 <= self.passed <= self.seen:
            raise ValueError(f"{self.passed} out of {self.seen} is not a tally")


@dataclass(frozen=True, slots=True)
class StepRate:
    """The rate used for a step. ``tally`` is the hub's own, shown even when it is too short."""

    step: str
    rate: Fraction
    source: RateSource
    tally: Tally
    parameter: StepParameter

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Clopper–Pearson bounds of an observed rate; a parameter is taken as it is."""
        if self.source is RateSource.PARAMETER:
            return float(self.rate), float(self.rate)
        exact = binomtest(self.tally.passed, self.tally.seen).proportion_ci(confidence)
        return float(exact.low), float(exact.high)


@dataclass(frozen=True, slots=True)
class Range:
    """Whole numbers from ``low`` to ``high``, both included; None is without limit."""

    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class SourcingPlan:
    """How many to invite. ``invite`` is None when an observed rate is nil: no number suffices.

    ``admitted`` is the interval of the number admitted when ``invite`` people are invited,
    ``chance`` the probability that every seat is then filled.
    """

    seats: int
    rates: tuple[StepRate, ...]
    rate: Fraction
    invite: int | None
    range: Range
    admitted: Range
    chance: float
    confidence: float


def step_rates(
    parameters: Sequence[StepParameter], history: Mapping[str, Tally], on: date
) -> tuple[StepRate, ...]:
    """The rate of each step, in the order of its first parameter.

    The hub's own history counts from ``ENOUGH`` people seen; before, the parameter in force
    ``on`` that day. Raises ``ValueError`` when a step has no parameter in force.
    """
    steps = dict.fromkeys(parameter.step for parameter in parameters)
    return tuple(
        _step_rate(_in_force(step, parameters, on), history.get(step, Tally(0, 0)))
        for step in steps
    )


def sourcing_plan(
    seats: int, rates: Sequence[StepRate], confidence: float = CONFIDENCE
) -> SourcingPlan:
    """How many to invite for these seats: seats / product of the rates, rounded up."""
    if seats < 1:
        raise ValueError("a session has at least one seat")
    rate = prod((step.rate for step in rates), start=Fraction(1))
    invite = ceil(seats / rate) if rate else None
    return SourcingPlan(
        seats,
        tuple(rates),
        rate,
        invite,
        _invitation_range(seats, rates, confidence),
        admitted_range(invite or 0, rate, confidence),
        chance_to_fill(invite or 0, rate, seats),
        confidence,
    )


def admitted_range(invited: int, rate: Fraction, confidence: float = CONFIDENCE) -> Range:
    """The number admitted out of ``invited``, from the exact binomial law."""
    return _central(binom.pmf(np.arange(invited + 1), invited, float(rate)), confidence)


def chance_to_fill(invited: int, rate: Fraction, seats: int) -> float:
    """The probability that at least ``seats`` of the people invited are admitted."""
    return float(binom.sf(seats - 1, invited, float(rate)))


def share(total: int, pools: Mapping[str, int]) -> dict[str, int]:
    """``total`` shared in proportion to the pools, by largest remainder: the sum is exact.

    Equal remainders go to the larger pool, then by name. When every pool is empty the shares
    are equal. Raises ``ValueError`` on a negative number, or when there is nobody to share with.
    """
    if total < 0 or min(pools.values(), default=-1) < 0:
        raise ValueError("a total and at least one pool, none of them negative")
    weights = pools if any(pools.values()) else dict.fromkeys(pools, 1)
    whole = sum(weights.values())
    quotas = {name: Fraction(total * weight, whole) for name, weight in weights.items()}
    shares = {name: int(quota) for name, quota in quotas.items()}
    ranked = sorted(quotas, key=lambda n: (shares[n] - quotas[n], -weights[n], n))
    for name in ranked[: total - sum(shares.values())]:
        shares[name] += 1
    return {name: shares[name] for name in sorted(shares)}


@dataclass(frozen=True, slots=True)
class PaceTerm:
    """The people who have the steps from ``step`` on before them (None: admitted already)."""

    step: str | None
    people: int
    rate: Fraction

    @property
    def expected(self) -> Fraction:
        """How many of them are expected to be admitted."""
        return self.people * self.rate


@dataclass(frozen=True, slots=True)
class Pace:
    """« À ce rythme : 8 sur 12 ». ``expected`` is the sum of the terms, nothing else.

    ``risk`` is the probability that a seat stays empty, ``admitted`` the interval of the number
    admitted; both come from the exact law of the sum of the terms (independent binomials).
    """

    seats: int
    terms: tuple[PaceTerm, ...]
    admitted: Range
    risk: float

    @property
    def expected(self) -> Fraction:
        """How many are expected to be admitted, as a fraction."""
        return sum((term.expected for term in self.terms), start=Fraction(0))

    @property
    def whole(self) -> int:
        """The number shown: people are whole, and a promise is rounded down."""
        return int(self.expected)

    @property
    def short(self) -> bool:
        """Whether fewer are expected than there are seats: somebody should act."""
        return self.expected < self.seats


def pace(
    seats: int,
    admitted: int,
    waiting: Mapping[str, int],
    rates: Sequence[StepRate],
    confidence: float = CONFIDENCE,
) -> Pace:
    """What the people of the cohort become at these rates.

    ``waiting`` counts, for each step, those whose next step it is; people who left count
    nowhere. Raises ``ValueError`` on a step without a rate or a negative count.
    """
    if unknown := waiting.keys() - {step.step for step in rates}:
        raise ValueError(f"no rate for the step {min(unknown)!r}")
    if min((admitted, *waiting.values())) < 0:
        raise ValueError("a count of people is not negative")
    terms, left = [PaceTerm(None, admitted, Fraction(1))], Fraction(1)
    for step in reversed(rates):
        left *= step.rate
        terms.append(PaceTerm(step.step, waiting.get(step.step, 0), left))
    law = _law(terms)
    risk = float(law[:seats].sum())
    return Pace(seats, tuple(terms), _central(law, confidence), min(1.0, risk))


def _in_force(step: str, parameters: Sequence[StepParameter], on: date) -> StepParameter:
    dated = [p for p in parameters if p.step == step and p.valid_from <= on]
    if not dated:
        raise ValueError(f"no parameter in force for the step {step!r} on {on}")
    return max(dated, key=lambda parameter: parameter.valid_from)


def _step_rate(parameter: StepParameter, tally: Tally) -> StepRate:
    if tally.seen >= ENOUGH:
        observed = Fraction(tally.passed, tally.seen)
        return StepRate(parameter.step, observed, RateSource.HISTORY, tally, parameter)
    return StepRate(parameter.step, parameter.rate, RateSource.PARAMETER, tally, parameter)


def _invitation_range(seats: int, rates: Sequence[StepRate], confidence: float) -> Range:
    observed = sum(step.source is RateSource.HISTORY for step in rates)
    if observed == 0:
        exact = prod((step.rate for step in rates), start=Fraction(1))
        return Range(ceil(seats / exact), ceil(seats / exact))
    bounds = [step.interval(1 - (1 - confidence) / observed) for step in rates]
    low, high = prod(low for low, _ in bounds), prod(high for _, high in bounds)
    return Range(ceil(seats / high), ceil(seats / low) if low else None)


def _law(terms: Sequence[PaceTerm]) -> Floats:
    """The probability of each number admitted, from 0 to everybody."""
    law = np.ones(1)
    for term in terms:
        counts = np.arange(term.people + 1)
        law = np.convolve(law, binom.pmf(counts, term.people, float(term.rate)))
    return law


def _central(law: Floats, confidence: float) -> Range:
    """The shortest range that leaves at most half of the risk below it, and half above."""
    half = (1 - confidence) / 2
    below, above = np.cumsum(law), np.cumsum(law[::-1])
    low = int(np.searchsorted(below, half, side="right"))
    high = len(law) - 1 - int(np.searchsorted(above, half, side="right"))
    return Range(low, max(low, high))
