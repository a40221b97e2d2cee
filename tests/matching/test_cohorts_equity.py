"""Counts that nobody can deduce, and alerts that only call a human."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.cohorts.equity import (
    STAGES,
    Cell,
    Member,
    Stage,
    equity_panel,
    is_alert,
    rate_ratio,
)
from matching.cohorts.masking import Sum, mask
from matching.travel import Ints

quick = settings(max_examples=30, deadline=None)
CROSS = {"a": ("aa", "ab"), "b": ("ba", "bb"), "all": ("a", "b")}
MARGINS = [
    Sum("a", ("aa", "ab")), Sum("b", ("ba", "bb")), Sum("x", ("aa", "ba")),
    Sum("y", ("ab", "bb")), Sum("all", ("a", "b")),
]  # fmt: skip


def cross_table(aa: int, ab: int, ba: int, bb: int) -> dict[str, int]:
    return {
        "aa": aa, "ab": ab, "ba": ba, "bb": bb,
        "a": aa + ab, "b": ba + bb, "x": aa + ba, "y": ab + bb, "all": aa + ab + ba + bb,
    }  # fmt: skip


def every_table(top: int) -> Ints:
    """All the cross tables with parts up to ``top``, one per row."""
    grid = np.stack(np.meshgrid(*[np.arange(top + 1)] * 4), axis=-1).reshape(-1, 4)
    return np.array([list(cross_table(*parts).values()) for parts in grid.tolist()])


TABLES = every_table(8)


def safe(counts: dict[str, int], hidden: frozenset[str], tables: Ints) -> bool:
    """Whether each hidden count takes two values among the tables that agree with the rest."""
    keys = list(counts)
    seen = [n for n, key in enumerate(keys) if key not in hidden]
    values = np.array(list(counts.values()))
    possible = tables[(tables[:, seen] == values[seen]).all(axis=1)]
    return all(len(set(possible[:, keys.index(key)].tolist())) > 1 for key in hidden)


def fewest(counts: dict[str, int], tables: Ints) -> int:
    primary = {key for key, n in counts.items() if 0 < n < 5}
    others = [key for key in counts if key not in primary]
    return next(
        size
        for size in range(len(others) + 1)
        if any(
            safe(counts, frozenset({*primary, *extra}), tables)
            for extra in combinations(others, size)
        )
    ) + len(primary)


@quick
@given(st.tuples(*[st.integers(0, 7)] * 4))
def test_a_cross_table_is_safe_with_the_fewest_masks(parts: tuple[int, int, int, int]) -> None:
    counts = cross_table(*parts)
    hidden = mask(counts, MARGINS)
    assert {key for key, n in counts.items() if 0 < n < 5} <= hidden
    assert safe(counts, hidden, TABLES)
    assert len(hidden) == fewest(counts, TABLES)
    assert hidden == mask(counts, MARGINS[::-1])


@quick
@given(st.tuples(*[st.integers(0, 7)] * 4))
def test_what_is_known_to_be_at_most_something_is_not_a_way_in(
    parts: tuple[int, int, int, int],
) -> None:
    """Here ba ≤ aa and bb ≤ ab: a later stage of the same people, with no sum over stages."""
    aa, ab, ba, bb = parts
    whole = cross_table(aa, ab, min(aa, ba), min(ab, bb))
    keys = ("aa", "ab", "ba", "bb", "a", "b")
    counts = {key: whole[key] for key in keys}
    columns = [list(whole).index(key) for key in keys]
    known = TABLES[(TABLES[:, 2] <= TABLES[:, 0]) & (TABLES[:, 3] <= TABLES[:, 1])][:, columns]
    hidden = mask(counts, MARGINS[:2], [("ba", "aa"), ("bb", "ab")])
    assert safe(counts, hidden, known)
    assert len(hidden) == fewest(counts, known)


def test_t_ind_02_a_count_of_three_is_masked_with_a_second_one() -> None:
    counts = {"arras": 40, "lens": 3, "bethune": 12, "calais": 0, "all": 55}
    places = Sum("all", ("arras", "lens", "bethune", "calais"))
    assert mask(counts, [places]) == {"lens", "bethune"}
    assert mask({**counts, "lens": 5, "all": 57}, [places]) == frozenset()
    assert mask({"lens": 3}, []) == {"lens"}


def test_two_small_counts_that_add_up_to_their_sum_protect_each_other() -> None:
    counts = {"f": 2, "m": 3, "other": 9, "all": 14}
    assert mask(counts, [Sum("all", ("f", "m", "other"))]) == {"f", "m"}


def test_a_count_squeezed_between_two_orders_is_not_left_deducible() -> None:
    """p = 9 - q and q ≤ 5 give p ≥ 4; p = 9 - u and u ≥ 5 give p ≤ 4: masking q and u fails."""
    counts = {"p": 4, "q": 5, "u": 5, "pq": 9, "pu": 9, "above_q": 5, "under_u": 5}
    sums = [Sum("pq", ("p", "q")), Sum("pu", ("p", "u"))]
    assert mask(counts, sums) == {"p", "q", "u"}
    hidden = mask(counts, sums, [("q", "above_q"), ("under_u", "u")])
    assert hidden in ({"p", "q", "pu"}, {"p", "u", "pq"})


@pytest.mark.parametrize(
    ("counts", "sums", "orders"),
    [
        ({"a": -1}, [], []),
        ({"a": 1, "b": 2, "all": 4}, [Sum("all", ("a", "b"))], []),
        ({"a": 3, "b": 2}, [], [("a", "b")]),
    ],
)
def test_counts_that_contradict_themselves_are_refused(
    counts: dict[str, int], sums: list[Sum[str]], orders: list[tuple[str, str]]
) -> None:
    with pytest.raises(ValueError, match="contradict"):
        mask(counts, sums, orders)


DIMENSIONS = {"sex": ("f", "m"), "age": ("under_26", "26_49", "50_and_over"), "qpv": ("in", "out")}


def people(
    count: int, stage: Stage, sex: str, age: str = "26_49", qpv: str = "out"
) -> list[Member]:
    return [Member(stage, {"sex": sex, "age": age, "qpv": qpv})] * count


def test_t_eq_02_a_ratio_of_074_with_forty_people_calls_a_human() -> None:
    assert is_alert(Fraction(74, 100), 40)
    assert not is_alert(Fraction(74, 100), 19)
    assert not is_alert(Fraction(4, 5), 40)
    assert rate_ratio(15, 40, 20, 40) == Fraction(3, 4)


def test_stages_are_counted_one_inside_the_other_and_disparities_alert() -> None:
    members = [
        *people(20, Stage.POOL, "f"), *people(20, Stage.ADMITTED, "f"),
        *people(13, Stage.POOL, "m"), *people(27, Stage.ADMITTED, "m"),
    ]  # fmt: skip
    panel = equity_panel(members, DIMENSIONS)
    assert panel.counts[Cell("sex", "f", Stage.POOL)] == 40
    assert panel.counts[Cell("sex", "f", Stage.SELECTED)] == 20
    assert panel.counts[Cell("", "", Stage.ADMITTED)] == 47
    (women,) = [d for d in panel.alerts if d.stage is Stage.ADMITTED]
    assert (women.category, women.best, women.ratio) == ("f", "m", Fraction(20, 27))


def test_a_category_of_fewer_than_twenty_is_neither_compared_nor_the_reference() -> None:
    members = [*people(1, Stage.ADMITTED, "f"), *people(30, Stage.INVITED, "m")]
    panel = equity_panel(members, DIMENSIONS)
    assert not panel.alerts
    assert all(found.category != "f" for found in panel.disparities)


def test_a_ratio_that_would_give_a_masked_count_away_is_not_shown_but_still_calls() -> None:
    members = [
        *people(37, Stage.POOL, "f"), *people(3, Stage.ADMITTED, "f"),
        *people(20, Stage.POOL, "m"), *people(20, Stage.ADMITTED, "m"),
    ]  # fmt: skip
    panel = equity_panel(members, DIMENSIONS)
    hidden = [cell for cell, count in panel.counts.items() if count is None]
    assert {(c.category, c.stage) for c in hidden if c.dimension == "sex"} == {
        (sex, stage) for sex in ("f", "m") for stage in STAGES[1:]
    }
    assert [(a.category, a.ratio) for a in panel.alerts] == [("f", None)] * 3


def test_a_panel_of_a_whole_cohort_masks_and_stays_consistent() -> None:
    members = [
        *people(40, Stage.POOL, "m"), *people(9, Stage.INVITED, "f", "under_26", "in"),
        *people(6, Stage.SELECTED, "m", "50_and_over"), *people(7, Stage.ADMITTED, "m"),
        *people(2, Stage.ADMITTED, "f", "under_26", "in"), *people(3, Stage.ADMITTED, "f"),
    ]  # fmt: skip
    panel = equity_panel(members, DIMENSIONS)
    assert not any(count is not None and 0 < count < 5 for count in panel.counts.values())
    for dimension, categories in DIMENSIONS.items():
        for stage in STAGES:
            row = [panel.counts[Cell(dimension, category, stage)] for category in categories]
            total = panel.counts[Cell("", "", stage)]
            assert row.count(None) != 1 or total is None
            if total is not None and None not in row:
                assert sum(n for n in row if n is not None) == total


def test_everybody_has_one_known_category_in_each_dimension() -> None:
    with pytest.raises(ValueError, match="category"):
        equity_panel([Member(Stage.POOL, {"sex": "f"})], DIMENSIONS)
    assert set(equity_panel([], DIMENSIONS).counts.values()) == {0}
