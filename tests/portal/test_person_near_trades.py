"""« Métiers proches de ce que la personne sait faire »: held, to ask, to learn."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import matchmaking as mm
from portal.db import Database
from portal.models import (
    Account,
    Interest,
    Occupation,
    OccupationSkill,
    Person,
    ReferenceOrigin,
    Role,
    Skill,
)
from portal.reference.load import load_starter
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory
from tests.support.queries import count_queries

PATH = "metiers-proches"


@pytest.fixture
def referent(make: Factory) -> Account:
    return make.account(Role.REFERENT)


@pytest.fixture
def person(make: Factory, referent: Account) -> Person:
    return make.person(referent=referent, modes="car")


@pytest.fixture
def url(client: CheckingClient, session: Session, referent: Account, person: Person) -> str:
    sign_in(client, session, referent)
    return f"/personnes/{person.public_id}"


def page(client: CheckingClient, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def roads(make: Factory) -> Occupation:
    """A trade of four gestures, three of them of one group."""
    trade = make.occupation("F1702", "Constructeur de routes")
    for code, label in (("tp.a", "Niveler un sol"), ("tp.b", "Creuser"), ("tp.c", "Compacter")):
        make.core_skill(trade, code, label=label, group="g.tp")
    make.core_skill(trade, "tp.d", label="Poser des bordures", group="g.voirie")
    return trade


def knows(make: Factory, person: Person, code: str, level: int) -> None:
    skill = make.session.get(Skill, code)
    assert skill is not None
    make.knows(person, skill, level)


def test_each_gesture_is_told_as_it_stands(make: Factory, session: Session, person: Person) -> None:
    roads(make)
    knows(make, person, "tp.a", 2)
    knows(make, person, "tp.b", 0)
    knows(make, person, "tp.d", 1)
    session.flush()
    (found,) = mm.trades_within_reach(session, person)
    assert [gesture.label for gesture in found.held] == ["Niveler un sol"]
    assert [gesture.label for gesture in found.to_learn] == ["Creuser"]
    assert [gesture.label for gesture in found.to_firm_up] == ["Poser des bordures"]
    (asked,) = found.to_ask
    assert (asked.label, asked.backed_by) == ("Compacter", ("Niveler un sol",))
    assert found.total == 4


def test_a_session_open_to_the_person_is_told_beside_the_gesture_it_teaches(
    make: Factory, session: Session, person: Person
) -> None:
    roads(make)
    knows(make, person, "tp.a", 2)
    knows(make, person, "tp.b", 0)
    taught = make.session_of_training(teaches={"tp.b": 2})
    full = make.session_of_training(teaches={"tp.b": 2}, seats_left=0)
    session.flush()
    (found,) = mm.trades_within_reach(session, person)
    names = [choice.row.public_id for choice in found.to_learn[0].sessions]
    assert names == [taught.public_id]
    assert full.public_id not in names


def test_a_declined_trade_is_left_out_and_a_liked_one_says_so(
    make: Factory, session: Session, person: Person
) -> None:
    trade = roads(make)
    other = make.occupation("F1705", "Poseur de canalisations")
    make.core_skill(other, "tp.a")
    knows(make, person, "tp.a", 2)
    make.add(Interest(person_id=person.id, occupation_code=trade.code, liking=-1))
    make.add(Interest(person_id=person.id, occupation_code=other.code, liking=1))
    session.flush()
    (found,) = mm.trades_within_reach(session, person)
    assert (found.occupation.code, found.liked) == ("F1705", True)


def test_nothing_known_proposes_nothing_and_says_what_to_do(
    client: CheckingClient, make: Factory, session: Session, url: str
) -> None:
    roads(make)
    session.commit()
    text = page(client, f"{url}/{PATH}")
    assert "dès qu’un geste que la personne sait faire sera connu" in text
    assert "Constructeur de routes" not in text


def test_the_page_counts_gestures_and_never_gives_a_percentage(
    client: CheckingClient, make: Factory, session: Session, person: Person, url: str
) -> None:
    roads(make)
    knows(make, person, "tp.a", 2)
    knows(make, person, "tp.c", 3)
    session.commit()
    text = page(client, f"{url}/{PATH}")
    assert "2 gestes sur 4 de ce métier" in text.replace("\u00a0", " ")
    assert "Ne sait pas encore" not in text
    assert "%" not in text.split('id="metiers-proches"')[1].split("</section>")[0]
    assert f"{url}/parcours/composer?metier=F1702" in text
    assert f"{url}/{PATH}" in page(client, url)


def test_a_taste_is_said_from_the_page_and_comes_back_to_it(
    client: CheckingClient, make: Factory, session: Session, person: Person, url: str
) -> None:
    roads(make)
    knows(make, person, "tp.a", 2)
    session.commit()
    posted = {"occupation": "F1702", "liking": "-1", "retour": "metiers"}
    response = client.post(f"{url}/gouts", data=posted)
    assert response.status_code == 303
    assert response.headers["Location"].endswith(f"{url}/{PATH}")
    assert session.scalar(select(Interest.liking).where(Interest.person_id == person.id)) == -1
    assert "2 gestes" not in page(client, f"{url}/{PATH}")


def test_a_person_without_a_commune_is_told_trades_too(
    make: Factory, session: Session, referent: Account
) -> None:
    roads(make)
    person = make.person(referent=referent)
    person.commune = None
    person.commune_code = None
    knows(make, person, "tp.a", 2)
    session.flush()
    assert [t.occupation.code for t in mm.trades_within_reach(session, person)] == ["F1702"]


def test_a_trade_that_an_import_changes_is_read_again(
    make: Factory, session: Session, person: Person
) -> None:
    trade = roads(make)
    knows(make, person, "tp.a", 2)
    session.commit()
    assert mm.trades_within_reach(session, person)[0].total == 4
    make.core_skill(trade, "tp.e", label="Lire un plan", group=None)
    session.commit()
    assert mm.trades_within_reach(session, person)[0].total == 5


def test_our_gestures_are_counted_where_they_exist_and_rome_s_only_bring_near(
    make: Factory, session: Session, person: Person
) -> None:
    trade = roads(make)
    rome = make.skill("400001", label="Réaliser des tranchées", group=None)
    make.add(
        OccupationSkill(
            occupation_code=trade.code,
            skill_code=rome.code,
            core=True,
            origin=ReferenceOrigin.ROME,
        )
    )
    knows(make, person, "tp.a", 2)
    session.flush()
    assert mm.trades_within_reach(session, person)[0].total == 4


def test_statements_do_not_grow_with_the_trades(
    client: CheckingClient,
    make: Factory,
    session: Session,
    database: Database,
    person: Person,
    url: str,
) -> None:
    roads(make)
    knows(make, person, "tp.a", 2)
    session.commit()
    page(client, f"{url}/{PATH}")
    with count_queries(database.engine) as few:
        page(client, f"{url}/{PATH}")
    for number in range(8):
        other = make.occupation(f"F180{number}", f"Métier {number}")
        make.core_skill(other, "tp.a")
        make.core_skill(other, f"tp.x{number}", label=f"Geste {number}", group="g.x")
        knows(make, person, f"tp.x{number}", 0)
        make.session_of_training(teaches={f"tp.x{number}": 2})
    session.commit()
    page(client, f"{url}/{PATH}")
    with count_queries(database.engine) as many:
        page(client, f"{url}/{PATH}")
    assert many.count <= few.count + 1  # the sessions told, read at once when there are any


def test_the_starter_set_alone_is_enough(make: Factory, session: Session, person: Person) -> None:
    load_starter(session)
    for code in ("tp.terrassement.niveler", "tp.terrassement.creuser", "tp.terrassement.compacter"):
        knows(make, person, code, 2)
    session.flush()
    found = mm.trades_within_reach(session, person)
    assert found
    assert all(trade.held or any(g.backed_by for g in trade.to_ask) for trade in found)
    assert "F1702" in {trade.occupation.code for trade in found}
