"""Somebody is reached elsewhere: what was sent to the old number or mail opens no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.accesses.queries import record_contact
from portal.db import Database
from portal.doors.contacts import send_employer_link
from portal.doors.invite import send_person_link
from portal.doors.reach import close_old_reach, reach_of
from portal.models import DoorLink, LinkPurpose, MessageState, OutboxMessage, Person, Role
from tests.portal.doors.support import link_for, path_of
from tests.support.client import client_for, sign_in
from tests.support.doors import enter
from tests.support.factories import Factory


@pytest.fixture
def person(make: Factory) -> Person:
    return make.person(referent=make.account(), phone="0639980000", email="amina@exemple.test")


def link_of(session: Session, message: OutboxMessage) -> DoorLink:
    link = session.get(DoorLink, message.link_id)
    assert link is not None
    return link


def change(session: Session, person: Person, **values: str | None) -> None:
    before = reach_of(person)
    for name, value in values.items():
        setattr(person, name, value)
    close_old_reach(session, person, before=before)
    session.commit()


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ({"phone": "0639981111"}, True),
        ({"email": "amina.l@exemple.test"}, True),
        ({"phone": None}, True),
        ({"phone": "+33 6 39 98 00 00"}, False),
        ({}, False),
    ],
)
def test_links_that_left_and_light_visits_end_with_the_number(
    app: Flask, session: Session, person: Person, values: dict[str, str | None], ends: bool
) -> None:
    light, late = client_for(app), client_for(app)
    light.post(path_of(link_for(session, person)))
    assert light.get("/moi").status_code == 200
    left = link_for(session, person)
    change(session, person, **values)
    assert light.get("/moi").status_code == (302 if ends else 200)
    assert late.post(path_of(left)).status_code == (410 if ends else 303)


def test_a_confirmed_visit_goes_on(
    app: Flask, database: Database, session: Session, person: Person
) -> None:
    session.commit()
    client = client_for(app)
    enter(client, database, person, confirmed=True)
    change(session, person, phone="0639981111")
    assert client.get("/moi").status_code == 200


def test_the_link_of_a_message_that_waits_leaves_for_the_new_number(
    app: Flask, make: Factory, session: Session, person: Person
) -> None:
    account = make.account(Role.REFERENT)
    actor = Actor(account, account.memberships[0])
    waits, left = (send_person_link(session, person=person, by=actor) for _ in range(2))
    left.state = MessageState.SENT
    change(session, person, phone="0639981111")
    assert client_for(app).post(path_of(link_of(session, waits))).status_code == 303
    assert client_for(app).post(path_of(link_of(session, left))).status_code == 410


def test_a_first_number_ends_nothing(app: Flask, make: Factory, session: Session) -> None:
    person = make.person(referent=make.account(), phone=None, email=None)
    link = link_for(session, person)
    change(session, person, phone="0639981111")
    assert client_for(app).post(path_of(link)).status_code == 303


def by_identity(app: Flask, session: Session, make: Factory) -> Person:
    referent = make.account(Role.REFERENT)
    person = make.person(referent=referent, phone="0639980000")
    desk = sign_in(client_for(app), session, referent)
    data = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "phone": "0639981111",
        "contact_preference": "phone",
    }
    path_to = f"/personnes/{person.public_id}/identite"
    person_link = link_for(session, person)
    assert desk.post(path_to, data=data).status_code == 303
    session.refresh(person_link)
    assert person_link.revoked_at is not None
    return person


def by_the_person(app: Flask, session: Session, make: Factory) -> Person:
    person = make.person(referent=make.account(Role.REFERENT), phone="0639980000")
    link = link_for(session, person)
    client = client_for(app)
    enter(client, app.extensions["ecluse_database"], person, confirmed=True)
    data = {"phone": "0639981111", "email": "", "contact_preference": "sms"}
    assert client.post("/moi/donnees/changer/joindre", data=data).status_code == 302
    session.refresh(link)
    assert link.revoked_at is not None
    return person


@pytest.mark.parametrize("way", [by_identity, by_the_person])
def test_each_way_to_change_a_number_ends_the_links(
    app: Flask,
    session: Session,
    make: Factory,
    way: Callable[[Flask, Session, Factory], Person],
) -> None:
    person = way(app, session, make)
    session.refresh(person)
    assert person.phone == "0639981111"


def test_a_contact_who_is_reached_elsewhere_keeps_the_link_that_waits(
    app: Flask, make: Factory, session: Session
) -> None:
    contact = make.contact(make.establishment())
    waits, left = (
        send_employer_link(session, contact=contact, purpose=LinkPurpose.EMPLOYER_SPACE)
        for _ in range(2)
    )
    left.state = MessageState.SENT
    account = make.account(Role.ADVISER)
    record_contact(
        session,
        Actor(account, account.memberships[0]),
        contact=contact,
        name=contact.name,
        job=None,
        phone="0639987777",
        email=None,
    )
    session.commit()
    assert client_for(app).get(path_of(link_of(session, waits))).status_code == 200
    assert client_for(app).post(path_of(link_of(session, left))).status_code == 410
