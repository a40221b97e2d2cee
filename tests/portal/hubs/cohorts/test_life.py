"""A cohort from its draft to its training: when it opens, when it starts, when it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.hubs import frame
from portal.models import (
    Cohort,
    CommitmentState,
    DomainEvent,
    OrganisationKind,
    ProgramOccupation,
    TrainingSession,
)
from tests.portal.hubs.cohorts.support import C, S
from tests.support.client import CheckingClient
from tests.support.cohort_people import Hub

NEW = {
    "occupation": "Constructeur de routes",
    "title": "VRD, mars",
    "seats": "12",
    "threshold": "9",
    "project": "",
}


def only_cohort(session: Session) -> Cohort:
    session.expire_all()
    return session.scalars(select(Cohort)).one()


# A new cohort ----------------------------------------------------------------------------------


def test_a_trade_typed_becomes_a_draft_of_the_hub(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    hub.make.occupation()
    session.commit()
    answer = coordinator.post("/hubs/nouvelle", data=NEW | {"occupation_code": "F1702"})
    assert answer.status_code == 303
    cohort = only_cohort(session)
    assert answer.location.endswith(f"/hubs/{cohort.public_id}/session")
    assert (cohort.hub_id, cohort.state) == (hub.actor.organisation.id, C.DRAFT)
    assert (cohort.occupation_code, cohort.seats, cohort.threshold) == ("F1702", 12, 9)
    assert cohort.coordinator_id == hub.coordinator.id


def test_a_trade_nobody_knows_and_bad_numbers_are_said(
    coordinator: CheckingClient, session: Session
) -> None:
    bad = NEW | {"occupation": "zzzz", "seats": "0", "threshold": "13"}
    answer = coordinator.post("/hubs/nouvelle", data=bad)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "Aucun métier ne ressemble" in page
    assert "Un nombre entier entre 1 et 200" in page
    assert session.scalars(select(Cohort)).first() is None
    answer = coordinator.post("/hubs/nouvelle", data=NEW | {"threshold": "13"})
    assert "Le seuil ne peut pas dépasser" in answer.get_data(as_text=True)
    answer = coordinator.post("/hubs/nouvelle", data=NEW | {"seats": "douze"})
    assert "Écrivez un nombre, en chiffres." in answer.get_data(as_text=True)


def test_trades_are_proposed_while_typing(coordinator: CheckingClient, hub: Hub) -> None:
    hub.make.occupation()
    hub.make.session.commit()
    answer = coordinator.get("/hubs/nouvelle/metiers?occupation=constructeur", hx=True)
    assert 'value="F1702"' in answer.get_data(as_text=True)


def test_a_session_of_the_catalogue_is_welded_to_one_cohort_only(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    row = hub.make.session_of_training(starts_in=100)
    trade = hub.make.occupation().code
    program = row.action.program
    hub.make.add(ProgramOccupation(program=program, rome_code=trade, occupation_code=trade))
    first, second = (hub.cohort(state=C.DRAFT) for _ in range(2))
    first.session = second.session = None
    session.commit()
    page = coordinator.get(f"/hubs/{first.public_id}/session").get_data(as_text=True)
    assert row.public_id in page
    address = "/hubs/{}/session/choisir"
    data = {"session": row.public_id}
    assert coordinator.post(address.format(first.public_id), data=data).location.endswith("/dates")
    session.refresh(first)
    assert first.session_id == row.id
    assert len(first.phases) == 8
    coordinator.post(address.format(second.public_id), data=data)
    session.refresh(second)
    assert second.session_id is None
    assert row.public_id not in coordinator.get(f"/hubs/{second.public_id}/session").get_data(
        as_text=True
    )
    bad = coordinator.post(address.format(second.public_id), data={"session": "inconnu"})
    assert bad.status_code == 404


def test_a_session_is_entered_with_its_organiser_and_place(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort(state=C.DRAFT)
    cohort.session = None
    hub.make.commune()
    organiser = hub.make.organisation(OrganisationKind.TRAINING, name="Centre des canaux")
    session.commit()
    start = clock.today() + timedelta(days=120)
    data = {
        "title": "Constructeur VRD",
        "organiser": organiser.public_id,
        "start": start.isoformat(),
        "end": (start + timedelta(days=70)).isoformat(),
        "place": "Arras",
        "seats": "12",
    }
    address = f"/hubs/{cohort.public_id}/session/saisir"
    assert coordinator.post(address, data=data | {"place": "Nulle-Part"}).status_code == 422
    assert coordinator.post(address, data=data | {"end": "2020-01-01"}).status_code == 422
    assert coordinator.post(address, data=data | {"organiser": ""}).status_code == 422
    assert coordinator.post(address, data=data).status_code == 303
    session.refresh(cohort)
    entered = session.get_one(TrainingSession, cohort.session_id)
    assert entered.action.organisation_id == organiser.id
    assert (entered.start, entered.seats, entered.commune_code) == (start, 12, "62041")
    assert [link.occupation_code for link in entered.action.program.occupations] == ["F1702"]
    page = coordinator.get(f"/hubs/{cohort.public_id}/dates").get_data(as_text=True)
    assert "Centre des canaux" in page


# Opening and starting --------------------------------------------------------------------------


def test_t_hub_01_ten_jobs_do_not_open_twelve_seats(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort(state=C.DRAFT)
    hub.commitment(cohort, jobs=6)
    hub.commitment(cohort, jobs=4, state=CommitmentState.PROMISED)
    hub.commitment(cohort, jobs=5, state=CommitmentState.REDUCED, reason="activity")
    session.commit()
    address = f"/hubs/{cohort.public_id}"
    answer = coordinator.post(f"{address}/etat", data={"vers": "open"}, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "10 postes pour 12 places" in page
    assert only_cohort(session).state is C.DRAFT
    assert (
        coordinator.post(f"{address}/derogation", data={"derogation-reason": " "}).status_code
        == 303
    )
    assert only_cohort(session).state is C.DRAFT
    coordinator.post(
        f"{address}/derogation", data={"derogation-reason": "Deux promesses attendues lundi"}
    )
    opened = only_cohort(session)
    assert opened.state is C.OPEN
    assert opened.override_by_id == hub.coordinator.id
    page = coordinator.get(address).get_data(as_text=True)
    assert "Ouverte par dérogation" in page
    assert "Deux promesses attendues lundi" in page
    assert hub.coordinator.full_name in page


def test_the_override_stays_shown_once_the_jobs_are_there(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort(
        override_reason="Chantier avancé",
        override_by_id=hub.coordinator.id,
        override_at=clock.now(),
    )
    hub.commitment(cohort, jobs=12)
    session.commit()
    page = coordinator.get(f"/hubs/{cohort.public_id}").get_data(as_text=True)
    assert "Chantier avancé" in page
    assert "cohort-alarm" not in page


def test_twelve_promised_jobs_open_twelve_seats(session: Session, hub: Hub) -> None:
    cohort = hub.cohort(state=C.DRAFT)
    hub.commitment(cohort, jobs=8)
    hub.commitment(cohort, jobs=4, state=CommitmentState.PROMISED)
    frame.move_cohort(session, hub.actor, cohort, C.OPEN)
    assert cohort.state is C.OPEN
    with pytest.raises(IllegalTransitionError):
        frame.override_jobs(session, hub.actor, cohort, reason="Pour rien")


def test_a_cohort_without_session_does_not_open(session: Session, hub: Hub) -> None:
    cohort = hub.cohort(state=C.DRAFT)
    hub.commitment(cohort, jobs=12)
    cohort.session = None
    session.flush()
    with pytest.raises(IllegalTransitionError, match="session"):
        frame.move_cohort(session, hub.actor, cohort, C.OPEN)


@pytest.mark.parametrize(("admitted", "starts"), [(8, False), (9, True), (11, True)])
def test_t_hub_06_the_training_starts_from_the_threshold(
    session: Session, hub: Hub, admitted: int, starts: bool
) -> None:
    cohort = hub.cohort(state=C.PREPARATION)
    hub.commitment(cohort, jobs=12)
    for _ in range(admitted):
        hub.member(cohort, S.ADMITTED)
    if not starts:
        with pytest.raises(IllegalTransitionError, match="9 personnes"):
            frame.move_cohort(session, hub.actor, cohort, C.TRAINING)
        return
    frame.move_cohort(session, hub.actor, cohort, C.TRAINING)
    event = session.scalars(select(DomainEvent).filter_by(name="cohort_moved")).one()
    assert event.details == {"admitted": admitted, "seats": 12}


def test_t_hub_06_eleven_of_twelve_is_shown(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort(state=C.PREPARATION)
    hub.commitment(cohort, jobs=12)
    for _ in range(11):
        hub.member(cohort, S.ADMITTED)
    session.commit()
    answer = coordinator.post(
        f"/hubs/{cohort.public_id}/etat", data={"vers": "training"}, follow_redirects=True
    )
    assert "<strong>11/12</strong>" in answer.get_data(as_text=True)
    assert only_cohort(session).state is C.TRAINING


def test_a_cohort_closes_once_everybody_has_a_job_or_a_next_step(
    session: Session, hub: Hub
) -> None:
    cohort = hub.cohort(state=C.FOLLOW_UP)
    hub.member(cohort, S.HIRED)
    row = hub.member(cohort, S.CERTIFIED)
    with pytest.raises(IllegalTransitionError, match="ni emploi ni suite"):
        frame.move_cohort(session, hub.actor, cohort, C.CLOSED)
    row.state = S.HIRED
    session.flush()
    frame.move_cohort(session, hub.actor, cohort, C.CLOSED)
    assert cohort.state is C.CLOSED


def test_cancelling_says_why(coordinator: CheckingClient, session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    session.commit()
    address = f"/hubs/{cohort.public_id}/annuler"
    coordinator.post(address, data={"annulation-reason": ""})
    assert only_cohort(session).state is C.OPEN
    coordinator.post(address, data={"annulation-reason": "session"})
    cancelled = only_cohort(session)
    assert (cancelled.state, cancelled.end_reason) == (C.CANCELLED, "session")


def test_a_cancelled_cohort_gives_its_session_up_and_keeps_it_in_its_history(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    first, second = hub.cohort(), hub.cohort(state=C.DRAFT)
    row = first.session
    second.session = None
    session.commit()
    assert row is not None
    address = f"/hubs/{first.public_id}/annuler"
    coordinator.post(address, data={"annulation-reason": "session"})
    data = {"session": row.public_id}
    coordinator.post(f"/hubs/{second.public_id}/session/choisir", data=data)
    session.refresh(first)
    session.refresh(second)
    assert first.session_id == second.session_id == row.id


@pytest.mark.parametrize("target", ["", "cancelled", "rien"])
def test_a_state_that_is_no_step_is_a_bad_request(
    coordinator: CheckingClient, session: Session, hub: Hub, target: str
) -> None:
    cohort = hub.cohort()
    session.commit()
    answer = coordinator.post(f"/hubs/{cohort.public_id}/etat", data={"vers": target})
    assert answer.status_code == 400


def test_seats_never_go_under_the_people_seated(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort(state=C.PREPARATION)
    for _ in range(10):
        hub.member(cohort, S.ADMITTED)
    session.commit()
    address = f"/hubs/{cohort.public_id}/modifier"
    data = {"title": "VRD", "seats": "9", "threshold": "8", "project": ""}
    coordinator.post(address, data=data)
    assert only_cohort(session).seats == 12
    coordinator.post(address, data=data | {"seats": "10"})
    assert (only_cohort(session).seats, only_cohort(session).threshold) == (10, 8)
