"""The calls to make: whose, by when, why, what came of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.calls import listing
from portal.calls.queries import record_call, settle_calls
from portal.db import Database
from portal.models import (
    AccessLog,
    Account,
    CallReason,
    CallRequest,
    DomainEvent,
    Establishment,
    Person,
    Role,
)
from portal.today.tasks import working_days_after
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory
from tests.support.inviting import actor_of, invite
from tests.support.queries import count_queries


@pytest.fixture
def referent(make: Factory) -> Account:
    """A referent."""
    return make.account(Role.REFERENT)


def ask(session: Session, person: Person, *, days: int = 1, **values: object) -> CallRequest:
    """The person asks to be called."""
    values.setdefault("reason", CallReason.CALL_ME)
    row = record_call(
        session,
        due_on=clock.today() + timedelta(days=days),
        person=person,
        **values,  # type: ignore[arg-type]
    )
    assert row is not None
    return row


def test_calls_are_listed_by_day_with_whom_why_and_what_about(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    invitation = invite(make, referent)
    later = ask(session, invitation.person, days=3, reason=CallReason.CHANGE_PATHWAY)
    late = ask(session, invitation.person, days=-1, subject=invitation, note="Le soir si possible")
    sign_in(client, session, referent)
    page = client.get("/appels").get_data(as_text=True)
    assert page.index(late.public_id) < page.index(later.public_id)
    assert "Demande qu’on l’appelle" in page
    assert "en retard" in page
    assert "Le soir si possible" in page
    assert f"/invitations/{invitation.public_id}" in page
    assert invitation.person.short_name in page
    assert invitation.person.full_name not in page
    logged = set(session.scalars(select(AccessLog.person_id)))
    assert invitation.person_id in logged
    fragment = client.get("/appels", hx=True).get_data(as_text=True)
    assert fragment.strip() in client.get("/appels").get_data(as_text=True)


def test_a_colleague_s_calls_are_seen_with_those_of_the_structure(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    colleague = make.account(Role.REFERENT, referent.memberships[0].organisation)
    row = ask(session, make.person(referent=colleague))
    sign_in(client, session, referent)
    assert row.public_id not in client.get("/appels").get_data(as_text=True)
    assert row.public_id in client.get("/appels?qui=structure").get_data(as_text=True)


def test_another_structure_s_call_does_not_exist(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    row = ask(session, make.person(referent=make.account(Role.REFERENT)))
    sign_in(client, session, referent)
    assert row.public_id not in client.get("/appels?qui=structure").get_data(as_text=True)
    for path, data in (("fait", {"outcome": "Oui"}), ("pas-joint", {})):
        assert client.post(f"/appels/{row.public_id}/{path}", data=data).status_code == 404
    session.refresh(row)
    assert row.done_at is None


def test_whom_one_may_no_longer_see_is_not_named(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    stranger = make.person(referent=make.account(Role.REFERENT), phone="0611223344")
    organisation = referent.memberships[0].organisation
    row = ask(session, stranger, organisation_id=organisation.id, note="Un mot")
    sign_in(client, session, referent)
    page = client.get("/appels").get_data(as_text=True)
    assert row.public_id in page
    for secret in (stranger.first_name, "0611223344", "06 11", "Un mot"):
        assert secret not in page


def test_a_call_is_done_with_a_few_words_and_not_without(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    row = ask(session, make.person(referent=referent))
    sign_in(client, session, referent)
    refused = client.post(f"/appels/{row.public_id}/fait", data={"outcome": " "})
    assert refused.status_code == 422
    assert "Notez en quelques mots" in refused.get_data(as_text=True)
    client.post(f"/appels/{row.public_id}/fait", data={"outcome": "Viendra jeudi"})
    session.refresh(row)
    assert (row.outcome, row.done_by_id) == ("Viendra jeudi", referent.id)
    assert row.public_id not in client.get("/appels").get_data(as_text=True)
    assert "Viendra jeudi" in client.get("/appels?vue=faits").get_data(as_text=True)
    again = client.post(
        f"/appels/{row.public_id}/fait", data={"outcome": "Encore"}, follow_redirects=True
    )
    assert "Cet appel est déjà fait. Vous aviez écrit" in again.text
    assert "Encore" in again.text, "given back to who wrote it"
    session.refresh(row)
    assert row.outcome == "Viendra jeudi"


def test_not_reached_keeps_it_open_for_the_next_working_day(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    row = ask(session, make.person(referent=referent), days=-2, note="Le soir")
    sign_in(client, session, referent)
    client.post(f"/appels/{row.public_id}/pas-joint", data={"note": "Messagerie"})
    session.refresh(row)
    assert row.done_at is None
    assert row.due_on == working_days_after(clock.today(), 1)
    assert row.note is not None
    assert row.note.startswith("Le soir\n")
    assert row.note.endswith("pas joint. Messagerie")
    long = client.post(f"/appels/{row.public_id}/pas-joint", data={"note": "x" * 301})
    assert long.status_code == 422


def test_the_same_request_still_open_is_one_call(
    make: Factory, session: Session, referent: Account
) -> None:
    invitation = invite(make, referent)
    first = ask(session, invitation.person, subject=invitation, note="Un")
    second = ask(session, invitation.person, days=0, subject=invitation)
    assert (first.id, second.note, second.due_on) == (second.id, "Un", clock.today())
    settle_calls(session, reason=CallReason.CALL_ME, subject=invitation, outcome="Plus besoin")
    third = ask(session, invitation.person, subject=invitation)
    assert third.id != first.id
    assert first.outcome == "Plus besoin"


def test_calls_of_an_establishment_name_its_contact(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    adviser = make.account(Role.ADVISER)
    place = make.establishment(owner_id=adviser.memberships[0].organisation_id)
    contact = make.contact(place)
    record_call(
        session,
        reason=CallReason.EMPLOYER,
        due_on=clock.today(),
        establishment=place,
        contact=contact,
    )
    sign_in(client, session, adviser)
    page = client.get("/appels").get_data(as_text=True)
    assert contact.name in page
    assert place.name in page


@pytest.mark.parametrize("role", [Role.ADVISER, Role.REFERENT, Role.HUB])
def test_my_day_begins_with_the_calls_that_wait(
    client: CheckingClient, make: Factory, session: Session, role: Role
) -> None:
    account = make.account(role)
    person = make.person(referent=make.account(Role.REFERENT))
    row = ask(
        session,
        person,
        days=-1,
        organisation_id=account.memberships[0].organisation_id,
        account_id=account.id,
    )
    sign_in(client, session, account)
    page = client.get("/").get_data(as_text=True)
    assert f"/appels#appel-{row.public_id}" in page


def test_what_is_said_twice_before_the_call_is_kept_oldest_first(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    person = make.person(referent=referent)
    for said in (
        "Je serai en retard",
        "Je ne viens pas\nmon fils est malade",
        "Je serai en retard",
    ):
        row = ask(session, person, reason=CallReason.TO_READ, note=said)
    ask(session, person, reason=CallReason.TO_READ, note="retard")
    assert row.note == ("Je serai en retard\nJe ne viens pas\nmon fils est malade\nretard")
    sign_in(client, session, referent)
    page = client.get("/appels").get_data(as_text=True)
    assert page.count("Je serai en retard") == 1
    assert page.index("Je serai en retard") < page.index("Je ne viens pas")


def test_two_colleagues_at_once_note_one_outcome(any_database: Database, app: Flask) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        referent = make.account(Role.REFERENT)
        row_id = ask(session, make.person(referent=referent)).id
        account_id = referent.id

    def work(number: int) -> bool:
        with app.test_request_context():
            try:
                with any_database.transaction() as session:
                    actor = actor_of(session.get_one(Account, account_id))
                    call = session.get_one(CallRequest, row_id)
                    listing.record_done(session, actor, call=call, outcome=f"Dit {number}")
            except IllegalTransitionError:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [False, True]
    with any_database.session() as session:
        events = select(func.count(DomainEvent.id)).where(DomainEvent.name == "called")
        assert session.scalar(events) == 1


def test_the_same_call_asked_twice_at_once_is_one(any_database: Database) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        keys = (
            make.person(referent=make.account(Role.REFERENT)).id,
            make.establishment(owner_id=make.organisation().id).id,
        )
    gate = Barrier(4)

    def work(number: int) -> None:
        gate.wait(timeout=30)
        with any_database.transaction() as session:
            bearer: dict[str, Any] = (
                {"person": session.get_one(Person, keys[0])}
                if number % 2
                else {"establishment": session.get_one(Establishment, keys[1])}
            )
            record_call(session, reason=CallReason.CALL_ME, due_on=clock.today(), **bearer)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with any_database.session() as session:
        assert session.scalar(select(func.count(CallRequest.id))) == 2


def test_the_list_asks_no_more_for_more_calls(
    client: CheckingClient, database: Database, make: Factory, session: Session, referent: Account
) -> None:
    def more(count: int) -> None:
        for _ in range(count):
            invitation = invite(make, referent)
            ask(session, invitation.person, subject=invitation)
        session.commit()

    def count() -> int:
        with count_queries(database.engine) as seen:
            assert client.get("/appels").status_code == 200
        return seen.count

    more(1)
    sign_in(client, session, referent)
    client.get("/appels")
    before = count()
    more(6)
    assert count() == before
