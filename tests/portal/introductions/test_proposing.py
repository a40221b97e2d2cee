"""Presenting people: agreement first, the employer’s limit, several at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.introductions.rules import INTRODUCTION_MACHINE
from portal.models import (
    Account,
    AgreementChannel,
    DomainEvent,
    Introduction,
    IntroductionState,
    JobOffer,
    OfferState,
    OutcomeReason,
    Person,
    Role,
)
from tests.portal.introductions.support import S, introduce, only, propose, step
from tests.support.client import CheckingClient
from tests.support.factories import Factory

LEGAL = {
    S.PREPARED: {S.AGREEMENT_ASKED, S.AGREED, S.DECLINED, S.CLOSED},
    S.AGREEMENT_ASKED: {S.AGREED, S.DECLINED, S.CLOSED},
    S.AGREED: {S.SENT, S.DECLINED, S.CLOSED},
    S.DECLINED: {S.CLOSED},
    S.SENT: {S.SEEN, S.MEETING, S.IMMERSION, S.REFUSED, S.NO_ANSWER, S.DECLINED, S.CLOSED},
    S.SEEN: {S.MEETING, S.IMMERSION, S.REFUSED, S.NO_ANSWER, S.DECLINED, S.CLOSED},
    S.MEETING: {S.IMMERSION, S.HIRED, S.REFUSED, S.NO_ANSWER, S.DECLINED, S.CLOSED},
    S.IMMERSION: {S.HIRED, S.REFUSED, S.NO_ANSWER, S.DECLINED, S.CLOSED},
    S.NO_ANSWER: {S.SEEN, S.MEETING, S.IMMERSION, S.REFUSED, S.CLOSED},
    S.HIRED: {S.CLOSED},
    S.REFUSED: {S.CLOSED},
    S.CLOSED: set(),
}


@pytest.mark.parametrize("source", list(S))
def test_every_move_of_an_introduction(
    app: Flask, make: Factory, session: Session, source: IntroductionState
) -> None:
    account = make.account()
    with app.test_request_context():
        for target in S:
            row = introduce(make, make.offer(account), make.person(referent=account), source)
            row.agreed_at, row.outcome_reason = clock.now(), OutcomeReason.OTHER
            session.flush()
            moved = select(DomainEvent.to_state).where(DomainEvent.subject_id == row.id)
            if target in LEGAL[source]:
                INTRODUCTION_MACHINE.move(session, row, target, actor=None, name="test")
                assert row.state is target
                assert session.scalars(moved).one() == target.value
            else:
                with pytest.raises(IllegalTransitionError):
                    INTRODUCTION_MACHINE.move(session, row, target, actor=None, name="test")
                assert row.state is source
                assert session.scalar(moved) is None


def test_from_the_proposal_to_the_hire(
    client: CheckingClient, offer: JobOffer, person: Person, session: Session
) -> None:
    assert "Noter son accord" in propose(client, offer, person)
    row = only(session)
    today = clock.today().isoformat()
    assert "Accord noté" in step(client, row, "accord", channel="phone", on=today)
    assert "Fiche transmise" in step(client, row, "transmettre")
    session.expire_all()
    assert session.get(Person, person.id).last_proposed_on == clock.today()  # type: ignore[union-attr]
    assert session.get(JobOffer, offer.id).state is OfferState.IN_PROGRESS  # type: ignore[union-attr]
    step(client, row, "vue")
    step(client, row, "rencontre", on=(clock.today() + timedelta(days=2)).isoformat())
    step(client, row, "immersion")
    page = step(client, row, "embauche")
    assert "L’entreprise vous embauche" in page
    row = only(session)
    assert (row.state, row.outcome_reason) == (S.HIRED, OutcomeReason.HIRED)
    assert row.agreed_channel is AgreementChannel.PHONE
    assert row.agreed_with_id == offer.adviser_id
    assert row.group_at_proposal == "ready"
    events = session.scalars(
        select(DomainEvent.name)
        .where(DomainEvent.subject_kind == "introduction")
        .order_by(DomainEvent.id)
    ).all()
    assert events == ["prepared", "agreed", "sent", "seen", "meeting_set", "immersion", "hired"]


def test_nothing_is_sent_without_the_recorded_agreement(
    client: CheckingClient, offer: JobOffer, person: Person, make: Factory, session: Session
) -> None:
    row = introduce(make, offer, person)
    session.commit()
    step(client, row, "transmettre")
    assert only(session).state is S.PREPARED
    half = only(session)
    half.state, half.agreed_at, half.agreed_channel = S.AGREED, clock.now(), None
    session.commit()
    assert "Notez d’abord l’accord" in step(client, row, "transmettre")
    assert only(session).sent_at is None


@pytest.mark.parametrize(
    "data", [{}, {"channel": "phone"}, {"channel": "pigeon", "on": "2026-01-01"}, {"on": "hier"}]
)
def test_an_agreement_says_how_and_when(
    client: CheckingClient,
    offer: JobOffer,
    person: Person,
    make: Factory,
    session: Session,
    data: dict[str, str],
) -> None:
    row = introduce(make, offer, person)
    session.commit()
    response = client.post(f"/mises-en-relation/{row.public_id}/accord", data=data)
    assert response.status_code == 422
    assert "Il reste des points à corriger" in response.get_data(as_text=True)
    assert only(session).state is S.PREPARED


def test_an_agreement_cannot_be_of_tomorrow(
    client: CheckingClient, offer: JobOffer, person: Person, make: Factory, session: Session
) -> None:
    row = introduce(make, offer, person)
    session.commit()
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    assert "à venir" in step(client, row, "accord", channel="phone", on=tomorrow)
    row = only(session)
    assert (row.state, row.agreed_at) == (S.PREPARED, None)


def test_the_employer_s_limit_blocks_with_an_explanation(
    client: CheckingClient,
    adviser: Account,
    offer: JobOffer,
    person: Person,
    make: Factory,
    session: Session,
) -> None:
    for _ in range(2):
        introduce(make, offer, make.person(referent=adviser), S.SENT)
    row = introduce(make, offer, person, S.AGREED)
    session.commit()
    page = step(client, row, "transmettre")
    assert "L’employeur veut 2 personnes au plus" in page
    session.expire_all()
    assert row.state is S.AGREED
    assert row.card == {}
    session.get(JobOffer, offer.id).max_introductions = 3  # type: ignore[union-attr]
    session.commit()
    assert "Fiche transmise" in step(client, row, "transmettre")


def test_a_person_who_objects_is_not_presented(
    client: CheckingClient, offer: JobOffer, person: Person, make: Factory, session: Session
) -> None:
    row = introduce(make, offer, person, S.AGREED)
    person.objected_at = clock.now()
    session.commit()
    assert "n’est plus disponible" in step(client, row, "transmettre")
    assert only(session).state is S.AGREED
    other = make.person(referent=offer.adviser, objected_at=clock.now())
    session.commit()
    propose(client, offer, other)
    assert session.scalar(select(func.count(Introduction.id))) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"state": OfferState.SUSPENDED},
        {"state": OfferState.TO_CONFIRM},
        {"state": OfferState.FILLED},
        {"fresh_until": clock.today() - timedelta(days=1)},
    ],
)
def test_an_offer_that_waits_takes_nobody(
    client: CheckingClient,
    offer: JobOffer,
    person: Person,
    make: Factory,
    session: Session,
    values: dict[str, object],
) -> None:
    row = introduce(make, offer, person, S.AGREED)
    other = make.person(referent=offer.adviser, modes="car")
    for name, value in values.items():
        setattr(offer, name, value)
    session.commit()
    assert "rien n’est transmis" in step(client, row, "transmettre")
    assert "ne reçoit pas de propositions" in propose(client, offer, other)
    assert only(session).state is S.AGREED


def test_several_people_are_proposed_at_once_and_never_twice(
    client: CheckingClient, adviser: Account, offer: JobOffer, make: Factory, session: Session
) -> None:
    people = [make.person(referent=adviser, modes="car") for _ in range(5)]
    session.commit()
    page = propose(client, offer, *people)
    assert "5 mises en relation préparées" in page
    assert page.count("préparée</a>") >= 5
    page = propose(client, offer, *people)
    assert "5 personnes l’étaient déjà" in page
    assert session.scalar(select(func.count(Introduction.id))) == 5


def test_nobody_ticked_is_said(client: CheckingClient, offer: JobOffer) -> None:
    assert "Cochez d’abord" in propose(client, offer)


def test_people_one_may_not_see_are_not_proposed(
    client: CheckingClient, offer: JobOffer, make: Factory, session: Session
) -> None:
    stranger = make.person(referent=make.account(Role.REFERENT))
    session.commit()
    propose(client, offer, stranger)
    assert session.scalar(select(Introduction)) is None


@pytest.mark.parametrize(
    ("action", "said"),
    [("accord", {"channel": "phone"}), ("pas-pour-moi", {"reason": "not_liked"})],
)
def test_who_answered_by_telephone_is_no_longer_to_be_asked(
    client: CheckingClient,
    offer: JobOffer,
    person: Person,
    session: Session,
    action: str,
    said: dict[str, str],
) -> None:
    """The person has a landline: the question waited to be said."""
    propose(client, offer, person)
    row = only(session)
    step(client, row, "accord-demande")
    assert "Demander\u00a0: oui, non" in client.get("/messages/a-dire").text
    step(client, row, action, on=clock.today().isoformat(), **said)
    assert only(session).state is not S.AGREEMENT_ASKED
    assert "Demander\u00a0: oui, non" not in client.get("/messages/a-dire").text
