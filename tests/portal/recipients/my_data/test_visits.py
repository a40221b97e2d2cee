"""« Mes données »: who looked, closing every access, words and a professional beside."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.db import Database
from portal.doors.links import make_link
from portal.models import (
    AccessKind,
    AccessLog,
    Account,
    AssertionSource,
    BarrierState,
    BarrierTheme,
    ContactPreference,
    Credential,
    DomainEvent,
    DoorSession,
    Interest,
    Introduction,
    IntroductionState,
    InvitationState,
    LanguageLevel,
    LinkPurpose,
    Pathway,
    PathwayState,
    Person,
    PersonCode,
    ProofState,
    Role,
    ScenarioKind,
    StatusCode,
    StatusSource,
)
from portal.models.base import LabelledEnum
from portal.recipients import my_data_words as words
from tests.support.client import CheckingClient, sign_in
from tests.support.doors import enter
from tests.support.factories import Factory
from tests.support.queries import count_queries


def test_who_looked_is_told_by_day_once_for_each_reason(
    client: CheckingClient, database: Database, person: Person, session: Session, make: Factory
) -> None:
    reader = make.account(Role.ADVISER, first_name="Lina", last_name="Roche")
    for kind, endpoint in (
        (AccessKind.FILE, "people.show"),
        (AccessKind.FILE, "people.show"),
        (AccessKind.LIST, "offers.people"),
        (AccessKind.REFUSED, "people.show"),
    ):
        session.add(
            AccessLog(
                account_id=reader.id,
                organisation_id=reader.memberships[0].organisation_id,
                person_id=person.id,
                kind=kind,
                endpoint=endpoint,
            )
        )
    session.commit()
    enter(client, database, person)
    page = client.get("/moi/donnees/regards").text
    assert page.count("Lina Roche") == 3
    assert page.count("Pour vous suivre.") == 1
    assert "Pour trouver un emploi." in page
    assert "L’accès est refusé." in page


def test_a_firm_that_read_a_card_is_named_and_never_taken_for_the_person(
    client: CheckingClient, database: Database, person: Person, session: Session, make: Factory
) -> None:
    contact = make.contact(make.establishment(name="Travaux du Nord"), name="Paul Renard")
    for context in (f"personnes proposées, contact {contact.public_id}", "bilan x, contact gone"):
        session.add(
            AccessLog(
                person_id=person.id,
                kind=AccessKind.LIST,
                endpoint="employers.home",
                context=context,
            )
        )
    session.commit()
    enter(client, database, person)
    page = client.get("/moi/donnees/regards").text
    assert "Travaux du Nord" in page
    assert "Une entreprise" in page
    assert "Paul Renard" not in page
    assert page.count("Carte lue") == 2
    assert "<strong>Vous</strong>" not in page


def test_the_log_is_read_by_pages(
    client: CheckingClient, database: Database, person: Person, session: Session
) -> None:
    row = {"person_id": person.id, "kind": AccessKind.FILE, "endpoint": "people.show"}
    session.add_all(AccessLog(**row) for _ in range(51))
    session.commit()
    enter(client, database, person)
    assert "Plus ancien" in client.get("/moi/donnees/regards").text
    assert "Plus récent" in client.get("/moi/donnees/regards?page=2").text


def test_closing_all_accesses_ends_visits_links_and_codes(
    client: CheckingClient, database: Database, person: Person, session: Session
) -> None:
    link = make_link(session, purpose=LinkPurpose.PERSON_SPACE, to=person)
    code = PersonCode(digest="d", person_id=person.id, expires_at=clock.now())
    session.add(code)
    session.commit()
    enter(client, database, person)
    assert "Avec un code" in client.get("/moi/donnees/acces").text
    assert client.post("/moi/donnees/acces").location == "/moi/entrer"
    session.expire_all()
    assert link.revoked_at is not None
    assert code.revoked_at is not None
    assert all(row.ended_at for row in session.scalars(select(DoorSession)))
    assert client.get("/moi/donnees").location == "/moi/entrer"


@pytest.mark.parametrize(
    "kind",
    [
        AssertionSource,
        BarrierState,
        BarrierTheme,
        ContactPreference,
        IntroductionState,
        InvitationState,
        LanguageLevel,
        PathwayState,
        ProofState,
        StatusCode,
        StatusSource,
    ],
)
def test_every_code_that_a_person_may_read_has_plain_words(kind: type[LabelledEnum]) -> None:
    assert [member for member in kind if not words.has_word(member)] == []


def test_two_lists_with_the_same_code_keep_their_own_words(app: Flask) -> None:
    assert IntroductionState.DECLINED == InvitationState.DECLINED == PathwayState.DECLINED
    with app.test_request_context():
        assert words.word(PathwayState.ACCEPTED) == "Vous avez dit oui."
        assert words.word(AssertionSource.ASSESSED) == "Vu en formation."
        assert words.word(ProofState.SEEN) == "Le papier est vu."
        assert words.word(IntroductionState.SEEN) == "L’entreprise a lu votre carte."


def test_what_is_done_with_a_professional_beside_says_so_and_is_read_in_the_log(
    client: CheckingClient, database: Database, session: Session, make: Factory
) -> None:
    referent = make.account(Role.REFERENT)
    found = make.person(referent=referent)
    helper = Actor(referent, referent.memberships[0])
    sign_in(client, session, referent)
    enter(client, database, found, helper=helper)
    client.get("/moi/donnees/theme/dossier")
    client.post("/moi/donnees/employeurs", data={"choice": "refuse"})
    session.expire_all()
    reading = session.scalars(select(AccessLog).order_by(AccessLog.id)).first()
    assert reading is not None
    assert (reading.account_id, reading.context) == (referent.id, "avec la personne")
    event = session.scalars(select(DomainEvent)).one()
    assert event.account_id == referent.id
    assert event.details == {"channel": "beside", "helper_id": referent.id}


@pytest.mark.parametrize("slug", ["savoir-faire", "papiers", "envies", "entreprises", "etapes"])
def test_queries_do_not_grow_with_what_is_known(
    client: CheckingClient,
    database: Database,
    session: Session,
    make: Factory,
    slug: str,
) -> None:
    adviser = make.account(Role.ADVISER)
    found = make.person(referent=make.account(Role.REFERENT))
    counts = []
    for number in range(2):
        for step in range(1 + 3 * number):
            _more(make, session, found, adviser, f"{number}{step}")
        session.commit()
        enter(client, database, found)
        with count_queries(database.engine) as counted:
            assert client.get(f"/moi/donnees/theme/{slug}").status_code == 200
        counts.append(counted.count)
    assert counts[0] == counts[1]


def _more(make: Factory, session: Session, person: Person, adviser: Account, name: str) -> None:
    make.knows(person, make.skill(f"s{name}", f"geste {name}"))
    kind = make.credential_type(f"c{name}", f"Permis {name}")
    session.add(Credential(person_id=person.id, type_code=kind.code))
    trade = make.occupation(f"A1{name}0", f"Métier {name}")
    session.add(Interest(person_id=person.id, occupation_code=trade.code, liking=1))
    offer = make.offer(adviser)
    session.add(
        Introduction(
            person_id=person.id,
            offer_id=offer.id,
            organisation_id=adviser.memberships[0].organisation_id,
        )
    )
    session.add(
        Pathway(
            person_id=person.id,
            scenario=next(iter(ScenarioKind)),
            goal_occupation_code=trade.code,
            state=PathwayState.REPLACED,
        )
    )
