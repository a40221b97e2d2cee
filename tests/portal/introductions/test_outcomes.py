"""What comes of a presentation: outcomes with a reason, silence, who reads it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.introductions.rules import to_say
from portal.models import (
    AccessLog,
    Account,
    Confidentiality,
    Interest,
    IntroductionState,
    JobOffer,
    OfferState,
    OutcomeReason,
    Person,
    Role,
)
from tests.portal.introductions.support import S, introduce, only, propose, step
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory
from tests.support.queries import count_queries


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


def test_a_hire_stays_in_the_figures_of_its_week_once_the_offer_is_filled(
    client: CheckingClient, offer: JobOffer, person: Person, make: Factory, session: Session
) -> None:
    long_ago = introduce(make, offer, make.person(referent=offer.adviser), S.HIRED)
    long_ago.outcome_reason = OutcomeReason.HIRED
    long_ago.closed_at = clock.now() - timedelta(days=30)
    row = introduce(make, offer, person, S.MEETING)
    session.commit()
    step(client, row, "embauche")
    client.post(f"/offres/{offer.public_id}/etat/pourvoir", data={"reason": "introduction"})
    figures = client.get("/").text.split('class="figures"')[1].split("</section>")[0]
    hires = figures[: figures.index("embauches notées")]
    assert hires.endswith('<strong>1</strong> <a href="/mises-en-relation?vue=ended">')
    session.expire_all()
    assert {row.state, long_ago.state} == {S.CLOSED}


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
