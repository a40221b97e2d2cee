"""The frame of the person's pages: language, direction, calls, who is beside, what it weighs."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import assets, clock
from portal.access.actor import Actor
from portal.db import Database
from portal.models import AccessLog, InvitationState, PathwayState
from portal.phones import tel_href
from portal.web.statics import asset
from tests.portal.recipients.own_space import followed, invitation, pathway
from tests.support.client import CheckingClient, sign_in
from tests.support.doors import enter
from tests.support.factories import Factory
from tests.support.queries import count_queries

FIRST_VISIT = 60_000
NEXT_PAGE = 15_000
PAGES = ("/moi", "/moi/contacts", "/moi/parcours")
_STATIC = re.compile(r'(?:src|href)="/static/([^"?]+)')


def test_without_a_visit_every_page_leads_to_the_entrance(client: CheckingClient) -> None:
    for page in PAGES:
        assert client.get(page).location == "/moi/entrer"


@pytest.mark.parametrize(("language", "direction"), [("fr", "ltr"), ("ar", "rtl"), ("uk", "ltr")])
def test_the_page_says_its_language_and_its_direction(
    client: CheckingClient,
    database: Database,
    make: Factory,
    session: Session,
    language: str,
    direction: str,
) -> None:
    space = followed(make)
    session.commit()
    enter(client, database, space.person, language=language)
    assert f'<html lang="{language}" dir="{direction}">' in client.get("/moi").text


def test_a_french_name_stays_french_on_a_page_in_another_language(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    session.commit()
    enter(client, database, space.person, language="ar")
    name = space.referent.full_name
    assert f'<span lang="fr" dir="auto">{name}</span>' in client.get("/moi/contacts").text


def test_who_follows_the_person_can_be_called_from_any_page(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    session.commit()
    enter(client, database, space.person)
    for page in PAGES:
        text = client.get(page).text
        assert 'href="tel:0321000001"' in text
        assert 'action="/quitter"' in text


def test_without_any_number_the_button_leads_to_a_call_one_asks_for(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    person = make.person()
    session.commit()
    enter(client, database, person)
    assert '<a class="call" href="/moi/contacts">' in client.get("/moi").text


def test_a_number_is_dialled_without_its_spaces() -> None:
    assert tel_href("+33 3 21 00 00 01") == "tel:+33321000001"
    assert tel_href("03\u00a021\u00a000.00.01") == "tel:0321000001"
    assert tel_href("+33 (0)3 21 00 00 01") == "tel:+33321000001"


def test_beside_a_professional_their_name_is_shown_and_their_reading_logged(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    actor = Actor(space.referent, space.referent.memberships[0])
    sign_in(client, session, space.referent)
    enter(client, database, space.person, helper=actor)
    response = client.get("/moi")
    assert f"Avec {space.referent.full_name}" in response.text
    assert "Terminer" in response.text
    entry = session.scalars(select(AccessLog)).one()
    assert (entry.person_id, entry.context) == (space.person.id, "avec la personne")


def test_who_is_beside_is_asked_once_a_page(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    actor = Actor(space.referent, space.referent.memberships[0])
    sign_in(client, session, space.referent)
    enter(client, database, space.person, helper=actor)
    with count_queries(database.engine) as asked:
        client.get("/moi")
    rights = [text for text in asked.texts if "person.id IN (SELECT referral" in text]
    assert len(rights) == 1


def test_nothing_is_kept_on_the_computer_of_a_professional(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    actor = Actor(space.referent, space.referent.memberships[0])
    sign_in(client, session, space.referent)
    enter(client, database, space.person, helper=actor)
    response = client.get("/moi")
    assert "X-Visit" not in response.headers
    assert "X-Keep" not in response.headers
    assert "data-worker" not in response.text


def test_a_static_file_with_a_digest_is_kept_for_a_year(app: Flask, client: CheckingClient) -> None:
    with app.test_request_context():
        address = asset("css/moi.css")
    with client.get(address) as response:
        assert "immutable" in response.headers["Cache-Control"]
    with client.get("/static/css/moi.css") as response:
        assert "immutable" not in response.headers["Cache-Control"]


def test_the_first_visit_and_the_next_pages_stay_light(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    invitation(make, space, days=3, state=InvitationState.ACCEPTED)
    pathway(make, space, PathwayState.IN_PROGRESS)
    pathway(make, space)
    session.commit()
    enter(client, database, space.person)
    files: set[str] = set()
    heaviest = 0
    for page in PAGES:
        response = client.get(page)
        files.update(_STATIC.findall(response.text))
        heaviest = max(heaviest, len(response.data))
        print(f"{page}: {len(response.data)} bytes of HTML")
    # HTMX comes with the pages that swap: it is counted in the first visit all the same.
    weight = sum(_sent(name) for name in files | {"vendor/htmx/htmx.min.js"})
    print(f"{len(files)} files: {weight} bytes sent; first visit: {weight + heaviest}")
    assert heaviest <= NEXT_PAGE
    assert weight + heaviest <= FIRST_VISIT
    assert (assets.STATIC / "css/moi.css").stat().st_size <= 8_000


def _sent(name: str) -> int:
    return len(gzip.compress((assets.STATIC / name).read_bytes()))


def test_the_page_says_when_it_was_made(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    session.commit()
    with clock.frozen_at(clock.start_of(clock.today()) + timedelta(hours=9, minutes=5)):
        enter(client, database, space.person)
        text = client.get("/moi").text
    assert re.search(r'id="kept"[^>]* hidden>Pas de réseau\. Page de \w+ .+, 9\s+h\s+05\.', text)
