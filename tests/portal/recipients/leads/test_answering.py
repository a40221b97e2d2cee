"""« Mes pistes »: agreements, who helped, SMS, and what professionals read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.db import Database
from portal.introductions.rules import check_agreement
from portal.models import (
    AccessLog,
    Account,
    AgreementChannel,
    AnswerChannel,
    Confidentiality,
    ContractKind,
    DomainEvent,
    IntroductionState,
    JobOffer,
    LeadAnswer,
    LeadChoice,
    OutcomeReason,
    Person,
    Role,
    SmsMeaning,
)
from portal.recipients import leads as queries
from portal.recipients.leads import answer_by_sms
from portal.recipients.words import PICTURED_FAMILIES, REASONS, contract_words, trade_picto
from tests.portal.recipients.leads.support import answer_of, introduce, offer_of, say, text_of
from tests.support.client import CheckingClient, sign_in
from tests.support.doors import enter
from tests.support.factories import Factory
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("person")


@pytest.mark.parametrize("data", [{}, {"choice": "hired"}])
def test_an_answer_that_does_not_exist_is_refused(
    visit: CheckingClient, make: Factory, adviser: Account, data: dict[str, str]
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    assert visit.post(f"/moi/pistes/{offer.public_id}", data=data).status_code == 400
    bad = visit.post(f"/moi/pistes/{offer.public_id}/raison", data={"reason": "lazy"})
    assert bad.status_code == 400


def test_yes_talk_about_me_is_the_agreement_itself(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person, session: Session
) -> None:
    offer = offer_of(make, adviser, "Maçon", confidentiality=Confidentiality.ADVISER_ONLY)
    row = introduce(make, offer, person)
    page = text_of(visit, f"/moi/pistes/{offer.public_id}")
    assert "L’entreprise verra votre prénom et ce que vous savez faire." in page
    visit.post(f"/moi/pistes/{offer.public_id}/accord")
    session.refresh(row)
    assert row.state is IntroductionState.AGREED
    assert (row.agreed_channel, row.agreed_with_id) == (AgreementChannel.PORTAL, None)
    assert row.agreed_at is not None
    check_agreement(row)
    event = session.scalars(select(DomainEvent).where(DomainEvent.name == "agreed")).one()
    assert (event.account_id, event.reason) == (None, "portal")


def test_a_link_alone_gives_no_agreement(
    client: CheckingClient,
    database: Database,
    make: Factory,
    adviser: Account,
    person: Person,
    session: Session,
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    row = introduce(make, offer, person)
    enter(client, database, person, confirmed=False)
    answer = client.post(f"/moi/pistes/{offer.public_id}/accord")
    assert answer.status_code == 303
    assert answer.location == f"/moi/confirmer?suite=/moi/pistes/{offer.public_id}"
    session.refresh(row)
    assert row.state is IntroductionState.AGREEMENT_ASKED


def test_no_ends_the_introduction_with_its_reason(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person, session: Session
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    row = introduce(make, offer, person)
    say(visit, offer, "not_for_me")
    visit.post(f"/moi/pistes/{offer.public_id}/raison", data={"reason": "schedule"})
    session.refresh(row)
    assert (row.state, row.outcome_reason) == (
        IntroductionState.DECLINED,
        OutcomeReason.SCHEDULE,
    )


def test_t_sec_06_who_refuses_employers_is_asked_nothing_for_them(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person, session: Session
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    row = introduce(make, offer, person)
    person.employers_refused_at = clock.now()
    session.commit()
    assert "On attend votre réponse." not in text_of(visit, "/moi/pistes")
    visit.post(f"/moi/pistes/{offer.public_id}/accord")
    session.refresh(row)
    assert row.state is IntroductionState.AGREEMENT_ASKED
    assert row.agreed_at is None


def test_with_a_professional_beside_who_helped_is_kept_and_logged(
    client: CheckingClient,
    database: Database,
    make: Factory,
    adviser: Account,
    referent: Account,
    person: Person,
    session: Session,
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    row = introduce(make, offer, person)
    sign_in(client, session, referent)
    enter(client, database, person, helper=Actor(referent, referent.memberships[0]))
    assert "Vous le dites à voix haute." in text_of(client, f"/moi/pistes/{offer.public_id}")
    client.post(f"/moi/pistes/{offer.public_id}/accord")
    session.refresh(row)
    assert (row.agreed_channel, row.agreed_with_id) == (AgreementChannel.MEETING, referent.id)
    answer = answer_of(session, person)
    assert (answer.answered_by, answer.helper_id) == (AnswerChannel.BESIDE, referent.id)
    read = session.scalars(select(AccessLog).where(AccessLog.person_id == person.id)).all()
    assert {entry.account_id for entry in read} == {referent.id}
    assert all(entry.context == "avec la personne" for entry in read)


@pytest.mark.parametrize(
    ("meaning", "state", "choice"),
    [
        (SmsMeaning.YES, IntroductionState.AGREED, LeadChoice.INTERESTED),
        (SmsMeaning.NO, IntroductionState.DECLINED, LeadChoice.NOT_FOR_ME),
        (SmsMeaning.CALL_ME, IntroductionState.AGREEMENT_ASKED, LeadChoice.CALL_ME),
    ],
)
def test_an_sms_answers_the_same(
    app: Flask,
    make: Factory,
    adviser: Account,
    person: Person,
    session: Session,
    meaning: SmsMeaning,
    state: IntroductionState,
    choice: LeadChoice,
) -> None:
    row = introduce(make, offer_of(make, adviser, "Maçon"), person)
    with app.test_request_context():
        answer_by_sms(session, subject_id=row.id, person=person, meaning=meaning)
    session.commit()
    assert row.state is state
    answer = answer_of(session, person)
    assert (answer.choice, answer.answered_by) == (choice, AnswerChannel.SMS)
    if meaning is SmsMeaning.YES:
        assert (row.agreed_channel, row.agreed_with_id) == (AgreementChannel.SMS, None)


def test_an_sms_about_another_persons_introduction_moves_nothing(
    app: Flask, make: Factory, adviser: Account, person: Person, referent: Account, session: Session
) -> None:
    row = introduce(make, offer_of(make, adviser, "Maçon"), make.person(referent=referent))
    with app.test_request_context(), pytest.raises(IllegalTransitionError):
        answer_by_sms(session, subject_id=row.id, person=person, meaning=SmsMeaning.YES)
    assert row.state is IntroductionState.AGREEMENT_ASKED
    assert session.scalar(select(LeadAnswer.id)) is None


def test_professionals_read_what_the_person_said(
    client: CheckingClient,
    database: Database,
    make: Factory,
    adviser: Account,
    referent: Account,
    person: Person,
    session: Session,
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    enter(client, database, person)
    say(client, offer, "interested")
    sign_in(client, session, referent)
    page = text_of(client, f"/personnes/{person.public_id}/pistes")
    assert "La personne dit\u00a0: ça m’intéresse" in page
    offers_page = text_of(client, f"/offres/{offer.public_id}")
    assert "dit\u00a0: ça m’intéresse" in offers_page


def test_the_cost_of_the_page_does_not_grow_with_the_offers(
    visit: CheckingClient, make: Factory, adviser: Account, database: Database
) -> None:
    def cost() -> int:
        visit.get("/moi/pistes")
        with count_queries(database.engine) as seen:
            assert visit.get("/moi/pistes").status_code == 200
        return seen.count

    for number in range(3):
        offer_of(make, adviser, f"Emploi {number}")
    few = cost()
    for number in range(3, 12):
        offer_of(make, adviser, f"Emploi {number}")
    assert cost() == few


def test_the_lists_and_the_answers_are_the_same_on_both_databases(
    app: Flask, any_database: Database
) -> None:
    with any_database.session() as session, app.test_request_context():
        make = Factory(session)
        person = make.person(referent=make.account(Role.REFERENT), modes="car", max_minutes=90)
        adviser = make.account(Role.ADVISER)
        asked = introduce(make, offer_of(make, adviser, "Maçon"), person)
        first, second = (offer_of(make, adviser, f"Emploi {number}") for number in range(2))
        assert len(queries.list_leads(session, person)) == 3
        answer_by_sms(session, subject_id=asked.id, person=person, meaning=SmsMeaning.YES)
        for offer in (first, second):
            answer_by_sms(
                session,
                subject_id=offer.id,
                person=person,
                meaning=SmsMeaning.NO,
                subject_kind="job_offer",
            )
        session.commit()
        assert queries.list_leads(session, person) == []
        found = queries.list_answered(session, person)
        assert [row.open for row in found] == [True, True, True]
        assert queries.list_interested(session, asked.offer) == {person.id}


def test_who_objects_to_everything_is_shown_nothing(
    make: Factory, adviser: Account, person: Person, session: Session, app: Flask
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    person.objected_at = clock.now()
    session.commit()
    with app.test_request_context():
        assert queries.list_leads(session, person) == []
        assert queries.get_lead(session, person, offer.public_id) is None


def test_every_family_and_reason_has_its_light_drawing(app: Flask) -> None:
    folder = Path(app.static_folder or "") / "pictos"
    names = {trade_picto(f"{family}99") for family in PICTURED_FAMILIES}
    names |= {trade_picto(None), *(row.picto for row in REASONS)}
    for name in names:
        drawing = (folder / f"{name}.svg").read_bytes()
        assert len(drawing) <= 1024, name
    assert len(names) == len(PICTURED_FAMILIES) + 1 + 6


def test_contracts_are_said_without_an_acronym(app: Flask, make: Factory, adviser: Account) -> None:
    with app.test_request_context():
        for contract in ContractKind:
            for months in (None, 1, 6):
                offer = JobOffer(contract=contract, duration_months=months)
                said = contract_words(offer)
                assert not re.search(r"[A-Z]{2,}", said)
                assert len(said.split()) <= 12
        assert contract_words(JobOffer(contract=None)) == "La durée est à demander."
