"""A captured offer: worded, counted, opened, shared."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    Account,
    Confidentiality,
    DomainEvent,
    JobOffer,
    OfferState,
    Role,
)
from tests.portal.offers_capture.support import reload, save
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import MARQUION, Factory


def complete(client: CheckingClient, offer: JobOffer, **changes: str) -> None:
    """The answers of a short call."""
    day = clock.today() + timedelta(days=30)
    answers = {
        "title": "Canalisateur",
        "posts": "2",
        "place": "Marquion",
        "start_wanted": day.isoformat(),
        "contract": "cdd",
        "employer": "Réseaux du Marquion",
        "requirement:skill:tp.poser": "day_one",
        "confidentiality": "partners_masked",
        "share_consent_by": "la gérante",
    } | changes
    for name, value in answers.items():
        save(client, offer, name, value)


def test_a_discriminating_text_waits_until_it_is_reworded_or_justified(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    complete(client, draft)
    answer = save(client, draft, "description", "jeune homme dynamique")
    assert "(âge)" in answer
    assert "(sexe)" in answer
    assert "L1142-1" in answer
    assert reload(session, draft).description is None
    response = client.post(f"/offres/{draft.public_id}/qualifier", data={}, follow_redirects=True)
    assert "À reformuler ou à justifier" in response.get_data(as_text=True)
    assert reload(session, draft).state is OfferState.DRAFT
    url = f"/offres/{draft.public_id}/justifier"
    client.post(url, data={"wording_reason": "non"})
    assert reload(session, draft).description is None
    client.post(url, data={"wording_reason": "Rôle d’acteur pour un film de commande"})
    offer = reload(session, draft)
    assert offer.description == "jeune homme dynamique"
    assert offer.wording_reason == "Rôle d’acteur pour un film de commande"


def test_rewording_is_enough(client: CheckingClient, draft: JobOffer, session: Session) -> None:
    save(client, draft, "description", "jeune homme dynamique")
    save(client, draft, "description", "personne dynamique")
    offer = reload(session, draft)
    assert (offer.description, offer.typed) == ("personne dynamique", {})


def test_the_pool_is_recounted_at_each_toggle(
    client: CheckingClient, draft: JobOffer, make: Factory, adviser: Account, session: Session
) -> None:
    person = make.person(referent=adviser, modes="car", place=MARQUION)
    make.knows(person, make.skill("tp.poser"), 0)
    session.commit()
    complete(client, draft)
    answer = save(client, draft, "requirement:skill:tp.poser", "desired")
    assert "<strong>1</strong> Prêt" in answer
    answer = save(client, draft, "requirement:skill:tp.poser", "day_one")
    assert 'id="vivier"' in answer
    assert "Sans « Poser une canalisation »" in answer


def test_a_complete_offer_opens_and_is_shared_at_once(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    complete(client, draft)
    response = client.post(f"/offres/{draft.public_id}/qualifier", data={})
    assert response.location == f"/offres/{draft.public_id}"
    offer = reload(session, draft)
    assert offer.state is OfferState.OPEN
    assert offer.shared_at is not None
    assert offer.qualified_at is not None
    assert offer.establishment is not None
    assert offer.establishment.name == "Réseaux du Marquion"
    assert offer.fresh_until == clock.today() + timedelta(days=21)
    events = session.scalars(select(DomainEvent.name).order_by(DomainEvent.id)).all()
    assert events == ["captured", "qualified", "opened"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"requirement:skill:tp.poser": ""}, "Au moins un prérequis"),
        ({"place": "Zzzz"}, "Le lieu de travail est à choisir"),
        ({"contract": ""}, "Le contrat est à choisir"),
        ({"share_consent_by": ""}, "accepte que l’offre soit partagée"),
        ({"confidentiality": "adviser_only", "share_consent_by": ""}, "dites pourquoi"),
        ({"employer": ""}, "L’entreprise est à retrouver"),
    ],
)
def test_what_is_missing_keeps_the_offer_a_draft(
    client: CheckingClient, draft: JobOffer, session: Session, changes: dict[str, str], message: str
) -> None:
    complete(client, draft, **changes)
    response = client.post(f"/offres/{draft.public_id}/qualifier", data={}, follow_redirects=True)
    assert message in response.get_data(as_text=True)
    assert reload(session, draft).state is OfferState.DRAFT


def test_an_offer_kept_by_its_adviser_with_a_reason_opens_unshared(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    complete(client, draft, confidentiality="adviser_only", share_consent_by="")
    save(client, draft, "confidentiality_reason", "Remplacement encore secret dans l’entreprise")
    client.post(f"/offres/{draft.public_id}/qualifier", data={})
    offer = reload(session, draft)
    assert (offer.state, offer.shared_at) == (OfferState.OPEN, None)


def test_an_open_offer_stays_whole_when_it_is_changed(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    complete(client, draft)
    client.post(f"/offres/{draft.public_id}/qualifier", data={})
    for name, value in (
        ("requirement:skill:tp.poser", ""),
        ("place", ""),
        ("share_consent_by", ""),
        ("contract", ""),
        ("title", ""),
    ):
        save(client, draft, name, value)
        offer = reload(session, draft)
        assert offer.commune_code == MARQUION[0]
        assert offer.contract is not None
        assert offer.share_consent_at is not None
        assert offer.occupation_code == "F1705"
        assert len(offer.requirements) == 1
    save(client, draft, "posts", "5")
    assert reload(session, draft).posts == 5
    assert session.scalar(select(DomainEvent).where(DomainEvent.name == "offer_edited"))


def test_another_platform_s_draft_does_not_exist(
    client: CheckingClient, draft: JobOffer, make: Factory, session: Session
) -> None:
    stranger = make.account(Role.ADVISER)
    sign_in(client, session, stranger)
    base = f"/offres/{draft.public_id}"
    assert client.get(base).status_code == 404
    assert client.get(f"{base}/saisie").status_code == 404
    assert client.post(f"{base}/champ/posts", data={"posts": "4"}).status_code == 404
    assert client.post(f"{base}/qualifier", data={}).status_code == 404


@pytest.mark.parametrize("role", [Role.REFERENT, Role.HUB, Role.EMPLOYER, Role.PILOT_REGION])
def test_only_advisers_capture(client: CheckingClient, make: Factory, role: Role) -> None:
    sign_in(client, make.session, make.account(role))
    assert client.get("/offres/nouvelle").status_code == 403
    assert client.post("/offres/nouvelle").status_code == 403


def test_the_consent_is_dated(client: CheckingClient, draft: JobOffer, session: Session) -> None:
    save(client, draft, "share_consent_by", "la gérante")
    assert reload(session, draft).share_consent_at is not None
    day = clock.today() - timedelta(days=2)
    save(client, draft, "share_consent_on", day.isoformat())
    stored = reload(session, draft).share_consent_at
    assert stored is not None
    assert stored.astimezone(clock.PARIS).date() == day
    save(client, draft, "share_consent_by", "")
    assert reload(session, draft).share_consent_at is None


def test_drafts_are_listed_until_they_open(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    save(client, draft, "title", "Canalisateur")
    assert "Canalisateur" in client.get("/offres/?vue=drafts").get_data(as_text=True)
    assert "Canalisateur" in client.get("/offres/nouvelle").get_data(as_text=True)


def test_confidentiality_is_a_closed_list(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    save(client, draft, "confidentiality", Confidentiality.PUBLIC.value)
    save(client, draft, "confidentiality", "secret")
    assert reload(session, draft).confidentiality is Confidentiality.PUBLIC


def test_saving_a_draft_does_not_rebuild_what_lists_are_made_from(
    client: CheckingClient, draft: JobOffer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.matchmaking.world import WorldCache, current_world

    before = current_world(session)
    session.commit()
    monkeypatch.delattr(WorldCache, "_anew")
    save(client, draft, "posts", "4")
    save(client, draft, "title", "Canalisateur")
    save(client, draft, "requirement:skill:tp.poser", "day_one")
    session.rollback()
    after = current_world(session)
    assert after.index.offers.offers == before.index.offers.offers


def test_an_offer_no_longer_kept_is_shared_from_that_moment(
    client: CheckingClient, draft: JobOffer, make: Factory, session: Session, app: Flask
) -> None:
    complete(client, draft, confidentiality="adviser_only", confidentiality_reason="à sa demande")
    client.post(f"/offres/{draft.public_id}/qualifier")
    assert reload(session, draft).shared_at is None
    partner = sign_in(client_for(app), session, make.account(Role.REFERENT))
    address = f"/offres/{draft.public_id}"
    assert partner.get(address).status_code == 404
    save(client, draft, "share_consent_by", "la gérante")
    save(client, draft, "confidentiality", "partners_named")
    assert reload(session, draft).shared_at is not None
    assert partner.get(address).status_code == 200


def test_an_offer_without_a_word_typed_takes_the_name_of_its_trade(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    complete(client, draft)
    save(client, draft, "title", "")
    save(client, draft, "occupation_code", "F1705")
    client.post(f"/offres/{draft.public_id}/qualifier")
    offer = reload(session, draft)
    assert (offer.state, offer.title) == (OfferState.OPEN, "Canalisateur")
