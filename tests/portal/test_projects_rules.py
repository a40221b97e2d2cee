"""Quarters, masked counts and gaps, without a database."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.models import MajorProject
from portal.projects.drawing import draw
from portal.projects.planning import Plan
from portal.projects.rules import (
    Quarter,
    Range,
    gap,
    is_over,
    shade,
    shown_count,
    window,
)

quarters = st.builds(Quarter, st.integers(2000, 2098), st.integers(1, 4))
counts = st.integers(0, 200)


@given(quarters)
def test_a_quarter_reads_back_and_holds_its_days(quarter: Quarter) -> None:
    assert Quarter.parse(str(quarter)) == quarter
    assert Quarter.of(quarter.first_day) == Quarter.of(quarter.last_day) == quarter
    assert 89 <= (quarter.last_day - quarter.first_day).days <= 91


@pytest.mark.parametrize("text", ["", None, "2027", "2027-T5", "27-T1", "2027-T1 ", "1999-T1"])
def test_anything_else_is_no_quarter(text: str | None) -> None:
    assert Quarter.parse(text) is None


@pytest.mark.parametrize(
    ("count", "masked", "shown"),
    [
        (0, True, Range(0, 0)),
        (1, True, Range(1, 4)),
        (4, True, Range(1, 4)),
        (5, True, Range(5, 5)),
        (3, False, Range(3, 3)),
    ],
)
def test_one_to_four_people_are_told_as_such_to_those_who_see_nobody(
    count: int, masked: bool, shown: Range
) -> None:
    assert shown_count(count, masked=masked) == shown


@given(jobs=counts, seats=counts, one=st.integers(1, 4), other=st.integers(1, 4))
def test_nothing_shown_tells_one_masked_count_from_another(
    jobs: int, seats: int, one: int, other: int
) -> None:
    def told(count: int) -> tuple[Range, Range, int]:
        ready = shown_count(count, masked=True)
        missing = gap(jobs, ready, seats)
        return ready, missing, shade(jobs, missing)

    assert told(one) == told(other)


@given(jobs=counts, seats=counts, ready=counts)
def test_the_gap_holds_the_true_one(jobs: int, seats: int, ready: int) -> None:
    true = max(0, jobs - ready - seats)
    assert gap(jobs, shown_count(ready, masked=False), seats) == Range(true, true)
    masked = gap(jobs, shown_count(ready, masked=True), seats)
    assert masked.low <= true <= masked.high


@pytest.mark.parametrize(
    ("jobs", "missing", "shown"), [(0, 0, 0), (12, 0, 0), (12, 1, 1), (12, 6, 2), (12, 12, 4)]
)
def test_a_square_is_darker_where_more_is_missing(jobs: int, missing: int, shown: int) -> None:
    assert shade(jobs, Range(missing, missing)) == shown


def test_the_next_four_quarters_are_shown_unless_others_are_asked() -> None:
    known = [Quarter(year, number) for year in (2026, 2027, 2028, 2029) for number in (1, 2, 3, 4)]
    today = date(2026, 11, 20)
    assert window(known, today, None, None) == known[3:7]
    assert window(known, today, Quarter(2028, 2), None) == known[9:13]
    assert window(known, today, Quarter(2027, 1), Quarter(2029, 4)) == known[4:12]
    assert window(known, today, None, Quarter(2027, 1)) == known[3:5]
    assert window([], today, None, None) == []
    assert window(known, date(2031, 1, 1), None, None) == known[:4]


@pytest.mark.parametrize(
    ("ends_on", "over"), [(None, False), (date(2026, 11, 20), False), (date(2026, 11, 19), True)]
)
def test_a_project_is_over_the_day_after_its_last(ends_on: date | None, over: bool) -> None:
    assert is_over(MajorProject(code="x", name="x", ends_on=ends_on), date(2026, 11, 20)) is over


def test_an_empty_plan_draws_an_empty_picture() -> None:
    picture = draw(Plan((), (), (), masked=False))
    assert (picture.cells, picture.names, picture.quarters) == ((), (), ())
