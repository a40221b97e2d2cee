"""« Prendre une copie »: everything of the person, nothing of anybody else, and logged."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.db import Database
from portal.models import (
    AccessKind,
    AccessLog,
    Contact,
    ContactChannel,
    DomainEvent,
    Pathway,
    PathwayStep,
    Person,
    PersonCode,
    PersonRestricted,
    Role,
    ScenarioKind,
    StepKind,
)
from portal.models.base import Base
from portal.recipients import copying
from tests.support.client import CheckingClient, sign_in
from tests.support.doors import enter
from tests.support.factories import Factory
from tests.support.samples import build_rows

ADDRESS = "/moi/donnees/copie"
MARK = "Zébulon"
OWN = "Ma note à moi"


@pytest.fixture
def person(make: Factory, session: Session) -> Person:
    """Two people with the same things; what is the other's bears a mark."""
    referent = make.account(Role.REFERENT)
    found = make.person(referent=referent, first_name="Amina")
    _fill(make, session, found, OWN)
    _fill(make, session, make.person(referent=referent, first_name=MARK, last_name=MARK), MARK)
    session.commit()
    return found


def _fill(make: Factory, session: Session, person: Person, text: str) -> None:
    make.knows(person, make.skill("poser", "poser une bordure"), evidence=text)
    session.add(
        Contact(person_id=person.id, on=clock.today(), channel=ContactChannel.PHONE, note=text)
    )
    session.add(PersonRestricted(person_id=person.id, functional_limits=text))
    digest = f"secret-of-{text}"
    session.add(PersonCode(digest=digest, person_id=person.id, expires_at=clock.now()))
    pathway = make.add(Pathway(person_id=person.id, scenario=next(iter(ScenarioKind))))
    day = clock.today()
    step = PathwayStep(
        pathway_id=pathway.id,
        position=1,
        kind=next(iter(StepKind)),
        title=text,
        start=day,
        end=day + timedelta(days=3),
    )
    record_event(session, actor=None, subject=make.add(step), name="made", details={"why": text})


def test_every_table_with_something_of_a_person_is_copied_or_left_out_with_a_reason() -> None:
    explained = set(copying.table_words()) - {"person", "domain_event"}
    assert set(copying.owned_tables()) == explained | set(copying.LEFT_OUT)
    assert explained.isdisjoint(copying.LEFT_OUT)
    assert all(copying.LEFT_OUT.values())


def test_every_key_of_the_copy_is_explained() -> None:
    tables = set(copying.table_words())
    columns = {c.name for name in tables for c in copying.columns_of(Base.metadata.tables[name])}
    assert columns == set(copying.column_words())


def test_no_secret_of_a_door_is_in_the_copy() -> None:
    copied = {
        (name, column.name)
        for name in copying.table_words()
        for column in copying.columns_of(Base.metadata.tables[name])
    }
    assert [pair for pair in copied if "digest" in pair[1] or "hash" in pair[1]] == []


def test_the_file_holds_what_is_the_persons_and_nothing_of_another(
    client: CheckingClient, database: Database, person: Person
) -> None:
    enter(client, database, person)
    answer = client.post(ADDRESS, data={"kind": "file"})
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mes-donnees.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    copy = json.loads(answer.data)
    data = copy["data"]
    assert data["person"][0]["first_name"] == "Amina"
    assert data["skill_assertion"][0]["evidence"] == OWN
    assert data["skill_assertion"][0]["source"]["label"] == "déclaré par la personne"
    assert data["contact"][0]["note"] == OWN
    assert data["person_restricted"][0]["functional_limits"] == OWN
    assert data["pathway_step"][0]["title"] == OWN
    assert [event["details"] for event in data["domain_event"]] == [{"why": OWN}]
    assert data["referral"][0]["organisation_id"]
    assert set(copy["keys_explained"]) == {key for rows in data.values() for r in rows for key in r}
    assert MARK not in answer.text
    assert "secret-of" not in answer.text


@pytest.mark.parametrize("kind", ["file", "page"])
def test_a_life_with_everything_is_copied_and_its_neighbours_are_not(
    client: CheckingClient, database: Database, make: Factory, session: Session, kind: str
) -> None:
    rows, others = build_rows(make, "62"), build_rows(make, "59")
    other_pathway = others.more["pathway"]
    others.person.first_name = others.person.last_name = MARK
    other_pathway.agreed_words = MARK
    others.more["introduction"].outcome_text = MARK
    session.commit()
    enter(client, database, rows.person)
    answer = client.post(ADDRESS, data={"kind": kind})
    assert answer.status_code == 200
    assert MARK not in answer.text
    assert other_pathway.public_id not in answer.text
    if kind == "file":
        data = json.loads(answer.data)["data"]
        filled = {key for key, found in data.items() if found}
        assert filled >= {"introduction", "immersion", "hire", "pathway", "enrollment", "barrier"}
        assert [row["public_id"] for row in data["pathway"]] == [rows.more["pathway"].public_id]


def test_the_page_to_print_says_the_same_in_french(
    client: CheckingClient, database: Database, person: Person
) -> None:
    enter(client, database, person, language="uk")
    answer = client.post(ADDRESS, data={"kind": "page"})
    assert answer.status_code == 200
    assert "Ce que vous savez faire" in answer.text
    assert "Sans aide" in answer.text
    assert OWN in answer.text
    assert MARK not in answer.text
    assert '<html lang="fr"' in answer.text


def test_taking_a_copy_is_logged_with_who_was_beside(
    client: CheckingClient, database: Database, session: Session, make: Factory
) -> None:
    referent = make.account(Role.REFERENT)
    person = make.person(referent=referent)
    helper = Actor(referent, referent.memberships[0])
    sign_in(client, session, referent)
    enter(client, database, person, helper=helper)
    assert client.post(ADDRESS, data={"kind": "file"}).status_code == 200
    enter(client, database, person)
    assert client.post(ADDRESS, data={"kind": "file"}).status_code == 200
    exports = select(AccessLog).where(AccessLog.kind == AccessKind.EXPORT).order_by(AccessLog.id)
    session.expire_all()
    assert [row.account_id for row in session.scalars(exports)] == [referent.id, None]
    events = select(DomainEvent).where(DomainEvent.name == "data_copied")
    assert len(session.scalars(events).all()) == 2
    assert "Vous avez pris une copie." in client.get("/moi/donnees/regards").text
