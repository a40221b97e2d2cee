"""« Faire ensemble » opens to a professional no more than the file itself does."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.db import Database
from portal.models import (
    Account,
    OrganisationKind,
    Person,
    PersonRestricted,
    PersonStatus,
    Referral,
    Role,
    StatusCode,
    StatusSource,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.doors import enter
from tests.support.factories import Factory

LIMITS = "Pas de charges lourdes"


@pytest.fixture
def referent(make: Factory) -> Account:
    return make.account(Role.REFERENT, make.organisation(OrganisationKind.MDS))


@pytest.fixture
def followed(make: Factory, session: Session, referent: Account) -> Person:
    """Somebody led by a référent of the Département, with what only that one reads."""
    person = make.person(referent=referent)
    session.add(PersonRestricted(person_id=person.id, functional_limits=LIMITS))
    for code in (StatusCode.RQTH_BOE, StatusCode.BRSA):
        make.add(
            PersonStatus(
                person_id=person.id,
                code=code,
                start=clock.today(),
                source=StatusSource.DECLARED,
                recorded_by_id=referent.id,
            )
        )
    return person


def read_beside(
    client: CheckingClient, database: Database, session: Session, person: Person, by: Account
) -> tuple[str, str, int, int]:
    """The private theme, the list of themes, and what asking for the copy answers."""
    sign_in(client, session, by)
    enter(client, database, person, helper=Actor(by, by.memberships[0]))
    private = client.get("/moi/donnees/theme/dossier").text
    asked = client.get("/moi/donnees/copie").status_code
    taken = client.post("/moi/donnees/copie", data={"kind": "file"}).status_code
    return private, client.get("/moi/donnees").text, asked, taken


def test_who_may_not_read_health_in_the_file_reads_none_beside_the_person(
    client: CheckingClient,
    database: Database,
    session: Session,
    make: Factory,
    followed: Person,
) -> None:
    adviser = make.account(Role.ADVISER)
    place = adviser.memberships[0].organisation
    make.add(
        Referral(
            person=followed, organisation=place, account=adviser, lead=False, start=clock.today()
        )
    )
    private, themes, *answers = read_beside(client, database, session, followed, adviser)
    assert "revenu de solidarité active" in private
    assert LIMITS not in private
    assert "handicap" not in private
    assert answers == [403, 403]
    assert "Prendre une copie" not in themes


def test_the_referent_who_leads_reads_and_prints_all_of_it_with_the_person(
    client: CheckingClient,
    database: Database,
    session: Session,
    followed: Person,
    referent: Account,
) -> None:
    private, themes, *answers = read_beside(client, database, session, followed, referent)
    assert LIMITS in private
    assert "Votre handicap est reconnu" in private
    assert answers == [200, 200]
    assert "Prendre une copie" in themes


def test_the_person_alone_reads_and_takes_everything(
    client: CheckingClient, database: Database, followed: Person, session: Session
) -> None:
    session.commit()
    enter(client, database, followed)
    private = client.get("/moi/donnees/theme/dossier").text
    assert LIMITS in private
    assert client.post("/moi/donnees/copie", data={"kind": "file"}).status_code == 200
