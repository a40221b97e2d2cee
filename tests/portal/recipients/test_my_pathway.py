"""« Mon parcours »: dated steps in plain words, a yes of one's own, a wish to change."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.db import Database
from portal.models import AgreementChannel, CallReason, CallRequest, Pathway, PathwayState
from portal.pathways import moves
from tests.portal.recipients.own_space import followed, pathway
from tests.support.client import CheckingClient, sign_in
from tests.support.doors import enter
from tests.support.factories import Factory


@pytest.fixture
def stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seats and dates are as they were proposed."""
    monkeypatch.setattr(moves, "problems_now", lambda *_: [])


def test_the_steps_are_told_in_plain_words_and_a_barrier_is_not_named(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    pathway(make, space)
    session.commit()
    enter(client, database, space.person)
    text = client.get("/moi/parcours").text
    assert "Vous allez en formation." in text
    assert "Ouvrier de travaux publics" in text
    assert "Vous réglez un point avec votre conseiller." in text
    assert "Garde" not in text
    assert "Je suis d’accord" in text


def test_without_a_pathway_the_page_says_who_prepares_it(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    session.commit()
    enter(client, database, space.person)
    assert "Vous le préparez avec votre conseiller." in client.get("/moi/parcours").text


@pytest.mark.usefixtures("stands")
def test_the_person_says_yes_by_themself(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    row = pathway(make, space)
    session.commit()
    enter(client, database, space.person)
    response = client.post(f"/moi/parcours/{row.public_id}/accord")
    assert response.location == "/moi/parcours"
    session.refresh(row)
    assert row.state is PathwayState.ACCEPTED
    assert (row.agreed_channel, row.agreed_with_id) == (AgreementChannel.PORTAL, None)
    text = client.get("/moi/parcours").text
    assert "C’est noté. Merci." in text
    assert "Je suis d’accord" not in text


@pytest.mark.usefixtures("stands")
def test_beside_a_professional_the_yes_is_said_aloud_and_heard_by_them(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    row = pathway(make, space)
    actor = Actor(space.referent, space.referent.memberships[0])
    sign_in(client, session, space.referent)
    enter(client, database, space.person, helper=actor)
    client.post(f"/moi/parcours/{row.public_id}/accord")
    session.refresh(row)
    assert row.state is PathwayState.ACCEPTED
    heard = (row.agreed_channel, row.agreed_with_id)
    assert heard == (AgreementChannel.MEETING, space.referent.id)


def test_a_link_alone_does_not_agree(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    row = pathway(make, space)
    session.commit()
    enter(client, database, space.person, confirmed=False)
    response = client.post(f"/moi/parcours/{row.public_id}/accord")
    assert response.location == "/moi/confirmer?suite=/moi/parcours"
    session.refresh(row)
    assert row.state is PathwayState.PROPOSED


def test_nobody_agrees_to_a_pathway_that_no_longer_stands(
    client: CheckingClient,
    database: Database,
    make: Factory,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moves, "problems_now", lambda *_: ["Plus de place."])
    space = followed(make)
    row = pathway(make, space)
    session.commit()
    enter(client, database, space.person)
    client.post(f"/moi/parcours/{row.public_id}/accord")
    session.refresh(row)
    assert row.state is PathwayState.PROPOSED
    assert session.scalars(select(CallRequest.reason)).one() is CallReason.CHANGE_PATHWAY
    assert "On vous appelle" in client.get("/moi/parcours").text


@pytest.mark.usefixtures("stands")
def test_a_second_yes_changes_nothing(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space = followed(make)
    row = pathway(make, space)
    session.commit()
    enter(client, database, space.person)
    for _ in range(2):
        assert client.post(f"/moi/parcours/{row.public_id}/accord").status_code == 302
    session.refresh(row)
    assert row.state is PathwayState.ACCEPTED


@pytest.mark.parametrize(
    ("reason", "note"), [("dates", "Les dates ne vont pas"), ("", None), ("nonsense", None)]
)
def test_a_wish_to_change_asks_for_a_call_and_moves_nothing(
    client: CheckingClient,
    database: Database,
    make: Factory,
    session: Session,
    reason: str,
    note: str | None,
) -> None:
    space = followed(make)
    row = pathway(make, space)
    session.commit()
    enter(client, database, space.person)
    page = f"/moi/parcours/{row.public_id}/changer"
    assert "Rien ne change avant." in client.get(page).text
    assert client.post(page, data={"reason": reason}).location == "/moi/parcours"
    call = session.scalars(select(CallRequest)).one()
    assert (call.reason, call.note, call.subject_id) == (CallReason.CHANGE_PATHWAY, note, row.id)
    session.refresh(row)
    assert row.state is PathwayState.PROPOSED
    assert "On vous appelle avant" in client.get("/moi/parcours").text


def test_the_pathway_of_another_person_is_not_found(
    client: CheckingClient, database: Database, make: Factory, session: Session
) -> None:
    space, other = followed(make), followed(make)
    row: Pathway = pathway(make, other)
    session.commit()
    enter(client, database, space.person)
    page = f"/moi/parcours/{row.public_id}"
    assert client.get(f"{page}/changer").status_code == 404
    assert client.post(f"{page}/changer").status_code == 404
    assert client.post(f"{page}/accord").status_code == 404
    session.refresh(row)
    assert row.state is PathwayState.PROPOSED
