"""Presenting people: agreement first, the employer's limit, outcomes with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.db import Database
from portal.introductions.rules import INTRODUCTION_MACHINE, to_say
from portal.models import (
    AccessLog,
    Account,
    AgreementChannel,
    Confidentiality,
    DomainEvent,
    Interest,
    Introduction,
    IntroductionState,
    JobOffer,
    OfferState,
    OutcomeReason,
    Person,
    Role,
)
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory
from tests.support.queries import count_queries

S = IntroductionState
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


def introduce(
    make: Factory, offer: JobOffer, person: Person, state: IntroductionState = S.PREPARED
) -> Introduction:
    """An introduction already in a state, with what the state needs."""
    by = offer.adviser
    assert by is not None
    agreed = state not in (S.PREPARED, S.AGREEMENT_ASKED, S.DECLINED)
    ended = state in (S.DECLINED, S.REFUSED, S.NO_ANSWER, S.CLOSED)
    return make.add(  # type: ignore[no-any-return]
        Introduction(
            person=person,
            offer=offer,
            by_id=by.id,
            organisation_id=offer.organisation_id,
            state=state,
            agreed_at=clock.now() if agreed else None,
            agreed_channel=AgreementChannel.PHONE if agreed else None,
            agreed_with_id=by.id if agreed else None,
            sent_at=clock.now() if agreed and state is not S.AGREED else None,
            outcome_reason=OutcomeReason.OTHER if ended else None,
        )
    )


@pytest.fixture
def adviser(client: CheckingClient, make: Factory) -> Account:
    """A signed-in adviser."""
    account = make.account(Role.ADVISER)
    sign_in(client, make.session, account)
    return account


@pytest.fixture
def offer(adviser: Account, make: Factory) -> JobOffer:
    """An open offer of two people at most, that asks one skill."""
    row = make.offer(adviser, title="Canalisateur", max_introductions=2)
    make.requires(row, make.skill("tp.poser", "Poser un tuyau"))
    make.session.commit()
    return row


@pytest.fixture
def person(adviser: Account, make: Factory) -> Person:
    """A person of the adviser's portfolio."""
    row = make.person(referent=adviser, first_name="Nadia", last_name="Moreau", modes="car")
    make.knows(row, make.skill("tp.poser", "Poser un tuyau"), 2)
    make.session.commit()
    return row


def propose(client: CheckingClient, offer: JobOffer, *people: Person) -> str:
    """Propose people from the offer's page, and read the page that follows."""
    response = client.post(
        f"/offres/{offer.public_id}/propositions",
        data={"person": [row.public_id for row in people]},
        follow_redirects=True,
    )
    return response.get_data(as_text=True)


def step(client: CheckingClient, row: Introduction, action: str, **data: str) -> str:
    """Pass a gate, and read the page that follows."""
    response = client.post(
        f"/mises-en-relation/{row.public_id}/{action}", data=data, follow_redirects=True
    )
    return response.get_data(as_text=True)


def only(session: Session) -> Introduction:
    """The only introduction, as stored now."""
    session.expire_all()
    return session.scalars(select(Introduction)).one()


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
    assert "refuse que ses données soient partagées" in step(client, row, "transmettre")
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


def test_not_for_me_is_recorded_as_a_preference(
    client: CheckingClient, offer: JobOffer, person: Person, make: Factory, session: Session
) -> None:
    row = introduce(make, offer, person)
    session.commit()
    page = step(
        client, row, "pas-pour-moi", reason="heights_or_load", text="hauteur", dislikes_trade="y"
    )
    assert "C’est noté" in page
    row = only(session)
    assert (row.state, row.outcome_reason) == (S.DECLINED, OutcomeReason.HEIGHTS_OR_LOAD)
    assert row.outcome_text == "hauteur"
    interest = session.scalars(select(Interest)).one()
    assert (interest.occupation_code, interest.liking) == (offer.occupation_code, -1)


