"""Who sees a cohort, and how much of it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.hubs import planning
from portal.models import (
    RecruitmentState,
    Role,
)
from tests.portal.hubs.cohorts.support import C, S
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub
from tests.support.projects import make_project

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


def test_a_project_that_has_ended_is_not_proposed_but_stays_where_it_was(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    past = make_project(
        hub.make, "jeux", name="Jeux finis", ends_on=clock.today() - timedelta(days=1)
    )
    make_project(hub.make, name="Canal ouvert")
    cohort = hub.cohort(project_id=past.id)
    session.commit()
    new = coordinator.get("/hubs/nouvelle").get_data(as_text=True)
    assert "Canal ouvert" in new
    assert "Jeux finis" not in new
    edit = coordinator.get(f"/hubs/{cohort.public_id}/modifier").get_data(as_text=True)
    assert '<option selected value="jeux">' in edit


def test_a_session_with_fewer_seats_than_the_cohort_is_said_in_the_header(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    assert cohort.session is not None
    cohort.session.seats = 12
    session.commit()
    page = f"/hubs/{cohort.public_id}"
    assert "La session n’a que" not in coordinator.get(page).get_data(as_text=True)
    cohort.session.seats = 10
    session.commit()
    said = "La session n’a que 10 places, la cohorte 12."
    assert said in coordinator.get(page).get_data(as_text=True)


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
