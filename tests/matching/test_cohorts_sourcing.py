"""How many to invite, from whom, and what comes of it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.cohorts.sourcing import (
    Range,
    RateSource,
    StepParameter,
    StepRate,
    Tally,
    admitted_range,
    chance_to_fill,
    pace,
    share,
    sourcing_plan,
    step_rates,
)

TODAY = date(2026, 11, 20)
STEPS = ("venue", "suite", "pmsmp", "entree")


def parameter(step: str, rate: str, since: date = date(2026, 1, 1)) -> StepParameter:
    return StepParameter(step, Fraction(rate), since, "hypothèse du comité technique")


DEFAULTS = [parameter(*pair) for pair in zip(STEPS, ("0.75", "0.60", "0.80", "0.90"), strict=True)]


def rates(**history: Tally) -> tuple[StepRate, ...]:
    return step_rates(DEFAULTS, history, TODAY)


def binomial(n: int, k: int, rate: Fraction) -> Fraction:
    return comb(n, k) * rate**k * (1 - rate) ** (n - k)


def test_t_hub_02_twelve_seats_ask_for_thirty_eight_invitations() -> None:
    plan = sourcing_plan(12, rates())
    assert (plan.rate, plan.invite) == (Fraction("0.324"), 38)
    assert plan.range == Range(38, 38)
    assert all(step.source is RateSource.PARAMETER for step in plan.rates)


def test_a_whole_quotient_is_not_rounded_up_by_the_way_numbers_are_stored() -> None:
    steps = step_rates([parameter("a", "0.1"), parameter("b", "0.3")], {}, TODAY)
    assert sourcing_plan(9, steps).invite == 300


def test_the_history_of_the_hub_counts_from_twenty_people_on() -> None:
    short, enough = rates(venue=Tally(19, 19)), rates(venue=Tally(15, 20))
    assert (short[0].source, short[0].rate) == (RateSource.PARAMETER, Fraction(3, 4))
    assert short[0].tally == Tally(19, 19)
    assert (enough[0].source, enough[0].rate) == (RateSource.HISTORY, Fraction(15, 20))


def test_the_parameter_in_force_is_the_latest_that_has_begun() -> None:
    dated = [parameter("a", "0.5"), parameter("a", "0.6", TODAY),
             parameter("a", "0.7", date(2027, 1, 1))]  # fmt: skip
    assert step_rates(dated, {}, TODAY)[0].rate == Fraction("0.6")
    with pytest.raises(ValueError, match="no parameter in force"):
        step_rates(dated[2:], {}, TODAY)


def test_clopper_pearson_bounds_leave_half_of_the_risk_on_each_side() -> None:
    observed = rates(venue=Tally(19, 25))[0]
    low, high = (Fraction(bound) for bound in observed.interval(0.95))
    above = sum(binomial(25, k, low) for k in range(19, 26))
    below = sum(binomial(25, k, high) for k in range(20))
    assert float(above) == pytest.approx(0.025, abs=1e-9)
    assert float(below) == pytest.approx(0.025, abs=1e-9)


def test_the_range_of_invitations_holds_the_number_and_widens_with_doubt() -> None:
    few = sourcing_plan(12, rates(venue=Tally(15, 20), suite=Tally(12, 20)))
    many = sourcing_plan(12, rates(venue=Tally(750, 1000), suite=Tally(600, 1000)))
    assert few.invite == many.invite == 38
    assert few.range.high is not None
    assert many.range.high is not None
    assert few.range.low < many.range.low <= 38 <= many.range.high < few.range.high


def test_a_step_nobody_ever_passed_gives_no_number() -> None:
    plan = sourcing_plan(12, rates(venue=Tally(0, 30)))
    assert (plan.invite, plan.chance, plan.range.high) == (None, 0.0, None)
    assert plan.admitted == Range(0, 0)


@given(st.integers(0, 25), st.fractions(0, 1, max_denominator=20))
def test_the_interval_of_the_admitted_is_the_exact_binomial_one(n: int, rate: Fraction) -> None:
    found = admitted_range(n, rate)
    risk = Fraction(1, 40) + Fraction(1, 10**12)
    law = [binomial(n, k, rate) for k in range(n + 1)]
    assert found.high is not None
    assert sum(law[: found.low]) <= risk < sum(law[: found.low + 1]) + Fraction(1, 10**9)
    assert sum(law[found.high + 1 :]) <= risk < sum(law[found.high :]) + Fraction(1, 10**9)
    for seats in (0, n // 2, n):
        assert chance_to_fill(n, rate, seats) == pytest.approx(float(sum(law[seats:])))


@given(st.integers(0, 200), st.dictionaries(st.text(min_size=1), st.integers(0, 60), min_size=1))
def test_shares_sum_exactly_and_never_stray_by_a_whole_person(
    total: int, pools: dict[str, int]
) -> None:
    shares = share(total, pools)
    assert sum(shares.values()) == total
    assert shares.keys() == pools.keys()
    whole = sum(pools.values())
    for name, pool in pools.items() if whole else ():
        assert abs(shares[name] - Fraction(total * pool, whole)) < 1
    assert shares == share(total, dict(reversed(pools.items())))


def test_thirty_eight_invitations_over_five_prescribers() -> None:
    pools = {"lens": 41, "arras": 30, "ml": 24, "plie": 18, "pe": 18}
    assert share(38, pools) == {"lens": 12, "arras": 9, "ml": 7, "plie": 5, "pe": 5}
    assert share(2, {"b": 0, "a": 0, "c": 0}) == {"a": 1, "b": 1, "c": 0}
    for refused in ((-1, pools), (3, {}), (3, {"a": -1})):
        with pytest.raises(ValueError, match="negative"):
            share(*refused)


def test_at_this_pace_the_sum_is_that_of_its_terms() -> None:
    found = pace(12, 2, {"venue": 4, "pmsmp": 5, "entree": 3}, rates())
    assert [(t.step, t.people, t.expected) for t in found.terms] == [
        (None, 2, 2),
        ("entree", 3, Fraction("2.7")),
        ("pmsmp", 5, Fraction("3.6")),
        ("suite", 0, 0),
        ("venue", 4, Fraction("1.296")),
    ]
    assert found.expected == Fraction("9.596")
    assert (found.whole, found.short) == (9, True)


def test_the_risk_of_an_empty_seat_is_the_exact_one() -> None:
    found = pace(4, 1, {"venue": 2, "entree": 3}, rates())
    risk = Fraction(0)
    for early, late in product(range(3), range(4)):
        if 1 + early + late < 4:
            risk += binomial(2, early, Fraction("0.324")) * binomial(3, late, Fraction("0.9"))
    assert found.risk == pytest.approx(float(risk))
    assert found.admitted == Range(3, 6)
    full = pace(2, 2, {}, rates())
    assert (full.risk, full.short, full.admitted) == (0.0, False, Range(2, 2))


@pytest.mark.parametrize(
    ("description", "call"),
    [
        ("no seat", lambda: sourcing_plan(0, rates())),
        ("no such step", lambda: pace(3, 0, {"unheard": 1}, rates())),
        ("fewer than nobody", lambda: pace(3, -1, {}, rates())),
        ("more passed than seen", lambda: Tally(3, 2)),
        ("a rate of nothing", lambda: parameter("a", "0")),
    ],
)
def test_senseless_numbers_are_refused(description: str, call: object) -> None:
    with pytest.raises(ValueError, match=r"seat|step|count|tally|rate"):
        call()  # type: ignore[operator]
