"""« Mes données »: what the person reads, changes and asks to be corrected, and nobody else's."""

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
    Barrier,
    BarrierImpact,
    BarrierState,
    BarrierTheme,
    CallReason,
    CallRequest,
    ContactPreference,
    Credential,
    DomainEvent,
    DoorSession,
    Interest,
    Introduction,
    IntroductionState,
    InvitationState,
    LinkPurpose,
    Pathway,
    PathwayState,
    Person,
    PersonCode,
    PersonStatus,
    ProofState,
    Role,
    ScenarioKind,
    StatusCode,
    StatusSource,
)
from portal.models.base import LabelledEnum
from portal.recipients import my_data_words as words
from portal.recipients.my_data import THEMES
from tests.support.client import CheckingClient, sign_in
from tests.support.doors import enter
from tests.support.factories import Factory
from tests.support.queries import count_queries

PAGES = [
    "/moi/donnees",
    "/moi/donnees/dossier",
    "/moi/donnees/employeurs",
    "/moi/donnees/regards",
    "/moi/donnees/acces",
    "/moi/donnees/copie",
    "/moi/donnees/changer/joindre",
    "/moi/donnees/changer/trajet",
    "/moi/donnees/changer/horaires",
    *(f"/moi/donnees/theme/{slug}" for slug in THEMES),
    *(f"/moi/donnees/corriger/{slug}" for slug in THEMES),
]
MARK = "Zébulon"


@pytest.fixture
def person(make: Factory, session: Session) -> Person:
    """Somebody with a skill, a difficulty and a situation; and a neighbour who is not them."""
    referent = make.account(Role.REFERENT)
    found = _known(make, make.person(referent=referent, first_name="Amina", phone="0611223344"))
    neighbour = make.person(referent=referent, first_name=MARK, last_name=MARK, project=MARK)
    _known(make, neighbour, MARK)
    session.commit()
    return found


def _known(make: Factory, person: Person, mark: str = "poser une bordure") -> Person:
    skill = make.skill(f"s-{mark}", mark)
    make.knows(person, skill, 2, source=AssertionSource.IMMERSION, evidence=mark)
    today = clock.today()
    make.add(
        Barrier(
            person_id=person.id,
            theme=BarrierTheme.MOBILITY,
            impact=BarrierImpact.MEDIUM,
            state=BarrierState.IN_PROGRESS,
            acts_text=mark,
            observed_on=today,
        )
    )
    make.add(
        PersonStatus(
            person_id=person.id,
            code=StatusCode.BRSA,
            start=today,
            source=StatusSource.IMPORT_CAF,
        )
    )
    return person


@pytest.mark.parametrize("address", PAGES)
def test_every_page_says_nothing_of_somebody_else(
    client: CheckingClient, database: Database, person: Person, address: str
) -> None:
    enter(client, database, person)
    answer = client.get(address)
    assert answer.status_code == 200
    assert MARK not in answer.text
    assert len(answer.data) < 15_000
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", PAGES)
def test_a_link_alone_opens_none_of_them(
    client: CheckingClient, database: Database, person: Person, address: str
) -> None:
    enter(client, database, person, confirmed=False)
    assert client.get(address).location == f"/moi/confirmer?suite={address}"


@pytest.mark.parametrize(
    "address",
    [
        "/moi/donnees/changer/joindre",
        "/moi/donnees/corriger/moi",
        "/moi/donnees/employeurs",
        "/moi/donnees/acces",
        "/moi/donnees/copie",
    ],
)
def test_a_link_alone_changes_nothing(
    client: CheckingClient, database: Database, person: Person, address: str
) -> None:
    enter(client, database, person, confirmed=False)
    answer = client.post(address, data={"choice": "refuse", "kind": "file", "text": "faux"})
    assert answer.location == "/moi/confirmer?suite=/moi/donnees"
    with database.transaction() as db:
        assert db.get(Person, person.id).employers_refused_at is None  # type: ignore[union-attr]
        assert db.scalars(select(DomainEvent)).all() == []
        assert db.scalars(select(CallRequest)).all() == []


def test_without_a_visit_the_entrance_is_shown(client: CheckingClient) -> None:
    assert client.get("/moi/donnees").location == "/moi/entrer"


def test_a_skill_is_told_with_who_saw_it(
    client: CheckingClient, database: Database, person: Person
) -> None:
    enter(client, database, person)
    page = client.get("/moi/donnees/theme/savoir-faire").text
    assert "poser une bordure" in page
    assert "Vu en stage dans une entreprise." in page


