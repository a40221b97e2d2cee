"""The weekly sheet: everybody's presence on one page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.enrolments.attending import monday_of
from portal.models import Account, AttendanceWeek, EnrollmentState, TrainingSession
from tests.portal.enrolments.conftest import Position
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory

_S = EnrollmentState


@pytest.fixture
def begun(make: Factory, centre: Account) -> TrainingSession:
    row = make.session_of_training(organisation=centre.memberships[0].organisation, lasts=90)
    row.start = monday_of(clock.today()) - timedelta(days=14)
    make.session.flush()
    return row


@pytest.fixture
def signed(app: Flask, session: Session, centre: Account) -> CheckingClient:
    session.commit()
    return sign_in(client_for(app), session, centre)


def week_of(begun: TrainingSession) -> date:
    return begun.start + timedelta(days=7)


def test_a_week_is_kept_for_those_filled_in_and_begins_their_training(
    signed: CheckingClient, session: Session, position: Position, begun: TrainingSession
) -> None:
    first = position(begun, _S.ENTERED, entered_on=begun.start)
    second = position(begun, _S.IN_PROGRESS, entered_on=begun.start)
    later = position(begun, _S.ENTERED, entered_on=clock.today() + timedelta(days=30))
    session.commit()
    address = f"/formations/{begun.public_id}/presences"
    monday = week_of(begun).isoformat()
    page = signed.get(f"{address}?semaine={monday}").get_data(as_text=True)
    assert first.public_id in page
    assert later.public_id not in page
    data = {
        "semaine": monday,
        "due": "8",
        f"present-{first.public_id}": "6",
        f"absent-{first.public_id}": "2",
        f"present-{second.public_id}": "",
    }
    assert signed.post(address, data=data).status_code == 303
    week = session.scalars(select(AttendanceWeek)).one()
    assert (week.enrollment_id, week.monday) == (first.id, week_of(begun))
    assert (week.due, week.attended, week.unexplained) == (8, 6, 2)
    session.refresh(first)
    assert first.state is _S.IN_PROGRESS


@pytest.mark.parametrize("week", ["9999-12-31", "0001-01-01", "2026-02-30", "hier"])
def test_a_strange_week_is_this_one(
    signed: CheckingClient, session: Session, begun: TrainingSession, week: str
) -> None:
    session.commit()
    address = f"/formations/{begun.public_id}/presences"
    page = signed.get(f"{address}?semaine={week}")
    assert page.status_code == 200
    assert monday_of(clock.today()).isoformat() in page.text
    sent = signed.post(address, data={"semaine": week})
    assert sent.location.endswith(f"semaine={monday_of(clock.today()).isoformat()}")


@pytest.mark.parametrize(
    ("due", "present", "absent"),
    [("8", "8", "1"), ("20", "1", "0"), ("8", "-1", "0"), ("x", "1", "0")],
)
def test_a_week_that_does_not_add_up_is_refused_whole(
    signed: CheckingClient,
    session: Session,
    position: Position,
    begun: TrainingSession,
    due: str,
    present: str,
    absent: str,
) -> None:
    good = position(begun, _S.IN_PROGRESS, entered_on=begun.start)
    bad = position(begun, _S.IN_PROGRESS, entered_on=begun.start)
    session.commit()
    data = {
        "semaine": week_of(begun).isoformat(),
        "due": due,
        f"present-{good.public_id}": "4",
        f"present-{bad.public_id}": present,
        f"absent-{bad.public_id}": absent,
    }
    signed.post(f"/formations/{begun.public_id}/presences", data=data)
    assert session.scalars(select(AttendanceWeek)).all() == []


def test_nobody_says_the_presence_of_another_organisation(
    signed: CheckingClient, session: Session, make: Factory
) -> None:
    other = make.session_of_training()
    session.commit()
    assert signed.get(f"/formations/{other.public_id}/presences").status_code == 404
    assert signed.post(f"/formations/{other.public_id}/presences").status_code == 404
