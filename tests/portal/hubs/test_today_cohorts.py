"""What cohorts ask of a day: people to propose, answers to note, meetings to close."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.models import CohortMeeting, CohortState, MembershipState
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub


def test_a_referent_is_told_how_many_of_their_people_match(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    for _n in range(3):
        hub.person()
    hub.cohort(state=CohortState.TRAINING)
    hub.member(cohort, MembershipState.SOURCED, hub.person(first_name="Zélie"))
    sign_in(client, session, hub.referent)
    page = client.get("/").text.replace("\u00a0", " ")
    assert page.count("3 personnes de votre portefeuille correspondent") == 1
    assert f"/hubs/{cohort.public_id}/personnes" in page
    assert "Prévenir et noter la réponse" in page
    assert "Zélie" in page


def test_a_hub_is_reminded_of_the_presence_to_note(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    for day, hour in ((-1, "09:30"), (3, "14:00")):
        hub.make.add(
            CohortMeeting(
                cohort_id=cohort.id,
                on=clock.today() + timedelta(days=day),
                start_hour=hour,
                place="Mairie",
                capacity=10,
            )
        )
    sign_in(client, session, hub.coordinator)
    page = client.get("/").text.replace("\u00a0", " ")
    assert page.count("Réunion d’information : noter les présences") == 1
