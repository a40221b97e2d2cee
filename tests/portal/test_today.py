"""« Ma journée »: few blocks, figures that lead somewhere, and what each role has to do."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    Enrollment,
    EnrollmentState,
    Job,
    JobKind,
    JobState,
    OrganisationKind,
    Role,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory

LONG_AGO = timedelta(days=200)


def day_of(client: CheckingClient) -> str:
    """The page, as served."""
    response = client.get("/")
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_contacts_to_take_are_one_task_with_the_first_names(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    referent = make.account(Role.REFERENT)
    for number in range(8):
        person = make.person(referent=referent, last_name=f"Numéro{number}")
        person.followed_since = clock.today() - LONG_AGO
    session.commit()
    page = day_of(sign_in(client, session, referent))
    assert page.count('class="task-what"') == 1
    assert "8 personnes ont moins de deux contacts" in page
    assert page.count("Numéro") == 5
    assert "/personnes?tri=contact" in page


def test_one_person_to_contact_is_named_as_before(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    referent = make.account(Role.REFERENT)
    person = make.person(referent=referent, last_name="Bertin")
    person.followed_since = clock.today() - LONG_AGO
    session.commit()
    page = day_of(sign_in(client, session, referent))
    assert "1 personne a moins de deux contacts" in page
    assert page.count("Bertin") >= 1
    assert "Prendre contact" in page


def test_figures_lead_to_their_lists(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    page = day_of(sign_in(client, session, make.account(Role.REFERENT)))
    assert "/parcours" in page.split('class="figures"')[1].split("</section>")[0]


def test_an_organisation_answers_those_positioned(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    place = make.organisation(OrganisationKind.TRAINING)
    centre = make.account(Role.TRAINING, place)
    row = make.session_of_training(organisation=place)
    referent = make.account(Role.REFERENT)
    make.add(
        Enrollment(
            person=make.person(referent=referent),
            session=row,
            prescriber_id=referent.memberships[0].organisation_id,
            state=EnrollmentState.POSITIONED,
            by_id=referent.id,
        )
    )
    session.commit()
    page = day_of(sign_in(client, session, centre))
    assert "Répondre\u00a0: une personne est positionnée" in page


def test_the_administrator_is_told_of_imports_refused(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    make.add(Job(kind=JobKind.IMPORT, state=JobState.FAILED, message="illisible"))
    session.commit()
    page = day_of(sign_in(client, session, make.account(Role.ADMIN)))
    assert "Imports refusés depuis sept jours" in page
