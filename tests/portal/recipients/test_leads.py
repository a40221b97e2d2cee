"""« Mes pistes »: which jobs are shown, and what an answer sets going."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

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
    CallReason,
    CallRequest,
    Confidentiality,
    ContractKind,
    DomainEvent,
    Interest,
    Introduction,
    IntroductionState,
    JobOffer,
    LeadAnswer,
    LeadChoice,
    OfferState,
    OutcomeReason,
    Person,
    RequirementKind,
    Role,
    SmsMeaning,
)
from portal.recipients import leads as queries
from portal.recipients.leads import answer_by_sms
from portal.recipients.words import PICTURED_FAMILIES, REASONS, contract_words, trade_picto
from portal.today.tasks import working_days_after
from tests.support.client import CheckingClient, sign_in
from tests.support.doors import enter
from tests.support.factories import AMIENS, Factory
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("person")


@pytest.fixture
def adviser(make: Factory) -> Account:
    """An adviser of a platform of Pas-de-Calais."""
    return make.account(Role.ADVISER)


@pytest.fixture
def referent(make: Factory) -> Account:
    """The professional who follows the person."""
    return make.account(Role.REFERENT, first_name="Jeanne", last_name="Petit", phone="0321000000")


@pytest.fixture
def person(make: Factory, referent: Account) -> Person:
    """A person who comes by car."""
    row = make.person(referent=referent, modes="car", max_minutes=90)
    make.session.commit()
    return row


@pytest.fixture
def visit(client: CheckingClient, database: Database, person: Person) -> CheckingClient:
    """The person's browser."""
    enter(client, database, person)
    return client


def offer_of(make: Factory, adviser: Account, title: str, **values: Any) -> JobOffer:
    """An offer under its own title, committed."""
    row = make.offer(adviser, title=title, **values)
    make.session.commit()
    return row


def introduce(
    make: Factory,
    offer: JobOffer,
    person: Person,
    state: IntroductionState = IntroductionState.AGREEMENT_ASKED,
) -> Introduction:
    """An introduction of the offer's adviser."""
    row: Introduction = make.add(
        Introduction(
            person=person,
            offer=offer,
            by_id=offer.adviser_id,
            organisation_id=offer.organisation_id,
            state=state,
        )
    )
    make.session.commit()
    return row


def text_of(client: CheckingClient, path: str) -> str:
    """A page that answers 200."""
    response = client.get(path)
    assert response.status_code == 200, path
    return response.get_data(as_text=True)


def say(client: CheckingClient, offer: JobOffer, choice: str) -> str:
    """Answer, and read the page that follows."""
    response = client.post(
        f"/moi/pistes/{offer.public_id}", data={"choice": choice}, follow_redirects=True
    )
    assert response.status_code == 200
    return response.get_data(as_text=True)


def answer_of(session: Session, person: Person) -> LeadAnswer:
    """The only answer, as stored now."""
    session.expire_all()
    return session.scalars(select(LeadAnswer).where(LeadAnswer.person_id == person.id)).one()


def test_at_most_three_and_agreements_first(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person
) -> None:
    for number in range(4):
        offer_of(make, adviser, f"Emploi {number}")
    introduce(make, offer_of(make, adviser, "Maçon demandé"), person)
    page = text_of(visit, "/moi/pistes")
    assert len(re.findall(r'<section class="card">', page)) == 3
    assert page.index("Maçon demandé") < page.index("Emploi")
    assert "On attend votre réponse." in page


def test_nothing_to_show_is_said_and_not_an_empty_page(visit: CheckingClient) -> None:
    page = text_of(visit, "/moi/pistes")
    assert "Pas de nouvelle piste aujourd’hui." in page


