"""Phases planned backward from the session: recomputed, pinned, in conflict."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.hubs import planning, sessions
from portal.jobs.upkeep import TASKS
from portal.matchmaking.cohorts import ConflictKind
from portal.models import Cohort, CohortState, PhaseKind
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub

TODAY = date(2026, 11, 20)
MONDAY = date(2027, 3, 8)


@pytest.fixture
def cohort(session: Session, hub: Hub) -> Cohort:
    training = hub.make.session_of_training()
    training.start, training.end = MONDAY, date(2027, 5, 14)
    row = hub.cohort(training=training, state=CohortState.DRAFT)
    planning.record_plan(session, row, TODAY)
    return row


def starts(cohort: Cohort) -> dict[PhaseKind, date]:
    return {row.kind: row.start for row in cohort.phases}


def test_every_phase_is_dated_backward_from_the_first_day(cohort: Cohort) -> None:
    weeks = {kind: (MONDAY - day).days // 7 for kind, day in starts(cohort).items()}
    assert weeks[PhaseKind.SOURCING] == 12
    assert weeks[PhaseKind.INFORMATION] == 9
    assert weeks[PhaseKind.SELECTION] == 8
    assert weeks[PhaseKind.IMMERSION] == 7
    assert weeks[PhaseKind.PREPARATION] == 4
    assert starts(cohort)[PhaseKind.TRAINING] == MONDAY
    # The training ends on a Friday; Monday 17 May 2027 is Whit Monday.
    assert starts(cohort)[PhaseKind.HIRING] == date(2027, 5, 18)
    assert set(starts(cohort)) == set(PhaseKind)


def test_another_session_moves_every_phase(session: Session, hub: Hub, cohort: Cohort) -> None:
    before = starts(cohort)
    later = hub.make.session_of_training()
    later.start, later.end = MONDAY + timedelta(weeks=4), date(2027, 6, 11)
    sessions.take_session(session, hub.actor, cohort, later, today=TODAY)
    moved = {PhaseKind.HIRING, PhaseKind.FOLLOW_UP}
    shifts = {day - before[kind] for kind, day in starts(cohort).items() if kind not in moved}
    assert shifts == {timedelta(weeks=4)}


def test_a_pinned_phase_stays_and_those_before_it_follow(
    session: Session, hub: Hub, cohort: Cohort
) -> None:
    before = starts(cohort)
    target = before[PhaseKind.SELECTION] - timedelta(weeks=2)
    planning.pin_phase(
        session, hub.actor, cohort, PhaseKind.SELECTION, start=target, weeks=1, today=TODAY
    )
    after = starts(cohort)
    assert after[PhaseKind.SELECTION] == target
    assert after[PhaseKind.INFORMATION] == before[PhaseKind.INFORMATION] - timedelta(weeks=2)
    assert after[PhaseKind.IMMERSION] == before[PhaseKind.IMMERSION]
    later = hub.make.session_of_training()
    later.start, later.end = MONDAY + timedelta(weeks=1), date(2027, 5, 21)
    sessions.take_session(session, hub.actor, cohort, later, today=TODAY)
    assert starts(cohort)[PhaseKind.SELECTION] == target
    assert starts(cohort)[PhaseKind.IMMERSION] == before[PhaseKind.IMMERSION] + timedelta(weeks=1)
    planning.free_phase(session, hub.actor, cohort, PhaseKind.SELECTION, today=TODAY)
    assert starts(cohort)[PhaseKind.SELECTION] == before[PhaseKind.SELECTION] + timedelta(weeks=1)


def test_a_phase_put_on_another_is_a_conflict_in_words(
    session: Session, hub: Hub, cohort: Cohort, app: Flask
) -> None:
    start = starts(cohort)[PhaseKind.IMMERSION]
    planning.pin_phase(
        session, hub.actor, cohort, PhaseKind.SELECTION, start=start, weeks=2, today=TODAY
    )
    found = planning.plan(cohort, TODAY).conflicts
    assert [c.kind for c in found] == [ConflictKind.OVERLAP]
    with app.test_request_context():
        text = planning.conflict_text(found[0])
    assert "sélection" in text
    assert "immersion" in text


def test_the_past_is_a_conflict_until_the_phase_has_begun(cohort: Cohort) -> None:
    late = starts(cohort)[PhaseKind.SOURCING] + timedelta(days=1)
    assert [c.kind for c in planning.plan(cohort, late).conflicts] == [ConflictKind.PAST]
    cohort.state = CohortState.OPEN
    assert not planning.plan(cohort, late).conflicts


def test_the_last_day_to_invite_is_the_end_of_the_meetings(cohort: Cohort) -> None:
    information = next(row for row in cohort.phases if row.kind is PhaseKind.INFORMATION)
    assert planning.plan(cohort, TODAY).act_before == information.end


def test_the_training_moves_with_its_session_alone(
    session: Session, hub: Hub, cohort: Cohort
) -> None:
    with pytest.raises(planning.PlanError):
        planning.pin_phase(
            session, hub.actor, cohort, PhaseKind.TRAINING, start=MONDAY, weeks=9, today=TODAY
        )


def test_the_lengths_in_force_are_those_of_the_day() -> None:
    assert {length.kind for length in planning.lengths_on(TODAY)} == set(PhaseKind) - {
        PhaseKind.TRAINING
    }
    assert planning.lengths_on(date(2020, 1, 1)) == []


def test_the_page_moves_a_phase_and_refuses_a_bad_date(
    client: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort(state=CohortState.DRAFT)
    planning.record_plan(session, cohort, clock.today())
    sign_in(client, session, hub.coordinator)
    address = f"/hubs/{cohort.public_id}/dates"
    start = starts(cohort)[PhaseKind.SELECTION] - timedelta(weeks=1)
    fields = {"selection-start": start.isoformat(), "selection-weeks": "1"}
    assert client.post(f"{address}/selection", data=fields).status_code == 303
    page = client.get(address).get_data(as_text=True)
    assert "badge-info" in page
    assert client.post(f"{address}/selection/liberer").status_code == 303
    assert "badge-info" not in client.get(address).get_data(as_text=True)
    bad = {"selection-start": "31/31/2027", "selection-weeks": "0"}
    assert client.post(f"{address}/selection", data=bad).status_code == 422
    assert client.post(f"{address}/rien", data=fields).status_code == 404


def test_a_form_among_others_carries_its_own_token(
    client: CheckingClient, session: Session, hub: Hub, app: Flask
) -> None:
    cohort = hub.cohort(state=CohortState.DRAFT)
    planning.record_plan(session, cohort, clock.today())
    sign_in(client, session, hub.coordinator)
    app.config["WTF_CSRF_ENABLED"] = True
    address = f"/hubs/{cohort.public_id}/dates"
    page = client.get(address).get_data(as_text=True)
    token = re.search(r'name="selection-csrf_token" value="([^"]+)"', page)
    assert token is not None
    start = starts(cohort)[PhaseKind.SELECTION] - timedelta(weeks=1)
    fields = {"selection-start": start.isoformat(), "selection-weeks": "1"}
    assert client.post(f"{address}/selection", data=fields).status_code == 400
    signed = fields | {"selection-csrf_token": token[1]}
    assert client.post(f"{address}/selection", data=signed).status_code == 303


def test_phases_follow_a_session_that_the_catalogue_moves(
    session: Session, hub: Hub, cohort: Cohort
) -> None:
    assert "portal.hubs.planning:follow_sessions" in TASKS
    other = hub.cohort()
    planning.record_plan(session, other, TODAY)
    before = starts(cohort)
    assert planning.follow_sessions(session, TODAY) == 0
    assert cohort.session is not None
    cohort.session.start += timedelta(weeks=2)
    cohort.session.end += timedelta(weeks=2)
    session.flush()
    assert planning.follow_sessions(session, TODAY) == 1
    after = starts(cohort)
    assert after[PhaseKind.TRAINING] == MONDAY + timedelta(weeks=2)
    assert all(after[kind] > before[kind] for kind in before)
    assert planning.follow_sessions(session, TODAY) == 0
