"""The equity panel: masked counts, and an alert for a human (T-EQ-02, INV-15)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.hubs import equity
from portal.matchmaking import cohorts as engine
from portal.models import (
    AccessLog,
    Cohort,
    CohortMembership,
    MembershipState,
    Person,
    PersonRestricted,
    PersonStatus,
    Role,
    Sex,
    StatusCode,
    StatusSource,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub
from tests.support.factories import Factory

S = MembershipState


def people(hub: Hub, count: int, sex: Sex, *, birth: date = date(1990, 1, 1)) -> list[Person]:
    """People who said their sex and age."""
    found = [hub.person(birth_date=birth) for _n in range(count)]
    for person in found:
        hub.make.add(PersonRestricted(person_id=person.id, sex_for_counts=sex))
    return found


def invited(hub: Hub, cohort: Cohort, rows: list[Person], count: int) -> None:
    """The first of them were told."""
    for person in rows[:count]:
        hub.member(cohort, S.TOLD, person)


def every_row(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """What the database holds, table by table."""
    session.flush()
    return {
        table.name: [tuple(row) for row in session.execute(table.select())]
        for table in CohortMembership.metadata.sorted_tables
    }


def test_t_eq_02_a_ratio_of_074_over_40_people_alerts_a_human_and_corrects_nothing(
    session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    invited(hub, cohort, people(hub, 37, Sex.MAN), 25)
    invited(hub, cohort, people(hub, 40, Sex.WOMAN), 20)
    before = every_row(session)
    panel = equity.get_panel(session, cohort=cohort)
    (alert,) = panel.alerts
    assert (alert.category, alert.best, alert.stage) == ("woman", "man", engine.Stage.INVITED)
    assert alert.ratio == Fraction(74, 100)
    assert panel.counts[engine.Cell("sex", "woman", engine.Stage.POOL)] == 40
    text = equity.view_of(panel).alerts[0]
    assert "femmes" in text
    assert "74 fois" in text
    assert every_row(session) == before, "an alert is read by a human; it changes no row"


def test_under_twenty_people_no_alert_is_raised(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    invited(hub, cohort, people(hub, 19, Sex.MAN), 19)
    invited(hub, cohort, people(hub, 19, Sex.WOMAN), 5)
    assert equity.get_panel(session, cohort=cohort).alerts == ()


def test_small_counts_are_masked_with_what_would_give_them_away(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    invited(hub, cohort, people(hub, 20, Sex.MAN), 20)
    invited(hub, cohort, people(hub, 2, Sex.WOMAN), 2)
    panel = equity.get_panel(session, cohort=cohort)
    column = {
        category: panel.counts[engine.Cell("sex", category, engine.Stage.INVITED)]
        for category in equity.DIMENSIONS["sex"]
    }
    whole = panel.counts[engine.Cell("", "", engine.Stage.INVITED)]
    assert column["woman"] is None
    hidden = sum(count is None for count in column.values()) + (whole is None)
    assert hidden >= 2, "one masked count alone is a subtraction away"


@pytest.mark.parametrize(
    ("birth", "category"),
    [
        (date(2000, 11, 21), "under_26"),
        (date(2000, 11, 20), "between"),
        (date(1976, 11, 21), "between"),
        (date(1976, 11, 20), "over_50"),
        (None, "unknown"),
    ],
)
def test_ages_are_counted_on_the_day(birth: date | None, category: str) -> None:
    assert equity.age_category(birth, date(2026, 11, 20)) == category


def test_the_pool_is_those_the_cohort_could_invite(
    session: Session, hub: Hub, make: Factory
) -> None:
    cohort = hub.cohort()
    hub.asks(cohort, "s.consignes")
    for _n in range(6):
        make.knows(hub.person(), make.skill("s.consignes"), 2)
    beyond = hub.person()
    make.knows(beyond, make.skill("s.consignes"), 0)
    hub.person(shared=False)
    hub.member(cohort, S.TOLD, hub.person(shared=False))
    panel = equity.get_panel(session, cohort=cohort)
    assert panel.counts[engine.Cell("", "", engine.Stage.POOL)] == 7


def test_a_quarter_is_counted_while_the_status_lasts(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    rows = [hub.person() for _n in range(15)]
    for number, person in enumerate(rows):
        hub.make.add(
            PersonStatus(
                person_id=person.id,
                code=StatusCode.QPV,
                start=date(2020, 1, 1),
                end=date(2021, 1, 1) if number < 6 else None,
                source=StatusSource.DECLARED,
            )
        )
    counts = equity.get_panel(session, cohort=cohort).counts
    pool = engine.Stage.POOL
    assert counts[engine.Cell("qpv", "qpv", pool)] == 9
    assert counts[engine.Cell("qpv", "other", pool)] == 6


def test_the_page_shows_counts_and_no_name(
    session: Session, client: CheckingClient, hub: Hub, make: Factory
) -> None:
    cohort = hub.cohort()
    rows = people(hub, 25, Sex.WOMAN)
    rows[0].first_name = "Zélie"
    invited(hub, cohort, rows, 25)
    sign_in(client, session, make.account(Role.PILOT_DEPARTEMENT))
    page = client.get(f"/hubs/{cohort.public_id}/equite")
    assert page.status_code == 200
    assert "25" in page.text
    assert "Zélie" not in page.text
    assert session.scalar(select(AccessLog.id)) is None
