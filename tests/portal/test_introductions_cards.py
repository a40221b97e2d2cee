"""What an employer reads of a person, and never reads (INV-13, T-SEC-01)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask, render_template_string
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.introductions.cards import Card, CardFact
from portal.invitations.answering import answer
from portal.models import (
    AgreementChannel,
    AnswerChannel,
    Barrier,
    BarrierImpact,
    BarrierTheme,
    Introduction,
    IntroductionState,
    Invitation,
    JobOffer,
    OrganisationKind,
    OutcomeReason,
    Person,
    PersonStatus,
    RequirementKind,
    Role,
    StatusCode,
    StatusSource,
)
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory
from tests.support.queries import count_queries

S = IntroductionState
SECRETS = ("Moreau", "Zanzibar", "BRSA", "RSA", "1990", "Garde d’enfants", "secret", "06 11 22")


@pytest.fixture
def offer(make: Factory) -> JobOffer:
    """An offer of an establishment, captured by a platform."""
    row = make.offer(make.account(Role.ADVISER), title="Canalisateur")
    make.requires(row, make.skill("tp.poser", "Poser un tuyau"))
    make.requires(row, make.skill("tp.lire", "Lire un plan"), RequirementKind.TRAINING_PLANNED)
    make.requires(row, make.credential_type("permis_b", "Permis B"))
    make.session_of_training(teaches={"tp.lire": 2})
    return row


@pytest.fixture
def person(make: Factory, offer: JobOffer) -> Person:
    """A person with a status, a barrier, a birth date and a last name to keep."""
    assert offer.adviser is not None
    row = make.person(
        referent=offer.adviser,
        first_name="Nadia",
        last_name="Moreau",
        modes="car",
        birth_date=date(1990, 5, 17),
        phone="06 11 22 33 44",
        project="Projet secret de Zanzibar",
    )
    make.knows(row, make.skill("tp.poser"), 2)
    make.knows(row, make.skill("tp.lire"), 0)
    make.add(
        PersonStatus(
            person_id=row.id,
            code=StatusCode.BRSA,
            start=clock.today(),
            source=StatusSource.DECLARED,
        )
    )
    make.add(
        Barrier(
            person_id=row.id,
            theme=BarrierTheme.CHILDCARE,
            impact=BarrierImpact.STRONG,
            observed_on=clock.today(),
        )
    )
    return row


@pytest.fixture
def sent(app: Flask, make: Factory, offer: JobOffer, person: Person) -> Introduction:
    """The introduction, transmitted through the adviser's own screen."""
    assert offer.adviser is not None
    row = make.add(
        Introduction(
            person=person,
            offer=offer,
            by_id=offer.adviser_id,
            organisation_id=offer.organisation_id,
            state=S.AGREED,
            agreed_at=clock.now(),
            agreed_channel=AgreementChannel.MEETING,
            agreed_with_id=offer.adviser_id,
        )
    )
    client = sign_in(client_for(app), make.session, offer.adviser)
    assert client.post(f"/mises-en-relation/{row.public_id}/transmettre").status_code == 303
    make.session.expire_all()
    return row  # type: ignore[no-any-return]


@pytest.fixture
def employer(client: CheckingClient, make: Factory, sent: Introduction) -> CheckingClient:
    """The employer of the offer, signed in."""
    place = make.organisation(
        OrganisationKind.EMPLOYER, establishment_id=sent.offer.establishment_id
    )
    return sign_in(client, make.session, make.account(Role.EMPLOYER, place))


def page_of(client: CheckingClient) -> str:
    """The cards, as served."""
    response = client.get("/entreprise")
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_the_card_says_what_the_person_can_do_and_will_learn(employer: CheckingClient) -> None:
    page = page_of(employer)
    for words in (
        "Nadia",
        "Poser un tuyau",
        "déclaré par la personne",
        "Lire un plan",
        "Formation à Arras",
        "Permis B",
        "tout de suite",
        "en voiture",
    ):
        assert words in page, words


def test_the_card_never_holds_what_an_employer_may_not_know(
    employer: CheckingClient, sent: Introduction
) -> None:
    payload = page_of(employer) + str(sent.card)
    assert [secret for secret in SECRETS if secret in payload] == []
    assert sent.person.public_id not in payload
    assert "%" not in str(sent.card)


def test_the_last_name_comes_with_the_person_s_yes_to_the_meeting(
    employer: CheckingClient, sent: Introduction, session: Session
) -> None:
    day = (clock.today() + timedelta(days=3)).isoformat()
    response = employer.post(
        f"/entreprise/personnes/{sent.public_id}/rencontre", data={"on": day}, follow_redirects=True
    )
    page = response.get_data(as_text=True)
    assert [secret for secret in SECRETS if secret in page] == []
    session.expire_all()
    invited = session.scalars(select(Invitation)).one()
    answer(session, invitation=invited, choice="yes", channel=AnswerChannel.LINK)
    session.commit()
    page = page_of(employer)
    assert "Nadia Moreau" in page
    assert [secret for secret in SECRETS[1:] if secret in page] == []
    assert (sent.state, sent.meeting_on.isoformat()) == (S.MEETING, day)  # type: ignore[union-attr]


