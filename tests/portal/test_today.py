"""« Ma journée »: few blocks, figures that lead somewhere, and what each role has to do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    Account,
    CallReason,
    CallRequest,
    Enrollment,
    EnrollmentState,
    Introduction,
    IntroductionState,
    Job,
    JobKind,
    JobState,
    OrganisationKind,
    Role,
)
from portal.today import queues
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory
from tests.support.queries import count_queries

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


def asked(make: Factory, adviser: Account, count: int, *, days: int = 10) -> None:
    """People whose agreement was asked that many days ago."""
    offer = make.offer(adviser, fresh_until=clock.today() + timedelta(days=40))
    for number in range(count):
        make.add(
            Introduction(
                person=make.person(shared_on=clock.today(), last_name=f"Attendu{number}"),
                offer=offer,
                organisation_id=adviser.memberships[0].organisation_id,
                by_id=adviser.id,
                state=IntroductionState.AGREEMENT_ASKED,
                created_at=clock.now() - timedelta(days=days),
            )
        )


def called(make: Factory, adviser: Account, count: int, due_on: date) -> None:
    """Calls to make on a day."""
    for _ in range(count):
        make.add(
            CallRequest(
                reason=CallReason.NOT_REACHED,
                establishment=make.establishment(),
                organisation_id=adviser.memberships[0].organisation_id,
                due_on=due_on,
            )
        )


def test_a_queue_shows_its_first_rows_and_says_how_many_wait(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    adviser = make.account()
    asked(make, adviser, 7)
    session.commit()
    page = day_of(sign_in(client, session, adviser))
    assert page.count("Noter l’accord de la personne</p>") == 5
    assert "(7 en tout)" in page


def test_who_left_is_in_no_task(client: CheckingClient, make: Factory, session: Session) -> None:
    adviser = make.account()
    asked(make, adviser, 2)
    session.scalars(select(Introduction)).all()[0].person.archived_at = clock.now()
    session.commit()
    page = day_of(sign_in(client, session, adviser))
    assert page.count("Noter l’accord de la personne</p>") == 1


def test_what_is_removed_while_the_day_is_read_is_told_no_more(
    client: CheckingClient,
    make: Factory,
    session: Session,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    adviser, read = make.account(), queues._read_heads
    asked(make, adviser, 2)
    session.commit()
    gone = session.scalars(select(Introduction.id)).first()

    def read_then_lose(*arguments: Any) -> Any:
        found = read(*arguments)
        with database.transaction() as beside:
            beside.execute(delete(Introduction).where(Introduction.id == gone))
        return found

    monkeypatch.setattr(queues, "_read_heads", read_then_lose)
    page = day_of(sign_in(client, session, adviser))
    assert page.count("Noter l’accord de la personne</p>") == 1


def test_a_part_of_the_day_unfolds_what_comes_after_its_first_tasks(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    adviser = make.account()
    late = clock.today() - timedelta(days=3)
    called(make, adviser, 5, late)
    session.commit()
    client = sign_in(client, session, adviser)
    page = day_of(client)
    assert page.count('class="task-what"') == 5
    assert "<details" not in page.split('id="jour"')[1]
    asked(make, adviser, 4)
    session.commit()
    shown, _, unfolded = day_of(client).split('id="jour"')[1].partition("<details")
    assert "Voir les 5 autres" in unfolded
    assert (shown.count('class="task-what"'), unfolded.count('class="task-what"')) == (4, 5)


def test_the_day_asks_no_more_when_more_is_due(
    client: CheckingClient, make: Factory, session: Session, database: Database
) -> None:
    adviser = make.account()

    def more(count: int) -> None:
        asked(make, adviser, count)
        called(make, adviser, count, clock.today())
        for _ in range(count):
            person = make.person(referent=adviser)
            person.followed_since = clock.today() - LONG_AGO
        session.commit()

    more(1)
    client = sign_in(client, session, adviser)
    day_of(client)
    with count_queries(database.engine) as few:
        day_of(client)
    more(6)
    day_of(client)
    with count_queries(database.engine) as many:
        day_of(client)
    assert many.count <= few.count <= 20
