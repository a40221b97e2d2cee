"""A need written by an employer: kept for the right platform, called, made an offer or closed."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db import Database
from portal.models import (
    Account,
    EmployerContact,
    EmployerNeed,
    EmployerNeedState,
    Establishment,
    JobOffer,
    OfferOrigin,
    OfferState,
    OrganisationKind,
    Role,
)
from portal.text import fold
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.doors import enter
from tests.support.factories import AMIENS, ARRAS, CAMBRAI, Factory

SIRET = "73282932000074"
NEED = {
    "trade": "maçon VRD",
    "posts": "2",
    "place": "Arras",
    "day_one": "lire un plan",
    "can_learn": "la pose de bordures",
    "employer": "Travaux Dubois",
    "contact": "Paul Renard",
    "phone": "06 39 98 12 34",
}


@pytest.fixture
def adviser(make: Factory, session: Session) -> Account:
    """The adviser of the platform of the Pas-de-Calais."""
    for place in (ARRAS, CAMBRAI, AMIENS):
        make.commune(place)
    account = make.account(role=Role.ADVISER)
    organisation = account.memberships[0].organisation
    organisation.kind, organisation.departement_code = OrganisationKind.PLATFORM, "62"
    session.commit()
    return account


def send(client: CheckingClient, **values: str) -> Any:
    return client.post("/entreprise/besoin", data={**NEED, **values})


def the_need(session: Session) -> EmployerNeed:
    session.expire_all()
    return session.scalars(select(EmployerNeed)).one()


def count(session: Session, table: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_need_reaches_the_platform_of_its_territory(
    client: CheckingClient, session: Session, adviser: Account
) -> None:
    answer = send(client)
    assert answer.location == "/entreprise/besoin/merci"
    assert "Un conseiller vous appelle avant" in client.get(answer.location).text
    need = the_need(session)
    assert need.organisation_id == adviser.memberships[0].organisation_id
    assert (need.trade, need.posts, need.commune.name) == ("maçon VRD", 2, "Arras")
    assert need.state is EmployerNeedState.RECEIVED


def test_who_writes_becomes_no_contact_before_a_call(
    client: CheckingClient, session: Session, adviser: Account, make: Factory
) -> None:
    make.establishment(name="Travaux Dubois", search_name="travaux dubois", siret=SIRET)
    session.commit()
    send(client, siret="732 829 320 00074")
    assert the_need(session).establishment is not None
    assert count(session, EmployerContact) == 0


def test_a_siret_makes_no_establishment_before_an_adviser_qualifies(
    app: Flask, client: CheckingClient, session: Session, adviser: Account
) -> None:
    """Anybody could give a firm a name that is not its own."""
    send(client, siret=SIRET)
    send(client, siret=SIRET, trade="coffreur")
    needs = session.scalars(select(EmployerNeed).order_by(EmployerNeed.id)).all()
    assert [(row.siret, row.establishment_id) for row in needs] == [(SIRET, None)] * 2
    assert count(session, Establishment) == 0
    desk = sign_in(client_for(app), session, adviser)
    assert "732 829 320 00074" in desk.get(f"/besoins-deposes/{needs[0].public_id}").text.replace(
        "\u00a0", " "
    ).replace("\u202f", " ")
    for row in needs:
        desk.post(f"/besoins-deposes/{row.public_id}/offre")
    session.expire_all()
    made = session.scalars(select(Establishment)).one()
    assert (made.siret, made.name, made.owner_id) == (
        SIRET,
        "Travaux Dubois",
        adviser.memberships[0].organisation_id,
    )
    assert {row.establishment_id for row in needs} == {made.id}


def test_a_siret_that_is_known_finds_its_establishment(
    client: CheckingClient, session: Session, adviser: Account, make: Factory
) -> None:
    known = make.establishment(name="Béton du Nord", siret=SIRET)
    session.commit()
    send(client, siret=SIRET)
    assert the_need(session).establishment_id == known.id


def test_a_number_becomes_no_contact_where_another_platform_keeps_them(
    app: Flask, client: CheckingClient, session: Session, adviser: Account, make: Factory
) -> None:
    make.establishment(siret=SIRET, owner_id=make.organisation().id)
    session.commit()
    send(client, siret=SIRET)
    desk = sign_in(client_for(app), session, adviser)
    desk.post(f"/besoins-deposes/{the_need(session).public_id}/offre")
    assert the_need(session).state is EmployerNeedState.QUALIFIED
    assert count(session, EmployerContact) == 0


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("siret", "73282932000075", "un chiffre est faux"),
        ("siret", "7328", "14 chiffres"),
        ("phone", "12", "numéro complet"),
        ("posts", "0", ""),
        ("posts", "beaucoup", ""),
        ("trade", "", ""),
        ("trade", "jeune maçon", "à reformuler"),
        ("place", "Zzz", "Aucune commune"),
        ("place", "Amiens", "Aucune plateforme"),
        ("start_wanted", "2020-01-01", "date à venir"),
        ("email", "paul(at)dubois", ""),
    ],
)
def test_bad_input_is_said_beside_its_field_and_nothing_is_lost(
    client: CheckingClient, session: Session, adviser: Account, field: str, value: str, said: str
) -> None:
    answer = send(client, **{field: value})
    assert answer.status_code == 422
    assert said in answer.text
    assert "la pose de bordures" in answer.text
    assert count(session, EmployerNeed) == 0


def test_a_known_employer_is_not_asked_who_they_are(
    app: Flask, database: Database, session: Session, adviser: Account, make: Factory
) -> None:
    establishment = make.establishment(name="Travaux Dubois", search_name="travaux dubois")
    contact = make.contact(establishment)
    session.commit()
    client = client_for(app)
    enter(client, database, contact)
    page = client.get("/entreprise/besoin").text
    assert "Qui appeler" not in page
    assert "Paul Renard, Travaux Dubois" in page
    asked = {key: NEED[key] for key in ("trade", "posts", "place")}
    assert client.post("/entreprise/besoin", data=asked).status_code == 302
    need = the_need(session)
    assert need.contact_id == contact.id
    assert need.establishment_id == establishment.id


def test_sent_twice_it_is_one_need(
    client: CheckingClient, session: Session, adviser: Account
) -> None:
    send(client)
    send(client, day_one="lire un plan simple")
    assert the_need(session).day_one == "lire un plan simple"


def test_a_machine_that_fills_the_hidden_field_leaves_nothing(
    client: CheckingClient, session: Session, adviser: Account
) -> None:
    assert send(client, website="https://spam.example").status_code == 302
    assert count(session, EmployerNeed) == 0


def test_one_address_cannot_pour_needs_in(
    client: CheckingClient, session: Session, adviser: Account
) -> None:
    answers = [send(client, trade=f"maçon {n}").status_code for n in range(7)]
    assert answers[:5] == [302] * 5
    assert answers[-1] == 429
    assert count(session, EmployerNeed) == 5


def test_the_platform_calls_and_makes_it_an_offer(
    app: Flask, client: CheckingClient, session: Session, adviser: Account
) -> None:
    send(client)
    need = the_need(session)
    desk = sign_in(client_for(app), session, adviser)
    assert "maçon VRD" in desk.get("/").text
    page = desk.get(f"/besoins-deposes/{need.public_id}").text
    assert "Paul Renard" in page
    answer = desk.post(f"/besoins-deposes/{need.public_id}/offre")
    offer = session.scalars(select(JobOffer)).one()
    assert answer.location == f"/offres/{offer.public_id}/saisie"
    assert (offer.origin, offer.state, offer.posts) == (OfferOrigin.DIRECT, OfferState.DRAFT, 2)
    assert fold(offer.title or "") == "macon vrd"
    assert "la pose de bordures" in (offer.description or "")
    assert offer.establishment is not None
    contact = session.scalars(select(EmployerContact)).one()
    assert contact.phone == "0639981234"
    assert the_need(session).state is EmployerNeedState.QUALIFIED
    assert desk.get(answer.location).status_code == 200


def test_a_name_that_looks_like_another_is_asked_not_guessed(
    app: Flask, client: CheckingClient, session: Session, adviser: Account, make: Factory
) -> None:
    known = make.establishment(name="Dubois Frères Bâtiment", search_name="dubois freres batiment")
    session.commit()
    send(client, employer="Duboix Batiment")
    need = the_need(session)
    assert need.establishment is None
    desk = sign_in(client_for(app), session, adviser)
    address = f"/besoins-deposes/{need.public_id}/offre"
    assert desk.post(address).status_code == 422
    assert count(session, JobOffer) == 0
    desk.post(address, data={"establishment": known.public_id})
    assert the_need(session).establishment_id == known.id


def test_a_need_is_closed_with_its_reason_once(
    app: Flask, client: CheckingClient, session: Session, adviser: Account
) -> None:
    send(client)
    need = the_need(session)
    desk = sign_in(client_for(app), session, adviser)
    address = f"/besoins-deposes/{need.public_id}"
    assert desk.post(f"{address}/sans-suite").status_code == 422
    desk.post(f"{address}/sans-suite", data={"reason": "filled"})
    assert the_need(session).drop_reason == "filled"
    desk.post(f"{address}/offre")
    assert count(session, JobOffer) == 0
    assert "besoin déjà couvert" in desk.get("/besoins-deposes/?etat=dropped").text


def test_another_platform_sees_nothing_of_it(
    app: Flask, client: CheckingClient, session: Session, adviser: Account, make: Factory
) -> None:
    send(client)
    need = the_need(session)
    other = sign_in(client_for(app), session, make.account(role=Role.ADVISER))
    assert other.get(f"/besoins-deposes/{need.public_id}").status_code == 404
    assert other.post(f"/besoins-deposes/{need.public_id}/offre").status_code == 404
    assert "maçon VRD" not in other.get("/besoins-deposes/").text