@pytest.mark.parametrize(
    "values",
    [
        {"confidentiality": Confidentiality.ADVISER_ONLY},
        {"state": OfferState.SUSPENDED},
        {"state": OfferState.DRAFT},
        {"fresh_until": clock.today() - timedelta(days=1)},
        {"start_latest": clock.today() - timedelta(days=1), "start_wanted": None},
        {"shared_at": None},
    ],
)
def test_t_off_03_what_is_not_live_or_not_shared_is_not_shown(
    visit: CheckingClient, make: Factory, adviser: Account, values: dict[str, object]
) -> None:
    if "start_wanted" in values:
        values = values | {"start_wanted": clock.today() - timedelta(days=9)}
    offer = offer_of(make, adviser, "Emploi caché", **values)
    assert "Emploi caché" not in text_of(visit, "/moi/pistes")
    assert visit.get(f"/moi/pistes/{offer.public_id}").status_code == 404
    assert (
        visit.post(f"/moi/pistes/{offer.public_id}", data={"choice": "interested"}).status_code
        == 404
    )


def test_an_offer_of_another_departement_is_nowhere(visit: CheckingClient, make: Factory) -> None:
    other = make.organisation(departement_code="80")
    offer = offer_of(make, make.account(Role.ADVISER, other), "Emploi d’Amiens", place=AMIENS)
    assert visit.get(f"/moi/pistes/{offer.public_id}").status_code == 404


def test_another_persons_lead_is_not_found(
    visit: CheckingClient, make: Factory, adviser: Account, referent: Account
) -> None:
    other = make.person(referent=referent)
    kept = offer_of(make, adviser, "Gardé", confidentiality=Confidentiality.ADVISER_ONLY)
    introduce(make, kept, other)
    for path in ("", "/pourquoi", "/pourquoi/details", "/pourquoi/details.json", "/dit", "/raison"):
        assert visit.get(f"/moi/pistes/{kept.public_id}{path}").status_code == 404
    assert visit.post(f"/moi/pistes/{kept.public_id}/accord").status_code == 404


def test_t_mat_06_a_trade_the_person_dislikes_is_absent(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person
) -> None:
    offer_of(make, adviser, "Routes")
    make.add(Interest(person_id=person.id, occupation_code="F1702", liking=-1))
    introduce(make, offer_of(make, adviser, "Routes aussi"), person)
    page = text_of(visit, "/moi/pistes")
    assert "Routes" not in page


def test_a_gap_is_no_lead(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person
) -> None:
    skill = make.skill("tp.poser")
    make.knows(person, skill, 0)
    offer = offer_of(make, adviser, "Trop loin du métier")
    make.requires(offer, skill)
    make.session.commit()
    assert "Trop loin du métier" not in text_of(visit, "/moi/pistes")


def test_a_lead_says_where_how_long_when_what_is_learned_and_who_helps(
    visit: CheckingClient, make: Factory, adviser: Account
) -> None:
    skill = make.skill("tp.lire", "Lire un plan")
    offer = offer_of(
        make,
        adviser,
        "Canalisateur",
        duration_months=6,
        weekly_hours=35.0,
        start_hour="07:30",
        tutor_available=True,
    )
    make.requires(offer, skill, RequirementKind.ON_THE_JOB)
    make.session.commit()
    page = text_of(visit, f"/moi/pistes/{offer.public_id}")
    for words in (
        "Marquion",
        "en voiture",
        "Un contrat de 6 mois.",
        "35 heures par semaine.",
        "7\u00a0h\u00a030",
        "Lire un plan",
        "Vous apprenez avec l’entreprise.",
        "Jeanne Petit",
        "Une personne de l’entreprise vous montre le travail.",
        "/static/pictos/metiers/F17",
    ):
        assert words in page, words
    assert "CDD" not in page
    assert offer.establishment.name not in page  # type: ignore[union-attr]


def test_what_a_session_teaches_has_its_day_and_its_town(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person
) -> None:
    skill = make.skill("tp.poser", "Poser un tuyau")
    make.knows(person, skill, 0)
    offer = offer_of(make, adviser, "Canalisateur")
    make.requires(offer, skill)
    make.session_of_training(teaches={"tp.poser": 2}, starts_in=5, lasts=10)
    make.session.commit()
    page = text_of(visit, f"/moi/pistes/{offer.public_id}")
    assert "Poser un tuyau" in page
    assert "Une formation commence le" in page
    assert "Arras" in page