def test_not_now_needs_a_reason_and_hides_the_name_again(
    employer: CheckingClient, sent: Introduction, session: Session
) -> None:
    url = f"/entreprise/personnes/{sent.public_id}/pas-maintenant"
    assert employer.post(url, data={}).status_code == 422
    assert employer.post(url, data={"reason": "childcare"}).status_code == 422
    employer.post(url, data={"reason": "credential", "text": "le permis"})
    session.expire_all()
    assert (sent.state, sent.outcome_reason) == (S.REFUSED, OutcomeReason.CREDENTIAL)
    assert "Moreau" not in page_of(employer)


def test_the_card_stays_as_it_was_sent(
    employer: CheckingClient, sent: Introduction, make: Factory, session: Session
) -> None:
    make.knows(sent.person, make.skill("tp.poser"), 0)
    session.commit()
    assert "Poser un tuyau" in page_of(employer).split("À apprendre")[0]


@pytest.mark.parametrize("state", [S.PREPARED, S.AGREEMENT_ASKED, S.AGREED, S.DECLINED, S.CLOSED])
def test_what_was_not_sent_or_is_closed_does_not_exist_for_the_employer(
    employer: CheckingClient,
    sent: Introduction,
    session: Session,
    state: IntroductionState,
) -> None:
    sent.state, sent.outcome_reason = state, OutcomeReason.OTHER
    session.commit()
    assert "Nadia" not in page_of(employer)
    url = f"/entreprise/personnes/{sent.public_id}/rencontre"
    assert employer.post(url, data={}).status_code == 404


def test_a_person_who_objects_since_is_no_longer_shown(
    employer: CheckingClient, sent: Introduction, session: Session
) -> None:
    sent.person.objected_at = clock.now()
    session.commit()
    assert "Nadia" not in page_of(employer)


def test_another_employer_sees_nothing(
    app: Flask, make: Factory, sent: Introduction, session: Session
) -> None:
    other = make.establishment()
    place = make.organisation(OrganisationKind.EMPLOYER, establishment_id=other.id)
    client = sign_in(client_for(app), session, make.account(Role.EMPLOYER, place))
    assert "Nadia" not in page_of(client)
    url = f"/entreprise/personnes/{sent.public_id}/rencontre"
    assert client.post(url, data={}).status_code == 404
    nowhere = make.organisation(OrganisationKind.EMPLOYER)
    client = sign_in(client_for(app), session, make.account(Role.EMPLOYER, nowhere))
    assert client.get("/entreprise").status_code == 403


def test_an_employer_may_not_use_the_adviser_s_steps(
    employer: CheckingClient, sent: Introduction
) -> None:
    assert employer.post(f"/entreprise/personnes/{sent.public_id}/embauche").status_code == 404
    assert employer.post(f"/mises-en-relation/{sent.public_id}/vue").status_code == 403
    assert employer.get(f"/offres/{sent.offer.public_id}").status_code == 403


def test_cards_ask_no_more_for_more_people(
    employer: CheckingClient,
    database: Database,
    sent: Introduction,
    make: Factory,
    session: Session,
) -> None:
    page_of(employer)
    with count_queries(database.engine) as few:
        page_of(employer)
    for number in range(8):
        extra = make.person(referent=sent.offer.adviser, first_name=f"Prénom{number}")
        make.add(
            Introduction(
                person=extra,
                offer=sent.offer,
                organisation_id=sent.organisation_id,
                state=S.SENT,
                agreed_at=clock.now(),
                sent_at=clock.now(),
                card={"first_name": extra.first_name, "available": "tout de suite"},
            )
        )
    session.commit()
    with count_queries(database.engine) as many:
        assert "Prénom7" in page_of(employer)
    assert many.count <= few.count


def test_an_introduction_asks_no_more_for_more_requirements(
    client: CheckingClient,
    database: Database,
    person: Person,
    offer: JobOffer,
    make: Factory,
    session: Session,
) -> None:
    assert offer.adviser is not None
    row = Introduction(person=person, offer=offer, organisation_id=offer.organisation_id)
    make.add(row)
    sign_in(client, session, offer.adviser)
    client.get(f"/mises-en-relation/{row.public_id}")
    with count_queries(database.engine) as few:
        client.get(f"/mises-en-relation/{row.public_id}")
    for number in range(6):
        make.requires(offer, make.skill(f"tp.geste_{number}", f"Geste {number}"))
    session.commit()
    client.get(f"/mises-en-relation/{row.public_id}")
    with count_queries(database.engine) as many:
        assert "Geste 5" in client.get(f"/mises-en-relation/{row.public_id}").text
    assert many.count == few.count


def test_what_is_learned_the_same_way_is_one_sentence(app: Flask) -> None:
    facts = [CardFact(what, "avec vous, en poste") for what in ("Poser des bordures", "Couler")]
    page = "{% from 'introductions/_card.html' import card_facts %}{{ card_facts(card) }}"
    with app.test_request_context():
        text = render_template_string(page, card=Card("Nadia", will_learn=facts))
    assert "Avec vous, en poste\u00a0: Poser des bordures, Couler." in text
    assert text.count("en poste") == 1
