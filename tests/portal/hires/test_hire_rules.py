"""Dates, hours and follow-ups of a contract, without a database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.access.transitions import IllegalTransitionError
from portal.hires.rules import (
    HIRE_MACHINE,
    Period,
    Terms,
    check_hours,
    check_terms,
    end_notice,
    end_state,
    follow_ups_of,
    most_weekly_hours,
)
from portal.models import ContractKind, FollowUpKind, FollowUpSide, HireEndReason, HireState

TODAY = date(2026, 11, 20)
CDI, CDD = ContractKind.CDI, ContractKind.CDD


def test_news_are_taken_on_both_sides_date_to_date() -> None:
    found = {(due.kind, due.side): due.day for due in follow_ups_of(date(2026, 8, 31), None)}
    assert len(found) == 8
    for side in FollowUpSide:
        assert found[FollowUpKind.J7, side] == date(2026, 9, 7)
        assert found[FollowUpKind.M1, side] == date(2026, 9, 30)
        assert found[FollowUpKind.M3, side] == date(2026, 11, 30)
        assert found[FollowUpKind.M6, side] == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("start", "end", "notice"),
    [
        (date(2027, 1, 1), date(2027, 4, 30), date(2027, 1, 30)),  # four months exactly
        (date(2027, 1, 1), date(2027, 4, 29), None),
        (date(2027, 1, 1), date(2027, 12, 31), date(2027, 9, 30)),
        (date(2027, 1, 1), None, None),
    ],
)
def test_the_end_of_a_contract_of_four_months_is_prepared_three_months_before(
    start: date, end: date | None, notice: date | None
) -> None:
    assert end_notice(start, end) == notice
    kinds = [due.kind for due in follow_ups_of(start, end)]
    assert kinds.count(FollowUpKind.END_OF_SITE) == (notice is not None)


@pytest.mark.parametrize(
    "terms",
    [
        Terms(CDI, TODAY, TODAY + timedelta(days=90), 35),
        Terms(CDD, TODAY, None, 35),
        Terms(CDD, TODAY, TODAY - timedelta(days=1), 35),
        Terms(CDI, TODAY - timedelta(days=800), None, 35),
        Terms(CDI, TODAY + timedelta(days=400), None, 35),
        Terms(CDI, TODAY, None, 49),
        Terms(CDI, TODAY, None, 0),
    ],
)
def test_terms_that_no_contract_has_are_refused(terms: Terms) -> None:
    with pytest.raises(IllegalTransitionError):
        check_terms(terms, TODAY)


def test_hours_add_up_only_where_contracts_overlap() -> None:
    new = Terms(CDI, TODAY, None, 20)
    before = Period(TODAY - timedelta(days=90), TODAY - timedelta(days=1), 35)
    beside = Period(TODAY - timedelta(days=90), None, 25)
    later = Period(TODAY + timedelta(days=30), None, 10)
    unknown = Period(TODAY, None, None)
    assert most_weekly_hours(new, []) == 20
    assert most_weekly_hours(new, [before, beside]) == 45
    assert most_weekly_hours(new, [beside, later, unknown]) == 55
    check_hours(48)
    with pytest.raises(IllegalTransitionError, match="48"):
        check_hours(48.5)


@given(
    st.lists(st.tuples(st.integers(-60, 60), st.integers(0, 90), st.integers(1, 48)), max_size=5),
    st.integers(0, 90),
)
def test_the_busiest_week_is_that_of_the_busiest_day(
    others: list[tuple[int, int, int]], length: int
) -> None:
    periods = [
        Period(TODAY + timedelta(days=a), TODAY + timedelta(days=a + n), h) for a, n, h in others
    ]
    new = Terms(CDD, TODAY, TODAY + timedelta(days=length), 10)
    expected = max(
        10
        + sum(
            p.weekly_hours or 0
            for p in periods
            if p.end and p.start <= TODAY + timedelta(days=d) <= p.end
        )
        for d in range(length + 1)
    )
    assert most_weekly_hours(new, periods) == expected


def test_an_end_foreseen_is_not_a_contract_that_broke() -> None:
    assert end_state(HireEndReason.TERM) is HireState.ENDED
    assert end_state(HireEndReason.RESIGNED) is HireState.BROKEN
    assert not HIRE_MACHINE.allows(HireState.ENDED, HireState.CURRENT)
    assert not HIRE_MACHINE.allows(HireState.BROKEN, HireState.ENDED)
