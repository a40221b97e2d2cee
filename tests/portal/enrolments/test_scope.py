"""Who sees whom, who moves what, and by which right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    AccessLog,
    Account,
    Cohort,
    CohortState,
    EnrollmentState,
    Habilitation,
    HabilitationKind,
    PersonStatus,
    Role,
    Scheme,
    StatusCode,
    StatusSource,
    TrainingSession,
)
from tests.portal.enrolments.conftest import Position, signed, text_of
from tests.support.client import CheckingClient
from tests.support.factories import Factory

_S = EnrollmentState
ABSENCES = "Absences en formation sans motif"


def test_nobody_is_positioned_before_saying_yes(
    as_referent: CheckingClient, session: Session, make: Factory, position: Position
) -> None:
    row = position(make.session_of_training(), _S.AGREED, agreed_at=None)
    session.commit()
    as_referent.post(f"/positionnements/{row.public_id}/positionner")
    session.refresh(row)
    assert row.state is _S.AGREED
    assert "accord de la personne n’est pas noté" in text_of(
        as_referent.get(f"/positionnements/{row.public_id}")
    )


def test_without_convention_a_structure_is_told_whom_to_call(  # T-ENR-02, S3-12
    as_referent: CheckingClient,
    session: Session,
    make: Factory,
    position: Position,
    referent: Account,
) -> None:
    place = make.session_of_training()
    place.scheme = Scheme.PRF
    row = position(place, _S.AGREED)
    house = referent.memberships[0].organisation
    ended = Habilitation(
        organisation=house,
        kind=HabilitationKind.PRF_ASSOCIATION,
        valid_from=clock.today() - timedelta(days=400),
        valid_until=clock.today() - timedelta(days=30),
        contact="Direction de la formation, 03 21 00 00 00",
    )
    make.add(ended)
    session.commit()
    address = f"/positionnements/{row.public_id}"
    as_referent.post(f"{address}/positionner")
    page = text_of(as_referent.get(address))
    assert "convention d’association active" in page
    assert "03 21 00 00 00" in page
    session.refresh(row)
    assert row.state is _S.AGREED
    ended.valid_until = None
    session.commit()
    as_referent.post(f"{address}/positionner", data={"positionner-external_ref": "OUI-12"})
    session.refresh(row)
    assert (row.state, row.external_ref) == (_S.POSITIONED, "OUI-12")


def test_a_convention_of_the_departement_holds_for_its_houses(
    as_referent: CheckingClient,
    session: Session,
    make: Factory,
    position: Position,
    referent: Account,
) -> None:
    place = make.session_of_training()
    place.scheme = Scheme.PRF
    row = position(place, _S.AGREED)
    above = make.organisation()
    referent.memberships[0].organisation.parent = above
    make.add(
        Habilitation(
            organisation=above,
            kind=HabilitationKind.PRF_ASSOCIATION,
            valid_from=clock.today() - timedelta(days=10),
        )
    )
    session.commit()
    as_referent.post(f"/positionnements/{row.public_id}/positionner")
    session.refresh(row)
    assert row.state is _S.POSITIONED


def test_a_closed_scheme_cannot_be_chosen_and_its_successor_is_said(  # T-ENR-05
    app: Flask, session: Session, own_session: TrainingSession, centre: Account
) -> None:
    client = signed(app, session, centre)
    address = f"/formations/{own_session.public_id}"
    client.post(f"{address}/positionnements/dispositif", data={"scheme": "AFPR"})
    session.refresh(own_session)
    assert own_session.scheme is None
    assert "voir la POEI" in text_of(client.get(address))
    client.post(f"{address}/positionnements/dispositif", data={"scheme": "POEI"})
    session.refresh(own_session)
    assert own_session.scheme is Scheme.POEI


def test_the_organisation_sees_those_sent_to_it_in_its_own_sessions(
    app: Flask,
    session: Session,
    make: Factory,
    position: Position,
    own_session: TrainingSession,
    centre: Account,
) -> None:
    sent, private = position(own_session, _S.POSITIONED), position(own_session, _S.PROPOSED)
    elsewhere = position(make.session_of_training(), _S.POSITIONED)
    client = signed(app, session, centre)
    page = text_of(client.get(f"/formations/{own_session.public_id}/positionnements"))
    assert sent.person.short_name in page
    assert private.person.last_name not in page
    assert client.get(f"/positionnements/{sent.public_id}").status_code == 200
    assert client.get(f"/positionnements/{private.public_id}").status_code == 404
    assert client.get(f"/positionnements/{elsewhere.public_id}").status_code == 404
    other = f"/formations/{elsewhere.session.public_id}/positionnements"
    assert client.get(other).status_code == 404
    read = session.scalars(select(AccessLog.person_id)).all()
    assert sent.person_id in read


def test_another_structure_finds_nothing_and_the_refusal_is_logged(
    app: Flask, session: Session, make: Factory, position: Position
) -> None:
    row = position(make.session_of_training(), _S.POSITIONED)
    client = signed(app, session, make.account(Role.REFERENT))
    assert client.get(f"/positionnements/{row.public_id}").status_code == 404
    assert client.post(f"/positionnements/{row.public_id}/annuler").status_code == 404
    kinds = [entry.kind.value for entry in session.scalars(select(AccessLog))]
    assert kinds == ["refused", "refused"]
    board = text_of(client.get(f"/formations/{row.session.public_id}/positionnements"))
    assert row.person.first_name not in board


def test_a_prescriber_does_not_decide_for_an_organisation_that_works_here(
    as_referent: CheckingClient, session: Session, position: Position, own_session: TrainingSession
) -> None:
    row = position(own_session, _S.SELECTED)
    session.commit()
    assert as_referent.post(f"/positionnements/{row.public_id}/admettre").status_code == 404
    session.refresh(row)
    assert row.state is _S.SELECTED


def test_eligibility_is_shown_with_its_source(  # T-ENR-03
    as_referent: CheckingClient, session: Session, make: Factory, position: Position
) -> None:
    place = make.session_of_training()
    place.scheme = Scheme.PRF
    row = position(place, _S.PROPOSED)
    make.add(
        PersonStatus(
            person_id=row.person_id,
            code=StatusCode.CDDI,
            start=clock.today() - timedelta(days=30),
            source=StatusSource.DECLARED,
        )
    )
    session.commit()
    page = text_of(as_referent.get(f"/positionnements/{row.public_id}"))
    assert "à vérifier" in page
    assert "CCTP" in page


def test_a_hub_reads_cards_of_its_own_cohorts_sessions_alone(
    app: Flask, session: Session, make: Factory, position: Position
) -> None:
    hub = make.account(Role.HUB)
    place, other = make.session_of_training(), make.session_of_training()
    make.add(
        Cohort(
            hub=hub.memberships[0].organisation,
            title="Canal 2",
            occupation_code=make.occupation().code,
            session=place,
            seats=12,
            threshold=8,
            state=CohortState.INFORMATION,
        )
    )
    row, far = position(place, _S.CANDIDATE), position(other, _S.CANDIDATE)
    client = signed(app, session, hub)
    page = text_of(client.get(f"/positionnements/{row.public_id}"))
    assert row.person.short_name in page
    assert row.person.last_name not in page
    assert f"/personnes/{row.person.public_id}" not in page
    assert client.get(f"/positionnements/{far.public_id}").status_code == 404
    board = f"/formations/{place.public_id}/positionnements"
    client.post(board, data={"enrolment": row.public_id, "action": "admettre"})
    session.refresh(row)
    assert row.state is _S.ADMITTED
    assert client.get(f"/formations/{other.public_id}/positionnements").status_code == 404


@pytest.mark.parametrize("state", [CohortState.DRAFT, CohortState.CANCELLED])
def test_a_draft_or_a_cancelled_cohort_opens_nobody_s_positionings(
    app: Flask, session: Session, make: Factory, position: Position, state: CohortState
) -> None:
    hub, place = make.account(Role.HUB), make.session_of_training()
    make.add(
        Cohort(
            hub=hub.memberships[0].organisation,
            title="Toute session du catalogue",
            occupation_code=make.occupation().code,
            session=place,
            seats=12,
            threshold=8,
            state=state,
            end_reason="people" if state is CohortState.CANCELLED else None,
        )
    )
    row = position(place, _S.CANDIDATE)
    client = signed(app, session, hub)
    assert client.get(f"/positionnements/{row.public_id}").status_code == 404
    board = f"/formations/{place.public_id}/positionnements"
    assert client.get(board).status_code == 404
    data = {"enrolment": row.public_id, "action": "admettre"}
    assert client.post(board, data=data).status_code == 404
    assert row.person.short_name not in text_of(client.get("/positionnements"))
