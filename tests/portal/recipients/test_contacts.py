"""« Mes contacts »: who follows me, and the call that is promised."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import CallReason, CallRequest, Referral, Role
from portal.today.tasks import working_days_after
from tests.portal.recipients.own_space import followed
from tests.support.client import CheckingClient
from tests.support.doors import enter
from tests.support.factories import Factory
from tests.support.queries import count_queries


def _referral(make: Factory, person_id: int, *, ended: bool = False) -> Referral:
    account = make.account(Role.HUB)
    row: Referral = make.add(
        Referral(
            person_id=person_id,
            organisation_id=account.memberships[0].organisation_id,
            account_id=account.id,
            lead=False,
            start=clock.today() - timedelta(days=30),
            end=clock.today() - timedelta(days=1) if ended else None,
        )
    )
    return row


def test_those_who_follow_me_are_shown_with_their_number_and_what_they_do(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    hub = _referral(make, space.person.id)
    gone = _referral(make, space.person.id, ended=True)
    session.commit()
    enter(client, database, space.person)
    text = client.get("/moi/contacts").text
    assert space.referent.full_name in text
    assert "Suit votre parcours." in text
    assert "tel:0321000001" in text
    assert hub.account is not None
    assert hub.account.full_name in text
    assert gone.account is not None
    assert gone.account.full_name not in text


def test_the_page_asks_no_more_when_more_people_follow_me(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    session.commit()
    enter(client, database, space.person)
    with count_queries(database.engine) as few:
        client.get("/moi/contacts")
    for _ in range(5):
        _referral(make, space.person.id)
    session.commit()
    with count_queries(database.engine) as many:
        client.get("/moi/contacts")
    assert many.count <= few.count


def test_call_me_is_kept_once_and_the_day_is_told(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    session.commit()
    enter(client, database, space.person)
    for _ in range(2):
        assert client.post("/moi/contacts/rappel").location == "/moi/contacts"
    row = session.scalars(select(CallRequest)).one()
    assert row.reason is CallReason.CALL_ME
    assert row.account_id == space.referent.id
    assert row.due_on == working_days_after(clock.today(), 1)
    text = client.get("/moi/contacts").text
    assert "On vous appelle avant" in text
    assert 'action="/moi/contacts/rappel"' not in text


def test_once_called_one_may_ask_again(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    session.commit()
    enter(client, database, space.person)
    client.post("/moi/contacts/rappel")
    row = session.scalars(select(CallRequest)).one()
    row.done_at, row.outcome = clock.now(), "Appelée"
    session.commit()
    assert 'action="/moi/contacts/rappel"' in client.get("/moi/contacts").text
