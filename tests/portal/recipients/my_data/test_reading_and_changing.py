"""« Mes données »: what the person reads, changes and asks to be corrected, and nobody else’s."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal import clock
from portal.db import Database
from portal.models import (
    CallReason,
    CallRequest,
    ContactPreference,
    DomainEvent,
    Person,
)
from portal.recipients.my_data import THEMES
from tests.portal.recipients.my_data.support import MARK
from tests.support.client import CheckingClient
from tests.support.doors import enter

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
    assert "Vu pendant une immersion en entreprise." in page


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
    page = client.get("/moi/donnees/theme/questions").text
    assert "Je sais souder." in page
    assert "Réponse avant le" in page
    with database.transaction() as db:
        called = db.scalars(select(CallRequest)).one()
        called.done_at, called.outcome = clock.now(), "Corrigé."
    assert "souder" not in client.get("/moi/donnees/theme/questions").text


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
