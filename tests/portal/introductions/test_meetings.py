"""A meeting that a firm proposed: confirmed, or put to another day, in one tap."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.introductions import actions, queries
from portal.invitations import answering
from portal.invitations.rules import Choice
from portal.messages.settling import mark_failed
from portal.models import (
    Account,
    AnswerChannel,
    CallReason,
    CallRequest,
    Introduction,
    Invitation,
    InvitationState,
    JobOffer,
    MessageState,
    OutboxMessage,
    Person,
)
from portal.offers import actions as offers
from portal.offers.rules import AbandonReason
from portal.today.tasks import working_days_after
from tests.portal.introductions.support import S, introduce, only, step
from tests.support.client import CheckingClient
from tests.support.factories import Factory

CONFIRM = "La personne vient\u00a0: confirmer"
DAY = clock.today() + timedelta(days=4)


@pytest.fixture
def meeting(
    app: Flask, offer: JobOffer, person: Person, make: Factory, session: Session
) -> Introduction:
    """The firm asked to meet the person in four days; nobody has spoken with the person yet."""
    row = introduce(make, offer, person, S.SEEN)
    with app.test_request_context("/"):
        actions.record_meeting(session, None, introduction=row, on=DAY)
    session.commit()
    return row


def invitations(session: Session) -> list[tuple[date, InvitationState]]:
    session.expire_all()
    rows = session.scalars(select(Invitation).order_by(Invitation.id))
    return [(row.starts_at.astimezone(clock.PARIS).date(), row.state) for row in rows]


def test_the_adviser_confirms_in_one_tap_and_nobody_is_called_for_it(
    client: CheckingClient, meeting: Introduction, session: Session
) -> None:
    address = f"/mises-en-relation/{meeting.public_id}"
    page = client.get(address).text
    assert "à confirmer avec la personne" in page
    assert CONFIRM in page
    # One thing to press first; another day is one tap too.
    assert page.count('type="submit" class="primary"') <= 1
    coming = [working_days_after(clock.today(), count) for count in (1, 2, 3)]
    for day in coming:
        assert (f'name="on" value="{day.isoformat()}"' in page) == (day != DAY)
    assert not queries.list_agreed_to_meet(session, [meeting.id])
    assert "Rencontre confirmée" in step(client, meeting, "confirmer-rencontre")
    assert invitations(session) == [(DAY, InvitationState.ACCEPTED)]
    row = session.scalars(select(Invitation)).one()
    assert row.answered_by is AnswerChannel.PHONE
    assert queries.list_agreed_to_meet(session, [meeting.id]) == {meeting.id}
    calls = session.scalars(select(CallRequest).where(CallRequest.done_at.is_(None))).all()
    assert [call.reason for call in calls if call.reason is CallReason.INTERESTED] == []
    page = client.get(address).text
    assert CONFIRM not in page
    assert "à confirmer avec la personne" not in page


def test_what_was_confirmed_by_telephone_is_no_longer_to_be_asked(
    client: CheckingClient, meeting: Introduction, session: Session
) -> None:
    """The person has a landline: the invitation waited to be said."""
    asked = session.scalars(
        select(OutboxMessage).where(OutboxMessage.to_say.contains("Voulez-vous venir"))
    ).one()
    assert asked.state is MessageState.TO_CALL
    assert "Voulez-vous venir" in client.get("/messages/a-dire").text
    step(client, meeting, "confirmer-rencontre")
    session.refresh(asked)
    assert asked.state is MessageState.CANCELLED
    assert "Voulez-vous venir" not in client.get("/messages/a-dire").text


def test_who_answered_is_not_called_because_the_invitation_could_not_leave(
    client: CheckingClient, meeting: Introduction, session: Session
) -> None:
    asked = session.scalars(
        select(OutboxMessage).where(OutboxMessage.to_say.contains("Voulez-vous venir"))
    ).one()
    mark_failed(session, asked, "numéro inconnu", clock.now())
    session.commit()
    assert "Voulez-vous venir" in client.get("/appels?qui=structure").text
    step(client, meeting, "confirmer-rencontre")
    assert "Voulez-vous venir" not in client.get("/appels?qui=structure").text


def test_the_offer_that_closes_calls_the_meeting_off(
    app: Flask, client: CheckingClient, meeting: Introduction, adviser: Account, session: Session
) -> None:
    step(client, meeting, "confirmer-rencontre")
    with app.test_request_context("/"):
        actor = Actor(adviser, adviser.memberships[0])
        session.expire_all()
        offers.abandon(session, actor, offer=meeting.offer, reason=AbandonReason.NEED_CANCELLED)
        session.commit()
    assert invitations(session) == [(DAY, InvitationState.CANCELLED)]
    assert "Annulé" in client.get("/messages/a-dire").text


def test_another_day_is_proposed_to_the_person_in_place_of_the_first(
    client: CheckingClient, meeting: Introduction, session: Session
) -> None:
    other = DAY + timedelta(days=1)
    step(client, meeting, "autre-jour", on=other.isoformat())
    assert only(session).meeting_on == other
    assert only(session).state is S.MEETING
    assert invitations(session) == [
        (DAY, InvitationState.CANCELLED),
        (other, InvitationState.SENT),
    ]
    # What the adviser proposes is not what the person agreed to.
    assert not queries.list_agreed_to_meet(session, [meeting.id])
    step(client, meeting, "confirmer-rencontre")
    assert queries.list_agreed_to_meet(session, [meeting.id]) == {meeting.id}


@pytest.mark.parametrize("action", ["confirmer-rencontre", "autre-jour"])
def test_without_a_meeting_there_is_nothing_to_confirm_nor_to_move(
    client: CheckingClient,
    offer: JobOffer,
    person: Person,
    make: Factory,
    session: Session,
    action: str,
) -> None:
    row = introduce(make, offer, person, S.SEEN)
    session.commit()
    assert "Aucune rencontre n’est prévue" in step(client, row, action, on=DAY.isoformat())
    assert invitations(session) == []


def test_a_day_that_is_past_is_refused(
    client: CheckingClient, meeting: Introduction, session: Session
) -> None:
    past = clock.today() - timedelta(days=1)
    assert "est passée" in step(client, meeting, "autre-jour", on=past.isoformat())
    assert only(session).meeting_on == DAY


def off(session: Session) -> list[str]:
    """The messages that say that a meeting does not take place."""
    session.expire_all()
    bodies = session.scalars(select(OutboxMessage.body).order_by(OutboxMessage.id))
    return [body for body in bodies if body and "Ne venez pas" in body]


def answer(session: Session, app: Flask, choice: Choice, *, other_day: bool = False) -> None:
    """The person answers by the link."""
    with app.test_request_context("/"):
        answering.answer(
            session,
            invitation=session.scalars(select(Invitation)).one(),
            choice=choice,
            channel=AnswerChannel.LINK,
            other_day=other_day,
        )
    session.commit()


@pytest.mark.parametrize("choice", ["yes", "call_me"])
def test_who_said_that_they_come_is_told_that_the_former_day_is_off(
    app: Flask, client: CheckingClient, meeting: Introduction, session: Session, choice: Choice
) -> None:
    answer(session, app, choice)
    step(client, meeting, "autre-jour", on=(DAY + timedelta(days=1)).isoformat())
    assert len(off(session)) == (choice == "yes")


def test_the_call_that_the_person_asked_for_is_made_once_they_said_that_they_come(
    app: Flask, client: CheckingClient, meeting: Introduction, session: Session
) -> None:
    answer(session, app, "call_me", other_day=True)
    assert "demande qu’on l’appelle" in client.get(f"/mises-en-relation/{meeting.public_id}").text
    step(client, meeting, "confirmer-rencontre")
    asked = select(CallRequest.done_at).where(CallRequest.reason == CallReason.CALL_ME)
    assert session.scalars(asked).one() is not None


def test_the_adviser_reads_that_the_person_does_not_come(
    app: Flask, client: CheckingClient, meeting: Introduction, session: Session
) -> None:
    answer(session, app, "no")
    page = client.get(f"/mises-en-relation/{meeting.public_id}").text
    assert "la personne a dit qu’elle ne vient pas" in page
    assert "à confirmer avec la personne" not in page


@pytest.mark.parametrize(
    ("action", "told"), [("non-retenue", True), ("clore", True), ("pas-pour-moi", False)]
)
def test_nobody_travels_to_a_meeting_of_which_nothing_more_comes(
    app: Flask,
    client: CheckingClient,
    meeting: Introduction,
    session: Session,
    action: str,
    told: bool,
) -> None:
    answer(session, app, "yes")
    step(client, meeting, action, reason="other")
    assert only(session).closed_at is not None
    assert invitations(session) == [(DAY, InvitationState.CANCELLED)]
    # Who said « pas pour moi » knows it.
    assert len(off(session)) == told