def test_what_is_delicate_is_behind_a_second_tap_and_without_acronym(
    client: CheckingClient, database: Database, person: Person
) -> None:
    enter(client, database, person)
    first = client.get("/moi/donnees").text + client.get("/moi/donnees/dossier").text
    assert "revenu de solidarité" not in first
    page = client.get("/moi/donnees/theme/dossier").text
    assert "Vous recevez le revenu de solidarité active." in page
    assert "Se déplacer. Quelqu’un s’en occupe." in page
    assert "RSA" not in page


def test_french_data_says_its_language_on_a_page_in_arabic(
    client: CheckingClient, database: Database, person: Person
) -> None:
    enter(client, database, person, language="ar")
    page = client.get("/moi/donnees/theme/savoir-faire").text
    assert '<html lang="ar" dir="rtl">' in page
    assert '<span lang="fr" dir="auto">poser une bordure</span>' in page


def test_a_phone_number_is_changed_at_once_and_the_event_tells_no_value(
    client: CheckingClient, database: Database, person: Person
) -> None:
    enter(client, database, person)
    answer = client.post(
        "/moi/donnees/changer/joindre",
        data={"phone": "07 01 02 03 04", "email": "", "contact_preference": "sms"},
    )
    assert answer.location == "/moi/donnees/theme/moi"
    with database.transaction() as db:
        row = db.get(Person, person.id)
        assert row is not None
        assert (row.phone, row.contact_preference) == ("0701020304", ContactPreference.SMS)
        event = db.scalars(select(DomainEvent).where(DomainEvent.name == "own_change")).one()
        assert event.details["fields"] == ["phone", "contact_preference"]
        assert event.details["helper_id"] is None
        assert "0701" not in str(event.details)


@pytest.mark.parametrize(
    ("name", "sent", "told"),
    [
        ("joindre", {"phone": "12", "contact_preference": "sms"}, "Ce numéro n’est pas complet."),
        ("joindre", {"email": "x", "contact_preference": "sms"}, "Cette adresse n’est pas"),
        ("trajet", {"max_minutes": "999"}, "Écrivez un nombre entre 5 et 240."),
        ("horaires", {"not_before": "18:00", "not_after": "08:00"}, "La fin est avant le début."),
        ("joindre", {"contact_preference": "pigeon"}, "error"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    client: CheckingClient,
    database: Database,
    person: Person,
    name: str,
    sent: dict[str, str],
    told: str,
) -> None:
    enter(client, database, person)
    answer = client.post(f"/moi/donnees/changer/{name}", data=sent)
    assert answer.status_code == 422
    assert told in answer.text


def test_means_of_travel_and_hours_are_changed_by_the_person(
    client: CheckingClient, database: Database, person: Person
) -> None:
    enter(client, database, person)
    client.post("/moi/donnees/changer/trajet", data={"modes": ["bus"], "max_minutes": "45"})
    hours = {"full_time": "part", "not_before": "08:30", "not_after": ""}
    client.post("/moi/donnees/changer/horaires", data=hours)
    with database.transaction() as db:
        row = db.get(Person, person.id)
        assert row is not None
        assert (row.modes, row.max_minutes) == ("bus", 45)
        assert (row.full_time, row.not_before, row.not_after) == (False, "08:30", None)


def test_a_correction_is_asked_of_who_follows_the_person_and_adds_to_the_first_one(
    client: CheckingClient, database: Database, person: Person
) -> None:
    enter(client, database, person)
    for text in ("Je sais souder.", "Pas en stage."):
        answer = client.post("/moi/donnees/corriger/savoir-faire", data={"text": text})
        assert answer.status_code == 302
    with database.transaction() as db:
        asked = db.scalars(select(CallRequest)).one()
        assert asked.reason is CallReason.CORRECTION
        assert asked.account_id == db.get(Person, person.id).referrals[0].account_id  # type: ignore[union-attr]
        assert (asked.note or "").count("Ce que je sais faire") == 2
        assert "souder" in (asked.note or "")
        assert asked.due_on > clock.today()


def test_an_empty_correction_is_not_sent(
    client: CheckingClient, database: Database, person: Person
) -> None:
    enter(client, database, person)
    assert client.post("/moi/donnees/corriger/moi", data={"text": " "}).status_code == 422


@pytest.mark.parametrize("address", ["theme/rien", "corriger/rien", "changer/rien"])
def test_an_unknown_theme_is_not_found(
    client: CheckingClient, database: Database, person: Person, address: str
) -> None:
    enter(client, database, person)
    assert client.get(f"/moi/donnees/{address}").status_code == 404


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
