"""The space as an application of the phone: whose pages are kept, and which never are."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from portal.db import Database
from tests.portal.recipients.own_space import followed
from tests.support.client import CheckingClient
from tests.support.doors import enter
from tests.support.factories import Factory


def test_the_manifest_is_written_in_the_language_asked_for(client: CheckingClient) -> None:
    found = client.get("/moi/app.webmanifest?langue=ar").get_json()
    assert (found["lang"], found["dir"]) == ("ar", "rtl")
    assert found["start_url"] == found["scope"] == "/moi"
    for icon in found["icons"]:
        with client.get(icon["src"]) as response:
            assert response.status_code == 200


def test_an_unknown_language_gives_the_french_manifest(client: CheckingClient) -> None:
    assert client.get("/moi/app.webmanifest?langue=xx").get_json()["lang"] == "fr"


def test_every_file_the_worker_keeps_exists(client: CheckingClient) -> None:
    response = client.get("/moi/sw.js")
    assert response.mimetype == "text/javascript"
    assert response.headers["Service-Worker-Allowed"] == "/moi"
    kept = re.search(r"SHELL_FILES = \[(.+?)\];", response.text)
    assert kept is not None
    addresses = re.findall(r'"([^"]+)"', kept.group(1))
    assert len(addresses) > 5
    for address in addresses:
        with client.get(address) as found:
            assert found.status_code == 200


def test_the_offline_page_tells_nothing_of_anybody(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    session.commit()
    enter(client, database, space.person)
    text = client.get("/moi/hors-ligne").text
    assert "tel:" not in text
    assert space.person.first_name not in text
    assert space.referent.last_name not in text


def test_each_visit_has_a_mark_of_its_own(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space, other = followed(make), followed(make)
    session.commit()
    marks = []
    for person in (space.person, other.person, space.person):
        enter(client, database, person)
        response = client.get("/moi")
        assert response.headers["Cache-Control"] == "no-store"
        assert int(response.headers["X-Keep"]) > 0
        marks.append(response.headers["X-Visit"])
    assert len(set(marks)) == 3


def test_a_refused_answer_is_not_kept(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    session.commit()
    enter(client, database, space.person)
    response = client.get("/moi/parcours/nobody/changer")
    assert response.status_code == 404
    assert "X-Keep" not in response.headers


def test_what_is_known_of_the_person_is_never_kept(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    session.commit()
    enter(client, database, space.person)
    response = client.get("/moi/donnees")
    assert response.status_code == 200
    assert "X-Keep" not in response.headers


def test_the_entrance_carries_no_mark_and_so_empties_what_was_kept(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    session.commit()
    assert "X-Visit" not in client.get("/moi/entrer").headers
    enter(client, database, space.person)
    response = client.post("/quitter", follow_redirects=False)
    assert '"storage"' in response.headers["Clear-Site-Data"]
