"""The demonstration's hub: three cohorts at three phases, made by the rules they obey."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.hires.rules import is_alert
from portal.models import (
    COHORT_EXIT_STATES,
    COHORT_SEATED_STATES,
    SEATED_STATES,
    Account,
    Cohort,
    CohortMembership,
    CohortState,
    Enrollment,
    EnrollmentState,
    Hire,
    JobFollowUp,
    MembershipState,
    UnmetNeed,
)
from tests.support.client import client_for, sign_in


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, demo_file: Path) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("demo")
    database = Database(f"sqlite:///{shutil.copy(demo_file, folder / 'demo.sqlite3')}")
    yield database
    database.dispose()


@pytest.fixture
def rows(demo: Database) -> Iterator[Session]:
    with demo.session(read_only=True) as session:
        yield session


@pytest.fixture
def portal(demo: Database, tmp_path: Path) -> Flask:
    settings = Settings(
        home=tmp_path,
        database_url="given",
        secret_key="for tests only",
        demo=True,
        testing=True,
        secure_cookies=False,
    )
    return create_app(settings, demo)


def test_the_three_cohorts_stand_at_different_phases(rows: Session) -> None:
    cohorts = rows.scalars(select(Cohort).order_by(Cohort.id)).all()
    assert [row.state for row in cohorts] == [
        CohortState.HIRING,
        CohortState.IMMERSION,
        CohortState.OPEN,
    ]
    for cohort in cohorts:
        assert len(cohort.phases) == 8
        assert len(cohort.commitments) == 3
        assert sum(row.jobs_promised for row in cohort.commitments) >= cohort.seats
        counts = Counter(row.state for row in cohort.memberships)
        assert sum(counts[state] for state in COHORT_SEATED_STATES) <= cohort.seats
        ranks = sorted(row.rank for row in cohort.memberships if row.rank)
        assert ranks == list(range(1, len(ranks) + 1))


def test_nobody_is_in_two_cohorts_and_who_left_has_a_next_step(rows: Session) -> None:
    members = rows.scalars(select(CohortMembership)).all()
    assert len({row.person_id for row in members}) == len(members)
    gone = [row for row in members if row.state in COHORT_EXIT_STATES]
    assert gone
    assert all(row.exit_reason and row.next_step and row.next_step_owner_id for row in gone)


def test_seats_given_are_seats_of_the_session_and_who_stayed_has_finished(rows: Session) -> None:
    states = Counter(rows.scalars(select(Enrollment.state)))
    assert states[EnrollmentState.COMPLETED] >= 8
    assert states[EnrollmentState.DROPPED] == 1
    assert not any(states[state] for state in SEATED_STATES)


def test_those_hired_are_hired_in_their_cohort_and_news_are_taken(rows: Session) -> None:
    hires = rows.scalars(select(Hire).where(Hire.cohort_id.is_not(None))).all()
    hired = set(
        rows.scalars(
            select(CohortMembership.person_id).where(
                CohortMembership.state == MembershipState.HIRED
            )
        )
    )
    assert {row.person_id for row in hires} == hired
    news = rows.scalars(select(JobFollowUp)).all()
    assert any(row.result for row in news)
    assert sum(is_alert(row) for row in news) == 1
    assert all(row.done_on is None or row.done_on >= row.due for row in news)


def test_the_register_holds_needs_of_people_and_of_the_canal(rows: Session) -> None:
    needs = rows.scalars(select(UnmetNeed)).all()
    assert any(row.person_id for row in needs)
    assert any(row.project_id for row in needs)


@pytest.mark.parametrize(
    "first_name", ["Thomas", "Nadia", "Claire", "Anne"], ids=["hub", "referent", "adviser", "pilot"]
)
def test_their_pages_open(portal: Flask, demo: Database, first_name: str) -> None:
    client = client_for(portal)
    with demo.session() as session:
        account = session.scalars(select(Account).where(Account.first_name == first_name)).one()
        sign_in(client, session, account)
        cohort = session.scalars(select(Cohort).order_by(Cohort.id)).first()
    assert cohort is not None
    paths = ["/", "/hubs", f"/hubs/{cohort.public_id}", "/besoins", "/grands-projets"]
    for path in [*paths, *([] if first_name == "Anne" else ["/embauches?vue=current"])]:
        assert client.get(path).status_code == 200, path
