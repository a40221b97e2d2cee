"""The screens of positionings: who sees whom, what moves, what is refused."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    Account,
    AttendanceWeek,
    BlockResult,
    Credential,
    DomainEvent,
    Enrollment,
    EnrollmentReason,
    EnrollmentState,
    ProofState,
    SkillAssertion,
    TrainingSession,
)
from tests.portal.enrolments.conftest import Position, make_enrolment, signed, text_of
from tests.support.client import CheckingClient
from tests.support.factories import Factory
from tests.support.queries import count_queries

_S = EnrollmentState
ABSENCES = "Absences en formation sans motif"


def test_five_people_are_proposed_agreed_and_positioned_together(
    as_referent: CheckingClient, session: Session, make: Factory, referent: Account
) -> None:
    row = make.session_of_training()
    people = [make.person(referent=referent) for _ in range(5)]
    session.commit()
    board = f"/formations/{row.public_id}/positionnements"
    given = {"person": [one.public_id for one in people]}
    assert as_referent.post(f"{board}/personnes", data=given).status_code == 303
    ids = session.scalars(select(Enrollment.public_id)).all()
    agreed = {
        "enrolment": ids,
        "action": "accord",
        "accord-channel": "meeting",
        "accord-on": clock.today().isoformat(),
    }
    as_referent.post(board, data=agreed)
    as_referent.post(board, data={"enrolment": ids, "action": "positionner"})
    rows = session.scalars(select(Enrollment)).all()
    assert {one.state for one in rows} == {_S.POSITIONED}
    assert {one.agreed_channel for one in rows} == {"meeting"}
    page = text_of(as_referent.get(board))
    assert all(one.person.short_name in page for one in rows)


def test_a_search_that_finds_too_many_people_says_so(
    as_referent: CheckingClient, session: Session, make: Factory, referent: Account
) -> None:
    board = f"/formations/{make.session_of_training().public_id}/positionnements?personne=dup"
    for number in range(20):
        make.person(referent=referent, last_name=f"Dupont{number}")
        session.commit()
        if number == 0:
            assert "premières" not in text_of(as_referent.get(board))
    page = text_of(as_referent.get(board))
    assert "Les 20 premières. Pour les autres, écrivez plus de lettres du nom." in page


def test_from_the_meeting_to_the_certification(
    app: Flask,
    session: Session,
    position: Position,
    own_session: TrainingSession,
    centre: Account,
) -> None:
    row = position(own_session, _S.POSITIONED)
    own_session.start = clock.today() - timedelta(days=14)
    client = signed(app, session, centre)
    address = f"/positionnements/{row.public_id}"
    day = own_session.start.isoformat()
    for action, data in (
        ("inviter", {}),
        ("present", {}),
        ("candidat", {}),
        ("admettre", {}),
        ("entree", {"entree-on": day}),
    ):
        assert client.post(f"{address}/{action}", data=data).status_code == 303, action
    session.refresh(row)
    assert (row.state, row.entered_on) == (_S.ENTERED, own_session.start)
    monday = own_session.start - timedelta(days=own_session.start.weekday())
    week = {
        "semaine-monday": monday.isoformat(),
        "semaine-due": "10",
        "semaine-attended": "8",
        "semaine-unexplained": "2",
    }
    assert client.post(f"{address}/semaine", data=week).status_code == 303
    assert client.post(f"{address}/semaine", data=week).status_code == 303
    assert len(session.scalars(select(AttendanceWeek)).all()) == 1
    block = {"bloc-block": "Bloc 1", "bloc-obtained": "oui", "bloc-on": day}
    client.post(f"{address}/bloc", data=block)
    client.post(f"{address}/evaluation", data={"niveau-tp.niveler": "3", "evaluation-on": day})
    client.post(
        f"{address}/certification", data={"certification-sure": "y", "certification-on": day}
    )
    client.post(f"{address}/terminer", data={"terminer-on": clock.today().isoformat()})
    session.refresh(row)
    assert row.state is _S.COMPLETED
    assert session.scalars(select(BlockResult)).one().obtained is True
    said = {(s.source.value, s.level) for s in session.scalars(select(SkillAssertion))}
    assert said == {("assessed", 3), ("certified", 2)}
    held = session.scalars(select(Credential)).one()
    assert (held.type_code, held.proof) == ("caces", ProofState.VERIFIED)
    assert client.get(address).status_code == 200


def test_two_absences_without_reason_alert_until_somebody_has_called(
    as_referent: CheckingClient, session: Session, make: Factory, position: Position
) -> None:
    row = position(make.session_of_training(starts_in=-14, lasts=60), _S.IN_PROGRESS)
    row.entered_on = row.session.start
    make.add(
        AttendanceWeek(
            enrollment_id=row.id, monday=row.session.start, due=10, attended=8, unexplained=2
        )
    )
    session.commit()
    assert ABSENCES in text_of(as_referent.get("/"))
    address = f"/positionnements/{row.public_id}"
    assert "J’en ai parlé" in text_of(as_referent.get(address))
    as_referent.post(f"{address}/absences-vues")
    assert "J’en ai parlé" not in text_of(as_referent.get(address))
    assert ABSENCES not in text_of(as_referent.get("/"))


def test_a_breakdown_has_a_reason_and_two_other_sessions(
    as_referent: CheckingClient, session: Session, make: Factory, position: Position
) -> None:
    make.skill("tp.niveler")
    place = make.session_of_training(teaches={"tp.niveler": 2}, starts_in=-14, lasts=60)
    others = [
        make.session_of_training(teaches={"tp.niveler": 2}, starts_in=day, title=f"Autre {day}")
        for day in (20, 30, 40)
    ]
    make.session_of_training(title="Sans rapport")
    row = position(place, _S.IN_PROGRESS, entered_on=place.start)
    session.commit()
    address = f"/positionnements/{row.public_id}"
    refused = as_referent.post(f"{address}/abandon", data={})
    assert refused.status_code == 422
    last = clock.today() - timedelta(days=7)
    as_referent.post(
        f"{address}/abandon",
        data={"abandon-reason": "childcare", "abandon-last_present_on": last.isoformat()},
    )
    session.refresh(row)
    assert (row.state, row.reason) == (_S.DROPPED, EnrollmentReason.CHILDCARE)
    assert (row.last_present_on, row.exit_recorded_on) == (last, clock.today())
    page = text_of(as_referent.get(address))
    assert "plus de cinq jours après" in page
    assert all(f"Autre {day}" in page for day in (20, 30))
    assert "Autre 40" not in page
    assert "Sans rapport" not in page
    given = {"person": row.person.public_id}
    as_referent.post(f"/formations/{others[0].public_id}/positionnements/personnes", data=given)
    assert session.scalars(select(Enrollment).filter_by(session_id=others[0].id)).one()


def test_an_action_unknown_or_an_empty_choice_changes_nothing(
    as_referent: CheckingClient, session: Session, make: Factory, position: Position
) -> None:
    row = position(make.session_of_training(), _S.PROPOSED)
    session.commit()
    board = f"/formations/{row.session.public_id}/positionnements"
    assert as_referent.post(board, data={"action": "voler"}).status_code == 404
    assert as_referent.post(board, data={"action": "accord"}).status_code == 303
    bad = {"enrolment": row.public_id, "action": "accord", "accord-on": "hier"}
    response = as_referent.post(board, data=bad)
    assert response.status_code == 422
    assert f'value="{row.public_id}"' in text_of(response)
    session.refresh(row)
    assert row.state is _S.PROPOSED
    assert session.scalars(select(DomainEvent).filter_by(subject_kind="enrollment")).all() == []


def test_the_pages_ask_no_more_when_there_are_more_people(
    as_referent: CheckingClient,
    session: Session,
    make: Factory,
    database: Database,
    referent: Account,
    position: Position,
) -> None:
    row = make.session_of_training()
    position(row, _S.POSITIONED)
    position(row, _S.ADMITTED)
    session.commit()
    pages = [
        "/positionnements",
        f"/formations/{row.public_id}/positionnements",
        f"/formations/{row.public_id}",
    ]
    before = [statements(as_referent, database.engine, page) for page in pages]
    for _ in range(8):
        make_enrolment(make, referent, row, _S.POSITIONED)
        make_enrolment(make, referent, row, _S.ADMITTED)
    session.commit()
    assert [statements(as_referent, database.engine, page) for page in pages] == before


def statements(client: CheckingClient, engine: Engine, page: str) -> int:
    client.get(page)  # what the engine keeps between two requests is loaded once
    with count_queries(engine) as seen:
        assert client.get(page).status_code == 200
    return seen.count


def test_the_list_is_the_same_in_a_fragment(
    as_referent: CheckingClient, session: Session, make: Factory, position: Position
) -> None:
    row = position(make.session_of_training(), _S.POSITIONED)
    session.commit()
    fragment = text_of(as_referent.get("/positionnements", hx=True)).strip()
    assert row.person.short_name in fragment
    assert fragment in text_of(as_referent.get("/positionnements"))
    assert "Rien ici" in text_of(as_referent.get("/positionnements?vue=terminees"))


def test_the_file_of_a_person_says_where_each_training_stands(
    as_referent: CheckingClient, session: Session, make: Factory, position: Position
) -> None:
    row = position(make.session_of_training(), _S.WAITING, rank=1)
    session.commit()
    page = text_of(as_referent.get(f"/personnes/{row.person.public_id}/suivi"))
    assert "en liste d’attente, rang 1" in page


def test_an_admission_without_seat_says_who_waits(
    app: Flask, session: Session, position: Position, own_session: TrainingSession, centre: Account
) -> None:
    own_session.seats, own_session.seats_left = 1, 1
    people = [position(own_session, _S.SELECTED) for _ in range(3)]
    client = signed(app, session, centre)
    board = f"/formations/{own_session.public_id}/positionnements"
    ids = [one.public_id for one in people]
    client.post(board, data={"enrolment": ids, "action": "admettre"})
    page = text_of(client.get(board))
    assert "Plus de place, en liste d’attente" in page
    for one in people:
        session.refresh(one)
    assert [one.state for one in people] == [_S.ADMITTED, _S.WAITING, _S.WAITING]
    assert [one.rank for one in people] == [None, 1, 2]
