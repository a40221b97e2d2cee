"""The file of a person: who opens it, how far, and what is written in the log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    AccessGrant,
    AccessKind,
    AccessLog,
    AccessReason,
    Account,
    DomainEvent,
    OrganisationKind,
    Person,
    PersonStatus,
    Role,
    StatusCode,
    StatusSource,
)
from tests.portal.person_file.support import introduced
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory

PAGES = ("", "/competences", "/pistes", "/suivi")


def status(make: Factory, person: Person, code: StatusCode) -> PersonStatus:
    return make.add(
        PersonStatus(
            person_id=person.id,
            code=code,
            start=clock.today() - timedelta(days=30),
            source=StatusSource.DECLARED,
        )
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_referent_opens_every_page_and_the_reading_is_logged(
    client: CheckingClient,
    make: Factory,
    session: Session,
    referent: Account,
    person: Person,
    page: str,
) -> None:
    sign_in(client, session, referent)
    response = client.get(f"/personnes/{person.public_id}{page}")
    assert response.status_code == 200
    assert "Amina Bertin" in response.get_data(as_text=True)
    entry = make.first(AccessLog, person_id=person.id)
    assert (entry.kind, entry.account_id) == (AccessKind.FILE, referent.id)


@pytest.mark.parametrize("page", PAGES)
def test_a_referent_of_another_departement_gets_404_and_the_attempt_is_logged(
    client: CheckingClient, make: Factory, session: Session, person: Person, page: str
) -> None:
    person.shared_on = clock.today()
    stranger = make.account(Role.REFERENT, make.organisation(departement_code="59"))
    sign_in(client, session, stranger)
    assert client.get(f"/personnes/{person.public_id}{page}").status_code == 404
    entry = make.first(AccessLog, person_id=person.id)
    assert (entry.kind, entry.account_id) == (AccessKind.REFUSED, stranger.id)


def test_a_file_that_does_not_exist_is_the_same_404(
    client: CheckingClient, session: Session, referent: Account
) -> None:
    sign_in(client, session, referent)
    assert client.get("/personnes/bcdfghjkmnpqrs").status_code == 404


def test_a_card_opens_for_seven_days_once_a_reason_is_given(
    client: CheckingClient, make: Factory, session: Session, person: Person
) -> None:
    person.shared_on, person.phone = clock.today(), "0612345678"
    partner = make.account(Role.REFERENT)
    sign_in(client, session, partner)
    url = f"/personnes/{person.public_id}"
    asked = client.get(url)
    assert asked.location == f"{url}/carte"
    card = client.get(f"{url}/carte").get_data(as_text=True)
    assert "Amina B." in card
    assert "Bertin" not in card
    assert "12\u00a034" not in card
    assert client.post(f"{url}/carte").status_code == 422
    assert client.post(f"{url}/carte", data={"reason": "curiosity"}).status_code == 422
    opened = client.post(f"{url}/carte", data={"reason": "cover"})
    assert opened.status_code == 303
    assert client.get(url).status_code == 200
    grant = make.first(AccessGrant)
    assert grant.reason is AccessReason.COVER
    assert (grant.until - grant.granted_at).days == 7
    assert make.first(DomainEvent, name="file_opened").reason == "cover"


def test_the_door_closes_by_itself(
    client: CheckingClient, make: Factory, session: Session, person: Person
) -> None:
    person.shared_on = clock.today()
    partner = make.account(Role.REFERENT)
    make.add(
        AccessGrant(
            person_id=person.id,
            account_id=partner.id,
            organisation_id=partner.memberships[0].organisation_id,
            reason=AccessReason.COVER,
            granted_at=clock.now() - timedelta(days=8),
            until=clock.now() - timedelta(days=1),
        )
    )
    sign_in(client, session, partner)
    assert client.get(f"/personnes/{person.public_id}").status_code == 302


def test_who_only_reads_sees_no_form_and_cannot_write(
    client: CheckingClient, make: Factory, session: Session, person: Person
) -> None:
    adviser = make.account(Role.ADVISER)
    introduced(make, adviser, person)
    sign_in(client, session, adviser)
    for page in PAGES:
        html = client.get(f"/personnes/{person.public_id}{page}").get_data(as_text=True)
        main = html.split("<main")[1]
        assert "<form" not in main, page
    refused = client.post(f"/personnes/{person.public_id}/projet", data={"max_minutes": "60"})
    assert refused.status_code == 403
    assert client.get(f"/personnes/{person.public_id}/identite").status_code == 403


@pytest.mark.parametrize(
    ("role", "kind", "sees"),
    [
        (Role.REFERENT, OrganisationKind.MDS, True),
        (Role.REFERENT, OrganisationKind.DEPARTEMENT, True),
        (Role.REFERENT, OrganisationKind.PLIE, False),
        (Role.ADVISER, OrganisationKind.PLATFORM, False),
        (Role.ADVISER, OrganisationKind.REGION, False),
    ],
)
def test_restricted_statuses_are_read_by_the_referents_of_the_departement_alone(
    client: CheckingClient,
    make: Factory,
    session: Session,
    role: Role,
    kind: OrganisationKind,
    sees: bool,
) -> None:
    """T-SEC-02, S3-11, INV-14."""
    account = make.account(role, make.organisation(kind))
    person = make.person(referent=account)
    status(make, person, StatusCode.ASE_SORTANT)
    status(make, person, StatusCode.BRSA)
    sign_in(client, session, account)
    for page in PAGES:
        html = client.get(f"/personnes/{person.public_id}{page}").get_data(as_text=True)
        assert ("ASE" in html) is sees
        assert "Bénéficiaire du RSA" in html


def test_a_pilot_of_the_region_opens_no_file(
    client: CheckingClient, make: Factory, session: Session, person: Person
) -> None:
    sign_in(client, session, make.account(Role.PILOT_REGION))
    assert client.get(f"/personnes/{person.public_id}").status_code == 403
    assert client.get("/personnes").status_code == 403
