"""« Désaccords »: who reads them, the answer of a human, and the person who is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.doors.landing import landing_of
from portal.models import (
    AccessLog,
    Account,
    AnswerChannel,
    Contestation,
    DomainEvent,
    DoorLink,
    MessageKind,
    OutboxMessage,
    Person,
    Role,
)
from portal.recipients.contesting import record_contestation
from tests.support.client import CheckingClient, sign_in
from tests.support.doors import enter
from tests.support.factories import Factory
from tests.support.queries import count_queries


@dataclass
class Scene:
    """A person who does not agree, the référent who answers, and another structure."""

    person: Person
    referent: Account
    stranger: Account
    row: Contestation

    @property
    def path(self) -> str:
        """The page of the contestation."""
        return f"/contestations/{self.row.public_id}"


@pytest.fixture
def scene(app: Flask, make: Factory, session: Session) -> Scene:
    referent = make.account(Role.REFERENT)
    person = make.person(referent=referent, modes="car", max_minutes=90, phone="06 39 98 11 22")
    offer = make.offer(make.account(Role.ADVISER), title="Canalisateur")
    skill = make.skill("tp.poser", "Poser un tuyau")
    make.requires(offer, skill)
    make.knows(person, skill, 0)
    session.commit()
    with app.test_request_context():
        row = record_contestation(
            session,
            person=person,
            offer=offer,
            text="Je sais poser un tuyau.",
            by_phone=False,
            channel=AnswerChannel.SPACE,
        )
    session.commit()
    return Scene(person, referent, make.account(Role.REFERENT), row)


def test_the_structure_that_follows_reads_what_was_computed_and_what_is_said(
    client: CheckingClient, scene: Scene, session: Session
) -> None:
    sign_in(client, session, scene.referent)
    assert "Canalisateur" in client.get("/contestations").get_data(as_text=True)
    page = client.get(scene.path).get_data(as_text=True)
    for words in ("Je sais poser un tuyau.", "Poser un tuyau", "pas encore", "gardé tel quel"):
        assert words in page, words
    read = session.scalars(select(AccessLog.person_id)).all()
    assert read.count(scene.person.id) == 2


def test_another_structure_finds_nothing(
    client: CheckingClient, scene: Scene, session: Session
) -> None:
    sign_in(client, session, scene.stranger)
    assert client.get(scene.path).status_code == 404
    assert client.post(scene.path, data={"answer": "Non."}).status_code == 404
    assert "Canalisateur" not in client.get("/contestations").get_data(as_text=True)


def test_t_xpl_02_the_answer_is_kept_shown_and_the_person_told(
    app: Flask, client: CheckingClient, database: Database, scene: Scene, session: Session
) -> None:
    sign_in(client, session, scene.referent)
    assert client.post(scene.path, data={"answer": "  "}).status_code == 422
    said = "Vous avez raison. C’est corrigé."
    client.post(scene.path, data={"answer": said})
    session.expire_all()
    assert scene.row.answer == said
    assert scene.row.answered_by_id == scene.referent.id
    message = session.scalars(select(OutboxMessage)).one()
    assert message.kind is MessageKind.ANSWER
    assert "{link}" in message.body
    assert "Canalisateur" not in message.body
    assert said not in message.body
    names = session.scalars(
        select(DomainEvent.name).where(DomainEvent.subject_kind == "contestation")
    ).all()
    assert names == ["contested", "contestation_answered"]
    enter(client, database, scene.person)
    mine = f"/moi/contester/{scene.row.public_id}"
    link = session.scalars(select(DoorLink)).one()
    with app.test_request_context():
        landing = landing_of(session, link)
    assert landing is not None
    assert landing.target == mine
    assert said in client.get(mine).get_data(as_text=True)
    assert "Mes demandes" in client.get("/moi/pistes").get_data(as_text=True)
    client.post(f"{mine}/lu")
    session.expire_all()
    assert scene.row.read_at is not None


def test_a_second_answer_is_refused(client: CheckingClient, scene: Scene, session: Session) -> None:
    sign_in(client, session, scene.referent)
    client.post(scene.path, data={"answer": "Vous avez raison."})
    page = client.post(scene.path, data={"answer": "Non."}, follow_redirects=True)
    assert "Quelqu’un a déjà répondu" in page.get_data(as_text=True)
    session.expire_all()
    assert scene.row.answer == "Vous avez raison."


def test_t_xpl_02_it_is_a_task_of_the_day_late_once_the_days_are_past(
    client: CheckingClient, scene: Scene, session: Session
) -> None:
    scene.row.due_on = clock.today() - timedelta(days=1)
    session.commit()
    sign_in(client, session, scene.referent)
    day = client.get("/").get_data(as_text=True)
    assert "Répondre à un désaccord" in day
    assert "En retard" in day
    assert "attendue le" in client.get("/contestations").get_data(as_text=True)
    client.post(scene.path, data={"answer": "Vous avez raison."})
    assert "n’est pas d’accord" not in client.get("/").get_data(as_text=True)
    assert "Canalisateur" in client.get("/contestations?vue=repondues").get_data(as_text=True)


@pytest.mark.parametrize("left", ["objected_at", "archived_at"])
def test_who_left_or_objects_keeps_the_right_to_an_answer_and_is_named_nowhere(
    client: CheckingClient, scene: Scene, session: Session, left: str
) -> None:
    """INV-18."""
    person = scene.person
    person.first_name, person.last_name = "Nadège", "Moreaux"
    sign_in(client, session, scene.referent)
    paths = ("/", "/contestations", scene.path)
    assert all("Nadège" in client.get(path).text for path in paths)
    setattr(person, left, clock.now())
    session.commit()
    for path in (*paths, "/contestations?vue=repondues"):
        page = client.get(path).text
        if "repondues" not in path:
            assert "Personne qui n’est plus disponible" in page
        assert "Nadège" not in page
        assert "Moreaux" not in page
        assert person.public_id not in page
        if path == scene.path:
            answered = client.post(path, data={"answer": "Vous avez raison."})
            assert "rien ne part" in client.get(answered.location).text
    session.refresh(scene.row)
    assert scene.row.answer == "Vous avez raison."
    messages = select(OutboxMessage).where(OutboxMessage.kind == MessageKind.ANSWER)
    assert session.scalars(messages).all() == []


def test_t_xpl_03_who_follows_the_person_hands_the_account_over(
    client: CheckingClient, scene: Scene, session: Session
) -> None:
    offer = scene.row.offer
    assert offer is not None
    path = f"/contestations/comment/{scene.person.public_id}/{offer.public_id}"
    sign_in(client, session, scene.referent)
    assert "Ce qui compte, dans cet ordre" in client.get(path).get_data(as_text=True)
    told = client.get(f"{path}.json").get_json()
    assert told["data"][0]["asked"] == "Poser un tuyau"
    sign_in(client, session, scene.stranger)
    assert client.get(path).status_code in (403, 404)
    assert client.get(f"{path}.json").status_code in (403, 404)


def test_the_list_costs_the_same_for_many(
    client: CheckingClient, scene: Scene, make: Factory, session: Session, database: Database
) -> None:
    def cost() -> int:
        client.get("/contestations")
        with count_queries(database.engine) as seen:
            assert client.get("/contestations").status_code == 200
        return seen.count

    sign_in(client, session, scene.referent)
    few = cost()
    for _number in range(6):
        person = make.person(referent=scene.referent)
        make.add(
            Contestation(
                person=person,
                organisation_id=scene.row.organisation_id,
                about="Autre",
                asked_by=AnswerChannel.SPACE,
                due_on=clock.today(),
            )
        )
    session.commit()
    assert cost() == few


def test_a_link_alone_does_not_show_what_was_said(
    client: CheckingClient, database: Database, scene: Scene, session: Session
) -> None:
    sign_in(client, session, scene.referent)
    client.post(scene.path, data={"answer": "Vous avez raison."})
    enter(client, database, scene.person, confirmed=False)
    page = client.get(f"/moi/contester/{scene.row.public_id}").get_data(as_text=True)
    assert "Pour la lire, donnez d’abord un code." in page
    assert "Vous avez raison." not in page
    assert "Je sais poser un tuyau." not in page