def test_a_preference_is_not_written_in_a_file_one_may_not_change(
    client: CheckingClient, offer: JobOffer, make: Factory, session: Session
) -> None:
    shared = make.person(referent=make.account(Role.REFERENT), shared_on=clock.today())
    row = introduce(make, offer, shared)
    session.commit()
    step(client, row, "pas-pour-moi", reason="not_liked", dislikes_trade="y")
    assert only(session).state is S.DECLINED
    assert session.scalar(select(Interest)) is None


@pytest.mark.parametrize(
    ("state", "action", "reason"),
    [
        (S.SEEN, "non-retenue", "childcare"),
        (S.SEEN, "non-retenue", ""),
        (S.PREPARED, "pas-pour-moi", "skills"),
        (S.SEEN, "clore", "hired"),
    ],
)
def test_a_reason_comes_from_the_closed_list_of_its_outcome(
    client: CheckingClient,
    offer: JobOffer,
    person: Person,
    make: Factory,
    session: Session,
    state: IntroductionState,
    action: str,
    reason: str,
) -> None:
    row = introduce(make, offer, person, state)
    session.commit()
    response = client.post(f"/mises-en-relation/{row.public_id}/{action}", data={"reason": reason})
    assert response.status_code == 422
    assert only(session).state is state


def test_silence_is_a_task_and_the_employer_may_still_answer(
    client: CheckingClient, offer: JobOffer, person: Person, make: Factory, session: Session
) -> None:
    row = introduce(make, offer, person, S.SENT)
    row.sent_at = clock.now() - timedelta(days=10)
    session.commit()
    listed = client.get("/mises-en-relation?vue=silent").get_data(as_text=True)
    assert "Nadia M." in listed
    page = client.get(f"/mises-en-relation/{row.public_id}").get_data(as_text=True)
    assert "attend une réponse" in page
    step(client, row, "sans-reponse")
    assert only(session).outcome_reason is OutcomeReason.NO_ANSWER
    step(client, row, "rencontre", on=clock.today().isoformat())
    row = only(session)
    assert (row.state, row.outcome_reason) == (S.MEETING, None)


def test_closing_an_offer_closes_its_introductions_with_a_reason_to_say(
    client: CheckingClient,
    app: Flask,
    adviser: Account,
    offer: JobOffer,
    make: Factory,
    session: Session,
) -> None:
    states = (S.PREPARED, S.SENT, S.MEETING, S.REFUSED, S.HIRED)
    rows = [introduce(make, offer, make.person(referent=adviser), state) for state in states]
    rows[-1].outcome_reason = OutcomeReason.HIRED
    session.commit()
    client.post(f"/offres/{offer.public_id}/etat/pourvoir", data={"reason": "introduction"})
    session.expire_all()
    assert session.get(JobOffer, offer.id).state is OfferState.FILLED  # type: ignore[union-attr]
    assert {row.state for row in rows} == {S.CLOSED}
    reasons = [row.outcome_reason for row in rows]
    assert reasons == [
        OutcomeReason.FILLED,
        OutcomeReason.FILLED,
        OutcomeReason.FILLED,
        OutcomeReason.OTHER,
        OutcomeReason.HIRED,
    ]
    with app.test_request_context():
        assert "Cela ne vient pas de vous" in to_say(OutcomeReason.FILLED)


def test_what_is_said_to_a_person_is_short(app: Flask) -> None:
    with app.test_request_context():
        for reason in OutcomeReason:
            for sentence in to_say(reason).split("."):
                assert len(sentence.split()) <= 12, sentence


