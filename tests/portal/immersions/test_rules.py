"""R-PMSMP: T-PMS-01 to T-PMS-06, and every other rule, as pure decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.immersions import rules
from portal.immersions.convention import Aim, Convention, Earlier, Prescriber, Right, age_on
from portal.immersions.parameters import ParametersError, load_rules, read_rules
from portal.immersions.periods import Period, months_after, most_days, most_together
from portal.immersions.rules_dates import fitting_start, latest_end

DEPARTEMENT = Prescriber("Département du Pas-de-Calais", "departement")
PLATFORM = Prescriber("Plateforme Proch’Emploi Artois", "platform")


def convention(start: date = date(2027, 3, 1), days: int = 12, **values: Any) -> Convention:
    """A legal convention, to be made wrong in one respect."""
    values.setdefault("period", Period(start, start + timedelta(days=days - 1)))
    values.setdefault("aim", Aim("discover", "Voir le métier de canalisateur"))
    values.setdefault("prescriber", DEPARTEMENT)
    values.setdefault("presence_days", min(10, days))
    values.setdefault("birth_date", date(1995, 5, 4))
    return Convention(
        weekly_hours=values.pop("weekly_hours", 35),
        tasks=values.pop("tasks", "Préparer le chantier"),
        schedule=values.pop("schedule", "8 h à 16 h"),
        tutor_name=values.pop("tutor_name", "Le chef d’équipe"),
        siret=values.pop("siret", "73282932000074"),
        no_replacement=values.pop("no_replacement", True),
        prescribers=values.pop("prescribers", (DEPARTEMENT.name,)),
        **values,
    )


def earlier(key: str, start: date, days: int, **values: Any) -> Earlier:
    """Another convention in the same structure, with objectives of its own."""
    values.setdefault("aim", Aim("discover", f"Objectifs de {key}"))
    return Earlier(key, Period(start, start + timedelta(days=days - 1)), **values)


def broken(asked: Convention) -> list[str]:
    return [breach.rule for breach in rules.check(asked)]


def test_a_legal_convention_breaks_nothing() -> None:
    assert rules.check(convention()) == []


@pytest.mark.parametrize(
    ("start", "end", "expected", "description"),
    [
        (date(2027, 1, 31), date(2027, 2, 28), [], "T-PMS-01: the last day of February"),
        (date(2027, 1, 31), date(2027, 3, 1), ["P2"], "T-PMS-01: a day more"),
        (date(2028, 1, 31), date(2028, 2, 29), [], "T-PMS-01: a leap year"),
        (date(2028, 1, 31), date(2028, 3, 1), ["P2"], "T-PMS-01: a leap year, a day more"),
        (date(2027, 4, 15), date(2027, 5, 15), [], "the same day of the next month"),
        (date(2027, 4, 15), date(2027, 5, 16), ["P2"], "the day after"),
        (date(2027, 3, 31), date(2027, 4, 30), [], "the last day of a shorter month"),
        (date(2027, 3, 10), date(2027, 4, 9), [], "thirty days from a long month"),
        (date(2027, 3, 10), date(2027, 4, 10), ["P2"], "a month, but 31 days: the stricter holds"),
        (date(2027, 3, 10), date(2027, 3, 10), [], "one day"),
        (date(2027, 3, 10), date(2027, 3, 9), ["P2"], "the end before the start"),
    ],
)
def test_one_month_date_to_date(
    start: date, end: date, expected: list[str], description: str
) -> None:
    asked = convention(period=Period(start, end), presence_days=1)
    assert broken(asked) == expected, description


def test_a_month_too_long_cites_the_article_and_gives_the_end_that_fits() -> None:
    asked = convention(period=Period(date(2027, 1, 31), date(2027, 3, 1)), presence_days=10)
    (breach,) = rules.check(asked)
    assert "D5135-3" in breach.article
    assert breach.illegal
    assert "2027" in breach.proposal
    assert latest_end(date(2027, 1, 31), load_rules().on(date(2027, 1, 31))) == date(2027, 2, 28)


def test_presence_is_within_the_dates_and_the_national_limit() -> None:
    assert broken(convention(days=5, presence_days=6)) == ["P2"]
    assert broken(convention(presence_days=0)) == ["P2"]
    assert broken(convention(date(2027, 3, 1), 31, presence_days=31)) == ["P2"]
    assert broken(convention(date(2027, 3, 1), 31, presence_days=30)) == []


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [("not_reached", []), ("reached", ["P3"]), ("partly", ["P3"]), (None, ["P3"])],
)
def test_a_renewal_needs_objectives_not_reached(outcome: str | None, expected: list[str]) -> None:
    """T-PMS-02."""
    aim = Aim("discover", "Voir le métier de canalisateur")
    first = earlier("a", date(2027, 1, 4), 14, aim=aim, outcome=outcome)
    asked = convention(others=(first,), renewal_of="a")
    found = rules.check(asked)
    assert [breach.rule for breach in found] == expected
    assert all("D5135-3" in breach.article and breach.proposal for breach in found)


def test_a_renewal_keeps_the_object_and_objectives_but_for_their_spelling() -> None:
    first = earlier("a", date(2027, 1, 4), 14, aim=Aim("discover", "A"), outcome="not_reached")
    same = convention(others=(first,), renewal_of="a", aim=Aim("discover", " a "))
    assert broken(same) == []
    assert broken(replace(same, aim=Aim("confirm", "A"))) == ["P3"]
    assert broken(replace(same, aim=Aim("discover", "B"))) == ["P3"]


def test_a_convention_is_renewed_once() -> None:
    aim = Aim("discover", "A")
    first = earlier("a", date(2027, 1, 4), 5, aim=aim, outcome="not_reached")
    second = earlier("b", date(2027, 1, 11), 5, aim=aim, outcome="not_reached", renewal_of="a")
    for renewed in ("a", "b"):
        asked = convention(aim=aim, others=(first, second), renewal_of=renewed)
        assert broken(asked) == ["P3"]


def test_a_renewal_comes_after_the_period_it_renews() -> None:
    aim = Aim("discover", "A")
    first = earlier("a", date(2027, 3, 1), 14, aim=aim, outcome="not_reached")
    asked = convention(date(2027, 3, 10), aim=aim, others=(first,), renewal_of="a")
    assert "P3" in broken(asked)


def test_a_third_convention_in_twelve_months_is_refused() -> None:
    """T-PMS-03."""
    others = (earlier("a", date(2026, 6, 1), 5), earlier("b", date(2026, 11, 2), 5))
    (breach,) = rules.check(convention(date(2027, 3, 1), others=others))
    assert breach.rule == "P4"
    assert "D5135-3" in breach.article
    later = fitting_start(
        convention(date(2027, 3, 1), others=others), load_rules().on(date(2027, 3, 1))
    )
    assert later == date(2027, 6, 5), "a year after the last day of the first"
    assert broken(convention(later, others=others)) == []
    assert broken(convention(later - timedelta(days=1), others=others)) == ["P4"]


def test_a_convention_dated_before_others_counts_them_too() -> None:
    others = (earlier("a", date(2027, 5, 3), 5), earlier("b", date(2027, 9, 6), 5))
    assert broken(convention(date(2027, 3, 1), others=others)) == ["P4"]


def test_a_renewal_is_not_a_convention_of_its_own() -> None:
    aim = Aim("discover", "A")
    others = (
        earlier("a", date(2027, 1, 4), 5, aim=aim, outcome="not_reached"),
        earlier("b", date(2027, 1, 11), 5, aim=aim, renewal_of="a"),
    )
    assert broken(convention(others=others)) == []


def test_the_second_convention_has_another_object_or_objectives() -> None:
    aim = Aim("discover", "Voir le métier de canalisateur")
    others = (earlier("a", date(2026, 11, 2), 5, aim=aim),)
    assert broken(convention(aim=aim, others=others)) == ["P4"]
    assert broken(convention(aim=Aim("recruit", aim.objectives), others=others)) == []


def test_sixty_one_days_in_twelve_months_are_refused() -> None:
    """T-PMS-04."""
    others = (earlier("a", date(2026, 9, 1), 30),)
    long = convention(date(2027, 3, 1), 31, others=others, presence_days=20)
    (breach,) = rules.check(long)
    assert breach.rule == "P5"
    assert "61" in breach.reason
    assert "D5135-3" in breach.article
    assert broken(convention(date(2027, 3, 1), 30, others=others)) == []


def test_only_the_days_within_twelve_months_count() -> None:
    others = (earlier("a", date(2026, 3, 1), 31),)
    assert broken(convention(date(2027, 3, 15), 30, others=others)) == []


def test_two_conventions_at_once_in_one_structure_are_refused() -> None:
    others = (earlier("a", date(2027, 3, 5), 5),)
    assert broken(convention(date(2027, 3, 1), others=others)) == ["P5"]


def test_a_platform_without_delegation_is_routed_to_the_departement() -> None:
    """T-PMS-05."""
    (breach,) = rules.check(convention(prescriber=PLATFORM))
    assert breach.rule == "P6"
    assert "L5135-2" in breach.article
    assert DEPARTEMENT.name in breach.proposal
    assert not breach.illegal, "the draft is kept, and routed"


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        (Right("pmsmp_delegation", date(2026, 1, 1)), []),
        (Right("pmsmp_delegation", date(2026, 1, 1), date(2027, 2, 28)), ["P6"]),
        (Right("pmsmp_delegation", date(2027, 3, 2)), ["P6"]),
        (Right("prf_association", date(2026, 1, 1)), ["P6"]),
    ],
)
def test_a_delegation_counts_on_the_first_day(right: Right, expected: list[str]) -> None:
    asked = convention(prescriber=replace(PLATFORM, rights=(right,)))
    assert broken(asked) == expected


def test_a_siae_prescribes_by_its_right_on_file_alone() -> None:
    siae = Prescriber("Chantier", "siae")
    assert broken(convention(prescriber=siae)) == ["P6"]
    right = Right("pmsmp", date(2026, 1, 1))
    assert broken(convention(prescriber=replace(siae, rights=(right,)))) == []


@pytest.mark.parametrize("name", ["tasks", "schedule", "tutor_name"])
def test_what_is_done_when_and_with_whom_is_said(name: str) -> None:
    assert broken(convention(**{name: " "})) == ["P7"]


def test_the_tutor_is_not_reached_through_the_person() -> None:
    asked = convention(tutor_contact="06 12 34 56 78", person_contacts=frozenset({"+33612345678"}))
    assert broken(asked) == ["P7"]
    assert broken(replace(asked, tutor_contact="06 12 34 56 79")) == []
    mail = convention(tutor_contact="A@B.test", person_contacts=frozenset({"a@b.test", ""}))
    assert broken(mail) == ["P7"]


def test_forty_eight_hours_a_week_other_immersions_included() -> None:
    assert broken(convention(weekly_hours=48)) == []
    assert broken(convention(weekly_hours=48.5)) == ["P8"]
    assert broken(convention(weekly_hours=0)) == ["P8"]
    assert broken(convention(weekly_hours=30, hours_elsewhere=20)) == ["P8"]


def test_fifteen_is_refused_and_seventeen_needs_a_representative() -> None:
    """T-PMS-06."""
    start = date(2027, 3, 1)
    (young,) = rules.check(convention(start, birth_date=date(2011, 3, 2)))
    assert young.rule == "P8"
    assert young.illegal
    (minor,) = rules.check(convention(start, birth_date=date(2010, 3, 1)))
    assert minor.rule == "P8"
    assert minor.field == "legal_representative"
    signed = convention(start, birth_date=date(2010, 3, 1), legal_representative="Sa mère")
    assert rules.check(signed) == []


def test_an_age_is_asked_and_counted_on_the_first_day() -> None:
    (unknown,) = rules.check(convention(birth_date=None))
    assert not unknown.illegal
    assert broken(convention(date(2027, 3, 1), birth_date=date(2009, 3, 1))) == []
    assert age_on(date(2004, 2, 29), date(2027, 2, 28)) == 22
    assert age_on(date(2004, 2, 29), date(2027, 3, 1)) == 23


def test_somebody_employed_needs_the_employer_unless_suspended() -> None:
    employed = convention(employed=True)
    assert broken(employed) == ["P9"]
    assert broken(replace(employed, employer_agreed=True)) == []
    assert broken(replace(employed, contract_suspended=True)) == []


def test_the_structure_is_known_and_replaces_nobody() -> None:
    assert broken(convention(siret=None)) == ["P10"]
    assert broken(convention(no_replacement=False)) == ["P11"]


def test_one_object_among_those_of_the_law() -> None:
    assert broken(convention(aim=Aim("replace", "Tenir le poste"))) == ["P1"]
    assert broken(convention(aim=Aim("discover", "  "))) == ["P1"]


def test_the_assessment_is_due_a_week_after_the_end() -> None:
    assert rules.assessment_due(date(2027, 3, 12)) == date(2027, 3, 19)


def test_a_convention_is_judged_by_the_rules_of_its_first_day() -> None:
    """A law that changes on 1 July 2027 leaves alone what begins before (INV-07)."""
    lines = [
        ",".join(
            [
                p.rule,
                p.name,
                p.value,
                p.valid_from.isoformat(),
                "2027-06-30" if p.name == "weekly_hours" else "",
                p.article,
                "test",
                "yes",
            ]
        )
        for p in load_rules().parameters
    ]
    header = "rule,parameter,value,valid_from,valid_until,article,source,verified"
    new_law = "P8,weekly_hours,35,2027-07-01,,Article nouveau,test,no"
    book = read_rules([header, *lines, new_law])
    assert rules.check(convention(date(2027, 6, 30), weekly_hours=39), book) == []
    (breach,) = rules.check(convention(date(2027, 7, 1), weekly_hours=39), book)
    assert breach.article == "Article nouveau"


def test_before_the_known_rules_nothing_is_said_legal() -> None:
    (breach,) = rules.check(convention(date(2001, 3, 1)))
    assert breach.illegal


def test_two_versions_for_one_day_are_refused() -> None:
    header = "rule,parameter,value,valid_from,valid_until,article,source,verified"
    line = "P8,weekly_hours,48,2026-01-01,,a,s,yes"
    with pytest.raises(ParametersError):
        read_rules([header, line, line]).on(date(2026, 5, 1))


def test_every_rule_has_its_article_and_source() -> None:
    parameters = load_rules().parameters
    assert {parameter.rule for parameter in parameters} == {f"P{n}" for n in range(1, 13)}
    assert all(parameter.article and parameter.source for parameter in parameters)


@given(st.dates(date(2026, 1, 1), date(2040, 1, 1)), st.integers(0, 40))
def test_the_proposed_end_is_always_legal_and_the_last_one(start: date, extra: int) -> None:
    law = load_rules().on(start)
    end = latest_end(start, law)
    assert end <= months_after(start, 1)
    assert broken(convention(period=Period(start, end), presence_days=1)) == []
    beyond = Period(start, end + timedelta(days=1 + extra))
    assert "P2" in broken(convention(period=beyond, presence_days=1))


periods = st.builds(
    lambda offset, days: Period(
        date(2026, 6, 1) + timedelta(days=offset),
        date(2026, 6, 1) + timedelta(days=offset + days - 1),
    ),
    st.integers(0, 700),
    st.integers(1, 31),
)


@settings(deadline=None)
@given(periods, st.lists(periods, max_size=4))
def test_no_window_of_twelve_months_holds_more_than_is_counted(
    new: Period, others: list[Period]
) -> None:
    """The windows tried are compared with every window there is."""
    every = (new, *others)
    found = 0
    for offset in range(-366, new.days + 1):
        start = new.start + timedelta(days=offset)
        window = Period(start, months_after(start, 12) - timedelta(days=1))
        if window.overlap(new):
            found = max(found, sum(period.overlap(window) for period in every))
    assert most_days(new, others, 12) >= found


@settings(deadline=None)
@given(periods, st.lists(periods, max_size=4))
def test_no_window_of_twelve_months_touches_more_conventions(
    new: Period, others: list[Period]
) -> None:
    found = 0
    for offset in range(-366, new.days + 1):
        start = new.start + timedelta(days=offset)
        window = Period(start, months_after(start, 12) - timedelta(days=1))
        if window.overlap(new):
            found = max(found, sum(1 for other in others if other.overlap(window)))
    assert len(most_together(new, others, 12)) >= found


@settings(deadline=None)
@given(periods, st.lists(periods, max_size=4))
def test_the_proposed_start_is_always_legal(new: Period, others: list[Period]) -> None:
    rows = tuple(
        Earlier(str(n), period, Aim("discover", f"Objectifs {n}"))
        for n, period in enumerate(others)
    )
    asked = convention(period=new, presence_days=1, others=rows)
    start = fitting_start(asked, load_rules().on(new.start))
    assert start >= new.start
    found = broken(replace(asked, period=new.moved_to(start)))
    assert {"P4", "P5"}.isdisjoint(found)