def test_the_employer_is_named_only_if_the_offer_names_it(
    visit: CheckingClient, make: Factory, adviser: Account
) -> None:
    named = offer_of(make, adviser, "Nommé", confidentiality=Confidentiality.PARTNERS_NAMED)
    masked = offer_of(make, adviser, "Masqué")
    assert named.establishment.name in text_of(visit, f"/moi/pistes/{named.public_id}")  # type: ignore[union-attr]
    assert masked.establishment.name not in text_of(visit, f"/moi/pistes/{masked.public_id}")  # type: ignore[union-attr]


def test_interested_is_no_contract_and_somebody_calls_within_two_working_days(
    visit: CheckingClient,
    make: Factory,
    adviser: Account,
    person: Person,
    referent: Account,
    session: Session,
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    page = say(visit, offer, "interested")
    assert "Votre conseiller vous appelle avant" in page
    assert "Ce n’est pas un contrat." in page
    row = answer_of(session, person)
    assert (row.choice, row.answered_by) == (LeadChoice.INTERESTED, AnswerChannel.SPACE)
    call = session.scalars(select(CallRequest)).one()
    assert (call.reason, call.account_id) == (CallReason.INTERESTED, referent.id)
    assert call.due_on == working_days_after(clock.today(), 2)
    assert session.scalar(select(Introduction.id)) is None
    assert "Maçon" not in text_of(visit, "/moi/pistes")
    assert "Maçon" in text_of(visit, "/moi/pistes/reponses")


def test_pressed_twice_it_is_one_answer_and_one_call(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person, session: Session
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    say(visit, offer, "call_me")
    say(visit, offer, "call_me")
    assert answer_of(session, person).choice is LeadChoice.CALL_ME
    assert session.scalars(select(CallRequest.reason)).all() == [CallReason.CALL_ME]


def test_not_for_me_asks_a_reason_in_pictures_and_needs_none(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person, session: Session
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    page = say(visit, offer, "not_for_me")
    assert len(re.findall(r"/static/pictos/raisons/", page)) == 6
    done = visit.post(
        f"/moi/pistes/{offer.public_id}/raison", data={"reason": ""}, follow_redirects=True
    )
    assert "C’est noté. Merci." in done.get_data(as_text=True)
    row = answer_of(session, person)
    assert (row.choice, row.reason) == (LeadChoice.NOT_FOR_ME, None)
    assert session.scalar(select(Interest.liking)) is None


@pytest.mark.parametrize(("reason", "liking"), [("not_liked", -1), ("travel", None)])
def test_only_the_trade_itself_sets_the_trade_aside(
    visit: CheckingClient,
    make: Factory,
    adviser: Account,
    person: Person,
    session: Session,
    reason: str,
    liking: int | None,
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    say(visit, offer, "not_for_me")
    visit.post(f"/moi/pistes/{offer.public_id}/raison", data={"reason": reason})
    assert answer_of(session, person).reason is OutcomeReason(reason)
    assert session.scalar(select(Interest.liking)) == liking


def test_one_may_change_ones_mind_and_every_answer_is_kept(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person, session: Session
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    say(visit, offer, "interested")
    say(visit, offer, "not_for_me")
    visit.post(f"/moi/pistes/{offer.public_id}/raison", data={"reason": "not_liked"})
    calls = session.scalars(select(CallRequest)).all()
    assert [call.outcome for call in calls] == ["La personne a changé d’avis."]
    say(visit, offer, "interested")
    assert session.scalar(select(Interest.liking)) is None
    row = answer_of(session, person)
    assert (row.choice, row.reason) == (LeadChoice.INTERESTED, None)
    events = session.execute(
        select(DomainEvent.name, DomainEvent.from_state, DomainEvent.to_state)
        .where(DomainEvent.subject_kind == "lead_answer")
        .order_by(DomainEvent.id)
    ).all()
    assert [tuple(event) for event in events] == [
        ("lead_answered", None, "interested"),
        ("lead_answered", "interested", "not_for_me"),
        ("lead_reason_said", None, "not_for_me"),
        ("lead_answered", "not_for_me", "interested"),
    ]


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
