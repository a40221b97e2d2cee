"""The list of offers: who sees what, filters, queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    Account,
    Confidentiality,
    JobOffer,
    OfferOrigin,
    OfferState,
    OfferView,
    OrganisationKind,
    Role,
)
from tests.portal.offers_pages.support import text_of
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import CAMBRAI, LENS, Factory
from tests.support.queries import count_queries

# The list ----------------------------------------------------------------------------------


def test_a_partner_finds_a_shared_offer_as_new_with_the_name_masked(
    app: Flask, make: Factory, session: Session
) -> None:
    adviser, referent = make.account(Role.ADVISER), make.account(Role.REFERENT)
    firm = make.establishment(name="Carrières Secrètes")
    offer = make.offer(adviser, title="Conducteur de pelle", establishment=firm)
    client = sign_in(client_for(app), session, referent)
    listed = text_of(client, "/offres/?vue=new")
    assert "Conducteur de pelle" in listed
    assert "nouveau" in listed
    assert "nom non communiqué" in listed
    assert "Carrières Secrètes" not in listed + text_of(client, f"/offres/{offer.public_id}")
    assert client.post(f"/offres/{offer.public_id}/vue").status_code == 204
    assert client.post(f"/offres/{offer.public_id}/vue").status_code == 204
    assert session.scalars(select(OfferView)).one().account_id == referent.id
    assert "Conducteur de pelle" not in text_of(client, "/offres/?vue=new")


def test_reading_a_page_is_not_what_marks_it_seen(
    app: Flask, make: Factory, session: Session
) -> None:
    offer = make.offer(make.account(Role.ADVISER))
    client = sign_in(client_for(app), session, make.account(Role.REFERENT))
    text_of(client, f"/offres/{offer.public_id}")
    assert session.scalar(select(OfferView)) is None


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ({}, True),
        ({"confidentiality": Confidentiality.PUBLIC}, True),
        ({"confidentiality": Confidentiality.ADVISER_ONLY}, False),
        ({"state": OfferState.DRAFT}, False),
        ({"shared_at": None}, False),
    ],
)
def test_what_a_partner_sees(
    app: Flask, make: Factory, session: Session, values: dict[str, object], seen: bool
) -> None:
    offer = make.offer(make.account(Role.ADVISER), title="Grutier", **values)
    client = sign_in(client_for(app), session, make.account(Role.REFERENT))
    assert ("Grutier" in text_of(client, "/offres/")) is seen
    response = client.get(f"/offres/{offer.public_id}")
    assert response.status_code == (200 if seen else 404)


def test_another_departement_sees_only_what_is_public(
    app: Flask, make: Factory, session: Session
) -> None:
    adviser = make.account(Role.ADVISER)
    make.offer(adviser, title="Grutier")
    make.offer(adviser, title="Maçon", confidentiality=Confidentiality.PUBLIC)
    somme = make.organisation(OrganisationKind.MDS, departement_code="80")
    client = sign_in(client_for(app), session, make.account(Role.REFERENT, somme))
    listed = text_of(client, "/offres/")
    assert "Grutier" not in listed
    assert "Maçon" in listed


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=pelle", {"Conducteur de pelle"}),
        ("q=100%25", set()),
        ("lieu=cambrai", {"Maçon"}),
        ("lieu=62860", {"Conducteur de pelle"}),
        ("metier=F1703", {"Maçon"}),
        ("metier=maçon", {"Maçon"}),
        ("etat=suspended", {"Vendeur"}),
        ("etat=to_confirm", {"Soudeur"}),
        ("etat=open", {"Conducteur de pelle", "Maçon"}),
        ("etat=nimporte", {"Conducteur de pelle", "Maçon", "Vendeur", "Soudeur"}),
        ("origine=clause", {"Maçon"}),
        ("vue=to_confirm", {"Soudeur"}),
        ("vue=nimporte&page=99", {"Conducteur de pelle", "Maçon", "Vendeur", "Soudeur"}),
    ],
)
def test_filters_are_a_link_one_can_send(
    client: CheckingClient, adviser: Account, make: Factory, query: str, expected: set[str]
) -> None:
    mason = make.occupation("F1703", "Maçon")
    make.offer(adviser, title="Conducteur de pelle")
    make.offer(adviser, title="Maçon", occupation=mason, place=CAMBRAI, origin=OfferOrigin.CLAUSE)
    make.offer(adviser, title="Vendeur", place=LENS, state=OfferState.SUSPENDED)
    make.offer(adviser, title="Soudeur", place=LENS, fresh_until=clock.today() - timedelta(days=1))
    make.session.commit()
    page = text_of(client, f"/offres/?{query}")
    titles = {"Conducteur de pelle", "Maçon", "Vendeur", "Soudeur"}
    assert {title for title in titles if f">{title}</a>" in page} == expected


def test_the_list_fragment_is_the_piece_of_the_page(
    client: CheckingClient, offer: JobOffer
) -> None:
    page = text_of(client, "/offres/?q=canal")
    fragment = client.get("/offres/?q=canal", hx=True).get_data(as_text=True)
    assert "<html" not in fragment
    assert fragment.strip() in page


@pytest.mark.parametrize("path", ["/offres/", "/offres/{offer}"])
def test_queries_do_not_grow_with_the_rows(
    client: CheckingClient,
    database: Database,
    adviser: Account,
    offer: JobOffer,
    make: Factory,
    path: str,
) -> None:
    url = path.format(offer=offer.public_id)

    def add(count: int) -> None:
        skill = make.skill("tp.poser")
        for number in range(count):
            make.offer(adviser, title=f"Offre {number}")
            person = make.person(referent=adviser, modes="car")
            make.knows(person, skill, number % 3)
        make.session.commit()

    add(2)
    text_of(client, url)
    with count_queries(database.engine) as few:
        text_of(client, url)
    add(7)
    text_of(client, url)
    with count_queries(database.engine) as many:
        text_of(client, url)
    assert many.count <= few.count
