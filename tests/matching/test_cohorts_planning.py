"""Backward planning, public holidays and the last day to act."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.closed_days import (
    Holiday,
    easter,
    is_open,
    open_on_or_after,
    open_on_or_before,
    public_holidays,
)
from matching.cohorts.planning import ConflictKind, DateConflict, PhaseRule, plan_backward

START = date(2027, 3, 8)
TODAY = date(2026, 11, 20)
WEEK = timedelta(weeks=1)
RULES = (
    PhaseRule("sourcing", 12, 3, recruits=True),
    PhaseRule("information", 9, 1, recruits=True),
    PhaseRule("selection", 8, 1),
    PhaseRule("immersion", 7, 3),
    PhaseRule("preparation", 4, 4),
)


@pytest.mark.parametrize(
    ("year", "sunday"),
    [
        (1818, date(1818, 3, 22)),
        (1943, date(1943, 4, 25)),
        (2000, date(2000, 4, 23)),
        (2024, date(2024, 3, 31)),
        (2026, date(2026, 4, 5)),
        (2027, date(2027, 3, 28)),
        (2049, date(2049, 4, 18)),
    ],
)
def test_easter_sunday(year: int, sunday: date) -> None:
    assert easter(year) == sunday


@given(st.integers(1583, 4099))
def test_easter_is_a_sunday_from_22_march_to_25_april(year: int) -> None:
    found = easter(year)
    assert found.weekday() == 6
    assert date(year, 3, 22) <= found <= date(year, 4, 25)


def test_the_public_holidays_of_2026() -> None:
    assert {day.isoformat()[5:]: name for day, name in public_holidays(2026).items()} == {
        "01-01": Holiday.NEW_YEAR,
        "04-06": Holiday.EASTER_MONDAY,
        "05-01": Holiday.LABOUR_DAY,
        "05-08": Holiday.VICTORY_1945,
        "05-14": Holiday.ASCENSION,
        "05-25": Holiday.WHIT_MONDAY,
        "07-14": Holiday.NATIONAL_DAY,
        "08-15": Holiday.ASSUMPTION,
        "11-01": Holiday.ALL_SAINTS,
        "11-11": Holiday.ARMISTICE_1918,
        "12-25": Holiday.CHRISTMAS,
    }


def test_open_days_skip_weekends_holidays_and_the_days_the_caller_closes() -> None:
    friday = date(2026, 12, 25)
    assert open_on_or_after(friday) == date(2026, 12, 28)
    assert open_on_or_before(friday) == date(2026, 12, 24)
    assert open_on_or_after(friday, {date(2026, 12, 28)}) == date(2026, 12, 29)
    assert not is_open(date(2026, 12, 26))


def test_every_phase_is_dated_backward_from_the_start() -> None:
    found = plan_backward(START, RULES[::-1], TODAY)
    assert [(p.code, p.start, p.end) for p in found.phases] == [
        ("sourcing", date(2026, 12, 14), date(2026, 12, 31)),
        ("information", date(2027, 1, 4), date(2027, 1, 8)),
        ("selection", date(2027, 1, 11), date(2027, 1, 15)),
        ("immersion", date(2027, 1, 18), date(2027, 2, 5)),
        ("preparation", date(2027, 2, 8), date(2027, 3, 5)),
    ]
    assert found.conflicts == ()
    assert found.act_before == date(2027, 1, 8)


@given(st.integers(-20, 20))
def test_moving_the_session_moves_every_phase(weeks: int) -> None:
    before = plan_backward(START, RULES, TODAY)
    after = plan_backward(START + weeks * WEEK, RULES, TODAY)
    for one, other in zip(before.phases, after.phases, strict=True):
        assert other.start - one.start == weeks * WEEK


def test_moving_a_phase_moves_those_before_it_alone() -> None:
    before = plan_backward(START, RULES, TODAY)
    moved = {"selection": date(2027, 1, 18)}
    after = plan_backward(START, RULES, TODAY, moved)
    shifts = {p.code: (p.start - q.start).days
              for p, q in zip(after.phases, before.phases, strict=True)}  # fmt: skip
    assert shifts == {
        "sourcing": 7, "information": 7, "selection": 7, "immersion": 0, "preparation": 0
    }  # fmt: skip
    assert after.conflicts == (
        DateConflict(ConflictKind.OVERLAP, "selection", date(2027, 1, 18), "immersion"),
    )
    assert [p.code for p in after.phases if p.moved] == ["selection"]
    assert after.act_before == date(2027, 1, 15)


def test_an_overlap_that_the_rules_mean_is_no_conflict() -> None:
    rules = [PhaseRule("training", 0, 10), PhaseRule("hiring", -8, 2), PhaseRule("tests", 3, 4)]
    assert plan_backward(START, rules, TODAY).conflicts == ()
    late = plan_backward(START, rules, TODAY, {"tests": START + WEEK})
    assert [(c.kind, c.phase, c.with_phase) for c in late.conflicts] == [
        (ConflictKind.OVERLAP, "tests", "training")
    ]


def test_a_phase_that_runs_past_the_start_is_a_conflict_without_a_next_phase_too() -> None:
    moved = {"preparation": START - 2 * WEEK}
    found = plan_backward(START, RULES[-1:], TODAY, moved)
    assert [(c.kind, c.day) for c in found.conflicts] == [
        (ConflictKind.AFTER_START, date(2027, 3, 19))
    ]


def test_the_past_is_a_conflict_unless_the_phase_has_begun() -> None:
    today = date(2026, 12, 16)
    late = plan_backward(START, RULES, today)
    assert late.conflicts == (DateConflict(ConflictKind.PAST, "sourcing", date(2026, 12, 14)),)
    assert plan_backward(START, RULES, today, begun={"sourcing"}).conflicts == ()


def test_closed_days_are_named_with_the_next_open_one() -> None:
    # Eleven weeks before Monday 14 June 2027 is Easter Monday.
    on_easter = plan_backward(date(2027, 6, 14), [PhaseRule("sourcing", 11, 1)], TODAY)
    assert on_easter.conflicts == (
        DateConflict(
            ConflictKind.CLOSED_DAY, "sourcing", date(2027, 3, 29), None, date(2027, 3, 30)
        ),
    )
    week = {date(2027, 3, 29) + timedelta(days=n) for n in range(7)}
    shut = plan_backward(date(2027, 6, 14), [PhaseRule("sourcing", 11, 1)], TODAY, closed=week)
    assert [(c.kind, c.suggestion) for c in shut.conflicts] == [
        (ConflictKind.NO_OPEN_DAY, date(2027, 4, 5))
    ]


def test_no_phase_that_recruits_gives_no_last_day() -> None:
    assert plan_backward(START, RULES[2:], TODAY).act_before is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: plan_backward(START, [*RULES, RULES[0]], TODAY),
        lambda: plan_backward(START, RULES, TODAY, {"unheard": START}),
        lambda: PhaseRule("nothing", 3, 0),
    ],
)
def test_senseless_plans_are_refused(call: object) -> None:
    with pytest.raises(ValueError, match="phase"):
        call()  # type: ignore[operator]
