"""A cohort from its draft to its training: who sees it, when it opens, when it starts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.hubs import frame, planning
from portal.models import (
    Cohort,
    CohortState,
    CommitmentState,
    DomainEvent,
    MembershipState,
    OrganisationKind,
    ProgramOccupation,
    RecruitmentState,
    Role,
    TrainingSession,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub

S, C = MembershipState, CohortState
NEW = {
    "occupation": "Constructeur de routes",
    "title": "VRD, mars",
    "seats": "12",
    "threshold": "9",
    "project": "",
}


@pytest.fixture
def coordinator(client: CheckingClient, session: Session, hub: Hub) -> CheckingClient:
    return sign_in(client, session, hub.coordinator)


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


# Who sees what ---------------------------------------------------------------------------------


def test_a_draft_and_another_hubs_cohort_do_not_exist(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    other = Hub.build(hub.make)
    foreign, draft = other.cohort(), hub.cohort(state=C.DRAFT)
    session.commit()
    assert coordinator.get(f"/hubs/{foreign.public_id}").status_code == 404
    assert coordinator.get(f"/hubs/{draft.public_id}").status_code == 200
    sign_in(coordinator, session, hub.referent)
    assert coordinator.get(f"/hubs/{draft.public_id}").status_code == 404
    assert coordinator.get(f"/hubs/{foreign.public_id}").status_code == 200


def test_prescribers_see_the_open_cohorts_of_their_departement(
    client: CheckingClient, session: Session, hub: Hub
) -> None:
    here, away = hub.cohort(), Hub.build(hub.make).cohort()
    away.hub.departement_code = "59"
    session.commit()
    sign_in(client, session, hub.referent)
    assert client.get(f"/hubs/{here.public_id}").status_code == 200
    assert client.get(f"/hubs/{away.public_id}").status_code == 404
    assert client.get(f"/hubs/{here.public_id}/modifier").status_code == 403
    assert client.post(f"/hubs/{here.public_id}/etat", data={"vers": "open"}).status_code == 403


def test_prescribers_see_their_own_people_and_how_many_others(
    client: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    hub.member(cohort, S.TOLD, hub.person(first_name="Zoé"))
    other = hub.make.account(Role.REFERENT)
    stranger = hub.make.person(referent=other, first_name="Yvon")
    row = hub.member(cohort, S.TOLD, stranger)
    row.prescriber_id = other.memberships[0].organisation_id
    session.commit()
    sign_in(client, session, hub.referent)
    page = client.get(f"/hubs/{cohort.public_id}").get_data(as_text=True)
    assert "Zoé" in page
    assert "Yvon" not in page
    assert "Et 1 autre personne" in page
    assert client.get(f"/hubs/{cohort.public_id}/personnes/{row.public_id}").status_code == 404


def test_pilots_see_figures_and_nobody(client: CheckingClient, session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    row = hub.member(cohort, S.READY, hub.person(first_name="Zoé"))
    session.commit()
    sign_in(client, session, hub.make.account(Role.PILOT_DEPARTEMENT))
    page = client.get(f"/hubs/{cohort.public_id}").get_data(as_text=True)
    assert "Zoé" not in page
    assert "moins de 5" in page
    assert "À ce rythme" not in page
    assert client.get(f"/hubs/{cohort.public_id}/personnes/{row.public_id}").status_code == 404
    assert "moins de 5" in client.get("/hubs").get_data(as_text=True)


def test_the_list_asks_as_much_for_ten_cohorts_as_for_one(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    from tests.support.queries import count_queries

    def cost() -> int:
        with count_queries(coordinator.application.extensions["ecluse_database"].engine) as seen:
            assert coordinator.get("/hubs").status_code == 200
        return seen.count

    hub.commitment(hub.cohort())
    session.commit()
    coordinator.get("/hubs")
    one = cost()
    for _ in range(9):
        row = hub.cohort()
        hub.commitment(row)
        hub.member(row, S.TOLD)
        planning.record_plan(session, row, clock.today())
    session.commit()
    assert cost() == one


def test_a_gap_of_a_project_fills_the_form_of_a_new_cohort(
    coordinator: CheckingClient, hub: Hub
) -> None:
    hub.make.occupation()
    hub.make.session.commit()
    page = coordinator.get("/hubs/nouvelle?occupation=Constructeur+de+routes&seats=8")
    text = page.get_data(as_text=True)
    assert 'value="Constructeur de routes"' in text
    assert 'value="8"' in text


def test_cohorts_that_ended_come_last_and_the_list_is_cut(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    hub.cohort(state=C.CLOSED, title="La close")
    for number in range(30):
        hub.cohort(title=f"Cohorte {number}")
    session.commit()
    first = coordinator.get("/hubs").get_data(as_text=True)
    assert "La close" not in first
    assert "1 à 30 sur 31" in first
    assert "La close" in coordinator.get("/hubs?page=2").get_data(as_text=True)


def test_a_session_cancelled_in_the_catalogue_is_said_in_the_header(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    session.commit()
    page = f"/hubs/{cohort.public_id}"
    assert "annulée au catalogue" not in coordinator.get(page).get_data(as_text=True)
    assert cohort.session is not None
    cohort.session.recruitment = RecruitmentState.CANCELLED
    session.commit()
    assert "annulée au catalogue" in coordinator.get(page).get_data(as_text=True)