def test_another_structure_s_introduction_does_not_exist(
    app: Flask, offer: JobOffer, person: Person, make: Factory, session: Session
) -> None:
    row = introduce(make, offer, person, S.AGREED)
    client = sign_in(client_for(app), session, make.account(Role.REFERENT))
    assert client.get(f"/mises-en-relation/{row.public_id}").status_code == 404
    assert client.post(f"/mises-en-relation/{row.public_id}/transmettre").status_code == 404
    assert "Nadia" not in client.get("/mises-en-relation").get_data(as_text=True)
    assert only(session).state is S.AGREED


def test_an_unknown_step_is_not_found(
    client: CheckingClient, offer: JobOffer, person: Person, make: Factory, session: Session
) -> None:
    row = introduce(make, offer, person)
    session.commit()
    assert client.post(f"/mises-en-relation/{row.public_id}/oublier").status_code == 404


def test_reading_introductions_is_logged_and_asks_no_more_for_more_rows(
    client: CheckingClient,
    database: Database,
    adviser: Account,
    offer: JobOffer,
    make: Factory,
    session: Session,
) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            introduce(make, offer, make.person(referent=adviser), S.SENT)
        session.commit()

    add(2)
    client.get("/mises-en-relation")
    with count_queries(database.engine) as few:
        client.get("/mises-en-relation")
    add(8)
    with count_queries(database.engine) as many:
        page = client.get("/mises-en-relation").get_data(as_text=True)
    assert many.count <= few.count
    fragment = client.get("/mises-en-relation", hx=True).get_data(as_text=True)
    assert fragment.strip() in page
    assert session.scalar(select(func.count(AccessLog.id.distinct()))) >= 14  # type: ignore[operator]


@pytest.mark.parametrize(
    ("confidentiality", "told"),
    [
        (Confidentiality.PARTNERS_NAMED, True),
        (Confidentiality.ADVISER_ONLY, False),
    ],
)
def test_the_referent_who_follows_the_person_reads_without_moving(
    app: Flask,
    offer: JobOffer,
    make: Factory,
    session: Session,
    confidentiality: Confidentiality,
    told: bool,
) -> None:
    referent = make.account(Role.REFERENT)
    theirs = make.person(referent=referent, first_name="Inès")
    offer.confidentiality, offer.shared_at = confidentiality, clock.now()
    offer.confidentiality_reason = "à la demande de l’employeur"
    assert offer.establishment is not None
    employer = offer.establishment.name
    row = introduce(make, offer, theirs, S.REFUSED)
    row.outcome_text = "dit entre nous"
    client = sign_in(client_for(app), session, referent)
    address = f"/mises-en-relation/{row.public_id}"
    page = client.get(address).get_data(as_text=True)
    assert "Inès" in page
    assert "dit entre nous" not in page
    assert f"{address}/" not in page
    assert (employer in page, "Canalisateur" in page) == (told, told)
    listed = client.get("/mises-en-relation?vue=ended").get_data(as_text=True)
    assert "Inès" in listed
    assert ("Canalisateur" in listed) is told
    assert client.post(f"{address}/clore", data={"reason": "other"}).status_code == 404


def test_proposing_a_person_does_not_open_the_file(
    client: CheckingClient, offer: JobOffer, make: Factory, session: Session
) -> None:
    shared = make.person(referent=make.account(Role.REFERENT), shared_on=clock.today())
    session.commit()
    propose(client, offer, shared)
    address = f"/personnes/{shared.public_id}"
    assert client.get(address).location == f"{address}/carte"
    step(client, only(session), "accord", channel="phone", on=clock.today().isoformat())
    assert client.get(address).status_code == 200


def test_what_is_known_of_a_person_who_objects_is_not_shown(
    client: CheckingClient, offer: JobOffer, person: Person, make: Factory, session: Session
) -> None:
    row = introduce(make, offer, person, S.AGREED)
    session.commit()
    address = f"/mises-en-relation/{row.public_id}"
    assert "Poser un tuyau" in client.get(address).get_data(as_text=True)
    person.objected_at = clock.now()
    session.commit()
    assert "Poser un tuyau" not in client.get(address).get_data(as_text=True)
