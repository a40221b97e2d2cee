"""The page of an offer: its people, the simulator, what happens to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    AccessKind,
    AccessLog,
    Account,
    DomainEvent,
    Interest,
    JobOffer,
    OfferState,
    RequirementKind,
    Role,
)
from tests.portal.offers_pages.support import text_of
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import MARQUION, Factory
from tests.support.html import parse

# The page of an offer ----------------------------------------------------------------------


def test_people_stand_in_their_groups_without_a_percentage(
    client: CheckingClient, adviser: Account, offer: JobOffer, make: Factory, session: Session
) -> None:
    skill = make.skill("tp.poser")
    ready = make.person(referent=adviser, first_name="Nadia", last_name="Prête", modes="car")
    unknown = make.person(referent=adviser, first_name="Karim", last_name="Inconnu", modes="car")
    learner = make.person(referent=adviser, first_name="Léa", last_name="Apprend", modes="car")
    make.person(referent=adviser, first_name="Loin", last_name="Dici", modes="walk")
    make.knows(ready, skill, 2)
    make.knows(learner, skill, 0)
    make.session_of_training(teaches={skill.code: 2})
    make.add(Interest(person_id=ready.id, occupation_code=offer.occupation_code, liking=-1))
    session.commit()
    page = text_of(client, f"/offres/{offer.public_id}")
    tree, _ = parse(page)
    bands = {
        element.get("class", "").split()[-1]: "".join(element.itertext())
        for element in tree.iter("details")
        if "band" in (element.get("class") or "").split()
    }
    assert "Nadia P." in bands["band-ready"]
    assert "a dit non à ce métier" in bands["band-ready"]
    assert "Poser un tuyau" in bands["band-ready"]
    assert "Léa A." in bands["band-one_step"]
    assert "Arras" in bands["band-one_step"]
    assert "Karim I." in bands["band-to_check"]
    assert "%" not in "".join(bands.values())
    assert "une voiture en rapprocherait 1" in page
    logged = set(session.scalars(select(AccessLog.person_id)))
    assert logged == {ready.id, unknown.id, learner.id}


@pytest.mark.parametrize(
    ("free_in", "told"), [(None, "disponibilité à demander"), (0, "disponible tout de suite")]
)
def test_nobody_is_said_to_be_free_before_being_asked(
    client: CheckingClient,
    adviser: Account,
    offer: JobOffer,
    make: Factory,
    session: Session,
    free_in: int | None,
    told: str,
) -> None:
    free = None if free_in is None else clock.today() + timedelta(days=free_in)
    ready = make.person(referent=adviser, modes="car", available_from=free)
    make.knows(ready, make.skill("tp.poser"), 2)
    session.commit()
    page = text_of(client, f"/offres/{offer.public_id}")
    assert told in page
    assert ("disponible tout de suite" in page) == (free is not None)


def test_a_band_shows_ten_people_then_the_following_ones(
    client: CheckingClient, adviser: Account, offer: JobOffer, make: Factory, session: Session
) -> None:
    for number in range(23):
        person = make.person(referent=adviser, modes="car", last_name=f"Z{number}")
        make.knows(person, make.skill("tp.poser"), 2)
    session.commit()
    url = f"/offres/{offer.public_id}"
    assert text_of(client, url).count('name="person"') == 10
    rest = client.get(f"{url}?groupe=ready&page=3", hx=True).get_data(as_text=True)
    assert rest.count('name="person"') == 3
    assert "suivantes" not in rest
    whole = text_of(client, f"{url}?groupe=ready&page=2")
    assert whole.count('name="person"') == 10
    assert "Voir les 3 suivantes" in whole
    names = [
        value.get("value")
        for number in (1, 2, 3)
        for value in parse(text_of(client, f"{url}?groupe=ready&page={number}"))[0].iter("input")
        if value.get("name") == "person"
    ]
    assert len(set(names)) == 23


def test_why_shows_the_fact_its_source_and_its_date(
    client: CheckingClient, adviser: Account, offer: JobOffer, make: Factory, session: Session
) -> None:
    person = make.person(referent=adviser, modes="car")
    make.knows(person, make.skill("tp.poser"), 2)
    session.commit()
    url = f"/offres/{offer.public_id}/pourquoi/{person.public_id}"
    fragment = client.get(url, hx=True).get_data(as_text=True)
    assert "sans aide, déclaré par la personne" in fragment
    assert fragment.strip() in text_of(client, url)


def test_why_of_somebody_one_may_not_see_is_not_found_and_logged(
    client: CheckingClient, offer: JobOffer, make: Factory, session: Session
) -> None:
    stranger = make.person(referent=make.account(Role.REFERENT))
    session.commit()
    url = f"/offres/{offer.public_id}/pourquoi/{stranger.public_id}"
    assert client.get(url).status_code == 404
    entry = session.scalars(select(AccessLog)).one()
    assert (entry.kind, entry.person_id) == (AccessKind.REFUSED, stranger.id)


def test_the_simulator_recounts_and_changes_nothing_until_it_is_retained(
    client: CheckingClient, adviser: Account, offer: JobOffer, make: Factory, session: Session
) -> None:
    person = make.person(referent=adviser, modes="car")
    make.knows(person, make.skill("tp.poser"), 0)
    session.commit()
    (row,) = offer.requirements
    url = f"/offres/{offer.public_id}"
    page = text_of(client, url)
    assert "sans ce prérequis : 0 → 1 personne" in page
    tried = {f"essai-{row.public_id}": "desired"}
    answer = client.get(f"{url}/essai", query_string=tried, hx=True).get_data(as_text=True)
    assert "0 → <strong>1</strong>" in answer
    assert "0 → <strong>1</strong>" in client.get(url, query_string=tried).get_data(as_text=True)
    redirected = client.get(f"{url}/essai", query_string=tried)
    assert redirected.location.startswith(url)
    session.refresh(row)
    assert row.kind is RequirementKind.DAY_ONE
    client.post(f"{url}/retenir", data=tried)
    session.refresh(row)
    assert row.kind is RequirementKind.DESIRED
    assert session.scalars(select(DomainEvent.name)).one() == "requirement_reclassed"


def test_the_simulator_is_for_those_who_own_the_offer(
    app: Flask, offer: JobOffer, make: Factory, session: Session
) -> None:
    client = sign_in(client_for(app), session, make.account(Role.ADVISER))
    url = f"/offres/{offer.public_id}"
    assert "simulator" not in text_of(client, url)
    assert client.get(f"{url}/essai", hx=True).status_code == 404
    assert client.post(f"{url}/retenir", data={}).status_code == 404
    assert client.post(f"{url}/etat/reconfirmer").status_code == 404


def test_a_hub_reads_the_offer_and_no_people(
    app: Flask, adviser: Account, offer: JobOffer, make: Factory, session: Session
) -> None:
    make.person(referent=adviser, modes="car", first_name="Nadia", shared_on=clock.today())
    session.commit()
    client = sign_in(client_for(app), session, make.account(Role.HUB))
    page = text_of(client, f"/offres/{offer.public_id}")
    assert "Canalisateur VRD" in page
    assert "Nadia" not in page
    assert session.scalar(select(AccessLog)) is None


# What happens to it ------------------------------------------------------------------------


def act(client: CheckingClient, offer: JobOffer, action: str, reason: str = "") -> str:
    """Post an action and read the page that follows."""
    url = f"/offres/{offer.public_id}/etat/{action}"
    response = client.post(url, data={"reason": reason}, follow_redirects=True)
    return response.get_data(as_text=True)


def test_a_stale_offer_is_reconfirmed_for_three_weeks(
    client: CheckingClient, offer: JobOffer, session: Session
) -> None:
    offer.fresh_until = clock.today() - timedelta(days=1)
    session.commit()
    assert "à reconfirmer" in text_of(client, f"/offres/{offer.public_id}")
    assert "Offre reconfirmée" in act(client, offer, "reconfirmer")
    session.refresh(offer)
    assert offer.fresh_until == clock.today() + timedelta(days=21)
    assert offer.state is OfferState.OPEN


def test_an_offer_to_confirm_comes_back_where_it_was(
    client: CheckingClient, offer: JobOffer, session: Session
) -> None:
    offer.state = OfferState.TO_CONFIRM
    session.commit()
    act(client, offer, "reconfirmer")
    session.refresh(offer)
    assert offer.state is OfferState.OPEN


def test_suspended_then_resumed(client: CheckingClient, offer: JobOffer, session: Session) -> None:
    act(client, offer, "suspendre", "no_time")
    session.refresh(offer)
    assert offer.state is OfferState.SUSPENDED
    assert session.scalars(select(DomainEvent.reason)).one() == "no_time"
    act(client, offer, "reprendre")
    session.refresh(offer)
    assert offer.state is OfferState.OPEN


@pytest.mark.parametrize(
    ("action", "reason", "message"),
    [
        ("suspendre", "", "Choisissez une raison"),
        ("suspendre", "filled", "Choisissez une raison"),
        ("abandonner", "", "Choisissez une raison"),
        ("pourvoir", "introduction", "Notez d’abord l’embauche"),
        ("reprendre", "", "n’est pas suspendue"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    client: CheckingClient,
    offer: JobOffer,
    session: Session,
    action: str,
    reason: str,
    message: str,
) -> None:
    assert message in act(client, offer, action, reason)
    session.refresh(offer)
    assert offer.state is OfferState.OPEN


def test_a_closed_offer_says_why_and_proposes_nobody(
    client: CheckingClient, offer: JobOffer, session: Session
) -> None:
    act(client, offer, "abandonner", "need_cancelled")
    page = text_of(client, f"/offres/{offer.public_id}")
    assert "le besoin est annulé" in page
    assert "elle ne propose plus personne" in page
    assert 'name="person"' not in page


def test_an_unknown_action_is_not_found(client: CheckingClient, offer: JobOffer) -> None:
    assert client.post(f"/offres/{offer.public_id}/etat/effacer").status_code == 404


def test_long_names_and_no_rows(client: CheckingClient, adviser: Account, make: Factory) -> None:
    assert "Aucune offre ici" in text_of(client, "/offres/")
    make.offer(adviser, title="Conducteur d’engins de chantier " * 3, place=MARQUION)
    make.session.commit()
    assert "Conducteur d’engins" in text_of(client, "/offres/")


def test_an_offer_that_asks_nothing_the_first_day_says_that_everybody_is_ready(
    client: CheckingClient, offer: JobOffer, session: Session
) -> None:
    words = "ne demande rien le premier jour"
    assert words not in text_of(client, f"/offres/{offer.public_id}")
    offer.requirements[0].kind = RequirementKind.ON_THE_JOB
    session.commit()
    shown = text_of(client, f"/offres/{offer.public_id}")
    assert words in shown
    assert f'href="/offres/{offer.public_id}/saisie#champ-de-requirements"' in shown
